"""IPv6 and dual stack: the same paths with the other family's addresses (`domain/ipam.md` section 8)."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, hops, make, pod, seen_source, service

DUAL: dict[str, Any] = {
    "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"],
    "serviceCIDRs": ["10.96.0.0/12", "fd00:10:96::/112"],
    "kubeProxy": {"clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"},
}


def dual_node(number: int) -> KubeObject:
    addresses = [f"192.168.10.1{number}", f"fd00:192:168:10::1{number}"]
    status = {"addresses": [{"type": "InternalIP", "address": address} for address in addresses]}
    return make("Node", f"node-{number}", status=status)


def dual(plugin: str, backend: str) -> ClusterState:
    web = service("web", ipFamilyPolicy="RequireDualStack")
    return cluster(dual_node(1), dual_node(2), pod("a", 1), pod("b", 2, app="web"), web, plugin=plugin, backend=backend,
                   **DUAL)  # fmt: skip


@pytest.mark.parametrize(("plugin", "backend"), [("calico", "vxlan"), ("calico", "ipip"), ("flannel", "vxlan"),
                                                 ("flannel", "host-gw")])  # fmt: skip
def test_cluster_ip_of_each_family(plugin: str, backend: str) -> None:
    state = dual(plugin, backend)
    for vip in state.control.services["Service:default/web"].cluster_ips:
        text = f"[{vip}]:80" if ":" in vip else f"{vip}:80"
        found = ask(state, "a", text)
        assert found.verdict == "delivered", found.reason
        arrived = hops(found, "deliver")[-1].after
        assert arrived is not None
        assert (":" in arrived.dst) == (":" in arrived.src) == (":" in vip)


def test_ipip_leaves_ipv6_unwrapped() -> None:
    state = dual("calico", "ipip")
    six = next(ip for ip in state.control.pods["Pod:default/b"].ips if ":" in ip)
    four = next(ip for ip in state.control.pods["Pod:default/b"].ips if ":" not in ip)
    assert not hops(ask(state, "a", f"[{six}]:8080"), "encapsulate")
    assert hops(ask(state, "a", f"{four}:8080"), "encapsulate")


def test_vxlan_wraps_ipv6_between_ipv6_node_addresses() -> None:
    state = dual("flannel", "vxlan")
    six = next(ip for ip in state.control.pods["Pod:default/b"].ips if ":" in ip)
    wire = hops(ask(state, "a", f"[{six}]:8080"), "wire")[0].after
    assert wire is not None
    assert (wire.outer_src, wire.outer_dst) == ("fd00:192:168:10::11", "fd00:192:168:10::12")


@pytest.mark.parametrize("plugin", ["calico", "weave"])
def test_a_pod_without_the_family_has_no_way(plugin: str) -> None:
    found = ask(cluster(pod("a", 1), plugin=plugin), "a", "[fd00::1]:80")
    assert found.verdict == "no-route"
    assert "IPv6" in found.reason


def test_a_node_calls_its_own_pod_from_the_tunnels_address() -> None:
    # Seen on a kernel: a cali… device has no address, and of the node's others RFC 6724 takes the one that shares the
    # longest prefix with the Pod's, that of vxlan-v6.calico; without a tunnel there is only the card's.
    for backend, tunnelled in (("vxlan", True), ("bgp", False)):
        state = dual("calico", backend)
        six = next(ip for ip in state.control.pods["Pod:default/a"].ips if ":" in ip)
        tunnel = [ip for ip in state.control.nodes["node-1"].tunnel_ips if ":" in ip]
        expected = tunnel[0] if tunnelled else "fd00:192:168:10::11"
        assert seen_source(ask(state, "node-1", f"[{six}]:8080")) == expected


@pytest.mark.parametrize(("plugin", "backend"), [("flannel", "vxlan"), ("calico", "vxlan")])
def test_a_host_port_at_the_ipv6_loopback_address_answers_nobody(plugin: str, backend: str) -> None:
    """portmap masks calls from 127.0.0.1 only, and no IPv6 stack takes a packet from ::1 off a wire (ipv6_rcv).

    containernetworking/plugins, `plugins/meta/portmap/portmap_iptables.go`: the localhost rule is IPv4's.
    """
    host = pod("c", 1, ports=[{"containerPort": 8080, "hostPort": 8088}])
    state = cluster(dual_node(1), dual_node(2), host, plugin=plugin, backend=backend, **DUAL)
    assert ask(state, "node-1", "127.0.0.1:8088").verdict == "delivered"
    found = ask(state, "node-1", "[::1]:8088")
    assert (found.verdict, "still comes from ::1" in found.reason) == ("dropped", True)
