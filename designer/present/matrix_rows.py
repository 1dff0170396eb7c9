"""Who can reach whom, prepared for a grid: peers by namespace, a word and a text for each cell, the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import Connectivity, MatrixPeer
from designer.engine.policy.ports import ALL_PORTS, PortSet

CellValue = Literal["all", "some", "none", "same"]
CELL_WORDS: dict[CellValue, str] = {
    "all": "every port is open",
    "some": "some ports are open",
    "none": "no port is open",
    "same": "not asked",
}

EVERYWHERE = "0.0.0.0-255.255.255.255"


@dataclass(frozen=True, slots=True)
class GridPeer:
    """One row and column: the short name, its namespace ("" for an address range), and the engine's own peer."""

    name: str
    namespace: str
    peer: MatrixPeer

    @property
    def text(self) -> str:
        """``shop/cart`` or the range."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a policy checkpoint says of a connection: a whole sentence and the policies that have a say there."""

    title: str
    sentence: str
    policies: tuple[str, ...]


def grid_peers(result: Connectivity) -> tuple[GridPeer, ...]:
    """The peers of a matrix, workloads by namespace and name, address ranges last."""
    peers = []
    for peer in result.peers:
        if peer.is_range:
            name = "anywhere" if peer.text == EVERYWHERE else peer.text
            peers.append(GridPeer(name, "", peer))
        else:
            namespace, _, named = peer.text.partition("/")
            name, _, rest = named.partition("[")
            suffix = rest.partition("{")[2]
            peers.append(GridPeer(f"{name} {{{suffix}" if suffix else name, namespace, peer))
    # Sorting is stable: the ranges stay in the order of their addresses.
    return tuple(sorted(peers, key=lambda p: (True, "", "") if p.peer.is_range else (False, p.namespace, p.name)))


def cell(result: Connectivity, src: GridPeer, dst: GridPeer) -> tuple[CellValue, PortSet | None]:
    """What stands in a cell and its ports; the diagonal and range to range are not asked."""
    if src is dst or (src.peer.is_range and dst.peer.is_range):
        return "same", None
    ports = result.ports(src.peer, dst.peer)
    return ("all" if ports == ALL_PORTS else "some" if ports else "none"), ports


def pod_of(state: ClusterState, peer: GridPeer) -> PodState | None:
    """A Pod that stands for a peer: a ready one on a Node before others; None for ranges and workloads without Pods."""
    found = [pod for pod in state.control.pods.values() if peer.peer.id in (pod.owner, pod.id)]
    return min(found, key=lambda pod: (pod.node is None, not pod.ready, pod.id), default=None)


def likely_port(state: ClusterState, dst: GridPeer, ports: PortSet | None) -> tuple[str, int] | None:
    """The port to try: one that the destination's containers declare, best one that is open; else the first open one.

    None when nothing is declared and nothing, or everything, is open.
    """
    pod = pod_of(state, dst)
    declared = [
        (port.protocol, port.containerPort) for box in (pod.spec.containers if pod else ()) for port in box.ports
    ]
    opened = [pair for pair in declared if ports and pair in ports]
    if opened or declared:
        return (opened or declared)[0]
    if ports and ports != ALL_PORTS:
        protocol, low, _high = next(iter(ports))
        return (protocol, low)
    return None


def evidence(state: ClusterState, src: GridPeer, dst: GridPeer, protocol: str, port: int) -> tuple[Evidence, ...]:
    """What the policies of both ends say about one port: egress at the source, ingress at the destination."""
    source, target = pod_of(state, src), pod_of(state, dst)
    found = []
    for title, direction, subject, other, peer in (
        ("Egress of the source", "egress", source, target, dst),
        ("Ingress of the destination", "ingress", target, source, src),
    ):
        if subject is None:
            continue
        address = other.ips[0] if other is not None and other.ips else _first_address(peer)
        if not address:
            continue
        policies = state.policies
        verdict = policies.check(direction, subject, policies.peer_at(address), protocol, port)  # type: ignore[arg-type]
        ids = tuple(policy.id for policy in policies.selecting(direction, subject))  # type: ignore[arg-type]
        found.append(Evidence(title, verdict.text(), ids))
    return tuple(found)


def _first_address(peer: GridPeer) -> str:
    """An address of a range to ask with: its first, a documentation address (RFC 5737) where it begins at 0.0.0.0."""
    if not peer.peer.is_range:
        return ""
    first, _, last = peer.peer.text.partition("-")
    if first == "0.0.0.0":
        return "203.0.113.7" if peer.peer.text == EVERYWHERE else last
    return first


def trace_request(src: GridPeer, dst: GridPeer, port: tuple[str, int] | None) -> tuple[str, str] | None:
    """Source and destination of a request that tries a cell; None where it leads to an address range."""
    if dst.peer.is_range:
        return None
    source = src.peer.id or _first_address(src)
    if not source:
        return None
    protocol, number = port or ("TCP", 80)
    suffix = "" if protocol == "TCP" else f"/{protocol.lower()}"
    return source, f"{dst.peer.id}:{number}{suffix}"
