"""New Gateways, routes and ReferenceGrants, and what dropping one of these on another object means.

They are kept objects (`Project.foreign`): data as Gateway API's reference has it. A Gateway comes with what a
controller makes for it in a cluster (GEP-1762: named after it, with a label that says so), else nothing could answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from designer.edits import shapes
from designer.edits.edit import Edit, refusal, refused
from designer.edits.keptreferences import GROUP, GROUPS, kind_of, name_of
from designer.edits.names import kept_names, names_of, numbered
from designer.edits.references import GATEWAY_LABEL
from designer.model import EMPTY_MAP, ForeignObject, KubeObject, Namespace, Project, Service, object_id, split_id

ROUTE_KINDS = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# Routes of plain connections name their backend always (TLSRouteRule, TCPRouteRule, UDPRouteRule ``backendRefs``).
STREAM_KINDS = ("TLSRoute", "TCPRoute", "UDPRoute")
HOSTLESS = ("TCPRoute", "UDPRoute")
VERSIONS: Mapping[str, str] = {"ReferenceGrant": "v1beta1"}
# The controller of a class that is drawn here: one that follows the specification.
CONTROLLER = "example.com/gateway-controller"
Made = tuple[KubeObject | ForeignObject, ...]


def kept_object(kind: str, name: str, namespace: str, spec: dict[str, Any]) -> ForeignObject:
    """A new object of Gateway API; `namespace` is "" for a GatewayClass."""
    api = f"{GROUP}/{VERSIONS.get(kind, 'v1')}"
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    data = {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
    return ForeignObject(object_id(f"{api}/{kind}", namespace, name), data)


def of_kinds(project: Project, kinds: Iterable[str]) -> tuple[ForeignObject, ...]:
    """The kept Gateway API objects of these kinds, by id."""
    wanted = frozenset(kinds)
    ids = sorted(oid for oid in project.foreign if oid.partition("/")[0] in GROUPS and kind_of(oid) in wanted)
    return tuple(project.foreign[oid] for oid in ids)


def make_gateway(project: Project, namespace: str) -> Made:
    """A Gateway that listens for HTTP on port 80, with its class, Deployment and Service where there are none."""
    name = numbered("web", kept_names(project, "Gateway", namespace) | names_of(project, ("Service",), namespace))
    classes = of_kinds(project, ("GatewayClass",))
    chosen = split_id(classes[0].id)[2] if classes else "gateway"
    listener = {"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "All"}}}
    gateway = kept_object("Gateway", name, namespace, {"gatewayClassName": chosen, "listeners": [listener]})
    new_class = () if classes else (kept_object("GatewayClass", chosen, "", {"controllerName": CONTROLLER}),)
    taken = names_of(project, ("Service", "Deployment", "Pod", "StatefulSet", "DaemonSet"), namespace)
    made_name = numbered(f"{name}-{chosen}", taken)
    return (gateway, *new_class, *_data_plane(name, made_name, namespace))


def _data_plane(gateway: str, name: str, namespace: str) -> tuple[KubeObject, ...]:
    """The proxies of a Gateway and the load balancer before them."""
    own = {"app": name}
    labels = {**own, GATEWAY_LABEL: gateway}
    proxy = shapes.container("proxy", "gateway-proxy", {"http": 8080})
    spec = {"replicas": 2, "selector": {"matchLabels": own}, "template": shapes.template(labels, proxy)}
    ports = [shapes.service_port(80, "http", "http")]
    service = {"type": "LoadBalancer", "selector": own, "ports": ports}
    return (
        shapes.build("Deployment", name, namespace, labels, spec=spec),
        shapes.build("Service", name, namespace, labels, spec=service),
    )


def made_for_gateway(project: Project, oid: str) -> tuple[str, ...]:
    """Ids of the Services and workloads that carry a Gateway's label in its namespace: they go when it goes."""
    _, _, namespace, name = name_of(oid)
    return tuple(
        obj.id
        for kind in ("Deployment", "DaemonSet", "StatefulSet", "Service")
        for obj in project.objects.get(kind, EMPTY_MAP).values()
        if obj.namespace == namespace and obj.labels.get(GATEWAY_LABEL) == name
    )


def make_route(project: Project, namespace: str, target: str, kind: str = "HTTPRoute") -> Made:
    """A route: on a Gateway (`target`) it is attached to it, on a Service it leads there from the only Gateway."""
    target_kind, _, target_name = split_id(target) if target else ("", "", "")
    service = project.find(Service, target) if target_kind == "Service" else _only_service(project, namespace)
    gateway = target if kind_of(target) in ("Gateway", "ListenerSet", "XListenerSet") else only_gateway(project)
    taken = kept_names(project, kind, namespace)
    name = numbered(service.name if service is not None else target_name or "web", taken)
    spec: dict[str, Any] = {}
    if gateway:
        spec["parentRefs"] = [reference_to(gateway, namespace)]
    if kind not in HOSTLESS:
        spec["hostnames"] = [f"{numbered(name, _hosts(project))}.example.com"]
    rule: dict[str, Any] = {"matches": [{"path": {"type": "PathPrefix", "value": "/"}}]} if kind == "HTTPRoute" else {}
    if service is not None and service.spec.ports:
        rule["backendRefs"] = [_backend(service, namespace, kind)]
    elif kind in STREAM_KINDS:
        rule["backendRefs"] = [{"name": name, "port": 80}]
    made = kept_object(kind, name, namespace, {**spec, "rules": [rule]})
    return (made, *(_listening(project, gateway, kind, service) if kind in STREAM_KINDS else ()))


def _hosts(project: Project) -> set[str]:
    """First labels of the host names that routes have: two kinds of route for one host are in each other's way."""
    found: set[str] = set()
    for route in of_kinds(project, ROUTE_KINDS):
        spec = route.data.get("spec")
        hosts = spec.get("hostnames") if isinstance(spec, dict) else None
        found.update(str(host).partition(".")[0] for host in (hosts if isinstance(hosts, list) else ()))
    return found


def _listening(project: Project, gateway: str, kind: str, service: Service | None) -> tuple[ForeignObject, ...]:
    """The drawn Gateway of a new route with a listener that takes its kind, () where it has one or is not drawn."""
    kept, protocol = project.foreign.get(gateway), kind.removesuffix("Route")
    if kept is None or kind_of(gateway) != "Gateway" or gateway in project.provenance:
        return ()
    spec = kept.data.get("spec")
    spec = spec if isinstance(spec, dict) else {}
    listeners = [one for one in spec.get("listeners") or () if isinstance(one, dict)]
    if any(one.get("protocol") == protocol for one in listeners):
        return ()
    taken = {one.get("port") for one in listeners}
    wanted = 443 if protocol == "TLS" else service.spec.ports[0].port if service and service.spec.ports else 9000
    port = next(number for number in (wanted, *range(9000, 9999)) if number not in taken)
    listener: dict[str, Any] = {
        "name": numbered(protocol.lower(), {str(one.get("name")) for one in listeners}),
        "port": port,
        "protocol": protocol,
        **({"tls": {"mode": "Passthrough"}} if protocol == "TLS" else {}),
        "allowedRoutes": {"namespaces": {"from": "All"}},
    }
    return (replace(kept, data={**kept.data, "spec": {**spec, "listeners": [*listeners, listener]}}),)


def _only_service(project: Project, namespace: str) -> Service | None:
    """The only Service of a namespace that a route could lead to (none that stands before a Gateway), else None."""
    found = [
        s for s in project.of(Service)
        if s.namespace == namespace and s.spec.ports and GATEWAY_LABEL not in s.labels
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def only_gateway(project: Project) -> str:
    """The id of the only Gateway, "" where there is none or more than one."""
    found = of_kinds(project, ("Gateway",))
    return found[0].id if len(found) == 1 else ""


def make_grant(project: Project, namespace: str) -> Made:
    """A ReferenceGrant that opens the Services of its namespace to the HTTPRoutes of the first other one with some."""
    others = [name_of(route.id)[2] for route in of_kinds(project, ("HTTPRoute",))]
    others = [found for found in others if found != namespace]
    source = others[0] if others else "default"
    spec = {
        "from": [{"group": GROUP, "kind": "HTTPRoute", "namespace": source}],
        "to": [{"group": "", "kind": "Service"}],
    }
    name = numbered("allow-routes", kept_names(project, "ReferenceGrant", namespace))
    return (kept_object("ReferenceGrant", name, namespace, spec),)


def reference_to(oid: str, namespace: str) -> dict[str, Any]:
    """A parentRef to a Gateway or ListenerSet, from an object in `namespace`."""
    group, kind, there, name = name_of(oid)
    kinds = {} if kind == "Gateway" else {"group": group, "kind": kind}
    return {**kinds, "name": name, **({"namespace": there} if there != namespace else {})}


def _backend(service: Service, namespace: str, kind: str) -> dict[str, Any]:
    """A backendRef: to the first port of the protocol that the kind of route carries, else to the first one."""
    there = {} if service.namespace == namespace else {"namespace": service.namespace}
    wanted = "UDP" if kind == "UDPRoute" else "TCP"
    ports = [port for port in service.spec.ports if (port.protocol or "TCP") == wanted] or list(service.spec.ports)
    return {"name": service.name, **there, "port": ports[0].port}


def attached(project: Project, route: str, target: str) -> tuple[dict[str, Any] | None, str]:
    """The route's data with one more parentRef (on a Gateway) or backendRef (on a Service), or why it has none.

    A backendRef comes to the first rule beside those that are there, so that requests are shared among them.
    """
    kept = project.foreign[route]
    namespace = name_of(route)[2]
    spec = kept.data.get("spec")
    spec = dict(spec) if isinstance(spec, dict) else {}
    if kind_of(target) in ("Gateway", "ListenerSet", "XListenerSet"):
        refs = list(spec.get("parentRefs") or ())
        wanted = reference_to(target, namespace)
        if any(_means(ref, target, namespace) for ref in refs):
            return None, "It names this parent already."
        return {**kept.data, "spec": {**spec, "parentRefs": [*refs, wanted]}}, ""
    service = project.find(Service, target)
    if service is None or not service.spec.ports:
        return None, "The Service has no port that a route could lead to."
    rules = [dict(rule) for rule in spec.get("rules") or () if isinstance(rule, dict)] or [{}]
    if any(isinstance(one, dict) and one.get("type") == "RequestRedirect" for one in rules[0].get("filters") or ()):
        # The API server refuses both in one rule (HTTPRouteRule, validation of `filters` and `backendRefs`).
        return None, "Its first rule redirects, so it leads to no Service: take the redirect out of it, or add a rule."
    wanted = _backend(service, namespace, kind_of(route))
    if any({k: ref.get(k) for k in ("name", "namespace", "port")} ==
           {k: wanted.get(k) for k in ("name", "namespace", "port")}
           for ref in rules[0].get("backendRefs") or () if isinstance(ref, dict)):  # fmt: skip
        return None, "Its first rule leads to this Service already."
    rules[0]["backendRefs"] = [*(rules[0].get("backendRefs") or ()), wanted]
    return {**kept.data, "spec": {**spec, "rules": rules}}, ""


def _means(ref: Any, target: str, namespace: str) -> bool:
    """Whether a parentRef names `target` as a whole."""
    if not isinstance(ref, dict) or ref.get("sectionName") or ref.get("port"):
        return False
    group, kind, there, name = name_of(target)
    found = (ref.get("group", GROUP), ref.get("kind", "Gateway"), ref.get("namespace") or namespace, ref.get("name"))
    return found == (group, kind, there, name)


def add_manifests(project: Project, objects: Sequence[Mapping[str, Any]]) -> Edit:
    """The edit that adds Gateway API manifests, and the Namespaces among them, to a project; what is there stays.

    An object of the same kind, namespace and name as one of the project is refused, unless it is the very same.
    """
    label = f"Add {len(objects)} Gateway API objects"
    kept: dict[str, ForeignObject] = {}
    spaces: list[KubeObject] = []
    there = {name_of(oid): oid for oid in project.foreign}
    for data in objects:
        metadata = data["metadata"]
        if data["kind"] == "Namespace":
            if metadata["name"] not in project.namespaces():
                spaces.append(Namespace.model_validate({"metadata": metadata}))
            continue
        head = f"{data['apiVersion']}/{data['kind']}"
        oid = object_id(head, str(metadata.get("namespace") or ""), metadata["name"])
        known = there.get(name_of(oid))
        if known is None:
            kept[oid] = ForeignObject(oid, dict(data))
        elif project.foreign[known].data.get("spec") != data.get("spec"):
            title = f"{data['kind']} {metadata['name']} is there already, and says something else"
            return refused(label, project, refusal("EDIT-05", title, oid=known, fix="Rename or delete it first."))
    if not kept and not spaces:
        return Edit(label, project)
    changed = replace(project.with_objects(spaces), foreign=project.foreign.merged(kept))
    return Edit(label, changed, select=tuple(kept))
