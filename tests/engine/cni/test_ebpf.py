"""Devices, routes, masquerade and settings of the eBPF data planes, against upstream's documentation and source."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.cni import node_devices, pod_device, profile_for, routes
from designer.engine.cni.bpfmasquerade import masks
from designer.engine.controlplane.state import ControlPlaneState, NodeState, PodState
from designer.model import (
    CALICO_EBPF,
    CNI_BACKENDS,
    EMPTY_MAP,
    ClusterSettings,
    CniSettings,
    FrozenMap,
    PodSpec,
    calico_encapsulation,
    replaces_kube_proxy,
)


def settings(plugin: str, backend: str = "vxlan", **cni: Any) -> ClusterSettings:
    return ClusterSettings(cni=CniSettings.model_validate({"plugin": plugin, "backend": backend, **cni}))


def node(number: int) -> NodeState:
    """A Node as Cilium has it: 10.0.<number>.0/24, cilium_host at .77."""
    own = f"192.168.10.1{number}"
    return NodeState(
        f"node-{number}", (own,), (own,), blocks=(f"10.0.{number}.0/24",), tunnel_ips=(f"10.0.{number}.77",)
    )


def pod(ip: str, *more: str) -> PodState:
    return PodState("Pod:default/a", "default", "a", "node-1", (ip, *more), EMPTY_MAP, PodSpec())


def control(*nodes: NodeState) -> ControlPlaneState:
    return ControlPlaneState(FrozenMap({n.name: n for n in nodes}))


# --- who answers for Services


def test_every_backend_is_with_or_without_kube_proxy() -> None:
    instead = {
        (plugin, backend): replaces_kube_proxy(settings(plugin, backend))
        for plugin, backends in CNI_BACKENDS.items()
        for backend in backends
    }
    assert {key[0] for key, name in instead.items() if name == "Cilium"} == {"cilium"}
    assert {key for key, name in instead.items() if name == "Calico eBPF"} == {("calico", b) for b in CALICO_EBPF}
    assert replaces_kube_proxy(settings("cilium", kubeProxyReplacement=False)) == ""


@pytest.mark.parametrize("backend", CALICO_EBPF)
def test_calico_s_encapsulation_does_not_depend_on_the_data_plane(backend: str) -> None:
    """https://docs.tigera.io/calico/latest/operations/ebpf/enabling-ebpf: pools stay as they are."""
    plain = calico_encapsulation(backend)
    assert plain in CNI_BACKENDS["calico"]
    assert plain not in CALICO_EBPF
    with_ebpf, without = (profile_for(settings("calico", each)) for each in (backend, plain))
    for family in (4, 6):
        mine, other = with_ebpf.encapsulation(family), without.encapsulation(family)
        assert (mine and mine.text, mine and mine.when) == (other and other.text, other and other.when)


# --- devices and routes


def test_cilium_s_devices() -> None:
    """https://docs.cilium.io/en/stable/network/concepts/routing/ : cilium_host and the tunnel's device."""
    for backend, tunnel in (("vxlan", "cilium_vxlan"), ("geneve", "cilium_geneve"), ("native", "")):
        chosen = settings("cilium", backend)
        found = {d.name: d for d in node_devices(profile_for(chosen), chosen, node(1))}
        assert set(found) == {"eth0", "cilium_host", *([tunnel] if tunnel else [])}
        assert found["cilium_host"].addresses == ("10.0.1.77/32",)
        if tunnel:
            assert found[tunnel].kind == backend


def test_cilium_routes_pods_of_other_nodes_by_cilium_host() -> None:
    """cilium/cilium pkg/datapath/linux/node.go, `createNodeRouteSpec`: by way of the node's own router address."""
    chosen, state = settings("cilium"), control(node(1), node(2))
    found = [route.text for route in routes(profile_for(chosen), chosen, state, state.nodes["node-1"], 4)]
    assert any(text.startswith("10.0.2.0/24 via 10.0.1.77 dev cilium_host") for text in found)
    assert any(text.startswith("10.0.1.0/24 via 10.0.1.77 dev cilium_host") for text in found)


def test_cilium_s_native_routing_has_direct_routes_only_where_nodes_are_told_to() -> None:
    """https://docs.cilium.io/en/stable/network/concepts/routing/ : auto-direct-node-routes."""
    state = control(node(1), node(2))
    for told in (True, False):
        chosen = settings("cilium", "native", autoDirectNodeRoutes=told)
        found = [route.text for route in routes(profile_for(chosen), chosen, state, state.nodes["node-1"], 4)]
        assert any(text.startswith("10.0.2.0/24 via 192.168.10.12") for text in found) == told


def test_calico_s_devices_have_the_pair_for_the_node_s_own_calls() -> None:
    """projectcalico/calico felix/dataplane/linux/bpf_ep_mgr.go: bpfin.cali and bpfout.cali."""
    chosen = settings("calico", "ebpf")
    assert {"bpfin.cali", "bpfout.cali"} <= {d.name for d in node_devices(profile_for(chosen), chosen, node(1))}
    plain = settings("calico", "vxlan")
    assert "bpfin.cali" not in {d.name for d in node_devices(profile_for(plain), plain, node(1))}


def test_a_pod_s_gateway_is_of_the_packet_s_family() -> None:
    """Cilium: the router's address of the family. Calico: 169.254.1.1, and the fixed MAC's link-local address."""
    both = pod("10.0.1.5", "fd00::105")
    own = NodeState(
        "node-1", ("192.168.10.11",), ("192.168.10.11",), blocks=("10.0.1.0/24", "fd00::100/120"),
        tunnel_ips=("10.0.1.77", "fd00::177"),
    )  # fmt: skip
    for plugin, backend, four, six in (
        ("cilium", "vxlan", "10.0.1.77", "fd00::177"),
        ("calico", "ebpf", "169.254.1.1", "fe80::ecee:eeff:feee:eeee"),
        ("calico", "vxlan", "169.254.1.1", "fe80::ecee:eeff:feee:eeee"),
    ):
        chosen = settings(plugin, backend)
        found = [pod_device(profile_for(chosen), chosen, both, own, family).gateway for family in (4, 6)]
        assert found == [four, six]


# --- masquerade


CLUSTER_POD, NODE_2, WORLD = "10.0.2.9", "192.168.10.12", "203.0.113.9"


@pytest.mark.parametrize(
    ("backend", "cni", "destination", "to_node", "expected"),
    [
        # https://docs.cilium.io/en/stable/network/concepts/masquerading/
        ("vxlan", {}, WORLD, False, True),
        ("vxlan", {"natOutgoing": False}, WORLD, False, False),
        # In a tunnel nothing is carried for Nodes themselves: bpf/lib/nat.h, `snat_v4_needs_masquerade`.
        ("vxlan", {}, NODE_2, True, True),
        ("native", {"nativeRoutingCIDRs": ("10.0.0.0/8",)}, NODE_2, True, False),
        ("native", {"nativeRoutingCIDRs": ("10.0.0.0/8",)}, CLUSTER_POD, False, False),
        ("native", {"nativeRoutingCIDRs": ("10.0.0.0/8", "203.0.113.0/24")}, WORLD, False, False),
        ("native", {"nativeRoutingCIDRs": ("10.0.0.0/8",)}, WORLD, False, True),
    ],
)
@pytest.mark.parametrize("ebpf", [True, False])
def test_what_cilium_masks(
    backend: str, cni: dict[str, Any], destination: str, to_node: bool, expected: bool, ebpf: bool
) -> None:
    chosen = settings("cilium", backend, bpfMasquerade=ebpf, **cni)
    why = masks(profile_for(chosen), chosen, node(1), "10.0.1.5", destination, to_node)
    assert bool(why) == expected
    if expected:
        assert ("eBPF" in why) == ebpf


@pytest.mark.parametrize(
    ("destination", "nat", "expected"),
    [(WORLD, True, True), (WORLD, False, False), (NODE_2, True, True), ("10.244.9.1", True, False)],
)
def test_what_calico_masks(destination: str, nat: bool, expected: bool) -> None:
    """natOutgoing: from inside a pool to outside of all pools, Nodes among them."""
    chosen = settings("calico", "ebpf", natOutgoing=nat)
    why = masks(profile_for(chosen), chosen, node(1), "10.244.1.5", destination, destination == NODE_2)
    assert bool(why) == expected
