"""The cluster's DNS: who answers, and whose lookups a change opens or closes.

The matrix lists nobody whom the program assumed, and the DNS of an assumed cluster is such: it is asked here.
"""

from __future__ import annotations

from designer.edits.policies import KUBE_DNS
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import Peer
from designer.engine.policy.ports import NO_PORTS, PROTOCOLS, PortSet
from designer.engine.reach import ChangedLine
from designer.engine.repair.ends import Directory, End, shown

# Of so many workloads lookups are compared; beyond them the matrix alone is.
MOST = 5000


def dns_servers(state: ClusterState) -> list[tuple[PodState, str, int]]:
    """The Pods behind the cluster's DNS Service with the protocols and ports on which they answer."""
    pods = {pod.id: pod for pod in state.control.pods.values()}
    wanted = {p.name: p for p in (state.control.services[KUBE_DNS].ports if KUBE_DNS in state.control.services else ())}
    return [
        (pods[endpoint.pod], port.protocol, port.port)
        for one in state.control.slices.get(KUBE_DNS, ())
        for endpoint in one.endpoints
        for port in one.ports
        if endpoint.pod in pods and port.port is not None and port.name in wanted and wanted[port.name].port == 53
    ]


def names_blocked(state: ClusterState, source: End) -> bool:
    """Whether egress policies keep a source from asking the cluster's DNS over UDP."""
    check = state.policies.check
    return any(
        check("egress", pod, Peer.of_pod(server), protocol, number).passes is False
        for pod in source.pods[:1]
        for server, protocol, number in dns_servers(state)
        if protocol == "UDP"
    )


def lookups_changed(before: ClusterState, after: ClusterState) -> tuple[ChangedLine, ...]:
    """Whose questions to an assumed DNS a change opens or closes, as lines of the matrix."""
    directory = Directory.of(before)
    servers = [one for one in dns_servers(before) if one[0].owner in before.project.cluster.assumed]
    if not servers or len(directory.groups) > MOST:
        return ()
    text = shown(servers[0][0].owner or servers[0][0].id)
    found = []
    for oid, pods in directory.groups.items():
        if oid in before.project.cluster.assumed:
            continue
        old, new = (_open(state, pods[0], servers) for state in (before, after))
        if old != new:
            found.append(ChangedLine(shown(oid), text, old, new))
    return tuple(sorted(found, key=lambda line: line.src))


def _open(state: ClusterState, pod: PodState, servers: list[tuple[PodState, str, int]]) -> PortSet:
    """The DNS ports that a Pod reaches at both ends of the first server."""
    ports = NO_PORTS
    server = servers[0][0]
    for one, protocol, number in servers:
        if one is not server or protocol not in PROTOCOLS:
            continue
        out = state.policies.check("egress", pod, Peer.of_pod(one), protocol, number).passes
        into = state.policies.check("ingress", one, Peer.of_pod(pod), protocol, number).passes
        if out and into:
            ports |= PortSet.of(protocol, number, number)
    return ports
