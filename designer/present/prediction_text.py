"""Predict before play: what a person said that a packet would do, held against what it does, in words that teach."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Hop, Path, TraceResult
from designer.model import VERDICTS, split_id
from designer.present.trace_rows import decided_text
from designer.present.words import object_text, share_text

Mark = Literal["right", "partly", "wrong"]
MARK_SIGNS: dict[Mark, str] = {"right": "✓", "partly": "◐", "wrong": "✕"}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a person expects: a verdict, "" for none; the object where the packet ends, "" for none."""

    verdict: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a guess compares: the mark, a headline, and sentences that tell the deciding rule."""

    mark: Mark
    headline: str
    sentences: tuple[str, ...]

    def text(self) -> str:
        """All of it, one sentence after another."""
        return " ".join((f"{MARK_SIGNS[self.mark]} {self.headline}", *self.sentences))


def judge(guess: Guess, result: TraceResult, state: ClusterState) -> Judgement:
    """What a guess was worth: right, partly (one of two things, or some of the ways), wrong; and what decided.

    A guess says a verdict, a place, or both. Where the kernel chooses at random, a guess that holds on some ways only
    is partly right, with the exact share.
    """
    paths = result.trace.paths()
    parts: list[tuple[Fraction, str]] = []
    if guess.verdict:
        share = sum((path.share for path in paths if path.verdict == guess.verdict), Fraction(0))
        parts.append((share, _verdict_sentence(guess.verdict, share, result)))
    if guess.place:
        share = sum((path.share for path in paths if guess.place in end_places(path, state)), Fraction(0))
        parts.append((share, _place_sentence(guess.place, share, paths)))
    mark: Mark = "wrong"
    if parts and all(share == 1 for share, _text in parts):
        mark = "right"
    elif any(share > 0 for share, _text in parts):
        mark = "partly"
    headline = {"right": "Right.", "partly": "Partly right.", "wrong": "Not this time."}[mark]
    return Judgement(mark, headline, (*(text for _share, text in parts), *_decisions(paths)))


def end_hop(path: Path) -> Hop | None:
    """The hop at which the request of a way ends: where it is delivered, or where it is stopped; None without hops.

    A way that fails on its way back ends at its last hop.
    """
    if not path.hops:
        return None
    if path.verdict != "delivered":
        last = path.hops[-1]
        answered = last.direction == "reply" and last.kind == "deliver"
        if not answered:
            return last
    return next((hop for hop in reversed(path.hops) if hop.direction == "request"), path.hops[-1])


def end_places(path: Path, state: ClusterState) -> frozenset[str]:
    """The ids that a person may mean by the place where a way ends: the Pod, its workload, its Node, the policy."""
    hop = end_hop(path)
    if hop is None:
        return frozenset()
    found = {hop.at, *path.policies}
    if path.verdict != "delivered":
        # Stopped on the Node; a packet that arrives ends in its Pod and not merely on the Node of it.
        found.add(f"Node:{hop.node}" if hop.node else "")
    pod = next((pod for pod in state.control.pods.values() if pod.id == hop.at), None)
    if pod is not None and pod.owner:
        found.add(pod.owner)
    return frozenset(found - {""})


def _verdict_sentence(guess: str, share: Fraction, result: TraceResult) -> str:
    said = VERDICTS.get(guess, guess)
    if share == 1:
        return f"It is {said}, as you said."
    if share > 0:
        return f"You said {said}: that is so for {share_text(share)} of the requests."
    return f"You said {said}; it is {VERDICTS[result.verdict]}."


def _place_sentence(place: str, share: Fraction, paths: tuple[Path, ...]) -> str:
    if share == 1:
        return f"It ends at {object_text(place)}, as you marked."
    hops = [hop for path in paths if (hop := end_hop(path)) is not None and hop.at != place]
    ends = dict.fromkeys(object_text(hop.at) if ":" in hop.at else hop.at for hop in hops)
    where = " or ".join(list(ends)[:3]) + (" or elsewhere" if len(ends) > 3 else "")
    if share > 0:
        return f"You marked {object_text(place)}: {share_text(share)} of the requests end there, others at {where}."
    note = ""
    if split_id(place)[0] == "Service":
        note = " No packet ends at a Service: it is a rule on every Node that leads to one of its Pods."
    return f"You marked {object_text(place)}; it ends at {where}.{note}"


def _decisions(paths: tuple[Path, ...]) -> tuple[str, ...]:
    """What decided, once for each verdict there is."""
    found: dict[str, str] = {}
    for path in paths:
        hop = end_hop(path)
        if hop is None or path.verdict in found:
            continue
        decided = decided_text(hop)
        by = f" Decided by {decided}." if decided != "–" and path.verdict != "delivered" else ""
        found[path.verdict] = f"{path.reason}{by}"
    return tuple(found.values())
