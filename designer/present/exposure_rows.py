"""What each workload would accept from, or send to, workloads that are not in the input: rows for a table."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.reach import Exposed, Exposure

# Workload, direction, whether policies decide, who, ports in words; and the id of the workload.
ExposureRow = tuple[str, str, str, str, str, str]


def exposed_ports(peer: Exposed) -> str:
    """The ports in words, with the names that only the other Pod resolves: ``TCP 80, its port http/TCP``."""
    names = [f"its port {name}" for name in peer.names]
    if not peer.ports and not names:
        return "nothing"
    return ", ".join([*([peer.ports.text()] if peer.ports else []), *names])


def exposure_rows(found: Iterator[Exposure], ids: dict[str, str]) -> list[ExposureRow]:
    """A row for each kind of stranger and each direction; `ids` gives the object of a workload by its text."""
    rows = []
    for one in found:
        way = "accepts from" if one.direction == "ingress" else "may send to"
        decided = "by policies" if one.protected else "no policy decides"
        for peer in one.peers:
            rows.append((one.workload, way, peer.peer, exposed_ports(peer), decided, ids.get(one.workload, "")))
    return rows
