"""How long a request takes to trace: in a small shop, and in a cluster of 10,000 Services with five endpoints each.

Run from the root of the checkout: ``python -m benchmarks.trace_request [--quick]``. The first trace in a state makes
the rules of the Nodes that it crosses; what follows finds them made.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial

from benchmarks import clusters
from benchmarks.compile_project import compiled
from benchmarks.measuring import heading, measure
from designer.engine.compile import ClusterState
from designer.engine.memo import Memo
from designer.engine.trace import Request, trace

# A Service of it has ten endpoints, on as many Nodes: a request to it crosses eleven.
WIDE = clusters.Size(1000, 2000, 10, 10000, 100)
MODES = ("iptables", "nftables", "ipvs")
SMALL, LARGE = clusters.Size(3, 12, 2, 12, 12), clusters.Size(500, 10000, 5, 10000, 200)


def cold(state: ClusterState) -> ClusterState:
    """The same state, nothing of it made for an earlier question."""
    return replace(state, memo=Memo(), programs={}, nft_programs={}, ipvs_programs={})


def by_mode(size: clusters.Size) -> None:
    """Print how long the first trace takes where each of the Nodes that it crosses has its rules made, by mode."""
    heading(f"{size}, each mode of kube-proxy")
    project = clusters.project(size)
    for mode in MODES:
        proxy = project.cluster.kubeProxy.model_copy(update={"mode": mode})
        settings = project.cluster.model_copy(update={"kubeProxy": proxy})
        state = compiled(replace(project, cluster=settings))
        service = list(state.control.services.values())[size.services // 2]
        asked = Request(next(iter(state.control.pods)), f"{service.cluster_ips[0]}:{service.ports[0].port}")
        assert len(trace(state, asked).trace.paths()) >= size.replicas
        measure(f"first trace, {mode}", partial(trace, request=asked), prepare=partial(cold, state), rounds=3)


def table(size: clusters.Size) -> None:
    """Print the rows of one size."""
    heading(str(size))
    state = compiled(clusters.project(size))
    allowed = Request("Deployment:ns0/app-0", "http://app-1.ns1.svc.cluster.local:80")
    address = f"{state.control.services['Service:ns1/app-1'].cluster_ips[0]}:80"
    measure("first trace of a state", lambda given: trace(given, allowed), prepare=lambda: cold(state), rounds=3)
    trace(state, allowed)
    measure("a Service by name", lambda _: trace(state, allowed))
    measure("a ClusterIP", lambda _: trace(state, Request("Deployment:ns0/app-0", address)))
    pod = state.control.pods[next(iter(state.control.pods))]
    measure("a Pod's address", lambda _: trace(state, Request("Deployment:ns0/app-0", f"{pod.ips[0]}:8080")))
    nobody = Request("Deployment:ns0/app-0", "http://nobody.ns1:80")
    measure("a name that nobody has", lambda _: trace(state, nobody))
    edited = [compiled(state.project.with_object(clusters.service(1, 80 + n)), state) for n in (1, 2, 3)]
    later = iter(edited)
    measure(
        "first trace after one Service was edited", lambda given: trace(given, allowed), prepare=lambda: next(later),
        rounds=3,
    )  # fmt: skip
    edited = [compiled(edited[-1].project.with_object(clusters.service(1, 90 + n)), edited[-1]) for n in (1, 2, 3)]
    again = iter(edited)
    called = Request("Deployment:ns0/app-0", address)
    measure("a ClusterIP, first after such an edit", lambda given: trace(given, called), prepare=lambda: next(again),
            target=50, rounds=3)  # fmt: skip


def main(quick: bool) -> None:
    """Print one table a size."""
    for size in (SMALL,) if quick else (SMALL, LARGE):
        table(size)
    if not quick:
        by_mode(WIDE)


if __name__ == "__main__":
    main("--quick" in sys.argv[1:])
