"""Which Pods a policy selects: asked for each Pod, answered once for Pods that are alike."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, PolicySet
from designer.model import FrozenMap


class Shields:
    """Remembers the answer for each namespace and set of labels until policies are others."""

    def __init__(self) -> None:
        self._policies: PolicySet | None = None
        self._known: dict[tuple[str, FrozenMap[str, str]], bool] = {}
        self._state: ClusterState | None = None
        self._selected: dict[str, tuple[str, ...]] = {}

    def read(self, state: ClusterState) -> None:
        """Nothing; answers for this state from now on."""
        if self._policies is None or state.policies.policies is not self._policies.policies:
            self._known = {}
        self._policies = state.policies

    def has(self, pod: PodState) -> bool:
        """Whether any policy isolates the Pod in any direction."""
        if self._policies is None or pod.namespace not in self._policies.policies:
            return False
        key = (pod.namespace, pod.labels)
        if key not in self._known:
            self._known[key] = any(self._policies.selecting(direction, pod) for direction in DIRECTIONS)
        return self._known[key]

    def selected_by(self, state: ClusterState, policy_id: str) -> tuple[str, ...]:
        """Ids of the Pods that a policy selects, in their order."""
        if state is not self._state:
            self._state, self._selected = state, {}
        if policy_id not in self._selected:
            self._selected[policy_id] = _pods_of(state, policy_id)
        return self._selected[policy_id]


def _pods_of(state: ClusterState, policy_id: str) -> tuple[str, ...]:
    policy = next((found for found in state.policies.all() if found.id == policy_id), None)
    if policy is None:
        return ()
    alike: dict[FrozenMap[str, str], bool] = {}
    found = []
    for pod in state.control.pods.values():
        if pod.namespace == policy.namespace:
            if pod.labels not in alike:
                ways = (state.policies.selecting(direction, pod) for direction in DIRECTIONS)
                alike[pod.labels] = any(policy in selecting for selecting in ways)
            if alike[pod.labels]:
                found.append(pod.id)
    return tuple(found)
