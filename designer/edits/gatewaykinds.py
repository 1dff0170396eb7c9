"""New GatewayClasses, ListenerSets and BackendTLSPolicies, and what connecting one of these to another object means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from designer.edits.gateways import CONTROLLER, ROUTE_KINDS, Made, attached, kept_object, only_gateway, reference_to
from designer.edits.keptreferences import kind_of, name_of
from designer.edits.names import kept_names, numbered
from designer.model import Project, Service

# The kinds of Gateway API that can be made here.
MADE_KINDS = ("GatewayClass", "Gateway", "ListenerSet", *ROUTE_KINDS, "ReferenceGrant", "BackendTLSPolicy")
# Kind → the kinds that it can be connected to, by a drop on them or by a line drawn to them.
CONNECTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(ROUTE_KINDS, ("Gateway", "ListenerSet", "XListenerSet", "Service")),
    "ListenerSet": ("Gateway",),
    "BackendTLSPolicy": ("Service",),
}


def make_class(project: Project) -> Made:
    """A GatewayClass of a controller that follows the specification."""
    return (kept_object("GatewayClass", numbered("gateway", kept_names(project, "GatewayClass", "")), "",
                        {"controllerName": CONTROLLER}),)  # fmt: skip


def make_listener_set(project: Project, namespace: str, target: str) -> Made:
    """A ListenerSet of the Gateway that it is dropped on, else of the only one: HTTP for one host name on port 80."""
    gateway = target if kind_of(target) == "Gateway" else only_gateway(project)
    name = numbered("extra", kept_names(project, "ListenerSet", namespace))
    parent = reference_to(gateway, namespace) if gateway else {"name": "web"}
    listener = {"name": "http", "port": 80, "protocol": "HTTP", "hostname": f"{name}.example.com"}
    made = kept_object("ListenerSet", name, namespace, {"parentRef": parent, "listeners": [listener]})
    return (made, *_allowing(project, gateway))


def _allowing(project: Project, gateway: str) -> Made:
    """The drawn Gateway of a new ListenerSet, which allows it; () where it says so already, or is not drawn.

    GatewaySpec ``allowedListeners``: without it no ListenerSet is taken.
    """
    kept = project.foreign.get(gateway)
    spec = kept.data.get("spec") if kept is not None else None
    if kept is None or gateway in project.provenance or not isinstance(spec, dict) or "allowedListeners" in spec:
        return ()
    return (replace(kept, data={**kept.data, "spec": {**spec, "allowedListeners": {"namespaces": {"from": "All"}}}}),)


def make_tls_policy(project: Project, namespace: str, target: str) -> Made:
    """A BackendTLSPolicy for the Service that it is dropped on: its name in the cluster, certificates of the system."""
    service = project.find(Service, target)
    if service is None:
        service = next((s for s in project.of(Service) if s.namespace == namespace), None)
    base = service.name if service is not None else "web"
    name = numbered(f"{base}-tls", kept_names(project, "BackendTLSPolicy", namespace))
    validation = {"hostname": f"{base}.{namespace}.svc", "wellKnownCACertificates": "System"}
    return (
        kept_object("BackendTLSPolicy", name, namespace, {"targetRefs": [_target(base)], "validation": validation}),
    )


def _target(service: str) -> dict[str, Any]:
    return {"group": "", "kind": "Service", "name": service}


def connected(project: Project, oid: str, target: str) -> tuple[dict[str, Any] | None, str]:
    """The data of a Gateway API object that also names `target`, or why it does not."""
    kind = kind_of(oid)
    if kind in ROUTE_KINDS:
        return attached(project, oid, target)
    data = project.foreign[oid].data
    found = data.get("spec")
    spec = dict(found) if isinstance(found, dict) else {}
    namespace = name_of(oid)[2]
    if kind == "ListenerSet":
        wanted = reference_to(target, namespace)
        if spec.get("parentRef") == wanted:
            return None, "It belongs to this Gateway already."
        return {**data, "spec": {**spec, "parentRef": wanted}}, ""
    service = project.find(Service, target)
    if service is None or service.namespace != namespace:
        return None, f"A {kind} names Services of its own namespace, {namespace}."
    targets = list(spec.get("targetRefs") or ())
    if any(isinstance(one, dict) and one.get("name") == service.name for one in targets):
        return None, "It is for this Service already."
    return {**data, "spec": {**spec, "targetRefs": [*targets, _target(service.name)]}}, ""
