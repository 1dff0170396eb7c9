"""A name lookup in words, and the Pods that can ask."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.controlplane.dns import Resolution
from designer.engine.controlplane.state import PodState


def source_pods(state: ClusterState) -> tuple[PodState, ...]:
    """The Pods that can send a query (they run on a Node), those of kube-system last, by namespace and name."""
    running = [pod for pod in state.control.pods.values() if pod.node]
    return tuple(sorted(running, key=lambda pod: (pod.namespace == "kube-system", pod.namespace, pod.name)))


def resolution_text(found: Resolution) -> str:
    """The outcome in one sentence: ``cart → 10.96.0.41 (cart.default.svc.cluster.local): …``."""
    if found.status != "ok":
        return f"{found.name}: {found.reason}"
    canonical = f" ({found.canonical})" if found.canonical and found.canonical != found.name else ""
    return f"{found.name} → {', '.join(found.addresses)}{canonical}: {found.reason}"
