"""How long kube-proxy's rules take in each mode: everything anew, one edited Service, a packet, the text.

Run from the root of the checkout: ``python benchmarks/kubeproxy_rules.py [services]``. Beside it stand the times of
kube-proxy v1.36's own generation of the same rules, in Go on two quiet cores: 350 ms (iptables) and 290 ms (nftables)
in full, 130 ms for one edit. In ipvs mode there is no such time; its rules name no Service, its servers and sets do.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

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
from designer.engine.kubeproxy import iptables, ipvs, nftables
from designer.engine.netfilter import Packet, WalkContext, render_iptables, render_ipvs, render_nft, walk, walk_nft
from designer.engine.netfilter.program import Hook
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings

ROUNDS = 5
ENDPOINTS = 5
NODES = 50
SETTINGS = ClusterSettings(kubeProxy=KubeProxySettings(clusterCIDR="10.244.0.0/16"))
REFERENCE = {
    ("iptables", "full"): "350 ms; ours ≤ 350 ms",
    ("iptables", "one Service edited"): "130 ms; ours ≤ 5 ms",
    ("nftables", "full"): "290 ms; ours ≤ 300 ms",
    ("nftables", "one Service edited"): "ours ≤ 5 ms",
}
# Mode → its module, how its text is made, and how a packet walks its program (None where IPVS chooses, not a rule).
MODES: dict[str, tuple[Any, Callable[[Any], str], Callable[[Any, Hook, Packet, WalkContext], object] | None]] = {
    "iptables": (iptables, render_iptables, walk),
    "nftables": (nftables, render_nft, walk_nft),
    "ipvs": (ipvs, render_ipvs, None),
}


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


def measure(mode: str, name: str, run: Callable[[], object]) -> None:
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
    beside = REFERENCE.get((mode, name), "")
    print(f"{mode:9} {name:24} {statistics.median(times):9.1f} {max(times):9.1f} {peak:9.1f}   {beside}".rstrip())


def measure_mode(mode: str, control: ControlPlaneState, oid: str) -> None:
    """Print the rows of one mode; `oid` is the Service that is edited and called."""
    module, text, walked = MODES[mode]
    cache, web, seconds = module.RuleCache(), control.services[oid], iter(range(1, 1000))
    program = module.build(control, SETTINGS, "node-1", 4, cache)

    def edit() -> None:
        changed = replace(web, affinity_seconds=next(seconds))
        module.build(replace(control, services=control.services.set(oid, changed)), SETTINGS, "node-1", 4, cache)

    measure(mode, "full", lambda: module.build(control, SETTINGS, "node-1", 4))
    measure(mode, "one Service edited", edit)
    if walked is not None:
        packet = Packet(4, "10.244.1.9", web.cluster_ips[0], "TCP", 41822, 80, in_iface="cali1")
        measure(mode, "a packet to a Service", lambda: walked(program, "PREROUTING", packet, WalkContext()))
    measure(mode, "text, first time", lambda: text(module.build(control, SETTINGS, "node-1", 4)))
    text(program)
    measure(mode, "text, again", lambda: text(program))


def main(count: int) -> None:
    """Print the table."""
    control = cluster(count)
    print(f"{count} Services x {ENDPOINTS} endpoints, {ROUNDS} rounds")
    print(f"{'':34} {'median ms':>9} {'worst ms':>9} {'peak MB':>9}   kube-proxy's own, and our target")
    for mode in MODES:
        measure_mode(mode, control, list(control.services)[count // 2])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
