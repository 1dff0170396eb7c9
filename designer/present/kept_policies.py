"""Policies of other kinds than NetworkPolicy, as a person sees them: what they are, whom they select, who enforces.

They are kept objects (`Project.foreign`); the engine reads them as policies of tiers, or says why it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, Direction, PolicySet
from designer.engine.policy.beyond import foreign_policies
from designer.engine.policy.tiers import TierPolicy, tier_policies
from designer.model import FrozenMap, split_id

Standing = Literal["enforced", "not-enforced", "cannot-tell", "refused"]
STANDING_WORDS: dict[Standing, str] = {
    "not-enforced": "not enforced",
    "cannot-tell": "cannot be evaluated",
    "refused": "refused by the API server",
}


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One policy: `namespace` is "" for one of the whole cluster; `about` where it stands (``Admin, priority 10``).

    `why` says why it is not enforced or cannot be evaluated, "" where it is.
    """

    id: str
    kind: str
    namespace: str
    name: str
    about: str
    directions: tuple[str, ...]
    standing: Standing
    why: str = ""

    @property
    def line(self) -> str:
        """What stands below its name: ``ClusterNetworkPolicy · Admin, priority 10 · ingress``."""
        words = STANDING_WORDS.get(self.standing, " + ".join(self.directions))
        return " · ".join(part for part in (words, self.kind, self.about) if part)


def kept_policies(state: ClusterState) -> tuple[KeptPolicy, ...]:
    """The kept policies of a project, by id."""
    policies = state.policies
    parts: dict[str, list[TierPolicy]] = {}
    for policy in tier_policies(policies.tiers):
        parts.setdefault(policy.id, []).append(policy)
    unread = {one.id: one.why for one in policies.unread}
    ignored = {one.id: one.why for one in policies.ignored}
    found = []
    for kept in foreign_policies(state.project):
        mine = parts.get(kept.id, [])
        ways = tuple(way for way in reversed(DIRECTIONS) if any(part.rules(way) is not None for part in mine))
        standing, why = _standing(kept.id, policies, bool(mine), unread, ignored)
        about = mine[0].about if mine else ""
        found.append(KeptPolicy(kept.id, kept.kind, kept.namespace, kept.name, about, ways, standing, why))
    return tuple(found)


def _standing(
    oid: str, policies: PolicySet, read: bool, unread: dict[str, str], ignored: dict[str, str]
) -> tuple[Standing, str]:
    engine = policies.enforcement
    if oid in unread:
        return "cannot-tell", unread[oid]
    if oid in ignored:
        return "not-enforced", ignored[oid]
    if read and not (engine.ingress or engine.egress):
        return "not-enforced", engine.reason or f"by {engine.engine}"
    if read:
        return "enforced", ""
    refused = next((problem.title for problem in policies.problems if problem.object == oid), "")
    return "refused", refused


def kept_policy(state: ClusterState, oid: str) -> KeptPolicy | None:
    """One kept policy, None where there is none of that id."""
    if oid not in state.project.foreign:
        return None
    return next((one for one in kept_policies(state) if one.id == oid), None)


def tier_pods(state: ClusterState, oid: str) -> tuple[PodState, ...]:
    """The Pods that a policy of a tier selects; Pods that are alike to it are asked once."""
    mine = [policy for policy in tier_policies(state.policies.tiers) if policy.id == oid]
    if not mine:
        return ()
    alike: dict[tuple[str, FrozenMap[str, str], bool, str | None], bool] = {}
    found = []
    for pod in state.control.pods.values():
        key = (pod.namespace, pod.labels, pod.host_network, pod.spec.serviceAccountName)
        if key not in alike:
            alike[key] = any(state.policies.concerns(policy, pod) for policy in mine)
        if alike[key]:
            found.append(pod)
    return tuple(found)


def tiers_of_pod(state: ClusterState, pod: PodState) -> Iterator[tuple[str, str, str]]:
    """The policies of tiers that concern a Pod, or may: id, name, and kind, place and directions in words."""
    seen: dict[str, tuple[str, list[Direction], bool]] = {}
    for policy in tier_policies(state.policies.tiers):
        unsure = bool(state.policies.selection_doubt(policy, pod))
        if unsure or state.policies.concerns(policy, pod):
            ways = [way for way in DIRECTIONS if policy.rules(way) is not None]
            known = seen.setdefault(policy.id, (f"{policy.kind} {policy.about}".strip(), [], unsure))
            known[1].extend(way for way in ways if way not in known[1])
    for oid, (text, ways, unsure) in seen.items():
        select = "may select it" if unsure else "selects it"
        yield oid, split_id(oid)[2], f"{text} · {select} for {' and '.join(ways)}"


__all__ = ["STANDING_WORDS", "KeptPolicy", "Standing", "kept_policies", "kept_policy", "tier_pods", "tiers_of_pod"]
