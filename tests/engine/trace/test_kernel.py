"""Traces against a Linux kernel: the same two-Node cluster, real connections, source and TTL that each backend saw.

Skipped where namespaces, iptables or bridges cannot be made.
"""

from functools import cache
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace import TraceResult
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, pod, seen_source, service
from tests.engine.trace.kernel_lab import Calls, observe, possible

able = cache(possible)

# plugin, backend, externalTrafficPolicy, further settings
CASES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("flannel", "vxlan", "Cluster", {}),
    ("flannel", "host-gw", "Local", {}),
    ("flannel", "vxlan", "Cluster", {"cni": {"bridgeNetfilter": False, "hairpin": False}}),
    ("calico", "vxlan", "Local", {}),
    ("calico", "vxlan", "Cluster", {"kubeProxy": {"clusterCIDR": ""}}),
    ("calico", "bgp", "Cluster", {"kubeProxy": {"masqueradeAll": True}}),
    ("calico", "vxlan", "Local", {"kubeProxy": {"localhostNodePorts": False, "masqueradeBit": 3}}),
    ("flannel", "vxlan", "Cluster", {"kubeProxy": {"mode": "nftables"}}),
    ("flannel", "host-gw", "Local", {"kubeProxy": {"mode": "nftables"}}),
    ("flannel", "vxlan", "Cluster", {"kubeProxy": {"mode": "nftables"},
                                     "cni": {"bridgeNetfilter": False, "hairpin": False}}),
    ("calico", "vxlan", "Local", {"kubeProxy": {"mode": "nftables", "nodePortAddresses": ("0.0.0.0/0",)}}),
    ("calico", "vxlan", "Cluster", {"kubeProxy": {"mode": "nftables", "clusterCIDR": ""}}),
    ("calico", "bgp", "Cluster", {"kubeProxy": {"mode": "nftables", "nftablesMasqueradeAll": True}}),
    ("weave", "fastdp", "Cluster", {}),
    ("weave", "fastdp", "Local", {"kubeProxy": {"mode": "nftables"}}),
    ("weave", "fastdp", "Cluster", {"cni": {"bridgeNetfilter": False, "hairpin": False}}),
    ("flannel", "vxlan", "Local", {"kubeProxy": {"mode": "nftables", "detectLocalMode": "BridgeInterface",
                                                 "bridgeInterface": "cni0"}}),
    ("calico", "vxlan", "Local", {"kubeProxy": {"detectLocalMode": "NodeCIDR"}}),
)  # fmt: skip


# What a caller sees of a verdict.
SEEN = {"rejected": "rejected", "connection-refused": "rejected", "dropped": "dropped"}


def lab(plugin: str, backend: str, policy: str, more: dict[str, Any]) -> ClusterState:
    def exposed(name: str, number: int) -> Any:
        ports = [{"port": 80, "targetPort": 8080, "nodePort": number}]
        return service(name, type="NodePort", ports=ports, externalTrafficPolicy=policy)

    return cluster(
        pod("a", 1), pod("near", 1), pod("far", 2), pod("host", 2, ports=[{"containerPort": 8080, "hostPort": 8099}]),
        service("a"), exposed("near", 30080), exposed("far", 30081), service("none", app="nobody"),
        nodes=2, plugin=plugin, backend=backend, **more,
    )  # fmt: skip


def calls_of(state: ClusterState) -> Calls:
    ports = [(f"192.168.10.1{n}", port) for n in (1, 2) for port in (30080, 30081)] + [("192.168.10.12", 8099)]
    inside = [(cluster_ip(state, name), 80) for name in ("a", "near", "far", "none")]
    inside.append((cluster_ip(state, "near"), 81))
    direct = [(state.control.pods[f"Pod:default/{name}"].ips[0], 8080) for name in ("near", "far")]
    loopback = [("127.0.0.1", port) for port in (30080, 30081)]
    return {"a": [*inside, *direct, *ports], "node-1": [*inside, *direct, *ports, *loopback],
            "outside": ports}  # fmt: skip


def arrival(found: TraceResult) -> str:
    """Source and TTL with which the first packet arrives."""
    last = hops(found, "deliver")[-1].after
    assert last is not None
    return f"{seen_source(found)} ttl {last.ttl}"


@pytest.mark.slow
@pytest.mark.parametrize(("plugin", "backend", "policy", "more"), CASES)
def test_the_kernel_agrees(plugin: str, backend: str, policy: str, more: dict[str, Any]) -> None:
    if not able():
        pytest.skip("namespaces with iptables and bridges cannot be made here")
    state = lab(plugin, backend, policy, more)
    calls = calls_of(state)
    sources = {"a": "Pod:default/a", "node-1": "node-1", "outside": "192.168.10.99"}
    predicted = {}
    for name, wanted in calls.items():
        answers = [ask(state, sources[name], f"{address}:{port}") for address, port in wanted]
        predicted[name] = [arrival(found) if found.verdict == "delivered" else SEEN[found.verdict] for found in answers]
    assert observe(state, calls) == predicted


def exposed_lab(mode: str) -> ClusterState:
    """Services with addresses from outside, source ranges, policy Local and affinity."""

    def balanced(name: str, address: str, **more: Any) -> Any:
        status = {"loadBalancer": {"ingress": [{"ip": address}]}}
        return service(
            name, app="near", type="LoadBalancer", status=status, allocateLoadBalancerNodePorts=False, **more
        )

    return cluster(
        pod("a", 1), pod("near", 1), pod("far", 2),
        service("extern", app="far", externalIPs=["192.0.2.55"]),
        service("inner-near", app="near", internalTrafficPolicy="Local"),
        service("inner-far", app="far", internalTrafficPolicy="Local"),
        service("sticky", app="far", sessionAffinity="ClientIP"),
        balanced("plain", "192.0.2.60"),
        balanced("pods-only", "192.0.2.61", loadBalancerSourceRanges=["10.244.0.0/16"]),
        balanced("nodes-only", "192.0.2.62", loadBalancerSourceRanges=["192.168.10.0/24"]),
        balanced("local", "192.0.2.63", externalTrafficPolicy="Local"),
        nodes=2, plugin="flannel", kubeProxy={"mode": mode},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_the_kernel_agrees_on_addresses_from_outside(mode: str) -> None:
    if not able():
        pytest.skip("namespaces with iptables, nft and bridges cannot be made here")
    state = exposed_lab(mode)
    inside = [(cluster_ip(state, name), 80) for name in ("inner-near", "inner-far", "sticky")]
    balanced = [("192.0.2.55", 80), *((f"192.0.2.{number}", 80) for number in (60, 61, 62, 63))]
    calls: Calls = {name: [*inside, *balanced] for name in ("a", "node-2")}
    sources = {"a": "Pod:default/a", "node-2": "node-2"}
    predicted = {}
    for name, wanted in calls.items():
        answers = [ask(state, sources[name], f"{address}:{port}") for address, port in wanted]
        predicted[name] = [arrival(found) if found.verdict == "delivered" else SEEN[found.verdict] for found in answers]
    assert observe(state, calls) == predicted
