"""The forecast against arithmetic done by hand, and against the allocators: objects are added until one gets none."""

from typing import Any

import pytest

from designer.engine.capacity import Forecast, Limit, forecast
from designer.engine.compile import ClusterState, compile_project
from designer.model import KubeObject
from tests.engine.controlplane.clusters import deployment, nodes, project, service, thing

KUBERNETES = service("kubernetes")
TINY_FLANNEL: dict[str, Any] = {
    "cni": {"plugin": "flannel", "backend": "vxlan"},
    "podCIDRs": ("10.244.0.0/26",),
    "nodeCIDRMaskV4": 28,
}


def compiled(*objects: KubeObject, **cluster: Any) -> ClusterState:
    return compile_project(project(*objects, **cluster))


def limits(found: Forecast, thing_: str) -> dict[str, Limit]:
    return {limit.range: limit for limit in found.limits if limit.thing == thing_}


def running(state: ClusterState) -> int:
    return sum(1 for pod in state.control.pods.values() if pod.ips)


def test_flannel_counts_pod_ranges_and_addresses() -> None:
    # /26 cut into /28: four ranges of 16, in each of which network, gateway and broadcast are nobody's: 13 Pods.
    found = forecast(compiled(*nodes(3), deployment("web", 4), **TINY_FLANNEL))
    ranges = limits(found, "Node")["10.244.0.0/26 in /28"]
    assert (ranges.left, ranges.size, ranges.end, ranges.soft) == (1, 4, "no-pod-range", False)
    # Four Pods run: 2 + 1 + 1. Places: 3 × 110 - 4, addresses: 3 × 13 - 4.
    pods = limits(found, "Pod")
    assert pods["maxPods of all Nodes"].left == 326
    assert (pods["10.244.0.0/26"].left, pods["10.244.0.0/26"].end) == (35, "no-address")
    assert [(room.addresses, room.places, room.left) for room in found.nodes] == [
        (11, 108, 11), (12, 109, 12), (12, 109, 12),
    ]  # fmt: skip
    # The scheduler knows nothing of addresses: the twelfth further Pod on node-1 would get none.
    first = limits(found, "Pod")["10.244.0.0/28"]
    assert (first.where, first.left, first.end) == ("node-1", 11, "strands")
    assert found.room == 35


@pytest.mark.parametrize(
    ("cluster", "most"),
    [
        (TINY_FLANNEL, 3 * 13),
        # Four blocks of 16, all of them usable, less the three addresses of vxlan.calico.
        ({"cni": {"plugin": "calico", "backend": "vxlan", "pool": ("10.1.0.0/26",), "blockSize": 28}}, 64 - 3),
        # No tunnel devices with BGP; with strictAffinity nobody borrows, but each may claim the fourth block.
        ({"cni": {"plugin": "calico", "backend": "bgp", "pool": ("10.1.0.0/26",), "blockSize": 28,
                  "strictAffinity": True}}, 64),
        # Three blocks of 256 for three Nodes: first, last, cilium_host and health endpoint are no Pods'.
        ({"cni": {"plugin": "cilium", "backend": "vxlan", "pool": ("10.1.0.0/22",)}, "maxPods": 400}, 3 * 252),
        # A ring of 64 less its ends and three bridges.
        ({"cni": {"plugin": "weave", "backend": "fastdp", "pool": ("10.32.0.0/26",)}}, 64 - 2 - 3),
        # maxPods binds before addresses do.
        ({"cni": {"plugin": "flannel", "backend": "vxlan"}, "maxPods": 7}, 3 * 7),
    ],
)  # fmt: skip
def test_so_many_pods_come_to_run_and_no_more(cluster: dict[str, Any], most: int) -> None:
    empty = compiled(*nodes(3), **cluster)
    assert forecast(empty).room == most
    # The allocators of the plugins, asked for twice of what there is room for.
    assert running(compiled(*nodes(3), deployment("web", 2 * most), **cluster)) == most


def test_where_the_scheduler_puts_pods_can_end_it_earlier() -> None:
    cni = {"plugin": "calico", "backend": "bgp", "pool": ("10.1.0.0/26",), "blockSize": 28, "strictAffinity": True}
    limit = limits(forecast(compiled(*nodes(3), cni=cni)), "Pod")["10.1.0.0/26"]
    assert (limit.left, limit.at_most) == (64, True)
    # Spread as 22, 21 and 21 over one Node with two blocks and two with one of 16.
    assert running(compiled(*nodes(3), deployment("web", 64), cni=cni)) == 22 + 16 + 16


def test_calico_claims_twenty_blocks_a_node_and_then_borrows() -> None:
    # 64 blocks of 4 addresses; two Nodes hold at most 20 each, so 160 addresses can be reached of 256.
    cni = {"plugin": "calico", "backend": "bgp", "pool": ("10.1.0.0/24",), "blockSize": 30}
    found = forecast(compiled(*nodes(2), cni=cni, maxPods=110))
    assert limits(found, "Pod")["10.1.0.0/24"].left == 2 * 20 * 4
    # All on one Node: 20 blocks of its own; the other has none to borrow from yet.
    assert [room.addresses for room in found.nodes] == [80, 80]
    assert running(compiled(*nodes(2), deployment("web", 220), cni=cni)) == 160


def test_nodes_until_blocks_run_out() -> None:
    cni: dict[str, Any] = {"plugin": "calico", "backend": "bgp", "pool": ("10.1.0.0/24",)}
    found = limits(forecast(compiled(*nodes(3), deployment("web", 3), cni=cni)), "Node")
    # domain/ipam.md 4: a pool of /24 has 4 blocks; a fifth Node borrows, with strictAffinity it gets nothing.
    assert (found["10.1.0.0/24 in /26"].left, found["10.1.0.0/24 in /26"].end) == (1, "borrows")
    assert found["10.1.0.0/24 in /26"].soft
    strict = limits(forecast(compiled(*nodes(3), deployment("web", 3), cni=cni | {"strictAffinity": True})), "Node")
    assert (strict["10.1.0.0/24 in /26"].end, strict["10.1.0.0/24 in /26"].soft) == ("no-block", False)
    # nodeipam: domain/ipam.md 2, worked example.
    assert (found["10.244.0.0/16 in /24"].left, found["10.244.0.0/16 in /24"].soft) == (256 - 3, True)


def test_service_ranges_that_overlap_node_ranges_take_them_away() -> None:
    # domain/ipam.md 2: blocks that overlap the Service range are marked as used without an error: 16 of 256.
    found = forecast(compiled(*nodes(2), serviceCIDRs=("10.244.240.0/20",), cni={"plugin": "flannel"}))
    assert limits(found, "Node")["10.244.0.0/16 in /24"].left == 256 - 16 - 2


@pytest.mark.parametrize(("cidr", "usable"), [("10.96.0.0/27", 30), ("10.96.0.0/28", 14), ("fd00:96::/124", 15)])
def test_services_until_the_range_is_full(cidr: str, usable: int) -> None:
    found = forecast(compiled(KUBERNETES, serviceCIDRs=(cidr,)))
    assert limits(found, "Service")[cidr].left == usable - 1
    many = [service(f"s{number}") for number in range(usable - 1)]
    full = compiled(KUBERNETES, *many, serviceCIDRs=(cidr,))
    assert len(full.control.services) == usable
    assert limits(forecast(full), "Service")[cidr].left == 0
    one_more = compiled(KUBERNETES, *many, service("last"), serviceCIDRs=(cidr,))
    assert len(one_more.control.services) == usable
    assert "range is full" in " ".join(problem.why + problem.title for problem in one_more.problems)


def test_the_dynamic_band_ends_first() -> None:
    # domain/ipam.md 5: a /24 keeps 16 addresses below for fixed ones, so 238 are drawn before these are touched.
    found = limits(forecast(compiled(KUBERNETES, serviceCIDRs=("10.0.0.0/24",))), "Service")
    assert (found["10.0.0.0/24, dynamic band"].left, found["10.0.0.0/24, dynamic band"].soft) == (238, True)
    assert found["10.0.0.0/24"].left == 254 - 1


def test_service_default_kubernetes_is_counted_where_the_input_does_not_show_it() -> None:
    assert limits(forecast(compiled(serviceCIDRs=("10.0.0.0/24",))), "Service")["10.0.0.0/24"].left == 253


def test_several_service_ranges_count_once_where_they_overlap() -> None:
    more = thing("ServiceCIDR", "more", spec={"cidrs": ["10.96.0.0/26"]})
    found = limits(forecast(compiled(KUBERNETES, more, serviceCIDRs=("10.96.0.0/27",))), "Service")
    # .1 to .62 of the larger one; .31, the broadcast of the smaller one, is an address of the larger; one is used.
    assert found["10.96.0.0/27, 10.96.0.0/26"].left == 62 - 1


def test_node_ports_with_their_bands_and_the_health_check() -> None:
    balanced = service("lb", type="LoadBalancer", externalTrafficPolicy="Local")
    found = limits(forecast(compiled(KUBERNETES, balanced)), "node port")
    # domain/ipam.md 6: 2768 ports, 86 of them static; the Service has a node port and a health check node port.
    assert found["30000-32767"].left == 2768 - 2
    assert found["30000-32767, dynamic band"].left == 2682 - 2
    narrow = compiled(*[service(f"s{n}", type="NodePort") for n in range(6)], nodePortRange=(30000, 30005))
    assert limits(forecast(narrow), "node port")["30000-30005"].left == 0


def test_load_balancer_pools_by_name_and_family() -> None:
    pools = [{"name": "a", "addresses": ["203.0.113.0/30", "203.0.113.2-203.0.113.5", "fd00::1-fd00::4"]}]
    balanced = service("lb", type="LoadBalancer")
    found = forecast(compiled(KUBERNETES, balanced, *nodes(1), loadBalancer={"pools": pools}))
    left = {limit.range: limit.left for limit in found.limits if limit.thing == "load balancer address"}
    assert left == {"pool a (IPv4)": 6 - 1, "pool a (IPv6)": 4}
    assert found.first is not None
    assert (found.first.range, found.first.left) == ("pool a (IPv6)", 4)


def test_a_node_that_plain_pods_do_not_get_to_is_left_out() -> None:
    taint = {"taints": [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]}
    found = forecast(compiled(*nodes(2), thing("Node", "control", spec=taint), maxPods=10))
    assert {room.name: bool(room.closed) for room in found.nodes} == {"control": True, "node-1": False, "node-2": False}
    assert limits(found, "Pod")["maxPods of all Nodes"].left == 20


def test_ended_pods_hold_nothing_and_host_network_pods_a_place_alone() -> None:
    host = thing("Pod", "host", "default", spec={"nodeName": "node-1", "hostNetwork": True, "containers": []})
    ended = thing("Pod", "ended", "default", spec={"nodeName": "node-1", "containers": []},
                  status={"phase": "Succeeded", "podIP": "10.244.0.9"})  # fmt: skip
    (room,) = forecast(compiled(*nodes(1), host, ended, **TINY_FLANNEL)).nodes
    assert (room.running, room.addresses) == (1, 13)


def test_dual_stack_pods_need_both_families() -> None:
    cluster: dict[str, Any] = {
        "cni": {"plugin": "flannel", "backend": "vxlan"},
        "podCIDRs": ("10.244.0.0/24", "fd00:10::/120"),
        "serviceCIDRs": ("10.96.0.0/16", "fd00:96::/112"),
        "nodeCIDRMaskV4": 26,
        "nodeCIDRMaskV6": 124,
    }
    # IPv4: 64 - 3; IPv6: 16 less the network address and the gateway, for it has no broadcast address.
    found = forecast(compiled(*nodes(1), **cluster))
    assert found.nodes[0].addresses == 14
    assert running(compiled(*nodes(1), deployment("web", 20), **cluster)) == 14
    # nodeipam gives both families or none: four ranges of one, sixteen of the other.
    left = limits(found, "Node")
    assert (left["10.244.0.0/24 in /26"].left, left["fd00:10::/120 in /124"].left) == (3, 15)


def test_settings_that_the_input_did_not_say_are_marked() -> None:
    found = forecast(compiled(*nodes(1), assumed=("setting:podCIDRs",)))
    assert {limit.setting for limit in found.limits if limit.assumed} == {"podCIDRs"}
