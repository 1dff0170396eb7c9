"""Whose source address is translated, and what the backend sees then (kube-proxy.md section 7).

On every network plugin and in every mode; the last column of the table is `parties.outgoing`.
"""

from typing import Any

import pytest

from designer.engine.netfilter import Packet
from designer.engine.netfilter.targets import SetMark
from designer.engine.trace.ground import Ground
from designer.model import ClusterSettings
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, pod, seen_source, service
from tests.facts.parties import BALANCER, CLIENT, MODES, NODE_PORT, NODES, PROFILES, exposed, ip, outgoing
from tests.facts.written import text, written_text

EVERY_MODE = pytest.mark.parametrize("mode", MODES)
EVERY_PROFILE = pytest.mark.parametrize(("plugin", "backend"), PROFILES, ids=["-".join(p) for p in PROFILES])
BOTH_PLACES = pytest.mark.parametrize("where", [1, 2])


def seen(state: Any, source: str, destination: str) -> str:
    """What the backend sees of a call that must arrive."""
    found = ask(state, source, destination)
    assert found.verdict == "delivered", found.reason
    return seen_source(found)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_pod_to_cluster_ip(mode: str, plugin: str, backend: str, where: int) -> None:
    """kube-proxy.md 7, row 'Pod to ClusterIP to another Pod'."""
    state = exposed(mode, plugin, backend, where)
    assert seen(state, "a", "Service:default/web") == ip(state, "a")


@EVERY_MODE
@EVERY_PROFILE
def test_pod_to_itself(mode: str, plugin: str, backend: str) -> None:
    """kube-proxy.md 7, row 'Pod to ClusterIP to itself'."""
    state = cluster(pod("a", 1), service("web", app="a"), plugin=plugin, backend=backend, kubeProxy={"mode": mode})
    assert seen(state, "a", "Service:default/web") == outgoing(state, plugin, backend, 1)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_node_to_cluster_ip(mode: str, plugin: str, backend: str, where: int) -> None:
    """kube-proxy.md 7, rows 'Node to ClusterIP to a local Pod', 'Node to ClusterIP to a remote Pod'."""
    state = exposed(mode, plugin, backend, where)
    assert seen(state, "node-1", "Service:default/web") == outgoing(state, plugin, backend, where)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
@pytest.mark.parametrize("destination", [f"node-1:{NODE_PORT}", f"{BALANCER}:80"])
def test_outside_with_cluster(mode: str, plugin: str, backend: str, where: int, destination: str) -> None:
    """kube-proxy.md 7, row 'outside, policy Cluster': always, even where the Pod is on the Node itself."""
    state = exposed(mode, plugin, backend, where)
    assert seen(state, "internet", destination) == outgoing(state, plugin, backend, where)


@EVERY_MODE
@EVERY_PROFILE
@pytest.mark.parametrize("destination", [f"node-1:{NODE_PORT}", f"{BALANCER}:80"])
def test_outside_with_local(mode: str, plugin: str, backend: str, destination: str) -> None:
    """kube-proxy.md 7, row 'outside, policy Local'."""
    state = exposed(mode, plugin, backend, 1, "Local", kubeProxy={"ipvsStrictARP": True})
    assert seen(state, "internet", destination) == CLIENT


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
@pytest.mark.parametrize("destination", [f"node-1:{NODE_PORT}", f"{BALANCER}:80"])
def test_pod_to_the_outer_side_with_cluster(mode: str, plugin: str, backend: str, where: int, destination: str) -> None:
    """kube-proxy.md 7, row 'Pod to load balancer or node port, Cluster'."""
    state = exposed(mode, plugin, backend, where)
    assert seen(state, "a", destination) == outgoing(state, plugin, backend, where)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_pod_to_load_balancer_with_local(mode: str, plugin: str, backend: str, where: int) -> None:
    """kube-proxy.md 7, row 'Pod to load balancer, Local': the short way, with the Pod's own address."""
    state = exposed(mode, plugin, backend, where, "Local")
    assert seen(state, "a", f"{BALANCER}:80") == ip(state, "a")


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_outside_host_routed_to_a_cluster_ip(mode: str, plugin: str, backend: str, where: int) -> None:
    """kube-proxy.md 7, row 'outside host routed to a ClusterIP': what node-1's rules make of its packet."""
    state = exposed(mode, plugin, backend, where)
    ground = Ground.of(state)
    packet = Packet(4, CLIENT, cluster_ip(state, "web"), "TCP", 41822, 80, in_iface="eth0")
    (entered,) = ground.walk("node-1", "PREROUTING", packet)
    assert entered.packet.mark == 0x4000
    route = ground.route("node-1", ip(state, "b"))
    assert route is not None
    leaving = Packet(4, CLIENT, ip(state, "b"), "TCP", 41822, 8080, 0x4000, out_iface=route.device, dnat=True)
    (sent,) = ground.walk("node-1", "POSTROUTING", leaving)
    assert sent.packet.src == outgoing(state, plugin, backend, where)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_masquerade_all(mode: str, plugin: str, backend: str, where: int) -> None:
    """kube-proxy.md 7, row 'masqueradeAll': Pods too; nftables mode has a setting of its own."""
    everyone = {"nftablesMasqueradeAll" if mode == "nftables" else "masqueradeAll": True}
    state = exposed(mode, plugin, backend, where, kubeProxy=everyone)
    assert seen(state, "a", "Service:default/web") == outgoing(state, plugin, backend, where)


@pytest.mark.parametrize(
    ("plugin", "backend", "where", "expected"),
    [
        ("flannel", "vxlan", 1, "10.244.0.1"),
        ("flannel", "vxlan", 2, "10.244.0.0"),
        ("flannel", "host-gw", 1, "10.244.0.1"),
        ("flannel", "host-gw", 2, NODES[1]),
        ("calico", "bgp", 1, NODES[1]),
        ("calico", "bgp", 2, NODES[1]),
        ("calico", "vxlan", 1, NODES[1]),
        ("calico", "vxlan", 2, "vxlan.calico"),
        ("calico", "ipip", 1, NODES[1]),
        ("calico", "ipip", 2, "tunl0"),
    ],
)
@EVERY_MODE
def test_address_of_the_outgoing_interface(mode: str, plugin: str, backend: str, where: int, expected: str) -> None:
    """kube-proxy.md 7, row 'address of the outgoing interface': not the address of the Node as such."""
    state = exposed(mode, plugin, backend, where)
    device = Ground.of(state).context("node-1").interface_addresses.get(expected, (expected,))
    assert seen(state, "internet", f"node-1:{NODE_PORT}") == device[0]
    assert device[0] != NODES[1] or expected == NODES[1]
    (stop,) = [h for h in hops(ask(state, "internet", f"node-1:{NODE_PORT}"), "rules") if "MASQUERADE" in h.reason]
    assert stop.place == "node-1 · postrouting"
    assert stop.reason.startswith("MASQUERADE writes the address of the interface it leaves by")


@EVERY_MODE
@pytest.mark.parametrize(("bit", "mark"), [(14, "0x00004000"), (3, "0x00000008")])
def test_the_mark(mode: str, bit: int, mark: str) -> None:
    """kube-proxy.md 7, row 'the mark': masqueradeBit, one a mode; KUBE-MARK-DROP is gone (KEP-3178)."""
    setting = "nftablesMasqueradeBit" if mode == "nftables" else "masqueradeBit"
    proxy: dict[str, Any] = {setting: bit}
    found = text(mode, **proxy)
    assert f"or {mark}" in found.replace("--or-mark", "or")
    assert f"xor {mark}" in found.replace("--xor-mark", "xor")
    assert "0x00008000" not in found
    assert "MARK-DROP" not in found


def test_marks_of_others() -> None:
    """kube-proxy.md 7, row 'marks of others': portmap, Calico from bit 16 on, Cilium: no bit of them."""
    ours = 1 << ClusterSettings().kubeProxy.masqueradeBit
    assert ours == 0x4000
    assert not [other for other in (0x2000, 0xFFFF0000, 0x0F00) if other & ours]
    state = cluster(pod("b", 1, ports=[{"containerPort": 8080, "hostPort": 8088}], app="web"), service("web"))
    nat = Ground.of(state).rules("node-1", 4).iptables.table("nat")
    assert nat is not None
    set_marks = [rule.target for chain in nat.all_chains() for rule in chain.rules if isinstance(rule.target, SetMark)]
    assert {mark.value for mark in set_marks if mark.style == "or"} == {0x2000, 0x4000}
    assert "0x2000" not in written_text(state), "portmap's rules are the plugin's own, not kube-proxy's"
