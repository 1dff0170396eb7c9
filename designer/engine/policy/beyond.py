"""Policies of other kinds than NetworkPolicy: which engine enforces which, and those that cannot be evaluated.

What these say may turn every answer round, so an answer about a Pod in their scope is "cannot tell".
Sources: KEP-2091 (AdminNetworkPolicy: before and after NetworkPolicy), Calico's and Cilium's own policy resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import DIRECTIONS, Direction
from designer.engine.policy.matchers import selector_keys
from designer.engine.policy.reading import Kept, kept
from designer.model import FrozenMap, LabelSelector, Project, selector_matches
from designer.model.policykinds import ADMIN_GROUP, CALICO_GROUPS, CILIUM_GROUP, is_policy
from designer.model.staging import is_marked

# Policy engine (`Enforcement.engine`) → the groups that it enforces besides NetworkPolicy. An engine ignores those of
# the others; Flannel and Weave Net enforce none (`domain/cni.md`, feature table).
READ_BY: dict[str, frozenset[str]] = {
    "Calico": frozenset({ADMIN_GROUP, *CALICO_GROUPS}),
    "Cilium": frozenset({CILIUM_GROUP}),
}
NAMESPACED = frozenset({"NetworkPolicy", "CiliumNetworkPolicy"})


@dataclass(frozen=True, slots=True)
class Unread:
    """A kept policy: the namespace that it stands in ("" for one of the whole cluster), and its spec as given.

    `why` says why it is not evaluated. `selector` and `directions` tell whom it may decide about where that is plain,
    `spaces` in which namespaces; `outside` says that it decides about what leaves the cluster alone.
    """

    id: str
    group: str
    kind: str
    namespace: str
    spec: Mapping[str, Any]
    why: str = ""
    name: str = ""
    selector: LabelSelector | None = None
    directions: tuple[Direction, ...] = DIRECTIONS
    spaces: LabelSelector | None = None
    outside: bool = False

    @property
    def text(self) -> str:
        """``AdminNetworkPolicy deny-all``, ``CiliumNetworkPolicy shop/web``."""
        return f"{self.kind} {self.name}"

    @property
    def keys(self) -> frozenset[str]:
        """The keys of Pods' labels that `concerns` looks at."""
        if self.selector is not None:
            return frozenset(selector_keys(self.selector))
        subject = self.spec.get("subject")
        pods = subject.get("pods") if isinstance(subject, Mapping) else None
        given = pods.get("podSelector") if isinstance(pods, Mapping) else None
        try:
            return frozenset(selector_keys(LabelSelector.model_validate(given or {})))
        except ValidationError:
            return frozenset()

    def concerns(self, direction: Direction, pod: PodState, labels: FrozenMap[str, str], isolated: bool) -> bool:
        """Whether it may decide about a Pod in a direction; `labels` are its namespace's.

        `isolated` says that a NetworkPolicy selects the Pod: a baseline policy is not asked then.
        """
        if self.namespace and self.namespace != pod.namespace:
            return False
        if self.spaces is not None and not selector_matches(self.spaces, labels):
            return False
        if self.selector is not None:
            return direction in self.directions and selector_matches(self.selector, pod.labels)
        if self.group != ADMIN_GROUP:
            return True
        baseline = self.kind == "BaselineAdminNetworkPolicy" or self.spec.get("tier") == "Baseline"
        if not self.spec.get(direction) or (baseline and isolated):
            return False
        return _in_subject(self.spec.get("subject"), pod, labels)


def _in_subject(subject: Any, pod: PodState, labels: FrozenMap[str, str]) -> bool:
    """Whether the subject of an admin policy takes a Pod; True where it cannot be read."""
    if not isinstance(subject, Mapping):
        return True
    pods = subject.get("pods")
    parts = (
        ((pods.get("namespaceSelector"), labels), (pods.get("podSelector"), pod.labels))
        if isinstance(pods, Mapping)
        else ((subject.get("namespaces"), labels),)
    )
    return all(_selects(selector, found) for selector, found in parts)


def _selects(selector: Any, labels: FrozenMap[str, str]) -> bool:
    try:
        return selector_matches(LabelSelector.model_validate(selector or {}), labels)
    except ValidationError:
        return True


def foreign_policies(project: Project) -> tuple[Kept, ...]:
    """The kept policies of all engines that are in force, by id: staged ones (`model.staging`) are not among them."""
    return tuple(one for one in known_policies(project) if not is_marked(one.data))


def known_policies(project: Project) -> tuple[Kept, ...]:
    """The kept policies of all engines by id, those that are marked as staged too."""
    found = (project.foreign[oid] for oid in sorted(project.foreign))
    return tuple(kept(project, one, NAMESPACED) for one in found if is_policy(one.data))


def unread(policy: Kept, why: str) -> Unread:
    """A policy that is not evaluated, with the reason."""
    spec = policy.data.get("spec")
    return Unread(
        policy.id,
        policy.group,
        policy.kind,
        policy.namespace,
        spec if isinstance(spec, Mapping) else {},
        why,
        policy.shown,
    )


def shown(policies: Iterable[Unread]) -> str:
    """``AdminNetworkPolicy a, CiliumNetworkPolicy shop/b and 3 more``."""
    return first_of([policy.text for policy in policies])


def first_of(texts: Sequence[str], most: int = 2) -> str:
    """The first texts of some, and how many more there are: ``a, b and 3 more``."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
