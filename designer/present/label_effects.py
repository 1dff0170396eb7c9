"""What other labels would change: which Services, policies and routes lose or gain Pods, before it is committed.

Two compiled states are compared, so every rule of who is selected is the engine's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, CompiledPolicy
from designer.engine.policy.matchers import PodMatch
from designer.engine.policy.tiers import tier_policies
from designer.model import FrozenMap, Ingress, selector_matches, split_id
from designer.present.words import count_text, object_text

Role = Literal["endpoint", "route", "subject", "peer"]
# How many lines a form shows.
MOST = 6


@dataclass(frozen=True, slots=True)
class LabelEffect:
    """What an object gets or loses: `role` says as what the Pods count for it, `left` how many it has afterwards."""

    object: str
    role: Role
    lost: int
    gained: int
    left: int

    @property
    def words(self) -> str:
        """``Service shop/cart loses 3 Pods: nobody answers any more``."""
        parts = [f"loses {count_text(self.lost, 'Pod')}"] if self.lost else []
        parts += [f"gains {count_text(self.gained, 'Pod')}"] if self.gained else []
        return f"{object_text(self.object)} {' and '.join(parts)}{self._after()}"

    def _after(self) -> str:
        if self.role == "endpoint":
            return "" if self.left else ": nobody answers any more"
        if self.role == "route":
            return " behind it" if self.left else " behind it: nobody answers any more"
        return " that it applies to" if self.role == "subject" else " that its rules name"


def label_effects(before: ClusterState, after: ClusterState) -> tuple[LabelEffect, ...]:
    """What differs between two states for Services, Ingresses and policies because Pods have other labels.

    A policy of another kind of which it cannot be told whether it selects a Pod counts for neither side.
    """
    services = tuple(_services(before, after))
    return (*services, *_routes(before, services), *_policies(before, after))


def effects_text(before: ClusterState, after: ClusterState) -> str:
    """The effects as lines for a form; a sentence where nothing loses or gains a Pod."""
    found = label_effects(before, after)
    if not found:
        return "No Service, route or policy loses or gains a Pod."
    lines = [effect.words for effect in found[:MOST]]
    return "\n".join([*lines, *([f"… and {len(found) - MOST} more"] if len(found) > MOST else [])])


def _services(before: ClusterState, after: ClusterState) -> Iterator[LabelEffect]:
    old, new = before.control, after.control
    for oid in sorted({*old.slices, *new.slices}):
        if old.slices.get(oid) is not new.slices.get(oid) and split_id(oid)[0] == "Service":
            had, has = _keys(before, oid), _keys(after, oid)
            if had != has:
                yield LabelEffect(oid, "endpoint", len(had - has), len(has - had), len(has))


def _keys(state: ClusterState, service: str) -> frozenset[str]:
    """The keys of the Pods behind a Service: they stay when a Pod is made anew."""
    pods = state.control.pods
    ids = (end.pod for found in state.control.slices.get(service, ()) for end in found.endpoints)
    return frozenset(pods[oid].key for oid in ids if oid and oid in pods)


def _routes(before: ClusterState, services: tuple[LabelEffect, ...]) -> Iterator[LabelEffect]:
    """The Ingresses that lead to a Service which loses or gains Pods."""
    changed = {effect.object: effect for effect in services}
    for ingress in before.project.of(Ingress) if changed else ():
        backends = [ingress.spec.defaultBackend]
        backends += [path.backend for rule in ingress.spec.rules if rule.http for path in rule.http.paths]
        names = dict.fromkeys(b.service.name for b in backends if b is not None and b.service is not None)
        for name in names:
            effect = changed.get(f"Service:{ingress.namespace}/{name}")
            if effect is not None:
                yield LabelEffect(ingress.id, "route", effect.lost, effect.gained, effect.left)


# --- policies, asked for each set of labels once

Kind = tuple[str, FrozenMap[str, str]]


def _policies(before: ClusterState, after: ClusterState) -> Iterator[LabelEffect]:
    old, new = _changed_pods(before, after), _changed_pods(after, before)
    if not old and not new:
        return
    had, has = _counted(before, old), _counted(after, new)
    for key in sorted({*had, *has}):
        mine, other = had.get(key, frozenset()), has.get(key, frozenset())
        if mine != other:
            oid, role = key
            yield LabelEffect(oid, role, len(mine - other), len(other - mine), len(other))


def _changed_pods(state: ClusterState, other: ClusterState) -> list[PodState]:
    """The Pods that the other state does not have with the same labels in a namespace with the same labels."""
    known: Mapping[str, PodState] = {pod.key: pod for pod in other.control.pods.values()}
    spaces, others = state.control.namespaces, other.control.namespaces
    return [
        pod
        for pod in state.control.pods.values()
        if (there := known.get(pod.key)) is None
        or (there is not pod and there.labels != pod.labels)
        or spaces.get(pod.namespace) != others.get(pod.namespace)
    ]


def _counted(state: ClusterState, pods: list[PodState]) -> dict[tuple[str, Role], frozenset[str]]:
    """The keys of those Pods that each policy applies to, and of those that its rules name."""
    by_labels: dict[Kind, list[PodState]] = {}
    for pod in pods:
        by_labels.setdefault((pod.namespace, pod.labels), []).append(pod)
    found: dict[tuple[str, Role], set[str]] = {}
    for alike in by_labels.values():
        keys = {pod.key for pod in alike}
        for oid, role in _asked(state, alike[0]):
            found.setdefault((oid, role), set()).update(keys)
    return {key: frozenset(keys) for key, keys in found.items()}


def _asked(state: ClusterState, pod: PodState) -> Iterator[tuple[str, Role]]:
    policies = state.policies
    for policy in policies.all():
        if policy.namespace == pod.namespace and selector_matches(policy.selector, pod.labels):
            yield policy.id, "subject"
        if _is_peer(state, policy, pod):
            yield policy.id, "peer"
    for tiered in tier_policies(policies.tiers):
        if policies.concerns(tiered, pod):
            yield tiered.id, "subject"


def _is_peer(state: ClusterState, policy: CompiledPolicy, pod: PodState) -> bool:
    labels = state.policies.namespace_labels(pod.namespace)
    return any(
        isinstance(peer, PodMatch) and peer.selects(pod.namespace, pod.labels, labels)
        for direction in DIRECTIONS
        for rule in policy.rules(direction) or ()
        for peer in rule.peers
    )
