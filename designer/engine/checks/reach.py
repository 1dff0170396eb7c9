"""NetworkPolicies in effect: flows that clusters need (DNS, Ingress controllers, outside clients) and policies stop.

`domain/pitfalls.md`, "Network policies" and "Cross-checks worth running on every model".
"""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.names import DNS_SERVICE
from designer.engine.checks.policies import for_nodes
from designer.engine.checks.survey import Survey, short
from designer.engine.controlplane.cachefinding import answers_at
from designer.engine.controlplane.resolvconf import cluster_dns
from designer.engine.controlplane.state import PodState
from designer.engine.l7 import ControllerRoutes
from designer.engine.policy import Peer
from designer.engine.policy.matchers import BlockMatch, PodMatch, parse_address
from designer.engine.policy.ports import named_ports
from designer.engine.policy.validate import parse_cidr
from designer.model import IngressController, Problem, selector_matches

CLUSTER_DNS_POLICIES = (None, "ClusterFirst", "ClusterFirstWithHostNet")


def dns_blocked(s: Survey) -> Iterator[Problem]:
    """NP-03 and NP-04: Pods that cannot ask the cluster's DNS, over UDP or TCP."""
    servers = _dns_pods(s)
    if not servers:
        return
    told: set[tuple[str, ...]] = set()
    asked: set[tuple[object, ...]] = set()
    homes = {server.node for server, _ in servers}
    for pod in s.pods:
        cached = _cached_at(s, pod)
        key = (pod.namespace, pod.labels, pod.node in homes, cached)
        if pod.host_network or pod.spec.dnsPolicy not in CLUSTER_DNS_POLICIES or key in asked:
            continue
        asked.add(key)
        isolating = tuple(policy.id for policy in s.state.policies.selecting("egress", pod))
        if not isolating or isolating in told:
            continue
        if cached:
            yield from _cache_blocked(s, pod, cached, isolating, told)
            continue
        udp, tcp = (all(_denied(s, pod, server, p, port) for server, port in servers) for p in ("UDP", "TCP"))
        if not udp and not tcp:
            continue
        told.add(isolating)
        who = short(pod.owner or pod.id)
        names = " and ".join(oid.partition(":")[2] for oid in isolating)
        fix = "Allow egress to namespace kube-system, k8s-app=kube-dns, port 53 with protocol UDP and with TCP."
        if udp and tcp:
            title = f"{who}: egress to DNS is denied by {names}"
            yield s.problem("NP-03", "error", isolating[0], "spec.egress", title, "No name resolves any more.", fix)
        elif udp:
            title = f"{who}: {names} allow DNS over TCP only"
            why = "A port without protocol means TCP, and DNS asks over UDP first."
            yield s.problem("NP-04", "error", isolating[0], "spec.egress", title, why, fix)
        else:
            title = f"{who}: {names} allow DNS over UDP only"
            why = "Long answers are truncated and asked for again over TCP."
            yield s.problem("NP-03", "warning", isolating[0], "spec.egress", title, why, fix)


def _cached_at(s: Survey, pod: PodState) -> str:
    """The address under which the Pod asks NodeLocal DNSCache on its own Node, "" where it asks the DNS Pods."""
    server = next(iter(cluster_dns(s.control)), "")
    service = s.control.services.get(DNS_SERVICE)
    vips = service.cluster_ips if service is not None else ()
    found = answers_at(s.control.cache, s.project.cluster, pod.node or "", server, vips)
    return server if found == "yes" else ""


def _cache_blocked(
    s: Survey, pod: PodState, server: str, isolating: tuple[str, ...], told: set[tuple[str, ...]]
) -> Iterator[Problem]:
    """NP-03 as a warning: whether such a denial holds at the Node itself, the order of rules there decides."""
    peer = Peer.of_node(pod.node or "", server)
    said = [s.state.policies.check("egress", pod, peer, protocol, 53).value for protocol in ("UDP", "TCP")]
    if all(value in ("allowed", "not-applicable") for value in said):
        return
    told.add(isolating)
    names = " and ".join(oid.partition(":")[2] for oid in isolating)
    title = f"{short(pod.owner or pod.id)}: {names} do not allow port 53 to {server}, which NodeLocal DNSCache has"
    why = "The query goes to the Pod's own Node and not to the DNS Pods: names may not resolve any more."
    fix = f"Allow egress to ipBlock {server}/32, port 53 with protocol UDP and with TCP."
    yield s.problem("NP-03", "warning", isolating[0], "spec.egress", title, why, fix)


def _dns_pods(s: Survey) -> list[tuple[PodState, int]]:
    """The DNS server Pods and the port on which they listen."""
    service = s.control.services.get(DNS_SERVICE)
    if service is None:
        return []
    found = []
    for pod in s.selected.get(DNS_SERVICE, ()):
        for port in service.ports:
            if port.port == 53 and port.protocol == "UDP":
                name = port.target_port
                numbers = (name,) if isinstance(name, int) else named_ports(pod.spec, name, "UDP")
                found += [(pod, number) for number in numbers[:1]]
    return found


def _denied(s: Survey, pod: PodState, server: PodState, protocol: str, port: int) -> bool:
    return s.state.policies.check("egress", pod, Peer.of_pod(server), protocol, port).value == "denied"


def controller_blocked(s: Survey) -> Iterator[Problem]:
    """NP-16 and NP-17: backends that do not let their Ingress controller in."""
    for routes in s.state.routes.controllers.values():
        controller = s.project.find(IngressController, routes.id)
        workload = controller.spec.workload if controller else None
        gates = [pod for pod in s.pods if workload is not None and (pod.owner or pod.id) == workload]
        if gates:
            yield from _blocked_backends(s, routes, gates)


def _blocked_backends(s: Survey, routes: ControllerRoutes, gates: list[PodState]) -> Iterator[Problem]:
    told: set[tuple[str, int | None]] = set()
    for entry in (*routes.entries, *routes.defaults):
        key = (entry.backend.service, entry.backend.port)
        service = s.control.services.get(key[0])
        if service is None or key[1] is None or key in told:
            continue
        told.add(key)
        for pod in s.selected.get(service.id, ()):
            port = _pod_port(pod, next((p.target_port for p in service.ports if p.port == key[1]), key[1]))
            gate = next((g for g in gates if g.node != pod.node), gates[0])
            verdict = s.state.policies.check("ingress", pod, Peer.of_pod(gate), "TCP", port)
            if verdict.value != "denied":
                continue
            by_label = gate.host_network and _meant_by_label(s, pod, gate)
            code = "NP-17" if by_label else "NP-16"
            title = f"{short(service.id)}: {short(routes.id)} is not let in to its Pods"
            why = verdict.reason
            if by_label:
                why = "On hostNetwork the controller sends with the Node's address, which no selector matches."
            fix = f"Allow namespace {gate.namespace}."
            if gate.host_network:
                fix = for_nodes(s, "fromEntities", "host, remote-node")
            yield s.problem(code, "error", verdict.isolating[0], "spec.ingress", title, why, fix)
            break


def _pod_port(pod: PodState, target: int | str) -> int:
    if isinstance(target, int):
        return target
    return next(iter(named_ports(pod.spec, target, "TCP")), 0)


def _meant_by_label(s: Survey, pod: PodState, gate: PodState) -> bool:
    labels = s.state.policies.namespace_labels(gate.namespace)
    return any(
        isinstance(peer, PodMatch) and peer.selects(gate.namespace, gate.labels, labels)
        for policy in s.state.policies.selecting("ingress", pod)
        for rule in policy.ingress or ()
        for peer in rule.peers
    )


def clients_by_address(s: Survey) -> Iterator[Problem]:
    """NP-07: clients allowed by address, and a Service that hides their addresses."""
    pods = [net for text in s.project.cluster.podCIDRs if (net := parse_cidr(text))]
    nodes = [a for node in s.control.nodes.values() for text in node.addresses if (a := parse_address(text))]
    for policy in s.state.policies.all():
        for rule in policy.ingress or ():
            for number, peer in enumerate(rule.peers):
                if not isinstance(peer, BlockMatch) or any(peer.covers(address) for address in nodes):
                    continue
                if any(peer.network.version == n.version and peer.network.overlaps(n) for n in pods):
                    continue
                service = next(
                    (
                        found
                        for found, its in s.services
                        if found.namespace == policy.namespace
                        and found.external_policy == "Cluster"
                        and found.type in ("NodePort", "LoadBalancer")
                        and any(selector_matches(policy.selector, pod.labels) for pod in its)
                    ),
                    None,
                )
                if service is not None:
                    title = f"{short(policy.id)}: {peer.text} misses clients of {short(service.id)} from other Nodes"
                    why = (
                        "With externalTrafficPolicy Cluster the entry Node replaces the client's address with its own."
                    )
                    fix = f"Set externalTrafficPolicy: Local in {service.name}."
                    path = f"spec.ingress[{rule.index}].from[{number}].ipBlock"
                    yield s.problem("NP-07", "warning", policy.id, path, title, why, fix)
