"""Services: `domain/pitfalls.md`, "Services and endpoints"; SVC-26 and SVC-27 come from allocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from designer.edits.servicerules import version_of
from designer.engine.checks.survey import Survey, count, label_text, short, shown
from designer.engine.controlplane.state import PodState, ServicePortState, ServiceState
from designer.engine.kubeproxy.local_drops import local_drops
from designer.engine.policy.ports import named_ports
from designer.model import (
    EMPTY_MAP,
    ContainerPort,
    LabelSelector,
    Problem,
    StatefulSet,
    labels_match,
    replaces_kube_proxy,
)
from designer.model.problem import Severity

# What nft takes of a comment, in bytes; names of Services have no others than ASCII characters.
LONGEST_COMMENT = 128


def selector_matches_nothing(s: Survey) -> Iterator[Problem]:
    """SVC-01: a selector that no Pod and no template has."""
    for oid, pods in s.selected.items():
        service = s.control.services[oid]
        wanted: Mapping[str, str] = service.selector or {}
        if pods or any(labels_match(wanted, labels) for labels in s.label_sets(service.namespace)):
            continue
        total = len(s.pods_by_namespace.get(service.namespace, ()))
        selector = LabelSelector(matchLabels=service.selector or EMPTY_MAP)
        elsewhere = [name for name in s.namespaces_for(selector) if name != service.namespace]
        nearest = s.nearest(wanted, service.namespace)
        if elsewhere:
            fix = f"Pods with these labels are in namespace {shown(elsewhere)}: move the Service there."
        elif nearest:
            fix = f"Nearest labels in the namespace: {nearest}. Change the selector from {label_text(wanted)} to them."
        else:
            fix = f"Give Pods the labels {label_text(wanted)}, or change the selector."
        title = f"{short(oid)}: selector {label_text(wanted)} matches 0 of {count(total, 'Pod')}"
        why = "A Service leads only to Pods of its own namespace that have all labels of its selector."
        yield s.problem("SVC-01", "error", oid, "spec.selector", title, why, fix)


def nothing_ready(s: Survey) -> Iterator[Problem]:
    """SVC-02: Pods match, none is ready."""
    for service, pods in s.services:
        if service.publish_not_ready or any(_ready(pod) for pod in pods):
            continue
        waiting = next((pod.pending for pod in pods if pod.pending), "")
        title = f"{short(service.id)}: 0 of {count(len(pods), 'Pod')} ready"
        why = "Only ready Pods get traffic; a Service without any answers nothing."
        fix = f"Make the Pods start: {waiting}" if waiting else "See why their readiness probes fail."
        yield s.problem("SVC-02", "error", service.id, "spec.selector", title, why, fix)


def target_port_unknown(s: Survey) -> Iterator[Problem]:
    """SVC-03 and SVC-07: a numeric targetPort that no Pod declares, or declares for another protocol."""
    for service, pods in s.services:
        declared = [port for pod in pods for port in _ports(pod)]
        for index, port in enumerate(service.ports):
            if not declared or not isinstance(port.target_port, int):
                continue
            same = [p for p in declared if p.containerPort == port.target_port]
            if any(p.protocol == port.protocol for p in same):
                continue
            yield _port_problem(s, service, index, port, declared, same)


def _port_problem(
    s: Survey,
    service: ServiceState,
    index: int,
    port: ServicePortState,
    declared: list[ContainerPort],
    same: list[ContainerPort],
) -> Problem:
    field = f"spec.ports[{index}].targetPort"
    if same:
        theirs = f"its Pods declare {port.target_port} as {same[0].protocol}"
        title = f"{short(service.id)}: port {port.port} is {port.protocol}, {theirs}"
        why = "Protocols are told apart: a TCP Service port never reaches a UDP listener."
        fix = f"Set spec.ports[{index}].protocol to {same[0].protocol}."
        return s.problem("SVC-07", "warning", service.id, f"spec.ports[{index}].protocol", title, why, fix)
    known = shown(dict.fromkeys(f"{p.containerPort}/{p.protocol}" for p in declared))
    title = f"{short(service.id)}: targetPort {port.target_port}/{port.protocol} is declared by none of its Pods"
    why = "The Service sends to this port whether or not a container declares it; if nobody listens, the Pod refuses."
    return s.problem("SVC-03", "warning", service.id, field, title, why, f"The Pods declare {known}: use one of these.")


def target_name_unknown(s: Survey) -> Iterator[Problem]:
    """SVC-04: a named targetPort that some or all Pods lack."""
    for service, pods in s.services:
        for index, port in enumerate(service.ports):
            name = port.target_port
            if not isinstance(name, str):
                continue
            lacking = [pod for pod in pods if not named_ports(pod.spec, name, port.protocol)]
            if not lacking:
                continue
            other = next((p for pod in lacking for p in _ports(pod) if p.name == name), None)
            how = (
                "none of its Pods has" if len(lacking) == len(pods) else f"{len(lacking)} of its {len(pods)} Pods lack"
            )
            title = f"{short(service.id)}: {how} a {port.protocol} port named '{name}'"
            why = "A named targetPort is looked up on each Pod by name and protocol; a Pod without it gets no traffic."
            names = shown(dict.fromkeys(f"{p.name}/{p.protocol}" for pod in lacking for p in _ports(pod) if p.name))
            fix = f"Its Pods have {names}." if names else f"Name a container port '{name}'."
            if other is not None:
                fix = f"The Pods have '{name}' as {other.protocol}: make both protocols equal."
            severity = "error" if len(lacking) == len(pods) else "warning"
            yield s.problem("SVC-04", severity, service.id, f"spec.ports[{index}].targetPort", title, why, fix)  # type: ignore[arg-type]


def external_local(s: Survey) -> Iterator[Problem]:
    """SVC-12 and SVC-13: externalTrafficPolicy Local with Nodes that have no endpoint, or uneven shares.

    SVC-12 is a warning: whether the load balancer asks healthCheckNodePort and so avoids these Nodes is not known.
    """
    for service, pods in s.services:
        if service.external_policy != "Local" or service.type not in ("NodePort", "LoadBalancer"):
            continue
        local = Counter(pod.node for pod in pods if _ready(pod) and pod.node)
        if not local:
            continue
        drops = [drop for drop in local_drops(s.control, s.project.cluster, service.id) if drop.traffic == "external"]
        bare = [name for name, node in s.control.nodes.items() if node.ready and any(name in d.nodes for d in drops)]
        field = "spec.externalTrafficPolicy"
        if bare:
            verb = {"lost": "lose", "rejected": "refuse"}.get(drops[0].outcome, "drop")
            title = f"{short(service.id)}: {shown(bare)} would {verb} its external traffic"
            why = "With externalTrafficPolicy Local a Node serves external requests from its own Pods only."
            if drops[0].outcome == "lost":
                why = "In ipvs mode such a Node asks Pods of other Nodes, whose replies bypass it and are thrown away."
            fix = f"Keep traffic off {shown(bare)} (health check on healthCheckNodePort), or use Cluster."
            yield s.problem("SVC-12", "warning", service.id, field, title, why, fix)
        most, least = max(local.values()), min(local.values())
        if most > 2 * least:
            title = f"{short(service.id)}: with Local, some Pods get {most / least:g} times the traffic of others"
            why = "External traffic is spread over Nodes, then over the Pods of that Node."
            fix = f"Spread the Pods evenly (now {least} to {most} on a Node), or use Cluster."
            yield s.problem("SVC-13", "warning", service.id, field, title, why, fix)


def internal_local(s: Survey) -> Iterator[Problem]:
    """SVC-14: internalTrafficPolicy Local and clients on Nodes without endpoint."""
    for service, pods in s.services:
        if service.internal_policy != "Local" or service.headless:
            continue
        drops = [drop for drop in local_drops(s.control, s.project.cluster, service.id) if drop.traffic == "internal"]
        own = {pod.key for pod in pods}
        others = (pod for pod in s.pods if pod.key not in own and not s.is_assumed(pod.owner or pod.id))
        bare = sorted({pod.node for pod in others if pod.node is not None and any(pod.node in d.nodes for d in drops)})
        if bare:
            title = f"{short(service.id)}: clients on {shown(bare)} cannot reach it"
            does = "refuses the connections" if drops[0].outcome == "rejected" else "drops the packets"
            why = f"With internalTrafficPolicy Local a Node without a ready endpoint {does}."
            fix = "Run one of its Pods on every Node (a DaemonSet), or use Cluster."
            yield s.problem("SVC-14", "error", service.id, "spec.internalTrafficPolicy", title, why, fix)


def exposed_on_one_pod(s: Survey) -> Iterator[Problem]:
    """SVC-18: a single Pod behind a load balancer or an Ingress."""
    routed = {e.backend.service for routes in s.state.routes.controllers.values() for e in routes.entries}
    for service, pods in s.services:
        if len(pods) == 1 and (service.type == "LoadBalancer" or service.id in routed):
            title = f"{short(service.id)}: one Pod serves traffic from outside"
            why = "While this Pod restarts or moves, nothing answers."
            fix = f"Give {short(pods[0].owner or pods[0].id)} at least 2 replicas."
            yield s.problem("SVC-18", "warning", service.id, "spec.selector", title, why, fix)


def all_on_one_node(s: Survey) -> Iterator[Problem]:
    """SVC-19: several Pods, all on the same Node, though there are others."""
    if sum(node.ready for node in s.control.nodes.values()) < 2:
        return
    for service, pods in s.services:
        nodes = {pod.node for pod in pods}
        if len(pods) > 1 and len(nodes) == 1 and None not in nodes:
            title = f"{short(service.id)}: all its {len(pods)} Pods run on {pods[0].node}"
            why = "The Service is gone when this Node is."
            fix = "Add a topologySpreadConstraint or pod anti-affinity over kubernetes.io/hostname."
            yield s.problem("SVC-19", "warning", service.id, "spec.selector", title, why, fix)


def ranges_and_node_port(s: Survey) -> Iterator[Problem]:
    """SVC-20: loadBalancerSourceRanges do not protect the NodePort."""
    for oid, service in s.control.services.items():
        open_ports = [port.node_port for port in service.ports if port.node_port]
        if service.source_ranges and open_ports:
            title = f"{short(oid)}: NodePort {open_ports[0]} is open to everybody, in spite of loadBalancerSourceRanges"
            why = "The ranges are checked on the load balancer's address only."
            fix = "Set allocateLoadBalancerNodePorts: false and remove nodePort, if the load balancer needs none; "
            fix += "or block the port in front of the Nodes."
            yield s.problem("SVC-20", "warning", oid, "spec.loadBalancerSourceRanges", title, why, fix)


def load_balancer_pending(s: Survey) -> Iterator[Problem]:
    """SVC-22: a load balancer without address."""
    for oid, service in s.control.services.items():
        if service.type == "LoadBalancer" and not service.load_balancer:
            title = f"{short(oid)}: EXTERNAL-IP stays <pending>"
            why = service.pending or "No load balancer controller hands out an address."
            fix = "Add an address pool in the cluster settings, or correct loadBalancerClass."
            yield s.problem("SVC-22", "error", oid, "spec.type", title, why, fix)


def external_ips(s: Survey) -> Iterator[Problem]:
    """SVC-24: externalIPs are used, and do something: a headless Service and one of type ExternalName ignore them."""
    for oid, service in s.control.services.items():
        if service.external_ips and not service.headless and service.type != "ExternalName":
            title = f"{short(oid)}: uses externalIPs"
            why = "Anybody who may edit Services can catch traffic for these addresses."
            if version_of(s.project.cluster) >= (1, 36):
                why += " Kubernetes warns: spec.externalIPs is deprecated and may no longer be implemented in some "
                why += "clusters (KEP-5707)."
            fix = "Use a Service of type LoadBalancer."
            yield s.problem("SVC-24", "warning", oid, "spec.externalIPs", title, why, fix)


_MULTIPLEXED = ("grpc", "h2c", "http2", "kubernetes.io/h2c")


def multiplexed_protocol(s: Survey) -> Iterator[Problem]:
    """SVC-30: gRPC or HTTP/2 through a ClusterIP with several Pods."""
    for service, pods in s.services:
        if service.headless or len(pods) < 2:
            continue
        for index, port in enumerate(service.ports):
            named = port.name.lower().startswith(("grpc", "http2", "h2c"))
            if named or (port.app_protocol or "").lower() in _MULTIPLEXED:
                what = port.app_protocol or port.name
                title = f"{short(service.id)}: port {port.port} ({what}) keeps each client on one Pod"
                why = "A Service balances connections, and HTTP/2 sends all requests over one."
                fix = "Balance in the client over a headless Service, or through a proxy that knows HTTP/2."
                yield s.problem("SVC-30", "warning", service.id, f"spec.ports[{index}]", title, why, fix)


def headless(s: Survey) -> Iterator[Problem]:
    """SVC-08 and SVC-31: what a headless Service does not do: translate ports, balance load."""
    for service, pods in s.services:
        if not service.headless:
            continue
        for index, port in enumerate(service.ports):
            if isinstance(port.target_port, int) and port.target_port != port.port:
                title = f"{short(service.id)}: headless, so port {port.port} is not translated to {port.target_port}"
                why = "Clients get Pod addresses from DNS and connect to them directly."
                fix = f"Use {port.target_port} as port too, and in the clients."
                yield s.problem("SVC-08", "warning", service.id, f"spec.ports[{index}].port", title, why, fix)
        governed = any(isinstance(s.project.get(pod.owner or ""), StatefulSet) for pod in pods)
        if len(pods) > 1 and not governed:
            title = f"{short(service.id)}: headless, so nothing but DNS spreads its clients"
            why = "A client keeps the address that it resolved; many cache it for long."
            fix = "Remove clusterIP: None if the load shall be balanced."
            yield s.problem("SVC-31", "info", service.id, "spec.clusterIP", title, why, fix)


def old_proxy_mode(s: Survey) -> Iterator[Problem]:
    """SVC-32: kube-proxy in ipvs mode."""
    if s.project.cluster.kubeProxy.mode == "ipvs" and not replaces_kube_proxy(s.project.cluster):
        title = "kube-proxy runs in ipvs mode, which is going away"
        why = "ipvs mode is deprecated since 1.35 and planned to be gone by 1.43."
        yield s.problem("SVC-32", "info", "", "kubeProxy.mode", title, why, "Plan to move to nftables mode.")


def too_long_for_a_comment(s: Survey) -> Iterator[Problem]:
    """SVC-33: a Service port whose name is longer than a comment of nft, in nftables mode.

    kube-proxy 1.36 writes ``ns/name:port`` uncut as comment wherever the port finds no endpoint; nft then refuses the
    whole transaction (kubernetes/kubernetes#139515, mended in 1.37).
    """
    if s.project.cluster.kubeProxy.mode != "nftables" or replaces_kube_proxy(s.project.cluster):
        return
    for service in s.control.services.values():
        if service.headless or service.type == "ExternalName":
            continue
        name = f"{service.namespace}/{service.name}"
        slices = s.control.slices.get(service.id, ())
        found = any(endpoint.ready for piece in slices for endpoint in piece.endpoints)
        for index, port in enumerate(service.ports):
            length = len(f"{name}:{port.name}" if port.name else name)
            if length > LONGEST_COMMENT:
                title = f"{short(service.id)}: {length} characters with the port's name are too many for nftables mode"
                when = "As soon as it has no endpoint, kube-proxy" if found else "It has no endpoint, so kube-proxy"
                why = (
                    f"{when} 1.36 writes the name as a comment; nft takes {LONGEST_COMMENT} characters and refuses all "
                    "rules of the Node: no Service is reached any more."
                )
                fix = "Shorten the name of the Service or of its port, or use kube-proxy 1.37 or later."
                severity: Severity = "warning" if found else "error"
                yield s.problem("SVC-33", severity, service.id, f"spec.ports[{index}].name", title, why, fix)


def _ready(pod: PodState) -> bool:
    return pod.ready and not pod.terminating and pod.node is not None and bool(pod.ips)


def _ports(pod: PodState) -> list[ContainerPort]:
    sidecars = tuple(c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    return [port for container in (*pod.spec.containers, *sidecars) for port in container.ports]
