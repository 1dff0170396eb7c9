"""What routes of the Gateway API ask for: the Services that their rules name as backends, with the port.

Rules: Gateway API, HTTPRoute, GRPCRoute, TLSRoute and TCPRoute: a route belongs to the Gateways of its `parentRefs`; a
backend of weight 0 gets nothing; one of another namespace needs a ReferenceGrant there. Where the Pods that serve a
Gateway are in the input (GEP-1762 labels them with its name), they have lines of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.controlplane.state import PodState
from designer.model import Project, object_id

GROUP = "gateway.networking.k8s.io"
KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute")
GATEWAY_LABEL = f"{GROUP}/gateway-name"


@dataclass(frozen=True, slots=True)
class RouteBackend:
    """A Service port that a route leads to: the route's name, the Service's id, and the port's number."""

    source: str
    service: str
    port: int


def route_backends(project: Project, pods: Iterable[PodState]) -> Iterator[RouteBackend]:
    """The backends of all routes, in the order of their ids; what is not written as the API wants it is none."""
    serving = {(pod.namespace, pod.labels[GATEWAY_LABEL]) for pod in pods if GATEWAY_LABEL in pod.labels}
    grants = [data for kind, _, data in _kept(project) if kind == "ReferenceGrant"]
    for kind, namespace, data in _kept(project):
        spec = _mapping(data.get("spec"))
        if kind not in KINDS or not _from_outside(spec, namespace, serving):
            continue
        source = f"{kind} {namespace}/{_mapping(data.get('metadata')).get('name')}"
        for rule in _list(spec.get("rules")):
            for reference in _list(_mapping(rule).get("backendRefs")):
                found = _backend(_mapping(reference), kind, namespace, grants)
                if found is not None:
                    yield RouteBackend(source, *found)


def _kept(project: Project) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Kind, namespace and data of the kept objects of the API group."""
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        if str(data.get("apiVersion")).partition("/")[0] == GROUP:
            yield str(data.get("kind")), str(_mapping(data.get("metadata")).get("namespace") or "default"), data


def _from_outside(spec: Mapping[str, Any], namespace: str, serving: set[tuple[str, str]]) -> bool:
    """Whether a Gateway that nothing in the input serves is among the parents of a route."""
    return any(
        (str(parent.get("namespace") or namespace), str(parent.get("name"))) not in serving
        for parent in map(_mapping, _list(spec.get("parentRefs")))
        if parent.get("group", GROUP) == GROUP and parent.get("kind", "Gateway") == "Gateway"
    )


def _backend(
    reference: Mapping[str, Any], kind: str, namespace: str, grants: list[Mapping[str, Any]]
) -> tuple[str, int] | None:
    """The Service and port of a backend; None where it is none, gets nothing, or may not be named from here."""
    name, port = reference.get("name"), reference.get("port")
    if (
        reference.get("group", "") != ""
        or reference.get("kind", "Service") != "Service"
        or reference.get("weight") == 0
    ):
        return None
    if not isinstance(name, str) or not isinstance(port, int) or isinstance(port, bool):
        return None
    where = str(reference.get("namespace") or namespace)
    if where != namespace and not any(_grants(grant, kind, namespace, where, name) for grant in grants):
        return None
    return object_id("Service", where, name), port


def _grants(grant: Mapping[str, Any], kind: str, namespace: str, where: str, name: str) -> bool:
    """Whether a ReferenceGrant lets routes of a namespace name a Service of another one."""
    if str(_mapping(grant.get("metadata")).get("namespace") or "default") != where:
        return False
    spec = _mapping(grant.get("spec"))
    sources = (
        (one.get("group"), one.get("kind"), one.get("namespace")) for one in map(_mapping, _list(spec.get("from")))
    )
    targets = [one for one in map(_mapping, _list(spec.get("to"))) if one.get("group", "") == ""]
    return (GROUP, kind, namespace) in sources and any(
        one.get("kind") == "Service" and one.get("name") in (None, "", name) for one in targets
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
