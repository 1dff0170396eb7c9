"""Which Pods belong to an object: those that it selects, makes, runs or holds, as the engine computed them."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.policy import DIRECTIONS
from designer.model import NetworkPolicy, selector_matches, split_id
from designer.model.staging import is_staged
from designer.present.kept_policies import tier_pods


def selected_pods(state: ClusterState, oid: str) -> tuple[str, ...]:
    """Ids of the Pods behind a Service, under a policy, of a workload, on a Node or in a Namespace, in their order.

    Under a policy that nothing enforces: those that it would select.
    """
    kind, _, name = split_id(oid)
    pods = state.control.pods.values()
    if kind == "Service":
        chosen = {e.pod for found in state.control.slices.get(oid, ()) for e in found.endpoints if e.pod}
        return tuple(pod.id for pod in pods if pod.id in chosen)
    staged = state.project.find(NetworkPolicy, oid)
    if staged is not None and is_staged(staged):
        namespace, selector = staged.namespace, staged.spec.podSelector
        return tuple(p.id for p in pods if p.namespace == namespace and selector_matches(selector, p.labels))
    if kind == "NetworkPolicy":
        policy = next((found for found in state.policies.all() if found.id == oid), None)
        if policy is None:
            return ()
        return tuple(
            pod.id
            for pod in pods
            if pod.namespace == policy.namespace
            and any(policy in state.policies.selecting(direction, pod) for direction in DIRECTIONS)
        )
    if oid in state.project.foreign:
        return tuple(pod.id for pod in tier_pods(state, oid))
    if kind == "Node":
        return tuple(pod.id for pod in pods if pod.node == name)
    if kind == "Namespace":
        return tuple(pod.id for pod in pods if pod.namespace == name)
    return tuple(pod.id for pod in pods if pod.owner == oid)
