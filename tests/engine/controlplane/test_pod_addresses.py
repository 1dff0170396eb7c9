"""Pod addresses by the plugin's own order: domain/ipam.md, "host-local", "IPAM per CNI" and "Pod IP lifetime"."""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane import control_plane
from designer.model import PodRecord, Project
from tests.engine.controlplane.clusters import (
    BGP,
    FLANNEL,
    allocated,
    codes,
    deployment,
    nodes,
    pod,
    pod_ips,
    project,
    recreated,
    settings,
    with_record,
)

WEAVE: dict[str, Any] = {"cni": {"plugin": "weave", "backend": "fastdp"}}
CILIUM: dict[str, Any] = {"cni": {"plugin": "cilium", "backend": "vxlan"}}


def one_node(replicas: int, **cluster: Any) -> Project:
    return allocated(project(*nodes(1), deployment("web", replicas), **cluster))[0]


# host-local


def test_host_local_the_first_pod_has_2_because_the_gateway_is_1() -> None:
    assert pod_ips(one_node(3, **FLANNEL)) == ["10.244.0.2", "10.244.0.3", "10.244.0.4"]


def test_host_local_a_recreated_pod_does_not_get_its_address_back() -> None:
    done = one_node(3, **FLANNEL)
    done, _ = allocated(recreated(done, "Deployment:default/web#0"))
    record = done.ledger.pods["Deployment:default/web#0"]
    assert (record.ips, record.previousIps) == (("10.244.0.5",), ("10.244.0.2",))


def test_host_local_the_ring_wraps_at_the_end_of_the_range() -> None:
    # A /29 has .1 to .6; .1 is the gateway: five Pods, .2 to .6.
    done = one_node(4, nodeCIDRMaskV4=29, **FLANNEL)
    assert pod_ips(done) == ["10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.0.5"]
    done, _ = allocated(recreated(done, "Deployment:default/web#0"))
    assert done.ledger.pods["Deployment:default/web#0"].ips == ("10.244.0.6",)
    done, _ = allocated(recreated(done, "Deployment:default/web#1"))
    assert done.ledger.pods["Deployment:default/web#1"].ips == ("10.244.0.2",)


def test_host_local_a_26_gives_61_pods_and_then_is_exhausted() -> None:
    done, problems = allocated(project(*nodes(1), deployment("web", 63), nodeCIDRMaskV4=26, **FLANNEL))
    assert len(pod_ips(done)) == 61
    assert [(p.code, p.object) for p in problems] == [("IP-06", "Node:node-1")]
    assert problems[0].title == "Node node-1: 2 Pods without an address"
    assert "FailedCreatePodSandBox" in problems[0].why
    assert "no IP addresses available in range set: 10.244.0.1-10.244.0.62" in problems[0].why
    waiting = [p for p in control_plane(done)[0].pods.values() if not p.ips]
    assert [p.phase for p in waiting] == ["Pending", "Pending"]
    assert all("no IP addresses available in range set" in p.pending and not p.ready for p in waiting)


def test_host_local_a_24_gives_253_pods() -> None:
    done, problems = allocated(project(*nodes(1), deployment("web", 254), maxPods=300, **FLANNEL))
    assert len(pod_ips(done)) == 253
    assert codes(problems) == ["IP-06"]


def test_host_local_a_25_gives_125_pods() -> None:
    done, _ = allocated(project(*nodes(1), deployment("web", 130), maxPods=300, nodeCIDRMaskV4=25, **FLANNEL))
    assert len(pod_ips(done)) == 125


def test_host_local_less_than_a_30_is_too_small() -> None:
    _, problems = allocated(project(*nodes(1), deployment("web"), nodeCIDRMaskV4=31, **FLANNEL))
    assert "too small to allocate from" in problems[0].why


def test_host_local_gives_one_address_a_family() -> None:
    both = ("10.244.0.0/16", "fd00:10:244::/48")
    done = one_node(2, podCIDRs=both, **FLANNEL)
    assert [r.ips for r in done.ledger.pods.values()] == [
        ("10.244.0.2", "fd00:10:244::2"),
        ("10.244.0.3", "fd00:10:244::3"),
    ]


def test_flannel_without_a_pod_cidr_says_so() -> None:
    _, problems = allocated(project(*nodes(2), deployment("web", 2), podCIDRs=["10.244.0.0/24"], **FLANNEL))
    assert codes(problems) == ["IP-05", "IP-06"]
    assert 'node "node-2" pod cidr not assigned' in problems[1].why


def test_flannel_devices_take_the_network_address_and_1() -> None:
    state = control_plane(one_node(1, **FLANNEL))[0].nodes["node-1"]
    assert (state.tunnel_ips, state.bridge_ips) == (("10.244.0.0",), ("10.244.0.1",))


# Calico


def block_of(done: Project, node: str = "node-1") -> int:
    import ipaddress

    return int(ipaddress.ip_network(done.ledger.nodes[node].blocks[0]).network_address)


def ordinals(done: Project, node: str = "node-1") -> list[int]:
    import ipaddress

    return [int(ipaddress.ip_address(ip)) - block_of(done, node) for ip in pod_ips(done, node)]


def test_calico_lowest_free_ordinal_first_and_0_is_usable() -> None:
    done = one_node(3, **BGP)
    assert ordinals(done) == [0, 1, 2]
    assert done.ledger.nodes["node-1"].blocks[0].endswith("/26")


def test_calico_the_tunnel_device_takes_one_address_of_a_block() -> None:
    done = one_node(2)
    assert ordinals(done) == [1, 2]
    assert len(done.ledger.nodes["node-1"].tunnelIps) == 1
    assert done.ledger.nodes["node-1"].tunnelIps[0] not in pod_ips(done)


def test_calico_all_64_addresses_of_a_block_are_used_before_the_next() -> None:
    done = one_node(65, **BGP)
    assert ordinals(done)[:64] == list(range(64))
    assert len(done.ledger.nodes["node-1"].blocks) == 2


def test_calico_a_released_address_goes_to_the_end_of_the_free_list() -> None:
    done = one_node(3, **BGP)
    done, _ = allocated(recreated(done, "Deployment:default/web#0"))
    assert ordinals(done) == [3, 1, 2]
    # 60 further Pods use ordinals 4 to 63, then the released 0 comes back, before a second block is taken.
    grown = done.with_object(deployment("more", 61))
    done, _ = allocated(grown)
    assert sorted(ordinals(done)) == list(range(64))
    assert len(done.ledger.nodes["node-1"].blocks) == 1


def test_calico_the_start_block_follows_from_the_name_of_the_node() -> None:
    first = allocated(project(*nodes(2), deployment("web", 2), **BGP))[0]
    second = allocated(project(*nodes(1), deployment("other", 5), seed=99, **BGP))[0]
    assert first.ledger.nodes["node-1"].blocks == second.ledger.nodes["node-1"].blocks
    assert first.ledger.nodes["node-1"].blocks != first.ledger.nodes["node-2"].blocks


def test_calico_pool_of_four_blocks_the_fifth_node_borrows() -> None:
    cluster = {"cni": {"plugin": "calico", "backend": "bgp", "pool": ["10.50.0.0/24"]}}
    done, problems = allocated(project(*nodes(5), deployment("web", 5), **cluster))
    assert [len(r.blocks) for r in done.ledger.nodes.values()] == [1, 1, 1, 1, 0]
    assert len(set(pod_ips(done))) == 5
    assert all(ip.startswith("10.50.0.") for ip in pod_ips(done))
    assert not problems


def test_calico_strict_affinity_does_not_borrow() -> None:
    cni = {"plugin": "calico", "backend": "bgp", "pool": ["10.50.0.0/24"], "strictAffinity": True}
    done, problems = allocated(project(*nodes(5), deployment("web", 5), cni=cni))
    assert len(pod_ips(done)) == 4
    assert codes(problems) == ["IP-06"]
    assert "Assigned 0 out of 1 requested IPv4 addresses" in problems[0].why
    assert "No more free affine blocks and strict affinity enabled" in problems[0].why


def test_calico_at_most_20_blocks_a_node() -> None:
    # Blocks of /30 have 4 addresses: 20 blocks hold 80 Pods.
    cni = {"plugin": "calico", "backend": "bgp", "blockSize": 30, "strictAffinity": True}
    done, problems = allocated(project(*nodes(1), deployment("web", 81), maxPods=300, cni=cni))
    assert (len(done.ledger.nodes["node-1"].blocks), len(pod_ips(done))) == (20, 80)
    assert "limit of 20 blocks reached for this node" in problems[0].why


def test_calico_full_pool_names_the_pool() -> None:
    cni = {"plugin": "calico", "backend": "bgp", "pool": ["10.50.0.0/26"]}
    done, problems = allocated(project(*nodes(1), deployment("web", 65), cni=cni))
    assert len(pod_ips(done)) == 64
    assert "No IPs available in pools: [10.50.0.0/26]" in problems[0].why


def test_calico_dual_stack_has_a_block_of_each_family() -> None:
    both = ("10.244.0.0/16", "fd00:10:244::/48")
    done = one_node(1, podCIDRs=both, **BGP)
    assert [b.partition("/")[2] for b in done.ledger.nodes["node-1"].blocks] == ["26", "122"]
    assert [":" in ip for ip in done.ledger.pods["Deployment:default/web#0"].ips] == [False, True]


# Cilium and Weave Net


def test_cilium_every_node_has_a_24_in_order_and_its_edges_are_unused() -> None:
    done = allocated(project(*nodes(2), deployment("web", 2), **CILIUM))[0]
    assert [r.blocks for r in done.ledger.nodes.values()] == [("10.0.0.0/24",), ("10.0.1.0/24",)]
    full, problems = allocated(project(*nodes(1), deployment("web", 300), maxPods=400, **CILIUM))
    found = {int(ip.rpartition(".")[2]) for ip in (*pod_ips(full), *full.ledger.nodes["node-1"].tunnelIps)}
    assert found == set(range(1, 255))
    assert len(pod_ips(full)) == 252  # the router and the health endpoint have one each
    assert "range is full" in problems[0].why


def test_cilium_the_start_is_drawn_from_the_seed() -> None:
    assert pod_ips(one_node(2, seed=1, **CILIUM)) != pod_ips(one_node(2, seed=2, **CILIUM))
    assert pod_ips(one_node(2, seed=1, **CILIUM)) == pod_ips(one_node(2, seed=1, **CILIUM))


def test_weave_the_ring_is_split_among_the_first_peers_and_the_lowest_free_is_taken() -> None:
    # 10.32.0.0/12 in two halves: 10.32.0.0 and 10.40.0.0. The network address is unusable, the bridge comes first.
    done = allocated(project(*nodes(2), deployment("web", 4), **WEAVE))[0]
    assert pod_ips(done, "node-1") == ["10.32.0.2", "10.32.0.3"]
    assert pod_ips(done, "node-2") == ["10.40.0.1", "10.40.0.2"]
    state = control_plane(done)[0]
    assert [n.bridge_ips for n in state.nodes.values()] == [("10.32.0.1",), ("10.40.0.0",)]


def test_weave_a_released_address_is_the_lowest_again() -> None:
    done = one_node(3, **WEAVE)
    done = done.with_object(deployment("web", 2))
    done = allocated(done)[0]
    done = allocated(done.with_object(deployment("web", 3)))[0]
    assert pod_ips(done) == ["10.32.0.2", "10.32.0.3", "10.32.0.4"]


def test_weave_a_later_node_gets_space_from_a_peer() -> None:
    done = one_node(1, **WEAVE)
    done = allocated(done.with_objects([*nodes(2), deployment("web", 2)]))[0]
    first, second = (r.blocks for r in done.ledger.nodes.values())
    assert len(pod_ips(done, "node-2")) == 1
    assert first != ("10.32.0.0-10.47.255.255",)
    assert second[0].endswith("-10.47.255.255")


def test_weave_is_ipv4_only() -> None:
    both = ("10.244.0.0/16", "fd00:10:244::/48")
    assert all(len(r.ips) == 1 for r in one_node(2, podCIDRs=both, **WEAVE).ledger.pods.values())


# Lifetime


@pytest.mark.parametrize("cluster", [FLANNEL, BGP, WEAVE, CILIUM], ids=["flannel", "calico", "weave", "cilium"])
def test_a_recreated_pod_has_a_new_name_and_nothing_else_changes(cluster: dict[str, Any]) -> None:
    done = allocated(project(*nodes(3), deployment("web", 6), **cluster))[0]
    key = "Deployment:default/web#2"
    before = done.ledger.pods[key]
    after = allocated(recreated(done, key))[0]
    assert after.ledger.pods[key].name != before.name
    assert after.ledger.pods[key].node == before.node
    assert after.ledger.pods[key].ips
    assert {k: v for k, v in after.ledger.pods.items() if k != key} == {
        k: v for k, v in done.ledger.pods.items() if k != key
    }


@pytest.mark.parametrize("cluster", [FLANNEL, BGP, CILIUM], ids=["flannel", "calico", "cilium"])
def test_a_recreated_pod_has_a_new_address(cluster: dict[str, Any]) -> None:
    done = one_node(2, **cluster)
    after = allocated(recreated(done, "Deployment:default/web#0"))[0]
    assert after.ledger.pods["Deployment:default/web#0"].ips != done.ledger.pods["Deployment:default/web#0"].ips


def test_a_recreated_stateful_set_pod_keeps_its_name_not_its_address() -> None:
    from tests.engine.controlplane.clusters import template, thing

    db = thing("StatefulSet", "db", "default", spec={"replicas": 2, "template": template({"app": "db"})})
    done = allocated(project(*nodes(1), db, **FLANNEL))[0]
    after = allocated(recreated(done, "StatefulSet:default/db#0"))[0]
    record = after.ledger.pods["StatefulSet:default/db#0"]
    assert (record.name, record.ips) == ("db-0", ("10.244.0.4",))


def test_host_network_pods_have_the_addresses_of_their_node_and_take_none() -> None:
    done = allocated(project(*nodes(1), deployment("agent", 1, hostNetwork=True), deployment("web", 1), **FLANNEL))[0]
    assert pod_ips(done) == ["192.168.10.11", "10.244.0.2"]


def test_switching_the_plugin_gives_every_pod_that_was_not_observed_a_new_address() -> None:
    done = one_node(2, **BGP)
    seen = PodRecord(name="seen", node="node-1", ips=("10.244.77.9",), observed=True)
    done = with_record(done.with_object(pod("seen")), "Pod:default/seen", seen)
    done = allocated(done)[0]
    flannel = settings(**FLANNEL)
    after = allocated(replace(done, cluster=flannel))[0]
    assert sorted(pod_ips(after)) == ["10.244.0.2", "10.244.0.3", "10.244.77.9"]
    assert after.ledger.nodes["node-1"].blocks == ()
    record = after.ledger.pods["Deployment:default/web#0"]
    assert record.previousIps == done.ledger.pods["Deployment:default/web#0"].ips


def test_an_observed_address_is_not_handed_out_again() -> None:
    seen = PodRecord(name="seen", node="node-1", ips=("10.244.0.2",), observed=True)
    start = with_record(project(*nodes(1), pod("seen"), deployment("web", 2), **FLANNEL), "Pod:default/seen", seen)
    assert sorted(pod_ips(allocated(start)[0])) == ["10.244.0.2", "10.244.0.3", "10.244.0.4"]
