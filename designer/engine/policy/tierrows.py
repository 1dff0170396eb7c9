"""The rows of the matrix where policies stand in tiers: where each port of each column may end, by every open way.

The fate of one port of one column does not hang on the others, so a whole row is walked at once with port sets. A rule
matches, does not, or may match, as in `walk`: what may end allowed and what may end denied are kept apart, and a port
with both ends cannot be told. Columns that no rule can tell apart are walked as one. NetworkPolicies take part as one
lane; the walk is made for each answer that they may give, and put together with what they say of each port.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from designer.engine.policy.classes import Columns, EndColumns, Signature
from designer.engine.policy.compiled import Direction
from designer.engine.policy.evaluate import PolicySet
from designer.engine.policy.portlists import PortChoice
from designer.engine.policy.porttable import EVERYTHING, NOTHING, Mask, PortTable, Row
from designer.engine.policy.sights import Sights
from designer.engine.policy.tiers import Lane, Step, Tier, TierPolicy, TierRule, tier_policies

# Numbers of the policies that select a column, and for each of their rules that looks at the subject what it finds.
TierKey = tuple[tuple[int, ...], tuple[bool | None, ...]]
NO_TIERS: TierKey = ((), ())
# Something may decide that cannot be evaluated.
UNKNOWN: TierKey = ((-1,), ())
# The ports of a rule by the named ports of its subject.
Ports = Callable[[TierRule, Signature], PortChoice]


@dataclass(frozen=True, slots=True)
class Ends:
    """What may end allowed, and what may end denied; a port with both cannot be told."""

    allowed: Row
    denied: Row


@dataclass(slots=True)
class _Flow:
    """A walk on its way: what may end allowed or denied, and the port sets that are still on the way."""

    allowed: Row
    denied: Row
    here: Row


class TierRows:
    """The ends of one direction; used once and dropped."""

    def __init__(
        self,
        policies: PolicySet,
        columns: Columns,
        table: PortTable,
        direction: Direction,
        sights: Sights,
        ports: Ports,
    ) -> None:
        self.policies = policies
        self.table = table
        self.direction: Direction = direction
        self.sights = sights
        self.ports = ports
        self.samples = columns.samples
        every = tier_policies(policies.tiers) if policies.enforcement.enforces(direction) else ()
        self.all = tuple(policy for policy in every if policy.rules(direction) is not None)
        self.silent = not self.all and not any(not one.outside for one in policies.unread)
        self.number = {policy.id_of_part: number for number, policy in enumerate(self.all)}
        self.selected: list[list[int]] = [[] for _ in columns.samples]
        self.doubtful = np.zeros(len(columns.samples), dtype=bool)
        self._select()
        self.group, self.representatives = self._groups(columns.count)
        self._hits: dict[tuple[int, Signature, bool | None], tuple[Row, Row]] = {}
        self._walks: dict[tuple[TierKey, Signature, bool | None], Ends] = {}

    def key(self, column: int) -> TierKey:
        """What tiers and policies that cannot be evaluated see of a Pod column."""
        pod = self.samples[column]
        if self.silent or pod.host_network:
            return NO_TIERS
        if self.doubtful[column] or self._unread(column):
            return UNKNOWN
        found = self.selected[column]
        own = [self._own(rule, column) for number in found for rule in self._rules(number) if rule.own is not None]
        return tuple(found), tuple(own)

    def with_names(self, key: TierKey) -> bool:
        """Whether named ports of the subject matter."""
        if self.direction == "egress" or key == UNKNOWN:
            return False
        return any(port.name for number in key[0] for rule in self._rules(number) for port in rule.ports)

    def denies(self, key: TierKey) -> bool:
        """Whether a policy of the key has a rule that denies."""
        return any(self.all[number].denies(self.direction) for number in key[0])

    def ends(self, key: TierKey, names: Signature, native: tuple[Row, Row] | None) -> Ends:
        """The ends by column; `native` is what NetworkPolicies allow for sure and perhaps, None where none isolates."""
        if native is None:
            made = self._walk(key, names, None)
            return Ends(made.allowed[self.group], made.denied[self.group])
        sure, maybe = native
        not_sure = self.table.rest_rows(np.full_like(sure, EVERYTHING), sure)
        yes, no = self._walk(key, names, True), self._walk(key, names, False)
        meet, join = self.table.meet_rows, self.table.join_rows
        allowed, denied = (
            join(meet(maybe, good[self.group]), meet(not_sure, bad[self.group]))
            for good, bad in ((yes.allowed, no.allowed), (yes.denied, no.denied))
        )
        return Ends(allowed, denied)

    def _rules(self, number: int) -> tuple[TierRule, ...]:
        return self.all[number].rules(self.direction) or ()

    def _own(self, rule: TierRule, column: int) -> bool | None:
        if rule.own is None:
            return True
        found = self.sights.columns_of(rule.own)
        return True if found.sure[column] else (None if found.maybe[column] else False)

    def _select(self) -> None:
        for number, policy in enumerate(self.all):
            found = self.sights.columns_of(policy.subject)
            for column in np.flatnonzero(found.maybe[: len(self.samples)]).tolist():
                pod = self.samples[column]
                if pod.host_network or policy.namespace not in ("", pod.namespace):
                    continue
                if found.sure[column]:
                    self.selected[column].append(number)
                else:
                    self.doubtful[column] = True

    def closed_outside(self, column: int) -> bool:
        """Whether it cannot be told what of a Pod column's packets leaves the cluster."""
        return not self.samples[column].host_network and self._unread(column, outside=True)

    def _unread(self, column: int, outside: bool = False) -> bool:
        mine = [one for one in self.policies.unread if one.outside is outside]
        if not mine:
            return False
        pod = self.samples[column]
        labels = self.policies.namespace_labels(pod.namespace)
        isolated = bool(self.policies.selecting(self.direction, pod))
        return any(one.concerns(self.direction, pod, labels, isolated) for one in mine)

    def _groups(self, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For every column its group, and a column of each group: those that no rule of the tiers can tell apart."""
        masks: dict[int, Mask] = {}
        for policy in self.all:
            for rule in policy.rules(self.direction) or ():
                for peer in rule.peers:
                    found = self.sights.columns_of(peer)
                    masks[id(found.sure)], masks[id(found.maybe)] = found.sure, found.maybe
                choice = self.ports(rule, ())
                masks |= {id(where): where for _, where in (*choice.sure, *choice.maybe) if where is not None}
        if not masks:
            return np.zeros(count, dtype=np.int64), np.zeros(min(count, 1), dtype=np.int64)
        packed = np.ascontiguousarray(np.packbits(np.stack(list(masks.values())), axis=0).T)
        rows = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, first, inverse = np.unique(rows, return_index=True, return_inverse=True)
        return inverse.astype(np.int64).ravel(), first.astype(np.int64)

    def _walk(self, key: TierKey, names: Signature, native: bool | None) -> Ends:
        """The ends by group, NetworkPolicies allowing everything (True) or nothing (False), or not isolating (None)."""
        known = self._walks.get((key, names, native))
        if known is None:
            size = len(self.representatives)
            flow = _Flow(self._full(size, NOTHING), self._full(size, NOTHING), self._full(size, EVERYTHING))
            own: dict[int, list[bool | None]] = {}
            answers = iter(key[1])
            for number in key[0]:
                own[number] = [next(answers) if rule.own is not None else True for rule in self._rules(number)]
            for tier in self.policies.tiers:
                self._tier(tier, flow, own, names, native)
            allowed = self.table.join_rows(flow.allowed, flow.here)
            known = self._walks[(key, names, native)] = Ends(allowed, flow.denied)
        return known

    def _full(self, size: int, number: int) -> Row:
        return np.full(size, number, dtype=np.int32)

    def _tier(
        self, tier: Tier, flow: _Flow, own: dict[int, list[bool | None]], names: Signature, native: bool | None
    ) -> None:
        passed = self._full(len(flow.here), NOTHING)
        for step in tier.steps:
            if self._speaks(step, own, native):
                passed = self.table.join_rows(passed, self._step(step, flow, own, names, native))
        if tier.closes and self._isolated(tier, own, native):
            flow.denied = self.table.join_rows(flow.denied, flow.here)
            flow.here = passed
        else:
            flow.here = self.table.join_rows(flow.here, passed)

    def _speaks(self, step: Step, own: dict[int, list[bool | None]], native: bool | None) -> bool:
        """Whether anything of a step has a say."""
        return any(
            bool(native) if policy is None else self.number.get(policy.id_of_part, -1) in own
            for lane in step
            for policy in lane
        )

    def _isolated(self, tier: Tier, own: dict[int, list[bool | None]], native: bool | None) -> bool:
        members = [policy for step in tier.steps for lane in step for policy in lane]
        return any(
            native is not None
            if policy is None
            else self.number.get(policy.id_of_part) in own and self.direction in policy.isolates
            for policy in members
        )

    def _step(
        self, step: Step, flow: _Flow, own: dict[int, list[bool | None]], names: Signature, native: bool | None
    ) -> Row:
        """Walk the lanes of a step, each from its beginning: no order is defined among them; returns what they pass."""
        begin, fallen = flow.here, flow.here
        passed = self._full(len(begin), NOTHING)
        for lane in step:
            flow.here = begin
            passed = self.table.join_rows(passed, self._lane(lane, flow, own, names, native))
            fallen = self.table.meet_rows(fallen, flow.here)
        flow.here = fallen
        return passed

    def _lane(
        self, lane: Lane, flow: _Flow, own: dict[int, list[bool | None]], names: Signature, native: bool | None
    ) -> Row:
        passed = self._full(len(flow.here), NOTHING)
        for policy in lane:
            if policy is None:
                if native:
                    flow.allowed = self.table.join_rows(flow.allowed, flow.here)
                    flow.here = self._full(len(flow.here), NOTHING)
                continue
            number = self.number.get(policy.id_of_part)
            if number is not None and number in own:
                passed = self.table.join_rows(passed, self._member(policy, flow, own[number], names))
        return passed

    def _member(self, policy: TierPolicy, flow: _Flow, own: list[bool | None], names: Signature) -> Row:
        """Walk the rules of one policy."""
        passed = self._full(len(flow.here), NOTHING)
        join = self.table.join_rows
        for rule, good in zip(policy.rules(self.direction) or (), own, strict=True):
            if rule.action == "log" or good is False:
                continue
            sure, maybe = self._hit(rule, good, names)
            hit = self.table.meet_rows(flow.here, maybe)
            if rule.action == "allow":
                flow.allowed = join(flow.allowed, hit)
            if rule.action == "pass":
                passed = join(passed, hit)
            # An engine that cannot read a rule that passes denies (it fails closed).
            if rule.action == "deny" or (rule.action == "pass" and rule.doubt):
                flow.denied = join(flow.denied, hit)
            flow.here = self.table.rest_rows(flow.here, hit if sure is maybe else sure)
        return passed

    def _hit(self, rule: TierRule, good: bool | None, names: Signature) -> tuple[Row, Row]:
        """The port sets that a rule matches for sure, and those that it may match, by group."""
        key = (id(rule), names, good)
        known = self._hits.get(key)
        if known is None:
            known = self._hits[key] = self._made(rule, good, names)
        return known

    def _made(self, rule: TierRule, good: bool | None, names: Signature) -> tuple[Row, Row]:
        at = self.representatives
        sure, maybe = self._full(len(at), NOTHING), self._full(len(at), NOTHING)
        choice = self.ports(rule, names)
        found = [self.sights.columns_of(peer) for peer in rule.peers]
        everyone = EndColumns(np.ones(len(at), dtype=bool), np.ones(len(at), dtype=bool))
        peers = everyone
        if found:
            yes, may = ([one[at] for one in part] for part in zip(*((f.sure, f.maybe) for f in found), strict=True))
            peers = EndColumns(np.logical_or.reduce(yes), np.logical_or.reduce(may))
        for number, where in choice.sure:
            inside = True if where is None else where[at]
            self.table.add(maybe, peers.maybe & inside, number)
            if good and not rule.doubt:
                self.table.add(sure, peers.sure & inside, number)
        for number, where in choice.maybe:
            self.table.add(maybe, peers.maybe if where is None else peers.maybe & where[at], number)
        return (maybe, maybe) if bool((sure == maybe).all()) else (sure, maybe)
