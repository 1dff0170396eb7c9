"""What the engine made of one object, as sections of short rows: addresses, endpoints, Pods, policies, routes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import EndpointSliceState, PodState, ServiceState
from designer.engine.kubeproxy.local_drops import local_drops
from designer.engine.l7.gateway.objects import is_gateway_object
from designer.engine.policy.compiled import DIRECTIONS, compile_policy
from designer.model import EMPTY_MAP, Namespace, NetworkPolicy, selector_matches, split_id
from designer.model.staging import is_staged
from designer.present.gateway_cards import services_of_routes
from designer.present.gateway_computed import gateway_sections
from designer.present.inspected import ComputedRow, ComputedSection, Rows, Sections
from designer.present.kept_policies import STANDING_WORDS, idle_on_pod, kept_policy, pods_of_parts, tiers_of_pod
from designer.present.words import count_text, object_text, short_name

MOST_ROWS = 30

STAGED_WORDS = "kept, and has no say until it is enforced"


def computed(state: ClusterState, oid: str) -> tuple[ComputedSection, ...]:
    """The sections for an object id, also that of a derived Pod; sections without rows are left out."""
    kept = oid in state.project.foreign
    parts: Sections = (_kept if kept else MAKERS.get(split_id(oid)[0], _workload))(state, oid)
    return tuple(
        ComputedSection(title, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)) for title, rows in parts if rows
    )


def _service(state: ClusterState, oid: str) -> Sections:
    service = state.control.services.get(oid)
    if service is None:
        return [
            ("Computed", [ComputedRow("not in the cluster", "the API server refuses it, see Problems", "", "error")])
        ]
    return [
        ("Addresses", _service_addresses(service)),
        ("Endpoints", [] if service.external_name else _endpoints(state.control.slices.get(oid, ()))),
        ("Traffic policy Local", _local_drops(state, oid)),
        ("Led to by", _led_to_by(state, oid)),
    ]


_OUTCOMES = {"dropped": "drops requests", "rejected": "refuses requests", "lost": "loses the replies to requests"}


def _local_drops(state: ClusterState, oid: str) -> Rows:
    """The Nodes on which its policy Local makes requests go nowhere, each once for each kind of traffic."""
    found: dict[tuple[str, str], ComputedRow] = {}
    for drop in local_drops(state.control, state.project.cluster, oid):
        what = "from outside" if drop.traffic == "external" else "to its ClusterIP"
        for node in drop.nodes:
            words = f"{_OUTCOMES[drop.outcome]} {what}: no endpoint here"
            found.setdefault((node, drop.traffic), ComputedRow(node, words, f"Node:{node}", "warning"))
    return list(found.values())


def _service_addresses(service: ServiceState) -> Rows:
    rows = [ComputedRow(address, "ClusterIP") for address in service.cluster_ips]
    if service.headless:
        rows.append(ComputedRow("None", "headless: DNS gives the Pods' addresses"))
    if service.external_name:
        rows.append(ComputedRow(service.external_name, "alias in DNS"))
    rows += [
        ComputedRow(f"*:{port.node_port}", f"node port of {port.port}/{port.protocol}")
        for port in service.ports
        if port.node_port
    ]
    rows += [ComputedRow(entry.ip or entry.hostname or "", "load balancer") for entry in service.load_balancer]
    rows += [ComputedRow(address, "external IP") for address in service.external_ips]
    if service.pending:
        rows.append(ComputedRow("pending", service.pending, "", "warning"))
    return rows


def _endpoints(slices: Iterable[EndpointSliceState]) -> Rows:
    rows = []
    for part in slices:
        ports = ", ".join(dict.fromkeys(str(port.port) for port in part.ports if port.port is not None))
        for end in part.endpoints:
            ready = "terminating" if end.terminating else "ready" if end.ready else "not ready"
            words = [short_name(end.pod) if end.pod else "", end.node or "", ready]
            for address in end.addresses:
                host = f"[{address}]" if ":" in address and ports else address
                rows.append(
                    ComputedRow(
                        f"{host}:{ports}" if ports else host,
                        " · ".join(word for word in words if word),
                        end.pod or "",
                        "" if ready == "ready" else "warning",
                    )
                )
    return rows or [ComputedRow("none", "no Pod that is ready stands behind it", "", "warning")]


def _led_to_by(state: ClusterState, service: str) -> Rows:
    rows = []
    for controller, routes in state.routes.controllers.items():
        for entry in routes.entries:
            if entry.backend.service == service:
                where = f"{entry.host or '*'}{entry.path or '/'}"
                rows.append(
                    ComputedRow(where, f"{object_text(entry.ingress)} by {short_name(controller)}", entry.ingress)
                )
    rows += [ComputedRow(words, object_text(route), route) for route, words in services_of_routes(state, service)]
    return rows


def _pod(state: ClusterState, oid: str) -> Sections:
    pod = state.control.pods.get(oid)
    if pod is None:
        return [("Computed", [ComputedRow("not in the cluster", "see Problems", "", "warning")])]
    addresses = [ComputedRow(a, "the Node's own" if pod.host_network else "Pod address") for a in pod.ips]
    if pod.pending:
        addresses.append(ComputedRow("Pending", pod.pending, "", "warning"))
    conditions = [
        ComputedRow(
            "Ready" if pod.ready else "Not ready",
            "" if pod.ready else "gets no Service traffic",
            "",
            "" if pod.ready else "warning",
        ),
        ComputedRow(pod.phase, "terminating" if pod.terminating else ""),
    ]
    node = [ComputedRow(pod.node, "", f"Node:{pod.node}")] if pod.node else []
    return [
        ("Belongs to", [ComputedRow(object_text(pod.owner), "", pod.owner)] if pod.owner else []),
        ("Addresses", addresses),
        ("Previous addresses", [ComputedRow(address) for address in pod.previous_ips]),
        ("Node", node),
        ("Conditions", conditions),
        ("Behind Services", _services_of(state, pod)),
        ("Policies that select it", _policies_of(state, pod)),
    ]


def _services_of(state: ClusterState, pod: PodState) -> Rows:
    found = {
        part.service_id: end.ready
        for slices in state.control.slices.values()
        for part in slices
        for end in part.endpoints
        if end.pod == pod.id
    }
    return [ComputedRow(object_text(oid), "" if ready else "not ready", oid) for oid, ready in found.items()]


def _policies_of(state: ClusterState, pod: PodState) -> Rows:
    found: dict[str, list[str]] = {}
    for direction in DIRECTIONS:
        for policy in state.policies.selecting(direction, pod):
            found.setdefault(policy.id, []).append(direction)
    rows = [ComputedRow(short_name(oid), f"isolates {' and '.join(ways)}", oid) for oid, ways in found.items()]
    if rows and not state.policies.enforcement.ingress and not state.policies.enforcement.egress:
        rows.append(ComputedRow("not enforced", state.policies.enforcement.reason, "", "warning"))
    rows += [ComputedRow(text, words, oid) for oid, text, words in tiers_of_pod(state, pod)]
    listed = {row.oid for row in rows}
    rows += [
        ComputedRow(one.name, f"{STANDING_WORDS[one.standing]} · {one.kind}", one.id, "warning")
        for one in idle_on_pod(state, pod)
        if one.id not in listed
    ]
    rows += [
        ComputedRow(one.name, STANDING_WORDS["staged"], one.id, "warning")
        for one in state.project.of(NetworkPolicy)
        if is_staged(one) and one.namespace == pod.namespace and selector_matches(one.spec.podSelector, pod.labels)
    ]
    labels = state.policies.namespace_labels(pod.namespace)
    for one in state.policies.unread:
        if any(one.concerns(way, pod, labels, bool(found)) for way in DIRECTIONS):
            rows.append(ComputedRow(one.text, "may decide too; it cannot be evaluated", one.id, "warning"))
    return rows


def _pod_row(pod: PodState, *, node: bool = True) -> ComputedRow:
    words = [
        ", ".join(pod.ips) or "no address",
        pod.node or "no Node" if node else "",
        "" if pod.ready else "not ready",
    ]
    mood = "" if pod.ready and pod.node else "warning"
    return ComputedRow(pod.name, " · ".join(word for word in words if word), pod.id, mood)


def _workload(state: ClusterState, oid: str) -> Sections:
    pods = [pod for pod in state.control.pods.values() if pod.owner == oid]
    services: dict[str, ComputedRow] = {}
    policies: dict[str, ComputedRow] = {}
    for pod in pods[:1]:
        services |= {row.oid: row for row in _services_of(state, pod)}
        policies |= {row.oid: row for row in _policies_of(state, pod)}
    return [
        ("Pods", [_pod_row(pod) for pod in pods]),
        ("Behind Services", list(services.values())),
        ("Policies that select its Pods", list(policies.values())),
    ]


def _node(state: ClusterState, oid: str) -> Sections:
    node = state.control.nodes.get(short_name(oid))
    if node is None:
        return []
    addresses = [ComputedRow(a, "Node address") for a in node.addresses]
    addresses += [ComputedRow(a, "tunnel device") for a in node.tunnel_ips]
    addresses += [ComputedRow(a, "Pod bridge") for a in node.bridge_ips]
    ranges = [ComputedRow(cidr, "podCIDR") for cidr in node.pod_cidrs]
    ranges += [ComputedRow(cidr, "Calico block") for cidr in node.blocks]
    conditions = [ComputedRow("Ready" if node.ready else "Not ready", "", "", "" if node.ready else "warning")]
    conditions += [ComputedRow(f"zone {node.zone}")] if node.zone else []
    pods = [_pod_row(pod, node=False) for pod in state.control.pods_on(node.name)]
    return [
        ("Addresses", addresses),
        ("Ranges", ranges),
        ("Conditions", conditions),
        (f"Pods on it: {len(pods)}", pods),
    ]


def _policy(state: ClusterState, oid: str) -> Sections:
    policy = state.project.find(NetworkPolicy, oid)
    compiled = next((found for found in state.policies.all() if found.id == oid), None)
    if policy is None:
        return []
    staged = is_staged(policy)
    if staged:
        compiled, _ = compile_policy(state.project, policy)
    if compiled is None:
        return [
            ("Computed", [ComputedRow("not in the cluster", "the API server refuses it, see Problems", "", "error")])
        ]
    ways = [way for way in DIRECTIONS if compiled.rules(way) is not None]
    isolation = [ComputedRow(way, count_text(len(compiled.rules(way) or ()), "rule")) for way in ways]
    engine = state.policies.enforcement
    if staged:
        isolation.append(ComputedRow(STANDING_WORDS["staged"], STAGED_WORDS, "", "warning"))
    elif not (engine.ingress and engine.egress):
        isolation.append(ComputedRow("not enforced", engine.reason or f"by {engine.engine}", "", "warning"))
    pods = [
        _pod_row(pod)
        for pod in state.control.pods.values()
        if pod.namespace == policy.namespace and selector_matches(policy.spec.podSelector, pod.labels)
    ]
    nobody = ComputedRow("none", "the policy has no effect", "", "warning")
    return [("Isolates", isolation), (f"Selects {count_text(len(pods), 'Pod')}", pods or [nobody])]


def _kept(state: ClusterState, oid: str) -> Sections:
    """An object of Gateway API, or a policy of another kind: where it stands, whom it selects. Others do nothing."""
    if is_gateway_object(oid):
        return gateway_sections(state, oid)
    policy = kept_policy(state, oid)
    if policy is None:
        return [("Computed", [ComputedRow("kept as it is", "the program does not work with this kind")])]
    mood = "" if policy.standing == "enforced" else "error" if policy.standing == "refused" else "warning"
    standing = STANDING_WORDS.get(policy.standing, f"enforced for {' and '.join(policy.directions)}")
    said = policy.why or (STAGED_WORDS if policy.standing == "staged" else policy.about)
    rows = [ComputedRow(standing, said, "", mood)]
    if policy.standing not in ("enforced", "not-enforced", "staged"):
        return [("Computed", rows)]
    if policy.standing != "enforced" and policy.parts:
        rows.append(ComputedRow("when enforced", " · ".join((" + ".join(policy.directions), policy.about)).strip(" ·")))
    pods = [_pod_row(pod) for pod in pods_of_parts(state, policy.parts)]
    if not policy.parts and policy.standing != "enforced":
        return [("Computed", rows)]
    verb = "Selects" if policy.standing == "enforced" else "Would select"
    nobody = ComputedRow("none", "the policy has no effect", "", "warning")
    return [("Computed", rows), (f"{verb} {count_text(len(pods), 'Pod')}", pods or [nobody])]


def _ingress(state: ClusterState, oid: str) -> Sections:
    served = [ComputedRow(short_name(c), "serves it", c) for c in state.routes.serving(oid)]
    served += [
        ComputedRow("nobody", lost.reason, "", "warning") for lost in state.routes.unserved if lost.ingress == oid
    ]
    entries: dict[str, ComputedRow] = {}
    for controller in state.routes.serving(oid):
        for entry in state.routes.controllers[controller].entries:
            if entry.ingress == oid:
                where = f"{entry.host or '*'}{entry.path or '/'}"
                to = entry.backend.missing or f"{short_name(entry.backend.service)}:{entry.backend.port_text}"
                mood = "error" if entry.backend.missing else "warning" if entry.doubt else ""
                rest = f"→ {to}" + (f" ({entry.doubt})" if entry.doubt else "")
                entries.setdefault(entry.field, ComputedRow(where, rest, entry.backend.service, mood))
    return [("Served by", served), ("Leads to", list(entries.values()))]


def _controller(state: ClusterState, oid: str) -> Sections:
    controller = state.project.get(oid)
    spec = getattr(controller, "spec", None)
    service = state.control.services.get(spec.service or "") if spec else None
    pods = [_pod_row(pod) for pod in state.control.pods.values() if spec and spec.workload in (pod.owner, pod.id)]
    routes = state.routes.controllers.get(oid)
    served = [ComputedRow(object_text(ingress), "", ingress) for ingress in (routes.ingresses if routes else ())]
    return [
        ("Reached at", _service_addresses(service) if service else []),
        ("Pods", pods),
        (f"Serves {count_text(len(served), 'Ingress', 'Ingresses')}", served),
    ]


def _namespace(state: ClusterState, oid: str) -> Sections:
    name = short_name(oid)
    labels = state.control.namespaces.get(name, EMPTY_MAP)
    counts: dict[str, int] = {}
    for kind in sorted(state.project.objects):
        for obj in state.project.objects[kind].values():
            if obj.NAMESPACED and obj.namespace == name and not isinstance(obj, Namespace):
                counts[kind] = counts.get(kind, 0) + 1
    pods = sum(pod.namespace == name for pod in state.control.pods.values())
    holds = [ComputedRow(str(count), kind) for kind, count in counts.items()]
    return [
        ("Labels in force", [ComputedRow(f"{key}={value}") for key, value in labels.items()]),
        ("Holds", [ComputedRow(str(pods), "Pods that exist"), *holds]),
    ]


def _zone(state: ClusterState, oid: str) -> Sections:
    nodes = [node for node in state.control.nodes.values() if node.zone == short_name(oid)]
    rows = [
        ComputedRow(node.name, count_text(len(state.control.pods_on(node.name)), "Pod"), f"Node:{node.name}")
        for node in nodes
    ]
    return [(f"Nodes in it: {len(rows)}", rows)]


def _slice(state: ClusterState, oid: str) -> Sections:
    _, namespace, name = split_id(oid)
    found = [
        s for slices in state.control.slices.values() for s in slices if (s.namespace, s.name) == (namespace, name)
    ]
    services = [ComputedRow(object_text(part.service_id), part.origin, part.service_id) for part in found]
    return [("Of Service", services), ("Endpoints", _endpoints(found) if found else [])]


def _nothing(state: ClusterState, oid: str) -> Sections:
    return []


MAKERS: dict[str, Callable[[ClusterState, str], Sections]] = {
    "Service": _service,
    "Pod": _pod,
    "Node": _node,
    "NetworkPolicy": _policy,
    "Ingress": _ingress,
    "IngressController": _controller,
    "Namespace": _namespace,
    "Zone": _zone,
    "EndpointSlice": _slice,
    "IngressClass": _nothing,
    "ServiceCIDR": _nothing,
    "ExternalClient": _nothing,
    "ExternalHost": _nothing,
}


__all__ = ["ComputedRow", "ComputedSection", "computed"]
