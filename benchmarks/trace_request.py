"""How long a trace takes: the first through a state that was just compiled, and those after it.

Run from the root of the checkout: ``python -m benchmarks.trace_request [--quick]``. The first trace makes the rules of
every node that it crosses and the indices of the state; later ones find them. PERFORMANCE names no target.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks import clusters
from benchmarks.measuring import heading, measure
from designer.engine.compile import ClusterState, compile_project
from designer.engine.memo import Memo
from designer.engine.trace import Request, trace

SIZES = (clusters.Size(20, 200, 10, 200, 200), clusters.Size(1000, 2000, 10, 2000, 200))


def unused(state: ClusterState) -> ClusterState:
    """The same cluster as if nothing had been asked of it yet."""
    return replace(state, memo=Memo(), programs={})


def table(size: clusters.Size, rounds: int) -> None:
    """Print the rows of one size."""
    heading(str(size))
    state = compile_project(clusters.project(size))
    service = next(iter(state.control.services.values()))
    pods = [pod for pod in state.control.pods.values() if pod.node is not None]
    inside = Request(pods[0].id, service.id)
    direct = Request(pods[0].id, f"{pods[-1].id}:80")
    measure("Pod to Service, first", lambda given: trace(given, inside), prepare=lambda: unused(state), rounds=rounds)
    measure("Pod to Service, after that", lambda _: trace(state, inside), rounds=rounds)
    measure("Pod to Pod, after that", lambda _: trace(state, direct), rounds=rounds)


def main() -> None:
    """Print the tables; with ``--quick`` the small size only."""
    quick = "--quick" in sys.argv[1:]
    for size in SIZES[:1] if quick else SIZES:
        table(size, 3 if quick else 5)


if __name__ == "__main__":
    main()
