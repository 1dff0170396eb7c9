"""Cilium without its replacement of kube-proxy: ClusterIPs of Pods by eBPF, everything else by kube-proxy's rules.

Facts of cilium/cilium: Documentation/network/kubernetes/kubeproxy-free.rst ("Quick-Start": false leaves per-packet load
balancing of ClusterIPs), pkg/datapath/iptables/iptables.go, bpf/bpf_host.c.
"""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import address, ask, policy, service
from tests.engine.trace.ebpf import CLIENT, headers, host_ip, kinds, of_kind, seen, shop, way_to


def cilium(*more: KubeObject, backend: str = "vxlan", proxy: dict[str, Any] | None = None, **cni: Any) -> ClusterState:
    return shop(*more, plugin="cilium", backend=backend, proxy=proxy, kubeProxyReplacement=False, **cni)


def test_cluster_ips_of_pods_are_looked_up_at_their_device() -> None:
    """kubeproxy-free.rst, "Quick-Start": false leaves per-packet load balancing of ClusterIPs."""
    state = cilium()
    path = way_to(ask(state, "a", "Service:default/web"), "web-2")
    assert of_kind(path, "lookup")[0].at == "Node:node-1"
    assert path.verdict == "delivered"
    assert [h.kind for h in path.hops if h.outcome == "translated" and h.direction == "reply"] == ["ebpf"]


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_kube_proxy_s_rules_lead_clients_on(mode: str) -> None:
    """KUBE-POSTROUTING and CILIUM_POST_nat (iptables.go) mask with the address of cilium_host, the device to Pods."""
    state = cilium(proxy={"mode": mode})
    found = ask(state, CLIENT, "192.168.10.11:30080")
    for name, on in (("web-1", "node-1"), ("web-2", "node-2")):
        path = way_to(found, name)
        assert path.verdict == "delivered"
        assert [h.place for h in of_kind(path, "rules")] == ["node-1 · prerouting", "node-1 · postrouting"]
        assert of_kind(path, "lookup") == []
        assert seen(path) == host_ip(state, "node-1")
        assert ("encapsulate@node-1" in kinds(path)) == (on == "node-2")
        assert any(h.kind == "conntrack" and h.outcome == "translated" for h in path.hops)
        assert headers(path, "reply")[-1] == f"192.168.10.11:30080 → {CLIENT}:41822"


def test_policy_local_keeps_the_client_s_address() -> None:
    local = service("local", app="web", type="NodePort", externalTrafficPolicy="Local",
                    ports=[{"port": 80, "targetPort": 8080, "nodePort": 30082}])  # fmt: skip
    state = cilium(local)
    (path,) = ask(state, CLIENT, "192.168.10.12:30082").trace.paths()
    assert seen(path) == CLIENT
    found = ask(state, CLIENT, "192.168.10.13:30082")
    assert found.verdict == "dropped"
    assert "no local endpoints" in found.reason


def test_a_node_s_call_leaves_by_cilium_host() -> None:
    """ "cilium host->cluster masquerade" of iptables.go: also where kube-proxy masks nothing (no clusterCIDR)."""
    for cidr in (None, ""):
        state = cilium(proxy={"clusterCIDR": cidr})
        path = way_to(ask(state, "node-3", "Service:default/web"), "web-1")
        assert path.verdict == "delivered"
        assert of_kind(path, "rules")[0].place == "node-3 · output"
        assert seen(path) == host_ip(state, "node-3")
    refused = ask(cilium(service("none", app="no")), "node-1", "Service:default/none")
    assert refused.verdict == "rejected"


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [
        # bpf_host.c, `resolve_srcid_ipv4`: masked, a client is of the world and of no range in it.
        ({"ipBlock": {"cidr": "0.0.0.0/0"}}, True),
        ({"ipBlock": {"cidr": "203.0.113.0/24"}}, False),
        ({"ipBlock": {"cidr": "10.0.0.0/8"}}, False),
        ({"namespaceSelector": {}}, False),
    ],
)
@pytest.mark.parametrize("name", ["web-1", "web-2"])
def test_a_masked_client_counts_as_the_world(peer: dict[str, Any], allowed: bool, name: str) -> None:
    guard = policy("guard", {"matchLabels": {"app": "web"}}, ingress=[{"from": [peer]}], policyTypes=["Ingress"])
    state = cilium(guard)
    paths = ask(state, CLIENT, "192.168.10.11:30080").trace.paths()
    (one,) = [p for p in paths if any(h.kind == "policy" and h.at == f"Pod:default/{name}" for h in p.hops)]
    assert one.verdict == ("delivered" if allowed else "denied")


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [({"podSelector": {"matchLabels": {"app": "a"}}}, True), ({"ipBlock": {"cidr": "0.0.0.0/0"}}, False)],
)
@pytest.mark.parametrize("name", ["web-1", "web-2"])
def test_a_pod_s_call_of_a_node_port_is_masked_and_known_as_the_pod_s(
    peer: dict[str, Any], allowed: bool, name: str
) -> None:
    """ "hairpin traffic that originated from a local pod" of iptables.go; MARK_MAGIC_IDENTITY of bpf/lib/identity.h."""
    guard = policy("guard", {"matchLabels": {"app": "web"}}, ingress=[{"from": [peer]}], policyTypes=["Ingress"])
    state = cilium(guard)
    paths = ask(state, "a", "192.168.10.11:30080").trace.paths()
    (one,) = [p for p in paths if any(h.kind == "policy" and h.at == f"Pod:default/{name}" for h in p.hops)]
    assert one.verdict == ("delivered" if allowed else "denied")
    if allowed:
        assert seen(one) == host_ip(state, "node-1")
        assert headers(one, "reply")[-1] == f"192.168.10.11:30080 → {address(state, 'a')}:41822"
        assert [h.kind for h in one.hops if h.outcome == "translated" and h.direction == "reply"] == ["conntrack"]


def test_policies_of_pods_hold_before_kube_proxy() -> None:
    """The egress check is on the Pod's device: it sees the Node's address, which no ipBlock matches."""
    peers: tuple[dict[str, Any], ...] = ({"podSelector": {}}, {"ipBlock": {"cidr": "0.0.0.0/0"}})
    for peer in peers:
        guard = policy("guard", {"matchLabels": {"app": "a"}}, egress=[{"to": [peer]}], policyTypes=["Egress"])
        found = ask(cilium(guard), "a", "192.168.10.12:30080")
        assert found.verdict == "denied"


def test_unmasked_calls_of_pods_over_native_routing_are_left_open() -> None:
    local = service("local", app="web", type="NodePort", externalTrafficPolicy="Local",
                    ports=[{"port": 80, "targetPort": 8080, "nodePort": 30082}])  # fmt: skip
    state = cilium(local, backend="native", autoDirectNodeRoutes=True)
    found = ask(state, "a", "192.168.10.11:30082")
    assert {p.verdict for p in found.trace.paths()} == {"delivered", "cannot-tell"}
    assert "kubeProxyReplacement is off" in found.reason


def test_ipvs_is_not_followed() -> None:
    found = ask(cilium(proxy={"mode": "ipvs"}), CLIENT, "192.168.10.11:30080")
    assert found.verdict == "cannot-tell"
    assert "ipvs" in found.reason
