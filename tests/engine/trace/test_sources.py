"""The source that a backend sees: `domain/kube-proxy.md` section 7, "Masquerade summary", for every plugin.

The last column there: MASQUERADE writes the primary address of the outgoing interface. Local Pod behind a bridge: the
bridge's; remote Pod over a tunnel: the tunnel device's; host-gw, BGP, and Calico's local Pods: the node's.
"""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, make, pod, seen_source, service

PORTS = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
PLUGINS = [("calico", "vxlan"), ("calico", "ipip"), ("calico", "bgp"), ("flannel", "vxlan"), ("flannel", "host-gw"),
           ("weave", "fastdp")]  # fmt: skip


def exposed(plugin: str, backend: str, where: int, policy: str = "Cluster", **more: Any) -> ClusterState:
    """Client Pod `a` on node-1, one backend on node-`where`, exposed by node port and load balancer address."""
    spec: dict[str, Any] = {"type": "LoadBalancer", "ports": PORTS, "externalTrafficPolicy": policy}
    pools = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
    return cluster(
        pod("a", 1), pod("b", where, app="web"), service("web", **spec), plugin=plugin, backend=backend,
        loadBalancer=pools, **more,
    )  # fmt: skip


def outgoing(state: ClusterState, plugin: str, backend: str, where: int, entry: int = 1) -> str:
    """The address that masquerading on node-`entry` writes towards a Pod on node-`where`."""
    node = state.control.nodes[f"node-{entry}"]
    if plugin == "weave" or (plugin == "flannel" and where == entry):
        return node.bridge_ips[0]
    if backend in ("host-gw", "bgp") or where == entry:
        return f"192.168.10.1{entry}"
    return node.tunnel_ips[0]


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
@pytest.mark.parametrize("where", [1, 2])
def test_pod_to_cluster_ip_keeps_the_pod(plugin: str, backend: str, where: int) -> None:
    state = exposed(plugin, backend, where)
    found = ask(state, "a", "Service:default/web")
    assert (found.verdict, seen_source(found)) == ("delivered", state.control.pods["Pod:default/a"].ips[0])


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
@pytest.mark.parametrize("where", [1, 2])
def test_node_process_to_cluster_ip(plugin: str, backend: str, where: int) -> None:
    state = exposed(plugin, backend, where)
    found = ask(state, "node-1", "Service:default/web")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, plugin, backend, where))


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
@pytest.mark.parametrize("where", [1, 2])
def test_outside_to_node_port_cluster(plugin: str, backend: str, where: int) -> None:
    state = exposed(plugin, backend, where)
    found = ask(state, "internet", "node-1:30080")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, plugin, backend, where))


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
def test_outside_to_node_port_local_keeps_the_client(plugin: str, backend: str) -> None:
    state = exposed(plugin, backend, 1, "Local")
    found = ask(state, "internet", "node-1:30080")
    assert (found.verdict, seen_source(found)) == ("delivered", "203.0.113.7")


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
@pytest.mark.parametrize("where", [1, 2])
def test_pod_to_load_balancer_vip_cluster_is_masqueraded(plugin: str, backend: str, where: int) -> None:
    state = exposed(plugin, backend, where)
    vip = state.control.services["Service:default/web"].load_balancer[0].ip
    found = ask(state, "a", f"{vip}:80")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, plugin, backend, where))
    assert all(hop.kind != "loadbalancer" for hop in found.trace.paths()[0].hops), "a VIP is handled on the node"


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
def test_pod_to_load_balancer_vip_local_is_short_circuited(plugin: str, backend: str) -> None:
    state = exposed(plugin, backend, 2, "Local")
    vip = state.control.services["Service:default/web"].load_balancer[0].ip
    found = ask(state, "a", f"{vip}:80")
    assert (found.verdict, seen_source(found)) == ("delivered", state.control.pods["Pod:default/a"].ips[0])


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
def test_masquerade_all(plugin: str, backend: str) -> None:
    state = exposed(plugin, backend, 2, kubeProxy={"masqueradeAll": True})
    found = ask(state, "a", "Service:default/web")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, plugin, backend, 2))


def test_pod_to_node_port_of_another_node_is_translated_twice() -> None:
    state = exposed("flannel", "vxlan", 3)
    found = ask(state, "a", "node-2:30080")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, "flannel", "vxlan", 3, entry=2))


def test_without_cluster_cidr_kube_proxy_leaves_node_processes_alone() -> None:
    # Section 6: ClusterCIDR mode without clusterCIDR: no off-cluster masquerade for ClusterIPs.
    state = exposed("calico", "bgp", 2, kubeProxy={"clusterCIDR": ""})
    found = ask(state, "node-1", f"{cluster_ip(state, 'web')}:80")
    assert (found.verdict, seen_source(found)) == ("delivered", "192.168.10.11")
    assert [hop.outcome for hop in hops(found, "rules") if hop.place == "node-1 · postrouting"] == [""]


def test_calico_gives_the_node_s_own_packets_the_tunnel_s_address() -> None:
    # Felix' rule for its tunnels: a local source that is not the tunnel's own is masqueraded.
    state = exposed("calico", "vxlan", 2, kubeProxy={"clusterCIDR": ""})
    found = ask(state, "node-1", f"{cluster_ip(state, 'web')}:80")
    assert (found.verdict, seen_source(found)) == ("delivered", state.control.nodes["node-1"].tunnel_ips[0])


def test_a_node_calls_its_second_address_of_a_subnet_from_the_first() -> None:
    # Seen on a kernel: a secondary IPv4 address has a local route whose source is the primary one; another subnet's is
    # its own.
    addresses = ["192.168.10.11", "192.168.10.151", "192.168.30.11"]
    machine = make("Node", "node-1", status={"addresses": [{"type": "InternalIP", "address": a} for a in addresses]})
    web = pod("web", 1, ports=[{"containerPort": 8080, "hostPort": 8099}])
    state = cluster(machine, web, plugin="calico")
    seen = [seen_source(ask(state, "node-1", f"{address}:8099")) for address in addresses]
    assert seen == ["192.168.10.11", "192.168.10.11", "192.168.30.11"]
