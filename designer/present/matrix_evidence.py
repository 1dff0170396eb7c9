"""Why a cell of the matrix says what it says: for the ports that are decided alike, what each policy at each end said.

The check of a trace is asked, at one port of every interval that no rule cuts; so a cell and a trace never differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from designer.engine.controlplane.state import PodState
from designer.engine.policy import Direction, Peer, PolicySet, PolicyVerdict, RuleNote
from designer.engine.policy.matrix import MatrixPeer
from designer.engine.policy.ports import MAX_PORT, NO_PORTS, PortSet
from designer.engine.reach import Reach
from designer.engine.reach.asking import policy_text, rule_cuts
from designer.present.words import place_text

Outcome = Literal["allowed", "cannot-tell", "denied"]
TITLES: dict[Direction, str] = {"egress": "Egress of the source", "ingress": "Ingress of the destination"}
# What an end says where no policy has to do with it.
FREE = {"egress": "An address outside of the cluster has no policies.", "ingress": "No policies hold outside."}
# So many pairs of Pods that differ are told apart for one pair of workloads.
MOST_PAIRS = 6
Ask = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Said:
    """What one policy said: its id and name, the field and place of the rule, and the words."""

    policy: str
    name: str
    path: str
    place: str
    words: str


@dataclass(frozen=True, slots=True)
class EndEvidence:
    """One end of a connection: its verdict as a sentence, the rule that decides, and what the others said."""

    direction: Direction
    title: str
    value: str
    sentence: str
    decided: Said | None = None
    others: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Ports of a pair about which both ends say the same; `pods` names the two where Pods of a workload differ."""

    ports: PortSet
    value: Outcome
    ends: tuple[EndEvidence, ...]
    pods: str = ""


def sides(peer: MatrixPeer, other: MatrixPeer | None = None) -> list[tuple[PodState | str, int]]:
    """What stands for a peer: one Pod of each of its classes, the first address of a range; each with its column.

    Where a Pod may meet a hostNetwork Pod of its own Node, the two are taken to be there.
    """
    if peer.is_range:
        return [(peer.text.partition("-")[0], peer.columns[0])]
    shared = peer.nodes & other.nodes if other is not None and other.host_network != peer.host_network else frozenset()
    pods = [replace(pod, node=min(shared)) if shared else pod for pod in peer.pods]
    return list(zip(pods, peer.columns, strict=True))


def pieces(
    policies: PolicySet, direction: Direction, subject: PodState, other: PodState | str, prefer: Sequence[Ask] = ()
) -> list[tuple[PortSet, PolicyVerdict]]:
    """What the policies of `subject` say of all ports: the verdicts that differ, each with its ports.

    `prefer` are ports that the words should be about where they lie among others that are decided alike.
    """
    peer = Peer.of_address(other) if isinstance(other, str) else Peer.of_pod(other)
    destination = subject if direction == "ingress" else None if isinstance(other, str) else other
    found: dict[object, tuple[PortSet, PolicyVerdict]] = {}
    for protocol, starts in rule_cuts(policies, direction, subject, destination).items():
        ordered = sorted(starts)
        for low, after in zip(ordered, (*ordered[1:], MAX_PORT + 1), strict=True):
            wanted = [number for name, number in prefer if name == protocol and low <= number < after]
            verdict = policies.check(direction, subject, peer, protocol, wanted[0] if wanted else low)
            ports = PortSet.of(protocol, low, after - 1)
            key = _key(verdict)
            known = found.get(key)
            if known is None:
                found[key] = (ports, verdict)
            else:
                found[key] = (known[0] | ports, verdict if wanted else known[1])
    return list(found.values())


def _key(verdict: PolicyVerdict) -> object:
    """What makes two verdicts the same for a person: the value and the rule, not the port that was asked about."""
    note = verdict.matched
    where = (note.policy, note.rule, note.path, note.peer) if note is not None else None
    return verdict.value, where, verdict.isolating, _doubt(verdict)


def _doubt(verdict: PolicyVerdict) -> object:
    if verdict.value != "cannot-tell":
        return None
    return tuple((note.policy, note.rule) for note in verdict.notes if note.failed == "unknown")


def pair_evidence(found: Reach, src: MatrixPeer, dst: MatrixPeer, prefer: Sequence[Ask] = ()) -> Iterator[PairEvidence]:
    """The evidence of a pair: what is open first, then what cannot be told, then what is denied."""
    pairs = [(a, b) for a, _ in sides(src, dst) for b, _ in sides(dst, src)]
    made: dict[object, tuple[PortSet, PairEvidence]] = {}
    for out, into in pairs[:MOST_PAIRS]:
        words = f"from {_called(out)} to {_called(into)}" if len(pairs) > 1 else ""
        for some, egress in _end(found.policies, "egress", out, into, prefer):
            for more, ingress in _end(found.policies, "ingress", into, out, prefer):
                ports = some & more
                if not ports:
                    continue
                value = _outcome(egress.value, ingress.value)
                key = (words, value, _end_key(egress), _end_key(ingress))
                known = made.get(key)
                if known is None:
                    made[key] = (ports, PairEvidence(ports, value, (egress, ingress), words))
                else:
                    made[key] = (known[0] | ports, known[1])
    every = [replace(one, ports=ports) for ports, one in made.values()]
    for value in ("allowed", "cannot-tell", "denied"):
        yield from (one for one in every if one.value == value)


def way_evidence(found: Reach, dst: MatrixPeer) -> Iterator[PairEvidence]:
    """The evidence of what an Ingress controller that is not in the input reaches of a workload."""
    for way in found.ways:
        if way.dst.text != dst.text:
            continue
        made: dict[object, tuple[PortSet, EndEvidence]] = {}
        for ports, verdict in way.verdicts:
            known = made.get(_key(verdict), (NO_PORTS, _evidence(verdict)))
            made[_key(verdict)] = (known[0] | ports, known[1])
        for ports, end in made.values():
            yield PairEvidence(ports, _outcome("allowed", end.value), (end,))


def _end(
    policies: PolicySet, direction: Direction, subject: PodState | str, other: PodState | str, prefer: Sequence[Ask]
) -> list[tuple[PortSet, EndEvidence]]:
    if isinstance(subject, str):
        free = EndEvidence(direction, TITLES[direction], "not-applicable", FREE[direction])
        return [(PortSet.of("TCP") | PortSet.of("UDP") | PortSet.of("SCTP"), free)]
    return [(ports, _evidence(verdict)) for ports, verdict in pieces(policies, direction, subject, other, prefer)]


def _end_key(end: EndEvidence) -> object:
    decided = end.decided
    return end.value, decided and (decided.policy, decided.path), tuple((one.policy, one.path) for one in end.others)


def _outcome(egress: str, ingress: str) -> Outcome:
    ends = (egress, ingress)
    return "denied" if "denied" in ends else "cannot-tell" if "cannot-tell" in ends else "allowed"


def _called(end: PodState | str) -> str:
    return end if isinstance(end, str) else f"{end.namespace}/{end.name}"


def _evidence(verdict: PolicyVerdict) -> EndEvidence:
    decided = verdict.matched
    others = [note for note in verdict.notes if note is not decided and note != decided]
    return EndEvidence(
        verdict.direction,
        TITLES[verdict.direction],
        verdict.value,
        verdict.text(),
        _said(decided, verdict.direction) if decided is not None else None,
        tuple(_said(note, verdict.direction) for note in others),
    )


def _said(note: RuleNote, direction: Direction) -> Said:
    """What a rule said, with its field and its place in the source."""
    if note.path:
        path = note.path
    elif note.rule is None:
        path = "spec"
    else:
        path = f"spec.{direction}[{note.rule}]"
        if note.peer is not None:
            path += f".{'from' if direction == 'ingress' else 'to'}[{note.peer}]"
    words = note.reason if not note.failed or note.failed == "no-rules" else f"does not match: {note.reason}"
    if note.failed == "unknown":
        words = f"cannot tell: {note.reason}"
    elif not note.failed:
        words = f"matches: {note.reason}"
    return Said(note.policy, policy_text(note.policy), path, place_text(note.file, note.line), words)
