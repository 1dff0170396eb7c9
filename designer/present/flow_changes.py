"""What a change opens, closes and changes among those who reach each other, as rows and as marks on a picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import PortSet
from designer.engine.reach import INGRESS_CONTROLLER, Reach, ReachChange
from designer.present.matrix_axis import range_name
from designer.present.matrix_evidence import PairEvidence, pair_evidence, way_evidence
from designer.present.words import count_text

What = Literal["opened", "closed", "changed", "unclear"]
# What happened to a flow → its sign: a shape, so that it is never told by colour alone.
SIGNS: dict[What, str] = {"opened": "+", "closed": "−", "changed": "±", "unclear": "?"}
NOTHING_CHANGED = "Nobody can reach more or less than before."


@dataclass(frozen=True, slots=True)
class FlowChange:
    """A pair of workloads or ranges, by the texts of the command line and by the ids of objects ("" for none)."""

    what: What
    src: str
    dst: str
    before: PortSet
    after: PortSet
    src_id: str = ""
    dst_id: str = ""

    @property
    def words(self) -> str:
        """``+ TCP 80``: what came, what went; both sides where ports changed."""
        if self.what == "opened":
            return f"+ {self.after.text()}"
        if self.what == "closed":
            return f"− {self.before.text()}"
        came, went = self.after - self.before, self.before - self.after
        if self.what == "unclear":
            return f"? {(came | went).text()}"
        return " ".join(
            part for part in (f"+ {came.text()}" if came else "", f"− {went.text()}" if went else "") if part
        )


@dataclass(frozen=True, slots=True)
class FlowDifference:
    """Two answers of who reaches whom, and what differs between them; `notes` are what cannot be compared."""

    before: Reach
    after: Reach
    change: ReachChange
    flows: tuple[FlowChange, ...]

    @property
    def summary(self) -> str:
        """``3 flows opened, 2 closed, 1 changed in ports.``"""
        counts = {what: sum(flow.what == what for flow in self.flows) for what in SIGNS}
        if not any(counts.values()):
            return NOTHING_CHANGED
        parts = [f"{count_text(counts['opened'], 'flow')} opened", f"{counts['closed']} closed"]
        parts.append(f"{counts['changed']} changed in ports")
        if counts["unclear"]:
            parts.append(f"{counts['unclear']} that cannot be told")
        return f"{', '.join(parts)}."


def flow_difference(before: Reach, after: Reach, change: ReachChange) -> FlowDifference:
    """The difference, with the objects that its ends stand for: those of `after` before those of `before`."""
    ids = {peer.text: peer.id for found in (before, after) for peer in found.matrix.peers if peer.id}
    parts: tuple[tuple[What, object], ...] = (
        ("opened", change.opened),
        ("closed", change.closed),
        ("changed", change.changed),
        ("unclear", change.unclear),
    )
    flows = [
        FlowChange(what, line.src, line.dst, line.before, line.after, ids.get(line.src, ""), ids.get(line.dst, ""))
        for what, lines in parts
        for line in lines  # type: ignore[attr-defined]
    ]
    return FlowDifference(before, after, change, tuple(flows))


def change_evidence(found: FlowDifference, flow: FlowChange) -> Iterator[PairEvidence]:
    """Why a flow was open or closed before, and why it is so now, for the ports that differ."""
    asked = (flow.before - flow.after) | (flow.after - flow.before)
    for side, when in ((found.after, "now"), (found.before, "before")):
        for one in _evidence(side, flow):
            ports = one.ports & asked
            if ports:
                yield replace(one, ports=ports, pods=f"{when}, {one.pods}" if one.pods else when)


def _evidence(side: Reach, flow: FlowChange) -> Iterator[PairEvidence]:
    """Why a flow is open or closed on one side; nothing where one of its ends is not there."""
    dst = _peer(side, flow.dst)
    if dst is not None and flow.src == INGRESS_CONTROLLER:
        yield from way_evidence(side, dst)
        return
    src = _peer(side, flow.src)
    if src is not None and dst is not None:
        yield from pair_evidence(side, src, dst)


def _peer(found: Reach, text: str) -> MatrixPeer | None:
    """A peer by its text, None where this side has none of that name.

    A common range is one on both sides, however those cut theirs: no rule tells its addresses apart.
    """
    place = found.matrix.layout.index.get(text)
    if place is not None:
        return found.matrix.peers[place]
    return MatrixPeer(text, "", (0,)) if "[" not in text and text != INGRESS_CONTROLLER else None


def end_name(text: str) -> str:
    """An end as a person reads it: workloads as the command line names them, ranges as short as can be."""
    return text if "[" in text else range_name(text)


def missing_words(flow: FlowChange, found: FlowDifference) -> str:
    """What is to be said of ends that only one side has, "" where both have them."""
    gone = [name for name in (flow.src, flow.dst) if name in found.change.gone]
    come = [name for name in (flow.src, flow.dst) if name in found.change.appeared]
    said = [f"{name} is not there any more." for name in gone] + [f"{name} was not there before." for name in come]
    return " ".join(said)


__all__ = [
    "NOTHING_CHANGED",
    "SIGNS",
    "FlowChange",
    "FlowDifference",
    "change_evidence",
    "end_name",
    "flow_difference",
    "missing_words",
]
