"""Traces of random clusters against a Linux kernel: every Service by every address, from Pods, Nodes and outside.

Where connections are shared out at random, what the kernel did must be one of the ways that the trace shows.
"""

import random
from functools import cache
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, pod, service
from tests.engine.trace.kernel_lab import Calls, observe, possible

able = cache(possible)

PROFILES = (("calico", "vxlan"), ("calico", "bgp"), ("flannel", "vxlan"), ("flannel", "host-gw"), ("weave", "fastdp"))
RANGES = (["192.168.10.0/24"], ["10.244.0.0/16"], ["192.168.10.11/32"], ["203.0.113.0/24"])
NOT_READY = {"conditions": [{"type": "Ready", "status": "False"}], "phase": "Running"}
NODES = ("192.168.10.11", "192.168.10.12")
# What a caller sees of a verdict; what cannot be told may be anything.
SEEN = {"rejected": "rejected", "connection-refused": "rejected", "dropped": "dropped"}


def random_service(rng: random.Random, place: int) -> KubeObject:
    """A Service of any type with addresses of its own; its Pods are those of ``app=s<place>``."""
    kind = rng.choice(["ClusterIP", "NodePort", "LoadBalancer"])
    port: dict[str, Any] = {"port": 80, "targetPort": 8080}
    spec: dict[str, Any] = {"type": kind, "ports": [port], "clusterIP": f"10.96.0.{100 + place}",
                            "internalTrafficPolicy": rng.choice(["Cluster", "Cluster", "Local"])}  # fmt: skip
    if kind != "ClusterIP":
        port["nodePort"] = 30080 + place
        spec["externalTrafficPolicy"] = rng.choice(["Cluster", "Local"])
    if kind == "LoadBalancer":
        spec["status"] = {"loadBalancer": {"ingress": [{"ip": f"192.0.2.{200 + place}"}]}}
        if rng.random() < 0.5:
            spec["loadBalancerSourceRanges"] = rng.choice(RANGES)
    if rng.random() < 0.4:
        spec["externalIPs"] = [f"192.0.2.{50 + place}"]
    if rng.random() < 0.2:
        spec["sessionAffinity"] = "ClientIP"
    return service(f"s{place}", **spec)


def random_cluster(seed: int) -> ClusterState:
    """Two Nodes, four Services, up to two Pods behind each, and the Pod `cl` that only calls."""
    rng = random.Random(seed)
    plugin, backend = PROFILES[seed % len(PROFILES)]
    pods = [pod("cl", 1)]
    for place in range(4):
        for where in rng.sample([1, 2], rng.randint(0, 2)):
            status = None if rng.random() < 0.8 else NOT_READY
            pods.append(pod(f"s{place}-{where}", where, app=f"s{place}", status=status))
    services = [random_service(rng, place) for place in range(4)]
    proxy: dict[str, Any] = {"mode": ("iptables", "nftables")[seed % 2]}
    if rng.random() < 0.2:
        proxy["clusterCIDR"] = ""
    if rng.random() < 0.2:
        proxy |= {"masqueradeAll": True, "nftablesMasqueradeAll": True}
    return cluster(*pods, *services, nodes=2, plugin=plugin, backend=backend, kubeProxy=proxy)


def calls_of(state: ClusterState) -> Calls:
    inside: list[tuple[str, int]] = []
    node_ports: list[tuple[str, int]] = []
    for each in state.control.services.values():
        balanced = (entry.ip for entry in each.load_balancer if entry.ip)
        inside += [(each.cluster_ips[0], 80), (each.cluster_ips[0], 81)]
        inside += [(address, 80) for address in (*each.external_ips, *balanced)]
        node_ports += [(address, port.node_port) for port in each.ports if port.node_port for address in NODES]
    loopback = [("127.0.0.1", port) for address, port in node_ports if address == NODES[0]]
    called = next((one.name for one in state.control.pods.values() if one.name != "cl"), "cl")
    inside += node_ports
    return {"cl": inside, called: inside, "node-1": [*inside, *loopback], "node-2": inside, "outside": node_ports}


def ways(state: ClusterState, source: str, destination: str) -> set[str]:
    """Everything that the trace lets the caller see."""
    found = set()
    for path in ask(state, source, destination).trace.paths():
        if path.verdict == "delivered":
            last = [h for h in path.hops if h.kind == "deliver" and h.direction == "request"][-1]
            assert last.after is not None
            found.add(f"{dict(last.details)['Source seen']} ttl {last.after.ttl}")
        else:
            found.add(SEEN.get(path.verdict, path.verdict))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_the_kernel_does_one_of_the_ways(seed: int) -> None:
    if not able():
        pytest.skip("namespaces with iptables, nft and bridges cannot be made here")
    state = random_cluster(seed)
    calls = calls_of(state)
    seen = observe(state, calls)
    for name, wanted in calls.items():
        source = {"outside": "192.168.10.99"}.get(name, name)
        for (address, port), got in zip(wanted, seen[name], strict=True):
            told = ways(state, source, f"{address}:{port}")
            assert got in told or "cannot-tell" in told, f"{name} → {address}:{port} saw {got}, told was {sorted(told)}"
