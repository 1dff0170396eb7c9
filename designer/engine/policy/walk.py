"""One connection through the tiers of policies, with what every rule said on the way.

Each rule matches, does not, or may match. A rule that may match leaves two ways open; only where all open ways end
alike is there a verdict, otherwise the answer is "cannot tell" with the rule named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import Direction
from designer.engine.policy.matchers import Answer, Peer
from designer.engine.policy.peering import first_answer, peer_answer
from designer.engine.policy.ports import PROTOCOLS
from designer.engine.policy.tiers import Action, Lane, Step, Surroundings, Tier, TierPolicy, TierRule
from designer.engine.policy.verdict import Failed, PolicyVerdict, RuleNote

End = Literal["allowed", "denied"]
ENDS: dict[Action, End] = {"allow": "allowed", "deny": "denied"}
SAID: dict[Action, str] = {"allow": "allows", "deny": "denies", "pass": "passes to the next tier", "log": "logs"}


@dataclass(frozen=True, slots=True)
class Question:
    """One connection seen at `subject`; `native` is what the NetworkPolicies alone say of it."""

    direction: Direction
    subject: PodState
    peer: Peer
    protocol: str
    port: int
    native: PolicyVerdict

    @property
    def target(self) -> PodState | None:
        """The destination Pod, None where the destination is none."""
        return self.subject if self.direction == "ingress" else self.peer.pod


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the walk ended somewhere: the rule, or a sentence; `closing` are the policies at whose tier's end it did."""

    note: RuleNote | None
    text: str
    sure: bool = True
    closing: tuple[str, ...] = ()


# Policies that isolate the subject: what they are called, and their ids.
Isolating = tuple[str, tuple[str, ...]]
# The actions that something may take first, with their causes, and whether it may take none.
Found = tuple[dict[Action, Cause], bool]


@dataclass(slots=True)
class Walk:
    """The walk of one question; `ends` holds the ways that it may end, `unsure` why there is more than one."""

    view: Surroundings
    question: Question
    selected: Callable[[TierPolicy], bool]
    ends: dict[End, Cause] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    notes: list[RuleNote] = field(default_factory=list)
    seen: list[TierPolicy] = field(default_factory=list)
    passing: list[Cause] = field(default_factory=list)

    def settle(self, end: End, cause: Cause) -> None:
        """Note a possible end; a sure cause stands before one that may not be."""
        known = self.ends.get(end)
        if known is None or (cause.sure and not known.sure):
            self.ends[end] = cause

    def through(self, tiers: tuple[Tier, ...]) -> None:
        """Walk through all tiers, to the default: Kubernetes allows what nothing decides about."""
        for tier in tiers:
            if not self._tier(tier):
                return
        self.settle("allowed", Cause(None, self._default()))

    def _default(self) -> str:
        name = f"{self.question.subject.namespace}/{self.question.subject.name}"
        direction = self.question.direction
        told = " and ".join(dict.fromkeys(policy.text for policy in self.seen))
        if self.passing:
            told = f"{self.passing[0].text}; no later tier decides"
        else:
            told = f"no rule of {told} matches" if told else f"no policy selects pod {name} for {direction}"
        native = "" if self.question.native.isolating else f" and no NetworkPolicy isolates pod {name} for {direction}"
        return f"{told}{native if self.seen else ''}; pods are open by default."

    def _tier(self, tier: Tier) -> bool:
        """Whether the walk may go on behind this tier."""
        passed = False
        isolated: list[Isolating] = []
        for step in tier.steps:
            may_fall, passes = self._step(step, isolated)
            passed = passed or passes
            if not may_fall:
                return passed
        if not (tier.closes and isolated):
            return True
        ids = tuple(dict.fromkeys(oid for _, ids in isolated for oid in ids))
        self.settle("denied", Cause(None, self._closed(tier, [text for text, _ in isolated]), closing=ids))
        return passed

    def _closed(self, tier: Tier, isolated: list[str]) -> str:
        subject, native = self.question.subject, self.question.native
        if native.isolating and len(isolated) == 1 and native.value == "denied":
            return native.reason
        by = " and ".join(dict.fromkeys(isolated))
        name = f"{subject.namespace}/{subject.name}"
        return (
            f"{name} is isolated for {self.question.direction} by {by}; no rule matches (end of the {tier.name} tier)."
        )

    def _step(self, step: Step, isolated: list[Isolating]) -> tuple[bool, bool]:
        """Whether the walk may fall through a step, and whether a rule of it may pass to the next tier."""
        lanes = [self._lane(lane, isolated) for lane in step]
        if len({action for actions, _ in lanes for action in actions}) > 1 and sum(bool(a) for a, _ in lanes) > 1:
            tied = [self._called(lane) for lane, (actions, _) in zip(step, lanes, strict=True) if actions]
            self.unsure.append(
                f"{' and '.join(tied)} both match at one place in the order, and it is not defined which of them wins"
            )
            lanes = [({a: replace(c, sure=False) for a, c in actions.items()}, fall) for actions, fall in lanes]
        passes = False
        for actions, _ in lanes:
            for action, cause in actions.items():
                if action == "pass":
                    passes = True
                    self.passing.append(cause)
                else:
                    self.settle(ENDS[action], cause)
        return all(fall for _, fall in lanes), passes

    def _called(self, lane: Lane) -> str:
        """What a lane that takes part is called."""
        texts = [policy.text for policy in lane if policy is not None and policy in self.seen]
        return texts[0] if texts else "a NetworkPolicy"

    def _lane(self, lane: Lane, isolated: list[Isolating]) -> Found:
        """The actions that the policies of a lane may take first, and whether they may take none."""
        actions: dict[Action, Cause] = {}
        open_ways = True
        for policy in lane:
            found, may_fall = self._member(policy, isolated)
            if open_ways:
                for action, cause in found.items():
                    _add(actions, action, cause)
            open_ways = open_ways and may_fall
        return actions, open_ways

    def _member(self, policy: TierPolicy | None, isolated: list[Isolating]) -> Found:
        """The actions that a policy may take first, and whether it may take none."""
        if policy is None:
            return self._native(isolated)
        rules = policy.rules(self.question.direction)
        if rules is None or not self.selected(policy):
            return {}, True
        self.seen.append(policy)
        if self.question.direction in policy.isolates:
            isolated.append((policy.text, (policy.id,)))
        actions: dict[Action, Cause] = {}
        for rule in rules:
            note = self._note(policy, rule)
            self.notes.append(note)
            if note.failed not in ("", "unknown") or rule.action == "log":
                continue
            where = f"{policy.text}, {self.question.direction} rule {rule.index + 1}"
            where += f" '{rule.name}'" if rule.name else ""
            if note.failed:
                self.unsure.append(f"{where}: {note.reason}")
            cause = Cause(note, f"{where} {SAID[rule.action]}: {note.reason}.", not note.failed)
            _add(actions, rule.action, cause)
            if rule.doubt and rule.action == "pass":
                _add(actions, "deny", cause)  # an engine that cannot read the rule fails closed
            if not note.failed:
                return actions, False
        return actions, True

    def _native(self, isolated: list[Isolating]) -> Found:
        """The same for all NetworkPolicies together."""
        native = self.question.native
        if not native.isolating or native.value == "not-applicable":
            return {}, True
        isolated.append((" and ".join(oid.partition(":")[2] for oid in native.isolating), native.isolating))
        if native.value == "denied":
            return {}, True
        sure = native.value == "allowed"
        if not sure:
            self.unsure.append(native.reason.removesuffix("."))
        return {"allow": Cause(native.matched, native.reason, sure)}, not sure

    def _note(self, policy: TierPolicy, rule: TierRule) -> RuleNote:
        """What one rule says."""
        ask, view = self.question, self.view
        own = (True, "") if rule.own is None else peer_answer(rule.own, Peer.of_pod(ask.subject), view)
        peer_index, peer = first_answer([peer_answer(match, ask.peer, view) for match in rule.peers])
        port_index, port = first_answer([self._port(rule, number) for number in range(len(rule.ports))])
        failed: Failed
        if False in (own[0], peer[0], port[0]):
            failed = "both" if peer[0] is False and port[0] is False else "port" if port[0] is False else "peer"
            reason = next(said for good, said in (own, peer, port) if good is False)
        elif rule.doubt or None in (own[0], peer[0], port[0]):
            failed = "unknown"
            reason = rule.doubt or next(said for good, said in (own, peer, port) if good is None)
        else:
            failed = ""
            who = "any peer" if peer_index is None else f"peer {peer_index + 1} ({rule.peers[peer_index].text})"
            reason = f"{who}, {'any port' if port_index is None else rule.ports[port_index].text}"
        matched = peer_index if peer[0] else None
        line = rule.peer_lines[matched] if matched is not None and matched < len(rule.peer_lines) else 0
        path = rule.peer_paths[matched] if matched is not None and matched < len(rule.peer_paths) else rule.path
        return RuleNote(
            policy.id, policy.text, rule.index, failed, reason, matched, port_index if port[0] else None,
            policy.file, line or rule.line, path,
        )  # fmt: skip

    def _port(self, rule: TierRule, number: int) -> Answer:
        ask, port = self.question, rule.ports[number]
        if ask.protocol in PROTOCOLS:
            return port.answer(ask.protocol, ask.port, ask.target, self.view.enforcement)
        return port.protocol == ask.protocol, f"{port.text} expected, got {ask.protocol}"


def _add(actions: dict[Action, Cause], action: Action, cause: Cause) -> None:
    """Note what may be done; a sure cause stands before one that may not be."""
    known = actions.get(action)
    if known is None or (cause.sure and not known.sure):
        actions[action] = cause


def walk_tiers(
    view: Surroundings, tiers: tuple[Tier, ...], question: Question, selected: Callable[[TierPolicy], bool]
) -> PolicyVerdict:
    """The verdict of all tiers about one connection."""
    walk = Walk(view, question, selected)
    walk.through(tiers)
    native = question.native
    ids = tuple(dict.fromkeys((*(policy.id for policy in walk.seen), *native.isolating)))
    notes = (*walk.notes, *native.notes)
    base = replace(native, isolating=ids, notes=notes, matched=None)
    if len(walk.ends) > 1:
        told = "; ".join(dict.fromkeys(walk.unsure))
        return replace(base, value="cannot-tell", reason=f"{told}.")
    ((end, cause),) = walk.ends.items()
    decided = cause.note
    if decided is not None:
        ids = tuple(dict.fromkeys((decided.policy, *ids)))
    closest = native.closest if end == "denied" and decided is None else None
    passed = tuple(dict.fromkeys(one.note.policy for one in walk.passing if one.note is not None))
    return replace(
        base, value=end, reason=cause.text, matched=decided, isolating=ids, closest=closest,
        passed=passed, closing=cause.closing,
    )  # fmt: skip
