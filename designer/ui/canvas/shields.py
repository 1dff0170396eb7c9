"""Which Pods a policy selects: asked for each Pod, answered once for Pods that are alike."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState
from designer.engine.policy import DIRECTIONS, PolicySet
from designer.engine.policy.tiers import TierPolicy, tier_policies
from designer.model import FrozenMap
from designer.present.selected_pods import selected_pods

# What makes two Pods alike for policies: namespace, labels, whether they share their Node's network, service account.
Alike = tuple[str, FrozenMap[str, str], bool, str | None]


class Shields:
    """Remembers the answer for Pods that are alike until policies are others.

    `version` is another value whenever answers may be others for the same Pods.
    """

    def __init__(self) -> None:
        self._policies: PolicySet | None = None
        self._tiers: tuple[TierPolicy, ...] = ()
        self._known: dict[Alike, bool | None] = {}
        # The same by the labels' identity: the Pods of one workload have the very same.
        self._by_labels: dict[tuple[str, int, bool, str | None], tuple[FrozenMap[str, str], bool | None]] = {}
        self._state: ClusterState | None = None
        self._selected: dict[str, tuple[str, ...]] = {}
        self.version: object = None

    def read(self, state: ClusterState) -> None:
        """Nothing; answers for this state from now on."""
        policies = state.policies
        # Labels of namespaces matter to tiers alone; NetworkPolicies select in their own namespace.
        labels = policies.namespaces if policies.tiers else None
        version = (id(policies.policies), id(policies.tiers), policies.enforcement, labels)
        if version != self.version:
            self._known, self._by_labels, self.version = {}, {}, version
        self._policies, self._tiers = policies, tier_policies(policies.tiers)

    def has(self, pod: PodState) -> bool | None:
        """Whether any policy has to do with the Pod in any direction; None where one has and nothing enforces it."""
        if self._policies is None or (pod.namespace not in self._policies.policies and not self._tiers):
            return False
        account = pod.spec.serviceAccountName if self._tiers else None
        place = (pod.namespace, id(pod.labels), pod.host_network, account)
        found = self._by_labels.get(place)
        if found is None:
            key = (pod.namespace, pod.labels, pod.host_network, account)
            if key not in self._known:
                self._known[key] = self._asked(self._policies, pod)
            found = self._by_labels[place] = (pod.labels, self._known[key])
        return found[1]

    def _asked(self, policies: PolicySet, pod: PodState) -> bool | None:
        ways = [way for way in DIRECTIONS if policies.selecting(way, pod)]
        if any(policies.concerns(policy, pod) for policy in self._tiers):
            return True
        if not ways:
            return False
        # A policy that selects a hostNetwork Pod is not applied (`Enforcement.host_network_subjects`).
        enforced = any(policies.enforcement.enforces(way) for way in ways) and not pod.host_network
        return True if enforced else None

    def selected_by(self, state: ClusterState, policy_id: str) -> tuple[str, ...]:
        """Ids of the Pods that a policy selects, in their order."""
        if state is not self._state:
            self._state, self._selected = state, {}
        if policy_id not in self._selected:
            self._selected[policy_id] = selected_pods(state, policy_id)
        return self._selected[policy_id]
