"""The request that tries a cell of the matrix: which Pod asks which, and on which port."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.present.matrix_axis import EVERYWHERE, AxisNode
from designer.present.matrix_table import MatrixTable


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that tries a cell: source and destination as in a request, and the port."""

    source: str
    destination: str
    protocol: str
    port: int


def asked_of(table: MatrixTable, src: AxisNode, dst: AxisNode) -> Asked | None:
    """The request that tries a cell, None where none can: groups, ranges as destinations, the Ingress controller."""
    if src.entry < 0 or dst.entry < 0 or table.is_same(src, dst):
        return None
    source, target = table.end(src), table.end(dst)
    if source is None or target is None:
        return None
    port = likely_port(target, table.ports(src, dst), table.wanted)
    request = trace_request(source, target, port, (src.pod.id if src.pod else "", dst.pod.id if dst.pod else ""))
    return None if request is None else Asked(*request, *(port or ("TCP", 80)))


def declared_ports(peer: MatrixPeer) -> tuple[tuple[str, int], ...]:
    """The ports that a workload's containers declare, as (protocol, number)."""
    boxes = (box for pod in peer.pods[:1] for box in pod.spec.containers)
    return tuple((port.protocol, port.containerPort) for box in boxes for port in box.ports)


def likely_port(dst: MatrixPeer, ports: PortSet, wanted: PortSet = ALL_PORTS) -> tuple[str, int] | None:
    """The port to try: one that the destination's containers declare, best one that is open; else the first open one.

    None when nothing is declared and nothing, or everything, is open. Where a person looks for `wanted` ports, only
    those count.
    """
    declared = [pair for pair in declared_ports(dst) if pair in wanted]
    opened = [pair for pair in declared if pair in ports]
    if opened or declared:
        return (opened or declared)[0]
    for some in (ports & wanted, wanted):
        if some and some != ALL_PORTS:
            protocol, low, _high = next(iter(some))
            return protocol, low
    return None


def first_address(peer: MatrixPeer) -> str:
    """An address of a range to ask with: its first, a documentation address (RFC 5737) where it begins at 0.0.0.0."""
    if not peer.is_range:
        return ""
    first, _, last = peer.text.partition("-")
    if first == "0.0.0.0":
        return "203.0.113.7" if peer.text == EVERYWHERE else last
    return first


def trace_request(
    src: MatrixPeer, dst: MatrixPeer, port: tuple[str, int] | None, pods: tuple[str, str] = ("", "")
) -> tuple[str, str] | None:
    """Source and destination of a request that tries a cell; None where it leads to an address range.

    `pods` are the ids of single Pods, where the cell is about those.
    """
    if dst.is_range:
        return None
    source = pods[0] or src.id or first_address(src)
    if not source:
        return None
    protocol, number = port or ("TCP", 80)
    suffix = "" if protocol == "TCP" else f"/{protocol.lower()}"
    return source, f"{pods[1] or dst.id}:{number}{suffix}"
