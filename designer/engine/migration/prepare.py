"""An input made ready for comparison: what it refers to and does not hold is taken to be there.

A migration is about rules. Services without a manifest, Pods, certificates, and the classes and controllers that a
folder of Ingresses seldom holds are supplied, so that answers differ for the rules' sake only. What is supplied for
want of a better is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from designer.engine.l7.classes import controller_string, default_classes
from designer.engine.l7.nginx_notes import PREFIX
from designer.engine.l7.validate import CLASS_ANNOTATION
from designer.model import (
    CONTROLLER_NAMES,
    EndpointSlice,
    ForeignObject,
    FrozenMap,
    Ingress,
    IngressClass,
    IngressController,
    KubeObject,
    Project,
    Service,
    controller_profile,
    object_id,
)

# Names that IngressClasses usually have, and the profile behind them.
USUAL = {"nginx": "ingress-nginx", "traefik": "traefik", "haproxy": "haproxy"}
SUPPLIED = "198.18.0.1"  # RFC 2544: an address of no cluster


@dataclass(slots=True)
class Prepared:
    """The project with everything that its rules refer to, and what was taken for granted."""

    project: Project
    notes: list[str] = field(default_factory=list)


def prepared(project: Project) -> Prepared:
    """`project` with classes, controllers, Services, endpoints and certificates supplied."""
    made = Prepared(project)
    for ingress in project.of(Ingress):
        _give_class(made, ingress)
    _give_controllers(made)
    _give_services(made)
    _give_secrets(made)
    return made


def _give_class(made: Prepared, ingress: Ingress) -> None:
    """The Ingress with a class by name, and the IngressClass where there is none."""
    name = ingress.spec.ingressClassName or ingress.metadata.annotations.get(CLASS_ANNOTATION)
    shown = f"{ingress.namespace}/{ingress.name}"
    if name is None:
        defaults = default_classes(made.project)
        classes = defaults or made.project.of(IngressClass)
        # Of several default classes admission takes the newest.
        dated = bool(defaults) and all(one.metadata.creationTimestamp for one in defaults)
        by_note = any(key.startswith(PREFIX) for key in ingress.metadata.annotations)
        name = classes[0].name if len(classes) == 1 or dated else "nginx" if by_note else "any"
        made.notes.append(f"Ingress {shown} has no class and is taken to be of class {name}.")
    if made.project.find(IngressClass, f"IngressClass:{name}") is None:
        profile = USUAL.get(name) or next((p for n, p in USUAL.items() if n in name), "spec")
        controller = CONTROLLER_NAMES.get(profile) or f"unknown/{name}"
        what = profile if profile != "spec" else "a controller that follows the specification"
        made.notes.append(f"IngressClass {name} is not in the input and is taken to be of {what}.")
        data = {"metadata": {"name": name}, "spec": {"controller": controller}}
        made.project = made.project.with_object(IngressClass.model_validate(data))
    notes = {k: v for k, v in ingress.metadata.annotations.items() if k != CLASS_ANNOTATION}
    metadata = ingress.metadata.model_copy(update={"annotations": FrozenMap(notes)})
    spec = ingress.spec.model_copy(update={"ingressClassName": name})
    made.project = made.project.with_object(ingress.model_copy(update={"metadata": metadata, "spec": spec}))


def _give_controllers(made: Prepared) -> None:
    """One controller for each controller name that a class has."""
    known = {controller_string(one) for one in made.project.of(IngressController)}
    for name in dict.fromkeys(c.spec.controller for c in made.project.of(IngressClass) if c.spec.controller):
        if name in known or not name:
            continue
        spec = {"profile": controller_profile(name) or "spec", "controller": name}
        metadata = {"name": f"supplied-{len(known)}", "namespace": "supplied"}
        known.add(name)
        made.project = made.project.with_object(
            IngressController.model_validate({"metadata": metadata, "spec": spec})
        )  # fmt: skip


def _give_services(made: Prepared) -> None:
    """Every Service port that a rule names, with one ready endpoint."""
    wanted: dict[tuple[str, str], dict[str | int, None]] = {}
    for namespace, name, port in (*_of_ingresses(made.project), *_of_routes(made.project)):
        wanted.setdefault((namespace, name), {})[port] = None
    objects: list[KubeObject] = []
    for (namespace, name), ports in wanted.items():
        service = made.project.find(Service, object_id("Service", namespace, name))
        if service is None:
            service = _service(namespace, name, ports)
            objects.append(service)
        if service.spec.type != "ExternalName":
            objects += _endpoints(service)
    made.project = made.project.with_objects(objects)


def _service(namespace: str, name: str, ports: Mapping[str | int, None]) -> Service:
    listed: list[dict[str, Any]] = []
    for place, port in enumerate(ports):
        listed.append(
            {"name": port, "port": 60000 + place} if isinstance(port, str) else {"name": f"p{place}", "port": port}
        )
    spec = {"clusterIP": "None", "ports": listed}
    return Service.model_validate({"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def _endpoints(service: Service) -> list[KubeObject]:
    """One ready endpoint that serves every port, in place of the Service's Pods."""
    ports = [{"name": p.name, "port": 8080, "protocol": p.protocol} for p in service.spec.ports]
    metadata = {
        "name": f"{service.name}-supplied",
        "namespace": service.namespace,
        "labels": {"kubernetes.io/service-name": service.name},
    }
    data = {"metadata": metadata, "addressType": "IPv4", "endpoints": [{"addresses": [SUPPLIED]}], "ports": ports}
    without = service.spec.model_copy(update={"selector": None, "clusterIP": "None"})
    return [service.model_copy(update={"spec": without}), EndpointSlice.model_validate(data)]


def _of_ingresses(project: Project) -> Iterator[tuple[str, str, str | int]]:
    for ingress in project.of(Ingress):
        backends = [path.backend for rule in ingress.spec.rules for path in (rule.http.paths if rule.http else ())]
        backends += [ingress.spec.defaultBackend] if ingress.spec.defaultBackend else []
        for backend in backends:
            if backend.service is not None and backend.service.name:
                port = backend.service.port
                yield ingress.namespace, backend.service.name, port.name or port.number or 80


def _of_routes(project: Project) -> Iterator[tuple[str, str, str | int]]:
    for oid, kept in project.foreign.items():
        if not oid.startswith("gateway.networking.k8s.io/"):
            continue
        namespace = str((kept.data.get("metadata") or {}).get("namespace") or "default")
        for ref in _references(kept.data.get("spec")):
            if ref.get("kind", "Service") == "Service" and isinstance(ref.get("port"), int) and ref.get("name"):
                yield str(ref.get("namespace") or namespace), str(ref["name"]), int(ref["port"])


def _references(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every backend reference in a route's spec, however deep."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "backendRefs" and isinstance(inner, list | tuple):
                yield from (ref for ref in inner if isinstance(ref, Mapping))
            if key == "backendRef" and isinstance(inner, Mapping):
                yield inner
            yield from _references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _references(inner)


def _give_secrets(made: Prepared) -> None:
    """A certificate for each Secret that an Ingress or a listener names."""
    names: dict[tuple[str, str], None] = {}
    for ingress in made.project.of(Ingress):
        names |= {(ingress.namespace, tls.secretName): None for tls in ingress.spec.tls if tls.secretName}
    for oid, kept in made.project.foreign.items():
        if oid.startswith("gateway.networking.k8s.io/"):
            namespace = str((kept.data.get("metadata") or {}).get("namespace") or "default")
            names |= {(str(r.get("namespace") or namespace), str(r["name"])): None for r in _certificates(kept.data)}
    foreign = dict(made.project.foreign)
    for namespace, name in names:
        oid = f"v1/Secret:{namespace}/{name}"
        if oid not in foreign:
            foreign[oid] = ForeignObject(oid, secret(namespace, name))
    made.project = replace(made.project, foreign=FrozenMap(foreign))


def _certificates(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "certificateRefs" and isinstance(inner, list | tuple):
                yield from (ref for ref in inner if isinstance(ref, Mapping) and ref.get("name"))
            yield from _certificates(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _certificates(inner)


def secret(namespace: str, name: str) -> dict[str, Any]:
    """A Secret of a certificate that nobody has to believe: only its presence counts."""
    text = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"  # the first line of a certificate
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": text, "tls.key": text},
    }
