"""Policies in tiers: rules with actions in an order, beside NetworkPolicy's union.

A tier is asked after the one before it. Its policies are asked in steps; the lanes of a step stand at one place in the
order, and which of them comes first is not defined. `None` in a lane stands for all NetworkPolicies together.
Sources: NPEP-285 (Admin, NetworkPolicy and Baseline tier), Calico's tiers, Cilium's deny before allow
(`domain/policies.md` sections 5 to 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.policy.compiled import Direction
from designer.engine.policy.matchers import Answer, BlockMatch, Peer, PodMatch, PortMatch, selector_keys
from designer.model import EMPTY_MAP, FrozenMap

Action = Literal["allow", "deny", "pass", "log"]


class Surroundings(Protocol):
    """What a matcher may ask about the cluster: the engine, and the labels of a namespace."""

    @property
    def enforcement(self) -> Enforcement:
        """The policy engine."""

    def namespace_labels(self, namespace: str) -> FrozenMap[str, str]:
        """The labels of a namespace, its name label included."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a matcher can tell Pods apart by, beside `blocks` and `accounts`: labels with these keys.

    `namespaces` says that it looks at their namespaces too (`EndMatch.space`).
    """

    keys: frozenset[str] = frozenset()
    namespaces: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What a Pod might have that a matcher means: values of labels of its own and of its namespace, by key.

    `namespaces` are names of namespaces and `accounts` names of service accounts that the matcher mentions.
    """

    labels: FrozenMap[str, tuple[str, ...]] = EMPTY_MAP
    space_labels: FrozenMap[str, tuple[str, ...]] = EMPTY_MAP
    namespaces: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


class EndMatch(Protocol):
    """A matcher of one end of a connection that knows more than labels and addresses."""

    @property
    def text(self) -> str:
        """What it matches, in words."""

    @property
    def blocks(self) -> tuple[BlockMatch, ...]:
        """The address blocks that it looks at, so that the matrix can cut its ranges at their borders."""

    @property
    def accounts(self) -> bool:
        """Whether it looks at service accounts."""

    @property
    def sight(self) -> Sight:
        """What its answer hangs on: Pods that are alike in it, and in blocks and accounts, get the same answer."""

    def space(self, namespace: str, view: Surroundings) -> str:
        """What of a namespace counts for it: Pods of namespaces with the same text are alike in that."""

    @property
    def wish(self) -> Wish:
        """What to try, to find a Pod that it means."""

    def answer(self, peer: Peer, view: Surroundings) -> Answer:
        """Whether `peer` is meant; None with a reason where that cannot be told."""


TierPeer = PodMatch | BlockMatch | EndMatch


@dataclass(frozen=True, slots=True)
class TierRule:
    """One rule: what it does with what matches any of `peers` (empty: anyone), any of `ports` (empty: any), and `own`.

    `own` is what it demands of the subject itself (None: nothing). `doubt` says why it cannot be told what the rule
    matches, "" where it can. `path` is its field; `lines` are those of the rule and of its peers.
    """

    action: Action
    index: int
    path: str
    name: str = ""
    peers: tuple[TierPeer, ...] = ()
    peer_paths: tuple[str, ...] = ()
    ports: tuple[PortMatch, ...] = ()
    own: TierPeer | None = None
    doubt: str = ""
    line: int = 0
    peer_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TierPolicy:
    """A policy of a tier. `namespace` is "" where it may select Pods of any; `about` places it: ``Admin, priority 10``.

    `ingress` and `egress` are None where it says nothing about the direction. `isolates` names the directions in which
    selecting a Pod makes the end of the tier close for it.
    """

    id: str
    kind: str
    name: str
    about: str
    subject: TierPeer
    ingress: tuple[TierRule, ...] | None
    egress: tuple[TierRule, ...] | None
    namespace: str = ""
    isolates: tuple[Direction, ...] = ()
    file: str = ""
    line: int = 0
    part: str = ""

    @property
    def id_of_part(self) -> tuple[str, str]:
        """Its id with its part: a policy may stand in two steps, each with a part of its rules."""
        return self.id, self.part

    def denies(self, direction: Direction) -> bool:
        """Whether it has a rule that denies in a direction."""
        return any(rule.action == "deny" for rule in self.rules(direction) or ())

    def rules(self, direction: Direction) -> tuple[TierRule, ...] | None:
        """The rules of one direction, in order."""
        return self.ingress if direction == "ingress" else self.egress

    @property
    def text(self) -> str:
        """``ClusterNetworkPolicy block-legacy (Admin, priority 10)``."""
        return f"{self.kind} {self.name} ({self.about})" if self.about else f"{self.kind} {self.name}"


# Policies in their order; None stands for all NetworkPolicies.
Lane = tuple[TierPolicy | None, ...]
# Lanes at one place in the order.
Step = tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier. `closes`: what no rule matched is denied at its end, for a Pod that one of its policies isolates."""

    name: str
    steps: tuple[Step, ...]
    closes: bool = False


class PolicyView(Surroundings, Protocol):
    """What the matrix reads of a set of policies."""

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers in order."""


def tier_policies(tiers: tuple[Tier, ...]) -> tuple[TierPolicy, ...]:
    """Every policy of the tiers, in their order."""
    lanes = (lane for tier in tiers for step in tier.steps for lane in step)
    return tuple(policy for lane in lanes for policy in lane if policy is not None)


def _ends(policies: tuple[TierPolicy, ...]) -> Iterator[TierPeer]:
    """Every matcher of the policies, in order of appearance."""
    for policy in policies:
        yield policy.subject
        for rule in (*(policy.ingress or ()), *(policy.egress or ())):
            yield from rule.peers
            if rule.own is not None:
                yield rule.own


def rule_blocks(policies: tuple[TierPolicy, ...]) -> tuple[BlockMatch, ...]:
    """Every address block that the policies look at, once, in order of appearance."""
    found: list[BlockMatch] = []
    for end in _ends(policies):
        if isinstance(end, BlockMatch):
            found.append(end)
        elif not isinstance(end, PodMatch):
            found += end.blocks
    return tuple(dict.fromkeys(found))


def sees_accounts(policies: tuple[TierPolicy, ...]) -> bool:
    """Whether one of the policies tells Pods apart by their service accounts."""
    return any(not isinstance(end, (BlockMatch, PodMatch)) and end.accounts for end in _ends(policies))


def label_keys(policies: tuple[TierPolicy, ...]) -> frozenset[str]:
    """The keys of Pods' labels that the policies look at."""
    keys: set[str] = set()
    for end in _ends(policies):
        if isinstance(end, PodMatch):
            keys.update(selector_keys(end.pods) if end.pods is not None else ())
        elif not isinstance(end, BlockMatch):
            keys |= end.sight.keys
    return frozenset(keys)
