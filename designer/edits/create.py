"""New objects: what a drop from the palette makes, valid at once, with a free name and useful defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from designer.edits import shapes
from designer.edits.arrange import with_placement
from designer.edits.drops import may_drop
from designer.edits.edit import Edit, refusal, refused
from designer.edits.gatewaykinds import make_class, make_listener_set, make_tls_policy
from designer.edits.gateways import ROUTE_KINDS, Made, make_gateway, make_grant, make_route
from designer.edits.keptreferences import is_gateway_api
from designer.edits.names import free_name, names_of, numbered
from designer.edits.outside import CLIENTS, HOSTS, free_address
from designer.edits.palette import PALETTE_KINDS, label_of
from designer.edits.proxyports import follow_listeners
from designer.edits.targets import (
    class_of,
    first_port,
    namespace_at,
    only_class,
    only_service,
    pod_labels,
    target_object,
)
from designer.model import (
    CONTROLLER_NAMES,
    ForeignObject,
    IngressController,
    KubeObject,
    Placement,
    Project,
    Service,
    split_id,
)


@dataclass(frozen=True, slots=True)
class Drop:
    """Where a new object goes: the project, its namespace, and the object that it was dropped on (`on` is its id)."""

    project: Project
    namespace: str
    target: KubeObject | None
    profile: str = "spec"
    on: str = ""

    def free(self, kind: str, base: str) -> str:
        """A free name for a namespaced kind."""
        return free_name(self.project, kind, self.namespace, base)


# Of what is made the first object is the one that was asked for; the others come with it.


def create(
    project: Project,
    kind: str,
    *,
    namespace: str = "default",
    view: str = "nodes",
    at: tuple[float, float] | None = None,
    target: str | None = None,
    profile: str = "spec",
) -> Edit:
    """The edit that adds a new object of a palette kind, and what has to come with it.

    `target` is what it is dropped on: an object id or a derived Pod's key. `at` is where it stands in `view`, in scene
    units. `profile` is that of a new Ingress controller (`CONTROLLER_PROFILES`).
    """
    label = f"Add {label_of(kind)}"
    if kind not in PALETTE_KINDS:
        problem = refusal("EDIT-06", f"{kind} is not in the palette", fix="Choose a kind of the palette.")
        return refused(label, project, problem)
    if profile not in CONTROLLER_NAMES:
        known = ", ".join(CONTROLLER_NAMES)
        problem = refusal("EDIT-06", f"There is no profile {profile}", fix=f"Choose one of {known}.")
        return refused(label, project, problem)
    answer = may_drop(project, kind, target)
    if not answer.ok:
        return refused(label, project, refusal("EDIT-07", answer.reason, oid=target or ""))
    on = target or ""
    drop = Drop(project, namespace_at(project, target, namespace), target_object(project, target), profile, on)
    made = BUILDERS[kind](drop)
    changed = project.with_objects([one for one in made if isinstance(one, KubeObject)])
    kept = {one.id: one for one in made if isinstance(one, ForeignObject)}
    if kept:
        changed = replace(changed, foreign=changed.foreign.merged(kept))
        for oid in kept:
            changed = (
                follow_listeners(project, changed, oid) if oid in project.foreign or oid == made[0].id else changed
            )
    if at is not None:
        changed = replace(changed, canvas=with_placement(changed.canvas, view, made[0].id, _placed(at)))
    return Edit(f"{label} {split_id(made[0].id)[2]}", changed, None, (made[0].id,))


def _placed(at: tuple[float, float]) -> Placement:
    return Placement(x=at[0], y=at[1], pinned=True)


def _node(drop: Drop) -> Made:
    taken = names_of(drop.project, ("Node",), "")
    number = 1
    while f"node-{number}" in taken:
        number += 1
    name = f"node-{number}"
    return (shapes.build("Node", name, labels={"kubernetes.io/hostname": name}),)


def _namespace_object(name: str) -> KubeObject:
    return shapes.build("Namespace", name, labels={"kubernetes.io/metadata.name": name})


def _namespace(drop: Drop) -> Made:
    return (_namespace_object(numbered("team", set(drop.project.namespaces()))),)


def _pod(drop: Drop) -> Made:
    name = drop.free("Pod", "web")
    spec: dict[str, Any] = {"containers": [shapes.container()]}
    if drop.target is not None and drop.target.KIND == "Node":
        spec["nodeName"] = drop.target.name
    return (shapes.build("Pod", name, drop.namespace, {"app": name}, spec=spec),)


def _workload(kind: str, base: str, replicas: int | None) -> Callable[[Drop], Made]:
    def make(drop: Drop) -> Made:
        name = drop.free(kind, base)
        labels = {"app": name}
        return (shapes.build(kind, name, drop.namespace, labels, spec=shapes.workload_spec(labels, replicas)),)

    return make


def _stateful_set(drop: Drop) -> Made:
    """A StatefulSet needs the headless Service that it names: its Pods get their DNS names from it."""
    taken = names_of(drop.project, ("Service",), drop.namespace)
    name = drop.free("StatefulSet", "db")
    while name in taken:
        name = numbered(name, {name} | taken | names_of(drop.project, ("StatefulSet",), drop.namespace))
    labels = {"app": name}
    spec = {"serviceName": name, **shapes.workload_spec(labels, 2)}
    ports = [shapes.service_port(shapes.PORT, shapes.PORT_NAME, shapes.PORT_NAME)]
    headless = {"clusterIP": "None", "selector": labels, "ports": ports}
    return (
        shapes.build("StatefulSet", name, drop.namespace, labels, spec=spec),
        shapes.build("Service", name, drop.namespace, labels, spec=headless),
    )


def _service(drop: Drop) -> Made:
    labels = dict(pod_labels(drop.target))
    base = drop.target.name.split(".")[0] if labels and drop.target is not None else "web"
    name = drop.free("Service", base)
    port = first_port(drop.target)
    target_port, protocol = (port[0], port[1]) if port else (shapes.PORT_NAME, "TCP")
    # What speaks HTTP is called at 80; anything else (a database, a DNS server) at its own port and by its own name.
    named = target_port if isinstance(target_port, str) else ""
    web = protocol == "TCP" and (not named or named.startswith(("http", "web")))
    number, called = (80, shapes.PORT_NAME) if port is None or web else (port[2], named or None)
    spec = {
        "type": "ClusterIP",
        "selector": labels or {"app": name},
        "ports": [shapes.service_port(number, target_port, called, protocol)],
    }
    return (shapes.build("Service", name, drop.namespace, {"app": name}, spec=spec),)


def _ingress(drop: Drop) -> Made:
    service = drop.target if isinstance(drop.target, Service) else only_service(drop.project, drop.namespace)
    name = drop.free("Ingress", service.name if service else "web")
    host = f"{name}.example.com"
    spec: dict[str, Any] = {}
    on = drop.target
    class_name = class_of(drop.project, on) if isinstance(on, IngressController) else only_class(drop.project)
    if class_name is not None:
        spec["ingressClassName"] = class_name
    if service is not None and service.spec.ports:
        spec["rules"] = [shapes.ingress_rule(host, service.name, {"number": service.spec.ports[0].port})]
    else:
        spec["rules"] = [{"host": host}]
    return (shapes.build("Ingress", name, drop.namespace, spec=spec),)


# Namespace and IngressClass name as each project's own installation uses them.
_CONTROLLER_HOMES: dict[str, tuple[str, str]] = {
    "ingress-nginx": ("ingress-nginx", "nginx"),
    "traefik": ("traefik", "traefik"),
    "haproxy": ("haproxy-controller", "haproxy"),
    "spec": ("ingress", "ingress"),
}


def _ingress_controller(drop: Drop) -> Made:
    """The controller with what makes it reachable: namespace, Deployment, Service, IngressClass."""
    project = drop.project
    home, class_base = _CONTROLLER_HOMES[drop.profile]
    on_namespace = drop.target is not None and drop.target.KIND == "Namespace"
    namespace = drop.target.name if on_namespace and drop.target else numbered(home, set(project.namespaces()))
    kinds = ("IngressController", "Service", *("Deployment", "Pod", "StatefulSet", "DaemonSet"))
    name = numbered("ingress-controller", names_of(project, kinds, namespace))
    # Two controllers with the same string would both serve each Ingress and fight over its status.
    running = {c.spec.controller for c in project.of(IngressController)}
    controller = numbered(CONTROLLER_NAMES[drop.profile], running)
    class_name = free_name(project, "IngressClass", "", class_base)
    labels = {"app": name}
    made_of = shapes.container("controller", "ingress-controller", {"http": 80, "https": 443})
    ports = [shapes.service_port(80, "http", "http"), shapes.service_port(443, "https", "https")]
    service_spec = {"type": "LoadBalancer", "selector": labels, "ports": ports}
    deployment = shapes.build("Deployment", name, namespace, labels, spec=shapes.workload_spec(labels, 2, made_of))
    service = shapes.build("Service", name, namespace, labels, spec=service_spec)
    spec = {"profile": drop.profile, "controller": controller, "workload": deployment.id, "service": service.id}
    return (
        shapes.build("IngressController", name, namespace, spec=spec),
        deployment,
        service,
        shapes.build("IngressClass", class_name, spec={"controller": controller}),
        *(() if on_namespace else (_namespace_object(namespace),)),
    )


def _network_policy(drop: Drop) -> Made:
    """A policy that lets in Pods of the same namespace only: the smallest one that allows something."""
    labels = dict(pod_labels(drop.target))
    name = drop.free("NetworkPolicy", f"{drop.target.name}-policy" if labels and drop.target else "same-namespace")
    spec = {
        "podSelector": {"matchLabels": labels} if labels else {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}]}],
    }
    return (shapes.build("NetworkPolicy", name, drop.namespace, spec=spec),)


def _on(drop: Drop) -> str:
    """The id of what a Gateway API object is dropped on, "" where that is nothing that it could name."""
    return drop.on if drop.target is not None or is_gateway_api(drop.on) else ""


def _route(kind: str) -> Callable[[Drop], Made]:
    return lambda drop: make_route(drop.project, drop.namespace, _on(drop), kind)


def _external_client(drop: Drop) -> Made:
    name = free_name(drop.project, "ExternalClient", "", "client")
    address = free_address(drop.project, CLIENTS)
    return (shapes.build("ExternalClient", name, spec={"addresses": [address]}),)


def _external_host(drop: Drop) -> Made:
    name = free_name(drop.project, "ExternalHost", "", "server")
    address = free_address(drop.project, HOSTS)
    spec = {"addresses": [address], "names": [f"{name}.example.net"], "ports": ["443/tcp"]}
    return (shapes.build("ExternalHost", name, spec=spec),)


BUILDERS: dict[str, Callable[[Drop], Made]] = {
    "Node": _node,
    "Namespace": _namespace,
    "Pod": _pod,
    "Deployment": _workload("Deployment", "web", 2),
    "StatefulSet": _stateful_set,
    "DaemonSet": _workload("DaemonSet", "agent", None),
    "Service": _service,
    "IngressController": _ingress_controller,
    "Ingress": _ingress,
    "Gateway": lambda drop: make_gateway(drop.project, drop.namespace),
    **{kind: _route(kind) for kind in ROUTE_KINDS},
    "ListenerSet": lambda drop: make_listener_set(drop.project, drop.namespace, _on(drop)),
    "ReferenceGrant": lambda drop: make_grant(drop.project, drop.namespace),
    "BackendTLSPolicy": lambda drop: make_tls_policy(drop.project, drop.namespace, _on(drop)),
    "GatewayClass": lambda drop: make_class(drop.project),
    "NetworkPolicy": _network_policy,
    "ExternalClient": _external_client,
    "ExternalHost": _external_host,
}
