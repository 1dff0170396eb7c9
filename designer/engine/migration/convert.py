"""Ingresses converted to Gateway API: the objects, what could not be carried over, what was taken for granted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.engine.l7.matching import WILDCARD_HOST, host_rank
from designer.engine.l7.nginx import refused_path
from designer.engine.l7.nginx_hosts import OWN_PAGES
from designer.engine.l7.nginx_notes import PREFIX, refused_values
from designer.engine.l7.nginx_options import USUAL, NginxOptions
from designer.engine.l7.routes import ControllerRoutes, options_of
from designer.engine.migration.equivalence import Pair
from designer.engine.migration.losses import Loss, annotation_losses, without_lost
from designer.engine.migration.manifests import CONTROLLER, gateway_class, namespace_object, write
from designer.engine.migration.prepare import prepared
from designer.engine.migration.rules import HostRules, rules_of
from designer.model import ForeignObject, FrozenMap, Ingress, IngressClass, KubeObject, Namespace, Project

# Where the Gateway stands when Ingresses of several Namespaces come together.
SHARED_NAMESPACE = "gateway"


@dataclass(frozen=True, slots=True)
class Migration:
    """A conversion. `objects` are manifests in the order in which to apply them; `losses` by object.

    `old` is the input with what it lacks supplied, and without the annotations that are lost: the rest, which is held
    against the result. `notes` say what was taken for granted, `rules` counts the paths that were converted, `pairs`
    are the controllers with the Gateways that take their place. `origins`: the ids of the Ingresses that a route comes
    of, by its Namespace and name.
    """

    objects: tuple[dict[str, Any], ...]
    losses: tuple[Loss, ...]
    notes: tuple[str, ...]
    old: ClusterState
    rules: int
    ingresses: int
    pairs: tuple[Pair, ...] = ()
    origins: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def migrate(project: Project) -> Migration:
    """The Gateway API manifests that stand for the Ingresses of `project`."""
    ready = prepared(project)
    losses: list[Loss] = []
    for ingress in ready.project.of(Ingress):
        losses += annotation_losses(ingress)
    bare: list[KubeObject] = [without_lost(ingress) for ingress in ready.project.of(Ingress)]
    state = compile_project(ready.project.with_objects(bare))
    objects: list[dict[str, Any]] = []
    serving = [routes for routes in state.routes.controllers.values() if routes.ingresses]
    pairs: list[Pair] = []
    origins: dict[tuple[str, str], tuple[str, ...]] = {}
    for routes in serving:
        made = _converted(state, routes, losses, origins)
        gateways = tuple(
            f"{d['metadata']['namespace']}/{d['metadata']['name']}" for d in made if d["kind"] == "Gateway"
        )
        pairs.append(Pair(routes.controller, gateways))
        objects += made
    for item in state.routes.unserved:
        fix = "Give it a class whose controller runs, or leave it behind."
        losses.append(Loss(item.ingress, "spec.ingressClassName", f"nobody serves it: {item.reason}", fix))
    known = {(obj["apiVersion"], obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]): obj
             for obj in objects}  # fmt: skip
    order = {"Namespace": 0, "GatewayClass": 1, "ReferenceGrant": 2, "Gateway": 3}
    ordered = sorted(known.values(), key=lambda obj: order.get(obj["kind"], 4))
    notes = list(ready.notes)
    if serving:
        notes.append(
            f"GatewayClass names controller {CONTROLLER}: put the name of the implementation that you install there."
        )
    rules = sum(len(routes.entries) for routes in serving)
    distinct = {(loss.object, loss.field, loss.why, loss.host): loss for loss in losses}
    return Migration(
        tuple(ordered),
        tuple(sorted(distinct.values(), key=lambda loss: (loss.object, loss.field))),
        tuple(notes),
        state,
        rules,
        sum(len(routes.ingresses) for routes in serving),
        tuple(pairs),
        origins,
    )


def with_gateways(old: Project, objects: tuple[dict[str, Any], ...]) -> Project:
    """The project that the manifests make of the old one: without its Ingresses, with the new objects."""
    gone = [ingress.id for ingress in old.of(Ingress)]
    project = old
    for oid in gone:
        project = project.without(oid)
    foreign = dict(project.foreign)
    named: list[KubeObject] = []
    for data in objects:
        metadata = data["metadata"]
        if data["kind"] == "Namespace":
            named.append(Namespace.model_validate({"metadata": metadata}))
            continue
        where = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
        oid = f"{data['apiVersion']}/{data['kind']}:{where}{metadata['name']}"
        foreign[oid] = ForeignObject(oid, data)
    return replace(project.with_objects(named), foreign=FrozenMap(foreign))


def _converted(
    state: ClusterState,
    routes: ControllerRoutes,
    losses: list[Loss],
    origins: dict[tuple[str, str], tuple[str, ...]],
) -> list[dict[str, Any]]:
    """The objects for one controller's Ingresses."""
    project = state.project
    own = [found for oid in routes.ingresses if (found := project.find(Ingress, oid)) is not None]
    options = options_of(project).get(routes.id, USUAL)
    for ingress in own:
        losses += _refused(routes, options, ingress)
    hosts, lost = rules_of(routes)
    hosts.sort(key=lambda host: host.host)
    losses += lost
    for host in hosts:
        host.secret = _certificate(own, host.host)
        host.sources = _sources(own, host.host if host.stands_for is None else host.stands_for)
        losses += _of_host(routes, own, host)
    names = [c.name for c in project.of(IngressClass) if c.spec.controller == routes.controller]
    used = Counter(ingress.spec.ingressClassName for ingress in own)
    class_name = next((name for name in names if used.get(name)), "gateway")
    losses += _beside(routes, f"IngressClass:{class_name}", hosts)
    spaces = sorted({ingress.namespace for ingress in own})
    namespace = spaces[0] if len(spaces) == 1 else SHARED_NAMESPACE
    written = write(class_name, namespace, hosts)
    if not written.gateways:
        return []
    origins |= written.origins
    made = [gateway_class(class_name)]
    if namespace == SHARED_NAMESPACE and SHARED_NAMESPACE not in project.namespaces():
        made.append(namespace_object(namespace))
    return [*made, *written.objects]


def _refused(routes: ControllerRoutes, options: NginxOptions, ingress: Ingress) -> list[Loss]:
    """That ingress-nginx leaves an Ingress out, or may do so, for one of its paths or annotations."""
    if routes.servers is None:
        return []
    found = []
    path = refused_path(ingress) if options.strict else ""
    if path:
        why = f"path {path} holds signs of regular expressions: ingress-nginx leaves the whole Ingress out"
        fix = "Nothing is converted: use pathType ImplementationSpecific with use-regex there, and convert again."
        found.append(Loss(ingress.id, "spec.rules", why, fix, tells=False))
    wrong = {} if options.defaults.checks is False else refused_values(ingress.metadata.annotations)
    name = next((name for name, effect in wrong.items() if effect == "out"), next(iter(wrong), ""))
    if name:
        sure = options.defaults.checks is True
        since = "ingress-nginx" if sure else "from 1.12 on ingress-nginx"
        out = wrong[name] == "out"
        why = f"{since} does not take its value" + (" and leaves the whole Ingress out" if out else "")
        fix = "Write a value that it takes (annotation validation), and convert again."
        found.append(Loss(ingress.id, f"metadata.annotations[{PREFIX}{name}]", why, fix, tells=False))
    return found


def _beside(routes: ControllerRoutes, oid: str, hosts: list[HostRules]) -> list[Loss]:
    """What an ingress-nginx does beside all rules: HTTPS for every host, and pages of its own."""
    if routes.servers is None or not hosts:
        return []
    plain = [host.host or "every other host" for host in hosts if host.host not in _secured(routes)]
    found = []
    if plain:
        shown = ", ".join(plain[:4]) + (f" and {len(plain) - 4} more" if len(plain) > 4 else "")
        why = f"it takes HTTPS for hosts without TLS too ({shown}), with a certificate of its own; a Gateway does not"
        fix = "Name the hosts in spec.tls with a Secret, if somebody calls them by https."
        found.append(Loss(oid, "spec.tls", why, fix, tells=False))
    why = "at hosts that no rule names it answers /healthz with 200 and /nginx_status with 403 itself"
    fix = "Let health checks of load balancers ask the new Gateway's own address."
    return [*found, Loss(oid, "/healthz", why, fix, paths=tuple(path for path, _ in OWN_PAGES))]


def _secured(routes: ControllerRoutes) -> set[str]:
    assert routes.servers is not None, "an ingress-nginx"
    tls = {host for host, server in routes.servers.servers.items() if server.tls}
    return tls | {alias for alias, host in routes.servers.aliases.items() if host in tls}


def _of_host(routes: ControllerRoutes, own: list[Ingress], host: HostRules) -> list[Loss]:
    """What a host as such loses: one label of a wildcard, HTTPS without a certificate of its own."""
    found = []
    owner = next((i for i in own for rule in i.spec.rules if (rule.host or "").lower() == host.host), None)
    oid = owner.id if owner is not None else routes.id
    if host.host.startswith("*."):
        why = "in an Ingress a wildcard stands for one label, in Gateway API for any number of them"
        fix = f"Mind hosts such as a.b{host.host[1:]}, or list the hosts one by one."
        found.append(Loss(oid, "spec.rules[].host", why, fix, host.host))
    if host.secure and host.secret is None:
        why = (
            f"no Secret is named for host {host.host or 'of any name'}: its HTTPS has the controller's own certificate"
        )
        fix = "Name a Secret in spec.tls; without one there is no HTTPS listener."
        found.append(Loss(oid, "spec.tls", why, fix, host.host, when="https"))
    return found


def _sources(own: list[Ingress], host: str) -> tuple[str, ...]:
    """The ids of the Ingresses with rules for a host; for every host those without rules are among them."""
    hosts = {one.id: [(rule.host or "").lower() for rule in one.spec.rules] or [""] for one in own}
    return tuple(oid for oid, named in hosts.items() if host in named)


def _certificate(own: list[Ingress], host: str) -> tuple[str, str] | None:
    """Namespace and name of the Secret for a host: listed by name, by wildcard, or without any host."""
    ranked: list[tuple[int, str, str]] = []
    for ingress in own:
        here = any((rule.host or "").lower() == host for rule in ingress.spec.rules) or not host
        for tls in ingress.spec.tls:
            if not tls.secretName:
                continue
            ranks = [rank for listed in tls.hosts if (rank := host_rank(listed.lower(), host)) is not None]
            if ranks and min(ranks) <= WILDCARD_HOST:
                ranked.append((min(ranks), ingress.namespace, tls.secretName))
            elif here and not tls.hosts:
                ranked.append((3, ingress.namespace, tls.secretName))
    best = min(ranked, key=lambda item: item[0], default=None)
    return (best[1], best[2]) if best else None
