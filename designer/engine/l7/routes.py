"""All Ingresses of a cluster compiled to one table per controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from designer.engine.controlplane.sources import source_line
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.l7.classes import Service, Unserved, controller_string, profile_of, servers
from designer.engine.l7.entries import Backend, Entry
from designer.engine.l7.entry_points import (
    ANNOTATION,
    COMPUTED,
    PLAIN_ROUTER,
    UNSEEN,
    EntryPoints,
    RouterNote,
    entry_points,
    note_of,
)
from designer.engine.l7.host_index import HostIndex
from designer.engine.l7.matching import ANY_HOST, host_rank
from designer.engine.l7.nginx import MadeServers, NginxServers, compile_servers, strict
from designer.engine.l7.nginx_notes import notes_of
from designer.engine.l7.nginx_options import USUAL, NginxOptions, nginx_options
from designer.engine.l7.parts import Part, Share
from designer.engine.l7.profiles import HAPROXY, ControllerProfile
from designer.engine.l7.validate import refusals
from designer.model import FrozenMap, Ingress, IngressController, Project, object_id
from designer.model import Service as Service_
from designer.model.networking import IngressBackend

NO_HOSTS = HostIndex()


@dataclass(frozen=True, slots=True)
class ControllerRoutes:
    """What one controller serves. `ingresses` are ids in order; `tls_hosts` the hosts for which an Ingress has TLS.

    `bare_tls` are the ids of Ingresses with a TLS section that names no host. `points` are a Traefik's entry points.

    `servers` are those of an nginx, None for any other controller. `index` and `default_index` are `entries` and
    `defaults` by host; those of an nginx are empty, since its servers decide.
    """

    id: str
    profile: ControllerProfile
    controller: str
    ingresses: tuple[str, ...]
    services: tuple[Service, ...]
    entries: tuple[Entry, ...]
    defaults: tuple[Entry, ...]
    tls_hosts: FrozenMap[str, str]
    servers: NginxServers | None = None
    index: HostIndex = field(default=NO_HOSTS, compare=False)
    default_index: HostIndex = field(default=NO_HOSTS, compare=False)
    bare_tls: tuple[str, ...] = ()
    points: EntryPoints = UNSEEN

    def names(self, host: str) -> bool:
        """Whether an Ingress names this very host, or a wildcard for it."""
        if self.servers is None:
            groups = (*self.index.ranked(host), *self.default_index.ranked(host))
            return any(rank < ANY_HOST for rank, _ in groups)
        ranks = (host_rank(entry.host, host) for entry in (*self.entries, *self.defaults))
        return any(rank is not None and rank < ANY_HOST for rank in ranks)


def compile_controller(
    project: Project, controller: IngressController, parts: Sequence[Part], made: MadeServers, options: NginxOptions
) -> ControllerRoutes:
    """The table of one controller from what the Ingresses that it serves bring, in order of their ids."""
    profile = profile_of(controller)
    entries: list[Entry] = []
    defaults: list[Entry] = []
    tls: dict[str, str] = {}
    for part in parts:
        entries += part.entries
        defaults += part.defaults
        for host in part.tls:
            tls.setdefault(host, part.ingress.id)
    return ControllerRoutes(
        controller.id,
        profile,
        controller_string(controller),
        tuple(f"Ingress:{part.name}" for part in parts),
        tuple(part.service for part in parts),
        tuple(entries),
        tuple(defaults),
        FrozenMap(tls),
        compile_servers(parts, made, options) if profile.servers else None,
        NO_HOSTS if profile.servers else HostIndex.of(entries, profile),
        NO_HOSTS if profile.servers else HostIndex.of(defaults, profile),
        tuple(part.ingress.id for part in parts if part.bare_tls),
        entry_points(project, controller) if profile.over_tls == "entry-point" else UNSEEN,
    )


Options = Mapping[str, NginxOptions]


def options_of(project: Project) -> Options:
    """The options of each controller that is an ingress-nginx, by its id."""
    found = (one for one in project.of(IngressController) if profile_of(one).servers)
    return {one.id: nginx_options(project, one) for one in found}


def share_of(project: Project, control: ControlPlaneState, ingress: Ingress, options: Options) -> Share:
    """Who serves an Ingress and what it brings them; why nobody does; what the API server refuses in it."""
    refused = refusals(project, ingress)
    if refused:
        return Share((), Unserved(ingress.id, "the API server refuses it", "ING-90"), refused)
    services, nobody = servers(project, ingress)
    parts = tuple(
        _part(project, control, ingress, service, options.get(service.controller, USUAL)) for service in services
    )
    named = (entry.backend.service for part in parts for entry in (*part.entries, *part.defaults))
    return Share(parts, nobody, (), tuple(dict.fromkeys(name for name in named if name)))


def _part(
    project: Project, control: ControlPlaneState, ingress: Ingress, service: Service, options: NginxOptions
) -> Part:
    controller = project.find(IngressController, service.controller)
    assert controller is not None, "a controller of the project serves it"
    profile = profile_of(controller)
    doubt = service.doubt or options.doubt or _annotation_doubt(profile, ingress)
    return Part(
        ingress,
        service,
        tuple(_entries(project, control, profile, ingress, doubt)),
        tuple(_default_entries(project, control, profile, ingress, doubt)),
        tuple(dict.fromkeys((rule.host or "").lower() for rule in ingress.spec.rules)),
        tuple(dict.fromkeys(host.lower() for item in ingress.spec.tls for host in item.hosts)),
        notes_of(ingress.metadata.annotations, options.defaults),
        strict(ingress) or not options.strict,
        ingress.id.partition(":")[2],
        ingress.metadata.creationTimestamp or "",
        any(not item.hosts for item in ingress.spec.tls),
    )


def _entries(
    project: Project,
    control: ControlPlaneState,
    profile: ControllerProfile,
    ingress: Ingress,
    doubt: str,
) -> list[Entry]:
    found = []
    router = _router(profile, ingress)
    for index, rule in enumerate(ingress.spec.rules):
        host = (rule.host or "").lower()
        for number, path in enumerate(rule.http.paths if rule.http else ()):
            file, line = source_line(project, ingress.id, f"spec.rules[{index}].http.paths[{number}]")
            backend = backend_of(control, ingress, path.backend, profile.servers)
            found.append(
                Entry(
                    ingress.id,
                    host,
                    path.path or "/",
                    path.pathType or "ImplementationSpecific",
                    backend,
                    index,
                    number,
                    ingress.metadata.creationTimestamp or "",
                    doubt or _service_doubt(project, profile, backend) or _empty_rule(profile, host, path.path or ""),
                    file,
                    line,
                    router,
                    not path.path,
                )
            )
    return found


def _service_doubt(project: Project, profile: ControllerProfile, backend: Backend) -> str:
    """What an annotation of the Service changes: HAProxy's route-acl stands there (documentation/annotations.md)."""
    service = project.find(Service_, backend.service) if profile is HAPROXY and backend.service else None
    key = _route_acl(service) if service is not None else ""
    return f"annotation {key} of {backend.service} changes routing in a way that is not computed here" if key else ""


def _route_acl(service: Service_) -> str:
    return next((key for key in service.metadata.annotations if key in HAPROXY.doubtful and "/route-acl" in key), "")


def services_with_acl(project: Project) -> tuple[str, ...]:
    """The ids of the Services whose annotations a controller of the project reads for its routes."""
    if not any(profile_of(one) is HAPROXY for one in project.of(IngressController)):
        return ()
    return tuple(service.id for service in project.of(Service_) if _route_acl(service))


def _empty_rule(profile: ControllerProfile, host: str, path: str) -> str:
    """Traefik's rule text of neither host nor path is empty, for which it makes no router."""
    if profile.ranking != "rule-length" or host or path:
        return ""
    return f"what {profile.title} makes of a rule with neither host nor path is not known"


def _default_entries(
    project: Project, control: ControlPlaneState, profile: ControllerProfile, ingress: Ingress, doubt: str
) -> list[Entry]:
    """The default backend: for every host when the Ingress has no rules, for each of its hosts otherwise."""
    if ingress.spec.defaultBackend is None:
        return []
    hosts = list(dict.fromkeys((rule.host or "").lower() for rule in ingress.spec.rules)) or [""]
    if ingress.spec.rules and profile.rule_defaults == "ignored":
        return []
    if ingress.spec.rules and profile.rule_defaults == "unknown":
        doubt = doubt or f"what {profile.title} does with a defaultBackend beside rules is not known"
    backend = backend_of(control, ingress, ingress.spec.defaultBackend, profile.servers)
    file, line = source_line(project, ingress.id, "spec.defaultBackend")
    created = ingress.metadata.creationTimestamp or ""
    rest = (None, None, created, doubt, file, line, _router(profile, ingress))
    made = [Entry(ingress.id, host, "/", "Prefix", backend, *rest) for host in hosts]
    if ingress.spec.rules and profile.rule_defaults == "text" and "" not in hosts:
        why = "whether it serves hosts that the Ingress does not name too is not said by the API text"
        doubt = doubt or f"{ingress.id} has a defaultBackend beside rules; {why}"
        made.append(Entry(ingress.id, "", "/", "Prefix", backend, None, None, created, doubt, file, line))
    return made


def backend_of(
    control: ControlPlaneState, ingress: Ingress, backend: IngressBackend, by_target: bool = False
) -> Backend:
    """The Service port behind a backend, or what is missing of it.

    `by_target`: a port's targetPort names it as well (ingress-nginx, controller.go: serviceEndpoints).
    """
    if backend.service is None:
        return Backend("", "", missing="the backend is a resource, not a Service")
    oid = object_id("Service", ingress.namespace, backend.service.name)
    wanted = backend.service.port
    text = wanted.name if wanted.name is not None else str(wanted.number)
    service = control.services.get(oid)
    if service is None:
        return Backend(oid, text, missing=f"Service {ingress.namespace}/{backend.service.name} does not exist")
    for port in service.ports:
        named = port.name == wanted.name if wanted.name is not None else port.port == wanted.number
        if named or (by_target and str(port.target_port) == text):
            return Backend(oid, text, port.port)
    if service.type == "ExternalName" and wanted.number is not None:
        return Backend(oid, text, wanted.number)
    return Backend(oid, text, missing=f"Service {ingress.namespace}/{backend.service.name} has no port {text}")


def _router(profile: ControllerProfile, ingress: Ingress) -> RouterNote:
    return note_of(ingress.metadata.annotations) if profile.over_tls == "entry-point" else PLAIN_ROUTER


def _annotation_doubt(profile: ControllerProfile, ingress: Ingress) -> str:
    for key, value in ingress.metadata.annotations.items():
        if key.lower().startswith(ANNOTATION) and COMPUTED.fullmatch(key.lower().removeprefix(ANNOTATION)):
            continue
        listed = key in profile.doubtful or any(key.startswith(p) for p in profile.doubtful if p.endswith("."))
        if listed and value not in profile.values_off:
            return f"annotation {key} of {ingress.id} changes routing in a way that is not computed here"
    return ""
