"""How long kube-proxy's iptables rules take: everything anew, one edited Service, a packet, the text.

Run from the root of the checkout: ``python benchmarks/kubeproxy_rules.py [services]``. Beside it stand the times of
kube-proxy v1.36's own generation of the same rules, in Go on two quiet cores: 350 ms in full, 130 ms for one edit.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    NodeState,
    ServicePortState,
    ServiceState,
)
from designer.engine.kubeproxy import iptables
from designer.engine.netfilter import Packet, WalkContext, render_iptables, walk
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings

ROUNDS = 5
ENDPOINTS = 5
NODES = 50
SETTINGS = ClusterSettings(kubeProxy=KubeProxySettings(clusterCIDR="10.244.0.0/16"))
REFERENCE = {"full": "350 ms", "one Service edited": "130 ms"}


def cluster(count: int) -> ControlPlaneState:
    """A cluster with `count` ClusterIP Services of five endpoints each, on fifty nodes."""
    nodes = {f"node-{i}": NodeState(f"node-{i}", (f"192.168.10.{i + 1}",), ()) for i in range(NODES)}
    services, slices = {}, {}
    for i in range(count):
        ports = (ServicePortState("http", "TCP", 80, 8080),)
        web = ServiceState(
            "default", f"svc-{i:05d}", "ClusterIP", (f"10.{96 + i // 62500}.{i // 250 % 250}.{i % 250 + 1}",), ports
        )
        places = [(i * ENDPOINTS + k) % (NODES * 250) for k in range(ENDPOINTS)]
        endpoints = tuple(
            EndpointState((f"10.244.{p % NODES}.{p // NODES + 2}",), node=f"node-{p % NODES}") for p in places
        )
        services[web.id] = web
        slices[web.id] = (
            EndpointSliceState(
                "default", f"{web.name}-x", web.name, "IPv4", (EndpointPortState("http", "TCP", 8080),), endpoints
            ),
        )
    return ControlPlaneState(FrozenMap(nodes), services=FrozenMap(services), slices=FrozenMap(slices))


def measure(name: str, run: Callable[[], object]) -> None:
    """Print median and worst processor time of some rounds, and the peak of memory of one more."""
    times = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        run()
        times.append((time.process_time() - begin) * 1000)
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"{name:24} {statistics.median(times):9.1f} {max(times):9.1f} {peak:9.1f}   {REFERENCE.get(name, '')}")


def main(count: int) -> None:
    """Print the table."""
    control = cluster(count)
    cache = iptables.RuleCache()
    program = iptables.build(control, SETTINGS, "node-1", 4, cache)
    oid, web = list(control.services.items())[count // 2]
    seconds = iter(range(1, 1000))

    def edit() -> None:
        changed = replace(web, affinity_seconds=next(seconds))
        iptables.build(replace(control, services=control.services.set(oid, changed)), SETTINGS, "node-1", 4, cache)

    packet = Packet(4, "10.244.1.9", web.cluster_ips[0], "TCP", 41822, 80, in_iface="cali1")
    print(f"{count} Services x {ENDPOINTS} endpoints, {ROUNDS} rounds")
    print(f"{'':24} {'median ms':>9} {'worst ms':>9} {'peak MB':>9}   kube-proxy's own")
    measure("full", lambda: iptables.build(control, SETTINGS, "node-1", 4))
    measure("one Service edited", edit)
    measure("a packet to a Service", lambda: walk(program, "PREROUTING", packet, WalkContext()))
    measure("text, first time", lambda: render_iptables(iptables.build(control, SETTINGS, "node-1", 4)))
    render_iptables(program)
    measure("text, again", lambda: render_iptables(program))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
