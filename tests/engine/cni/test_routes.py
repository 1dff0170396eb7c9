"""Devices and routes against `domain/cni.md` section 3."""

from typing import Any

import pytest

from designer.engine.cni import Routing, device_address, lookup, node_devices, pod_device, profile_for, routes
from designer.engine.controlplane.state import ControlPlaneState, NodeState, PodState
from designer.model import EMPTY_MAP, ClusterSettings, CniSettings, FrozenMap, PodSpec


def settings(plugin: str, backend: str) -> ClusterSettings:
    return ClusterSettings(cni=CniSettings.model_validate({"plugin": plugin, "backend": backend}))


def node(number: int, address: str = "", **more: Any) -> NodeState:
    own = address or f"192.168.10.1{number}"
    return NodeState(f"node-{number}", (own,), (own,), (f"10.244.{number}.0/24",), **more)


def pod(name: str, where: str, ip: str) -> PodState:
    return PodState(f"Pod:default/{name}", "default", name, where, (ip,), EMPTY_MAP, PodSpec())


def control(*nodes: NodeState, pods: tuple[PodState, ...] = ()) -> ControlPlaneState:
    return ControlPlaneState(FrozenMap({n.name: n for n in nodes}), FrozenMap({p.id: p for p in pods}))


def texts(plugin: str, backend: str, state: ControlPlaneState, name: str = "node-1") -> list[str]:
    chosen = settings(plugin, backend)
    return [route.text for route in routes(profile_for(chosen), chosen, state, state.nodes[name], 4)]


def test_flannel_vxlan() -> None:
    assert texts("flannel", "vxlan", control(node(1), node(2))) == [
        "10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1",
        "10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink",
        "192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.11",
        "default dev eth0",
    ]


def test_flannel_host_gw() -> None:
    assert "10.244.2.0/24 via 192.168.10.12 dev eth0" in texts("flannel", "host-gw", control(node(1), node(2)))


def test_host_gw_across_subnets_is_a_problem() -> None:
    state = control(node(1), node(2, "192.168.20.12"))
    chosen = settings("flannel", "host-gw")
    route = lookup(routes(profile_for(chosen), chosen, state, state.nodes["node-1"], 4), "10.244.2.7")
    assert route is not None
    assert "one subnet" in route.problem


CALICO = control(
    node(1, blocks=("10.244.1.0/26",), tunnel_ips=("10.244.1.0",)),
    node(2, blocks=("10.244.2.64/26",), tunnel_ips=("10.244.2.64",)),
    pods=(pod("podA", "node-1", "10.244.1.5"), pod("b", "node-2", "10.244.2.70"), pod("c", "node-2", "10.244.9.1")),
)


def test_calico_routes_single_pods_and_remote_blocks() -> None:
    found = texts("calico", "vxlan", CALICO)
    assert "10.244.1.5 dev cali7f94ce7c295 scope link" in found
    assert "blackhole 10.244.1.0/26" in found
    assert "10.244.2.64/26 via 10.244.2.64 dev vxlan.calico onlink" in found
    assert "10.244.9.1 via 10.244.2.64 dev vxlan.calico onlink" in found, "an address outside every block has its route"


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("ipip", "10.244.2.64/26 via 192.168.10.12 dev tunl0 onlink"),
        ("bgp", "10.244.2.64/26 via 192.168.10.12 dev eth0 proto bird"),
        ("ipip-crosssubnet", "10.244.2.64/26 via 192.168.10.12 dev eth0 proto bird"),
    ],
)
def test_calico_backends(backend: str, expected: str) -> None:
    assert expected in texts("calico", backend, CALICO)


def test_crosssubnet_wraps_only_across_subnets() -> None:
    far = control(node(1), node(2, "192.168.20.12", blocks=("10.244.2.64/26",)))
    assert "10.244.2.64/26 via 192.168.20.12 dev tunl0 onlink" in texts("calico", "ipip-crosssubnet", far)


def test_bgp_across_subnets_is_not_known() -> None:
    far = control(node(1), node(2, "192.168.20.12", blocks=("10.244.2.64/26",)))
    chosen = settings("calico", "bgp")
    route = lookup(routes(profile_for(chosen), chosen, far, far.nodes["node-1"], 4), "10.244.2.70")
    assert route is not None
    assert "routers between" in route.doubt


def test_weave_is_one_segment() -> None:
    state = control(node(1, bridge_ips=("10.32.0.1",)), node(2, bridge_ips=("10.40.0.0",)))
    assert texts("weave", "fastdp", state)[0] == "10.32.0.0/12 dev weave proto kernel scope link src 10.32.0.1"


def test_lookup_takes_the_longest_match() -> None:
    chosen = settings("calico", "vxlan")
    table = routes(profile_for(chosen), chosen, CALICO, CALICO.nodes["node-1"], 4)
    kinds = {
        to: found.kind
        for to in ("10.244.1.5", "10.244.1.9", "10.244.2.70", "192.168.10.12", "1.1.1.1")
        if (found := lookup(table, to))
    }
    assert kinds == {
        "10.244.1.5": "pod",
        "10.244.1.9": "blackhole",
        "10.244.2.70": "remote-pods",
        "192.168.10.12": "link",
        "1.1.1.1": "default",
    }


# `domain/kube-proxy.md` section 7: MASQUERADE writes the address of the outgoing interface.
@pytest.mark.parametrize(
    ("plugin", "backend", "device", "expected"),
    [
        ("flannel", "vxlan", "cni0", "10.244.1.1"),
        ("flannel", "vxlan", "flannel.1", "10.244.1.0"),
        ("flannel", "host-gw", "eth0", "192.168.10.11"),
        ("calico", "vxlan", "vxlan.calico", "10.244.1.3"),
        ("calico", "ipip", "tunl0", "10.244.1.3"),
        ("calico", "vxlan", "cali7f94ce7c295", "192.168.10.11"),
        ("calico", "bgp", "eth0", "192.168.10.11"),
        ("weave", "fastdp", "weave", "10.32.0.1"),
    ],
)
def test_source_address_of_a_device(plugin: str, backend: str, device: str, expected: str) -> None:
    given: dict[str, Any] = {"calico": {"tunnel_ips": ("10.244.1.3",)}, "weave": {"bridge_ips": ("10.32.0.1",)}}.get(
        plugin, {}
    )
    assert device_address(profile_for(settings(plugin, backend)), node(1, **given), device, 4) == expected


def test_devices_of_a_flannel_node() -> None:
    chosen = settings("flannel", "vxlan")
    found = {d.name: (d.addresses, d.mtu) for d in node_devices(profile_for(chosen), chosen, node(1))}
    assert found == {
        "eth0": (("192.168.10.11/24",), 1500),
        "cni0": (("10.244.1.1/24",), 1450),
        "flannel.1": (("10.244.1.0/32",), 1450),
    }


@pytest.mark.parametrize(
    ("plugin", "address", "gateway"),
    [("calico", "10.244.1.5/32", "169.254.1.1"), ("flannel", "10.244.1.5/24", "10.244.1.1")],
)
def test_the_pod_s_side(plugin: str, address: str, gateway: str) -> None:
    chosen = settings(plugin, "vxlan")
    device = pod_device(profile_for(chosen), chosen, pod("podA", "node-1", "10.244.1.5"), node(1))
    assert (device.address, device.gateway, device.inside) == (address, gateway, "eth0")
    assert device.exact == (plugin == "calico")


@pytest.mark.parametrize("plugin", ["flannel", "calico", "weave"])
@pytest.mark.parametrize("backend", ["vxlan", "bgp", "host-gw", "ipip-crosssubnet"])
def test_finding_a_route_is_looking_it_up_in_the_table(plugin: str, backend: str) -> None:
    state = control(
        node(1, blocks=("10.244.1.0/26",), tunnel_ips=("10.244.1.0",), bridge_ips=("10.32.0.1",)),
        node(2, blocks=("10.244.2.64/26", "10.244.2.0/26"), tunnel_ips=("10.244.2.64",)),
        node(3, "192.168.20.13", blocks=("10.244.2.128/26",)),
        pods=(pod("a", "node-1", "10.244.1.5"), pod("b", "node-2", "10.244.1.7"), pod("c", "node-3", "10.50.0.1")),
    )
    chosen = settings(plugin, backend)
    routing = Routing.of(profile_for(chosen), chosen, state, 4)
    asked = [f"10.244.{a}.{b}" for a in (1, 2, 3, 9) for b in (0, 5, 7, 64, 129, 200)]
    asked += ["10.50.0.1", "10.33.4.5", "192.168.10.12", "192.168.20.13", "8.8.8.8"]
    for name in state.nodes:
        table = routing.table(name)
        assert [routing.find(name, to) for to in asked] == [lookup(table, to) for to in asked]
