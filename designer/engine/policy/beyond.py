"""Policies of other kinds than NetworkPolicy that a plugin enforces too, and that are kept without being evaluated.

What they say may turn every answer of NetworkPolicy round, so an answer about a Pod in their scope is "cannot tell".
Sources: KEP-2091 (AdminNetworkPolicy: before and after NetworkPolicy), Calico's and Cilium's own policy resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from designer.engine.controlplane.state import PodState
from designer.engine.policy.compiled import Direction
from designer.model import FrozenMap, LabelSelector, Project, selector_matches

ADMIN = "policy.networking.k8s.io"
_ADMIN_KINDS = frozenset({"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"})
_CALICO_KINDS = frozenset({"NetworkPolicy", "GlobalNetworkPolicy"})
_CILIUM_KINDS = frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})
# Policy engine (`Enforcement.engine`) → API group → the kinds that it enforces besides NetworkPolicy. An engine ignores
# the kinds of the others; Flannel and Weave Net enforce none.
READ_BY: dict[str, dict[str, frozenset[str]]] = {
    "Calico": {"projectcalico.org": _CALICO_KINDS, "crd.projectcalico.org": _CALICO_KINDS, ADMIN: _ADMIN_KINDS},
    "Cilium": {"cilium.io": _CILIUM_KINDS, ADMIN: _ADMIN_KINDS},
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A kept policy: the namespace that it stands in ("" for one of the whole cluster), and its spec as given."""

    id: str
    group: str
    kind: str
    namespace: str
    spec: Mapping[str, Any]

    @property
    def text(self) -> str:
        """``AdminNetworkPolicy deny-all``, ``CiliumNetworkPolicy shop/web``."""
        return f"{self.kind} {self.id.partition(':')[2]}"

    def concerns(self, direction: Direction, pod: PodState, labels: FrozenMap[str, str], isolated: bool) -> bool:
        """Whether it may decide about a Pod in a direction; `labels` are its namespace's.

        `isolated` says that a NetworkPolicy selects the Pod: a baseline policy is not asked then.
        """
        if self.namespace and self.namespace != pod.namespace:
            return False
        if self.group != ADMIN:
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


def unread_policies(project: Project, engine: str) -> tuple[Unread, ...]:
    """The kept policies that a policy engine enforces, by id."""
    groups = READ_BY.get(engine, {})
    found: list[Unread] = []
    for oid in sorted(project.foreign) if groups else ():
        data = project.foreign[oid].data
        api, kind, spec = data.get("apiVersion"), data.get("kind"), data.get("spec")
        group = api.partition("/")[0] if isinstance(api, str) else ""
        if isinstance(kind, str) and kind in groups.get(group, ()):
            found.append(Unread(oid, group, kind, _namespace(kind, data), spec if isinstance(spec, Mapping) else {}))
    return tuple(found)


def _namespace(kind: str, data: Mapping[str, Any]) -> str:
    """Where it stands; a namespaced policy without namespace stands in ``default``, as the API server puts it."""
    if kind not in ("NetworkPolicy", "CiliumNetworkPolicy"):
        return ""
    metadata = data.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return namespace if isinstance(namespace, str) and namespace else "default"


def shown(policies: Iterable[Unread], most: int = 2) -> str:
    """``AdminNetworkPolicy a, CiliumNetworkPolicy shop/b and 3 more``."""
    texts = [policy.text for policy in policies]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
