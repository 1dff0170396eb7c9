"""Which Pods hold a place and an address: all but those that have ended."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.compile import ClusterState
from designer.engine.controlplane.podallocation import FINISHED
from designer.engine.controlplane.state import PodState


def placed_pods(state: ClusterState) -> Iterator[PodState]:
    """The Pods that hold a place on their Node (domain/ipam.md 3: hostNetwork Pods count against maxPods, too)."""
    return (pod for pod in state.control.pods.values() if pod.node is not None and pod.phase not in FINISHED)


def holding_pods(state: ClusterState) -> Iterator[PodState]:
    """The Pods that hold addresses of their own: hostNetwork Pods hold none."""
    return (pod for pod in placed_pods(state) if not pod.host_network)
