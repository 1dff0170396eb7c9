"""The rows of the matrix where policies stand in tiers: what each tier takes, leaves and passes on, column by column.

Matchers beyond labels and blocks are asked about one Pod of each class and one address of each range. That is exact: no
matcher tells the members of a column apart. What cannot be told counts as closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from designer.engine.policy.classes import Columns
from designer.engine.policy.compiled import Direction
from designer.engine.policy.matchers import BlockMatch, Peer, PodMatch, PortMatch
from designer.engine.policy.peering import peer_answer
from designer.engine.policy.porttable import EVERYTHING, NOTHING, Mask, PortTable, Row
from designer.engine.policy.tiers import (
    Lane,
    PolicyView,
    Step,
    Tier,
    TierPeer,
    TierPolicy,
    TierRule,
    tier_policies,
)

# Numbers of the policies that select a column, and for each of their rules that looks at the subject what it finds.
TierKey = tuple[tuple[int, ...], tuple[bool | None, ...]]
NO_TIERS: TierKey = ((), ())
# Port set numbers, each with the columns for which they hold (None: all).
PortList = list[tuple[int, Mask | None]]
# The columns of a matcher that labels and blocks alone decide.
Known = Callable[[PodMatch | BlockMatch], Mask]
Ports = Callable[[tuple[PortMatch, ...]], PortList]


@dataclass(slots=True)
class _Taken:
    """What one policy, or one step, does with what reaches it: the port sets by column."""

    allowed: Row
    passed: Row
    denied: Row


class TierRows:
    """Makes the rows of one direction; used once and dropped."""

    def __init__(
        self, policies: PolicyView, columns: Columns, table: PortTable, direction: Direction, known: Known
    ) -> None:
        self.view = policies
        self.known = known
        self.columns = columns
        self.table = table
        self.direction = direction
        every = tier_policies(policies.tiers) if policies.enforcement.enforces(direction) else ()
        self.all = tuple(policy for policy in every if policy.rules(direction) is not None)
        self.number = {policy.id_of_part: number for number, policy in enumerate(self.all)}
        self.own = [[rule.own for rule in policy.rules(direction) or () if rule.own] for policy in self.all]
        self.peers = tuple(Peer.of_pod(pod) for pod in columns.samples) + tuple(
            Peer.of_address(found.first) for found in columns.ranges
        )
        self.masks: dict[TierPeer, tuple[Mask, Mask]] = {}
        self.selected: list[list[int]] = [[] for _ in columns.samples]
        for number, policy in enumerate(self.all):
            for column in np.flatnonzero(self._mask(policy.subject)[0][: len(columns.samples)]):
                pod = columns.samples[column]
                if not pod.host_network and policy.namespace in ("", pod.namespace):
                    self.selected[column].append(number)

    def selecting(self, column: int) -> TierKey:
        """What the tiers see of a Pod column."""
        if not self.all:
            return NO_TIERS
        found = self.selected[column]
        peer = Peer.of_pod(self.columns.samples[column])
        own = [peer_answer(match, peer, self.view)[0] for number in found for match in self.own[number]]
        return tuple(found), tuple(own)

    def with_names(self, key: TierKey) -> bool:
        """Whether named ports of the subject matter."""
        rules = (rule for number in key[0] for rule in self.all[number].rules(self.direction) or ())
        return self.direction == "ingress" and any(port.name for rule in rules for port in rule.ports)

    def row(self, key: TierKey, native: Row | None, ports: Ports) -> Row:
        """The port sets allowed to every column; `native` is what NetworkPolicies allow, None where none isolates."""
        allowed = np.full(self.columns.count, NOTHING, dtype=np.int32)
        left = np.full(self.columns.count, EVERYTHING, dtype=np.int32)
        chosen = {number: place for place, number in enumerate(key[0])}
        own: dict[int, list[bool | None]] = {}
        answers = iter(key[1])
        for number in chosen:
            own[number] = [next(answers) for _ in self.own[number]]
        for tier in self.view.tiers:
            passed = np.full(self.columns.count, NOTHING, dtype=np.int32)
            for step in tier.steps:
                taken = self._step(step, own, native, left, ports)
                if taken is None:
                    continue
                allowed = self.table.join_rows(allowed, taken.allowed)
                passed = self.table.join_rows(passed, taken.passed)
                for part in (taken.allowed, taken.passed, taken.denied):
                    left = self.table.rest_rows(left, part)
            left = passed if self._closes(tier, own, native) else self.table.join_rows(left, passed)
        return self.table.join_rows(allowed, left)

    def _closes(self, tier: Tier, own: dict[int, list[bool | None]], native: Row | None) -> bool:
        members = [policy for step in tier.steps for lane in step for policy in lane]
        isolated = (
            native is not None
            if policy is None
            else self.number.get(policy.id_of_part) in own and self.direction in policy.isolates
            for policy in members
        )
        return tier.closes and any(isolated)

    def _step(
        self, step: Step, own: dict[int, list[bool | None]], native: Row | None, left: Row, ports: Ports
    ) -> _Taken | None:
        """What a step takes, None for nothing; where its policies differ, it is not defined which wins: closed."""
        made = [taken for lane in step if (taken := self._lane(lane, own, native, left, ports)) is not None]
        if not made:
            return None
        total = self._joined(made)
        if len(made) < 2:
            return total
        unsure = self.table.join_rows(total.denied, self.table.meet_rows(total.allowed, total.passed))
        return _Taken(self.table.rest_rows(total.allowed, unsure), self.table.rest_rows(total.passed, unsure), unsure)

    def _lane(
        self, lane: Lane, own: dict[int, list[bool | None]], native: Row | None, left: Row, ports: Ports
    ) -> _Taken | None:
        """What the policies of a lane take, one after the other; None where none has a say."""
        made: list[_Taken] = []
        for policy in lane:
            taken = self._member(policy, own, native, left, ports)
            if taken is not None:
                made.append(taken)
                for part in (taken.allowed, taken.passed, taken.denied):
                    left = self.table.rest_rows(left, part)
        return self._joined(made) if made else None

    def _joined(self, made: list[_Taken]) -> _Taken:
        nothing = np.full(self.columns.count, NOTHING, dtype=np.int32)
        total = _Taken(nothing, nothing, nothing)
        for taken in made:
            total = _Taken(
                self.table.join_rows(total.allowed, taken.allowed),
                self.table.join_rows(total.passed, taken.passed),
                self.table.join_rows(total.denied, taken.denied),
            )
        return total

    def _member(
        self, policy: TierPolicy | None, own: dict[int, list[bool | None]], native: Row | None, left: Row, ports: Ports
    ) -> _Taken | None:
        """What one policy takes of `left`, rule by rule; None where it has no say."""
        nothing = np.full(self.columns.count, NOTHING, dtype=np.int32)
        if policy is None:
            return None if native is None else _Taken(self.table.meet_rows(left, native), nothing, nothing)
        number = self.number.get(policy.id_of_part)
        if number is None or number not in own:
            return None
        taken = _Taken(nothing, nothing, nothing)
        answers = iter(own[number])
        for rule in policy.rules(self.direction) or ():
            sure, maybe = self._rule(rule, True if rule.own is None else next(answers), ports)
            if rule.action == "log":
                continue
            hit = self.table.meet_rows(left, sure)
            if rule.action == "allow":
                taken.allowed = self.table.join_rows(taken.allowed, hit)
                left = self.table.rest_rows(left, hit)
                continue
            gone = self.table.meet_rows(left, maybe)
            left = self.table.rest_rows(left, gone)
            if rule.action == "pass":
                taken.passed = self.table.join_rows(taken.passed, hit)
                gone = self.table.rest_rows(gone, hit)
            taken.denied = self.table.join_rows(taken.denied, gone)
        return taken

    def _rule(self, rule: TierRule, own: bool | None, ports: Ports) -> tuple[Row, Row]:
        """The port sets that a rule matches for sure, and those that it may match."""
        sure = np.full(self.columns.count, NOTHING, dtype=np.int32)
        maybe = sure.copy()
        if own is False:
            return sure, maybe
        good, possible = self._peers(rule)
        for number, where in ports(rule.ports):
            self.table.add(maybe, possible if where is None else possible & where, number)
            if own and not rule.doubt:
                self.table.add(sure, good if where is None else good & where, number)
        for port in rule.ports:
            if port.protocol == "SCTP" and not self.view.enforcement.sctp:
                self.table.add(maybe, possible, self.table.number(port.whole))
        return sure, maybe

    def _peers(self, rule: TierRule) -> tuple[Mask, Mask]:
        """The columns that a rule's peers mean for sure, and those that they may mean."""
        if not rule.peers:
            everyone = np.ones(self.columns.count, dtype=bool)
            return everyone, everyone
        found = [self._mask(match) for match in rule.peers]
        return np.logical_or.reduce([yes for yes, _ in found]), np.logical_or.reduce([may for _, may in found])

    def _mask(self, match: TierPeer) -> tuple[Mask, Mask]:
        known = self.masks.get(match)
        if known is None and isinstance(match, (BlockMatch, PodMatch)):
            mask = self.known(match)
            known = self.masks[match] = (mask, mask)
        if known is None:
            answers = [peer_answer(match, peer, self.view)[0] for peer in self.peers]
            yes = np.array([answer is True for answer in answers], dtype=bool)
            may = np.array([answer is not False for answer in answers], dtype=bool)
            known = self.masks[match] = (yes, may)
        return known
