"""A small cluster with Ingress controllers, from YAML."""

from typing import Any

import yaml

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    ServicePortState,
    ServiceState,
)
from designer.engine.l7 import RouteTable, compile_routes
from designer.model import EMPTY_PROJECT, KIND_BY_NAME, FrozenMap, Project, Service


def project(text: str) -> Project:
    """A project of the objects in a YAML text; namespaced ones without namespace live in `default`."""
    objects = [KIND_BY_NAME[data["kind"]].model_validate(data) for data in yaml.safe_load_all(text) if data]
    return EMPTY_PROJECT.with_objects(objects)


def controller(profile: str, name: str = "", **spec: Any) -> str:
    return yaml.safe_dump(
        {"kind": "IngressController", "metadata": {"name": name or profile}, "spec": {"profile": profile, **spec}}
    )


def ingress_class(name: str, controller: str, default: bool = False, created: str = "") -> str:
    meta: dict[str, Any] = {"name": name}
    if default:
        meta["annotations"] = {"ingressclass.kubernetes.io/is-default-class": "true"}
    if created:
        meta["creationTimestamp"] = created
    return yaml.safe_dump({"kind": "IngressClass", "metadata": meta, "spec": {"controller": controller}})


def ingress(
    name: str,
    *paths: tuple[str, str, str, str],
    cls: str | None = None,
    created: str = "",
    annotations: dict[str, str] | None = None,
    tls: tuple[str, ...] = (),
    default: str = "",
    uid: str = "",
) -> str:
    """An Ingress from (host, path, pathType, service) rows; every backend port is 80."""
    meta: dict[str, Any] = {"name": name, "annotations": annotations or {}}
    if created:
        meta["creationTimestamp"] = created
    if uid:
        meta["uid"] = uid
    spec: dict[str, Any] = {"rules": [rule(*row) for row in paths]}
    if cls is not None:
        spec["ingressClassName"] = cls
    if tls:
        spec["tls"] = [{"hosts": list(tls), "secretName": "cert"}]
    if default:
        spec["defaultBackend"] = {"service": {"name": default, "port": {"number": 80}}}
    return yaml.safe_dump({"kind": "Ingress", "metadata": meta, "spec": spec})


def rule(host: str, path: str, kind: str, service: str) -> dict[str, Any]:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    made: dict[str, Any] = {"http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    return {**made, "host": host} if host else made


def service(name: str, ready: bool = True) -> str:
    note = {} if ready else {"test/ready": "no"}
    return yaml.safe_dump(
        {
            "kind": "Service",
            "metadata": {"name": name, "annotations": note},
            "spec": {"ports": [{"port": 80, "name": "http"}]},
        }
    )


def control_of(found: Project) -> ControlPlaneState:
    """Services of the project as the control plane would have them, each with one endpoint."""
    services, slices = {}, {}
    for svc in found.of(Service):
        ports = tuple(
            ServicePortState(p.name or "", p.protocol, p.port, p.targetPort or p.port) for p in svc.spec.ports
        )
        services[svc.id] = ServiceState(svc.namespace, svc.name, svc.spec.type, ("10.96.0.9",), ports)
        ready = svc.metadata.annotations.get("test/ready") != "no"
        endpoint = EndpointState(("10.244.0.9",), ready=ready, serving=ready)
        slices[svc.id] = (
            EndpointSliceState(
                svc.namespace, svc.name, svc.name, "IPv4", (EndpointPortState("", "TCP", 80),), (endpoint,)
            ),
        )
    return ControlPlaneState(services=FrozenMap(services), slices=FrozenMap(slices))


def routes(*texts: str, services: tuple[str, ...] = ("a", "b", "c")) -> RouteTable:
    """The route table of these objects, with Services `a`, `b`, `c` on port 80."""
    found = project("---\n".join([*texts, *(service(name) for name in services)]))
    return compile_routes(found, control_of(found))
