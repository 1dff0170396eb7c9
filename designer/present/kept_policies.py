"""Policies of other kinds than NetworkPolicy, as a person sees them: what they are, whom they select, who enforces.

They are kept objects (`Project.foreign`); the engine reads them as policies of tiers, or says why it cannot. One that
nothing enforces, staged or of a kind that the plugin does not know, is read as it would be if it were enforced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, Direction, PolicySet
from designer.engine.policy.beyond import foreign_policies
from designer.engine.policy.calico import calico_objects
from designer.engine.policy.calico_match import CalicoObjects
from designer.engine.policy.idle import StagedPolicy, idle_parts, staged_kept
from designer.engine.policy.reading import Kept
from designer.engine.policy.tiers import TierPolicy, tier_policies
from designer.model import FrozenMap, split_id

Standing = Literal["enforced", "not-enforced", "cannot-tell", "refused", "staged"]
STANDING_WORDS: dict[Standing, str] = {
    "not-enforced": "not enforced",
    "cannot-tell": "cannot be evaluated",
    "refused": "refused by the API server",
    "staged": "staged, not enforced",
}
# What enforcing a staged policy of Calico does, where that is not to put it into force.
STAGED_ACTIONS = {
    "Delete": "enforcing it deletes the policy of its name",
    "Learn": "its stagedAction is Learn: enforcing it changes nothing",
    "Ignore": "its stagedAction is Ignore: enforcing it changes nothing",
}


@dataclass(frozen=True, slots=True)
class KeptPolicy:
    """One policy: `namespace` is "" for one of the whole cluster; `about` where it stands (``Admin, priority 10``).

    `why` says why it is not enforced or cannot be evaluated, "" where it is. `parts` are its rules as policies of
    tiers, read also where nothing enforces them; none where they cannot be read.
    """

    id: str
    kind: str
    namespace: str
    name: str
    about: str
    directions: tuple[str, ...]
    standing: Standing
    why: str = ""
    parts: tuple[TierPolicy, ...] = ()

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
    objects = calico_objects(state.project)
    found = [_staged(one, objects) for one in staged_kept(state.project)]
    for kept in foreign_policies(state.project):
        mine = tuple(parts.get(kept.id, ()))
        standing, why = _standing(kept.id, policies, bool(mine), unread, ignored)
        if standing == "not-enforced" and not mine:
            mine = idle_parts(kept, objects)[0]
        found.append(_policy(kept, kept.kind, mine, standing, why))
    return tuple(sorted(found, key=lambda one: one.id))


def _staged(one: StagedPolicy, objects: CalicoObjects) -> KeptPolicy:
    """A staged policy: whom it would select once it is enforced."""
    parts, unread = idle_parts(one.policy, objects) if one.action == "Set" else ((), "")
    why = STAGED_ACTIONS.get(one.action, "") or unread
    return _policy(one.policy, one.kind, parts, "staged", why)


def _policy(kept: Kept, kind: str, parts: tuple[TierPolicy, ...], standing: Standing, why: str) -> KeptPolicy:
    ways = tuple(way for way in reversed(DIRECTIONS) if any(part.rules(way) is not None for part in parts))
    about = parts[0].about if parts else ""
    return KeptPolicy(kept.id, kind, kept.namespace, kept.name, about, ways, standing, why, parts)


def _standing(
    oid: str, policies: PolicySet, read: bool, unread: dict[str, str], ignored: dict[str, str]
) -> tuple[Standing, str]:
    if oid in unread:
        return "cannot-tell", unread[oid]
    if oid in ignored:
        return "not-enforced", ignored[oid]
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
    """The Pods that a kept policy selects, or would select where nothing enforces it."""
    policy = kept_policy(state, oid)
    return () if policy is None else pods_of_parts(state, policy.parts)


def pods_of_parts(state: ClusterState, parts: tuple[TierPolicy, ...]) -> tuple[PodState, ...]:
    """The Pods that one of the parts selects; Pods that are alike to them are asked once."""
    if not parts:
        return ()
    alike: dict[tuple[str, FrozenMap[str, str], bool, str | None], bool] = {}
    found = []
    for pod in state.control.pods.values():
        key = (pod.namespace, pod.labels, pod.host_network, pod.spec.serviceAccountName)
        if key not in alike:
            alike[key] = any(state.policies.concerns(part, pod) for part in parts)
        if alike[key]:
            found.append(pod)
    return tuple(found)


def idle_on_pod(state: ClusterState, pod: PodState) -> Iterator[KeptPolicy]:
    """The kept policies that would concern a Pod, were they enforced: staged ones, and those the plugin ignores."""
    for policy in kept_policies(state):
        if policy.standing in ("staged", "not-enforced") and any(
            state.policies.concerns(part, pod) for part in policy.parts
        ):
            yield policy


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


__all__ = [
    "STANDING_WORDS",
    "KeptPolicy",
    "Standing",
    "idle_on_pod",
    "kept_policies",
    "kept_policy",
    "pods_of_parts",
    "tier_pods",
    "tiers_of_pod",
]
