"""nftables mode: everything that one Service adds to a node's table, for the branches that no reference case takes.

Expectations are worked out by hand from pkg/proxy/nftables/proxier.go (`syncProxyRules`,
`writeServiceToEndpointDNATs`, `writeServiceToEndpointJumps`) and pkg/proxy/topology.go (`CategorizeEndpoints`) of
kubernetes/kubernetes, in the spelling of the reference's expected files. `WEB`, `A` and `B` stand for the names with
their hashes (`nft_added`).
"""

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    LoadBalancerAddress,
    NodeState,
    ServicePortState,
)
from designer.engine.kubeproxy import tables_text
from designer.engine.kubeproxy.names import nft_base
from designer.model import FrozenMap
from tests.engine.kubeproxy.nft_added import added
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    EXTERNAL_IP,
    NODE_1,
    NODES,
    POD_A,
    POD_B,
    VIP,
    cluster,
    endpoint,
    service,
    settings,
)

MARK = "mark set mark or 0x00004000"
OWN_VIP = f"{VIP} . tcp . 80"
ONLY_A = f"meta l4proto tcp dnat ip addr . port to numgen random mod 1 map {{ 0 : {POD_A} . 8080 }}"
ONLY_B = f"meta l4proto tcp dnat ip addr . port to numgen random mod 1 map {{ 0 : {POD_B} . 8080 }}"
BOTH = f"meta l4proto tcp dnat ip addr . port to numgen random mod 2 map {{ 0 : {POD_A} . 8080 , 1 : {POD_B} . 8080 }}"
LOOP_A = [f"{POD_A} . {POD_A} . tcp . 8080"]
LOOP_B = [f"{POD_B} . {POD_B} . tcp . 8080"]
EVERYBODY = [f'{MARK} comment "masquerade"', "goto service-WEB"]
CUT_SHORT = [
    'ip saddr 10.244.0.0/16 goto service-WEB comment "short-circuit pod traffic"',
    f'fib saddr type local {MARK} comment "masquerade local traffic"',
    'fib saddr type local goto service-WEB comment "short-circuit local traffic"',
]
LEAVING = {"ready": False, "serving": True, "terminating": True}
GONE = {"ready": False, "serving": False, "terminating": True}


def refused(key: str) -> str:
    return f'{key} comment "default/web:http" : goto reject-chain'


def dropped(key: str) -> str:
    return f'{key} comment "default/web:http" : drop'


def both(**fields: Any) -> ControlPlaneState:
    """A ready endpoint on each node."""
    return cluster(service(**fields), [endpoint(POD_A), endpoint(POD_B)])


def balancer(**fields: Any) -> dict[str, Any]:
    return {"type": "LoadBalancer", "load_balancer": (LoadBalancerAddress(BALANCER),), **fields}


# --- traffic policies


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        (
            [POD_A, POD_B],
            {"hairpin-connections": LOOP_A, "local-WEB": [ONLY_A], "service-ips": [f"{OWN_VIP} : goto local-WEB"]},
        ),
        ([POD_B], {"no-endpoint-services": [dropped(OWN_VIP)]}),
        ([], {"no-endpoint-services": [refused(OWN_VIP)]}),
    ],
    ids=["here", "elsewhere", "nowhere"],
)
def test_internal_policy_local_alone_needs_no_cluster_chain(endpoints: list[str], expected: dict[str, Any]) -> None:
    control = cluster(service(internal_policy="Local"), [endpoint(ip) for ip in endpoints])
    assert added(control) == {"cluster-ips": [VIP], **expected}


def test_internal_policy_local_with_a_node_port_of_policy_cluster() -> None:
    fields = {"type": "NodePort", "node_port": 30080, "internal_policy": "Local"}
    shared = {
        "cluster-ips": [VIP],
        "external-WEB": EVERYBODY,
        "service-nodeports": ["tcp . 30080 : goto external-WEB"],
    }
    assert added(both(**fields)) == {
        **shared,
        "service-WEB": [BOTH],
        "local-WEB": [ONLY_A],
        "hairpin-connections": LOOP_A,
        "service-ips": [f"{OWN_VIP} : goto local-WEB"],
    }
    assert added(cluster(service(**fields), [endpoint(POD_B)])) == {
        **shared,
        "service-WEB": [ONLY_B],
        "no-endpoint-services": [dropped(OWN_VIP)],
    }


def test_both_policies_local_share_one_local_chain() -> None:
    fields = balancer(node_port=30080, internal_policy="Local", external_policy="Local", external_ips=(EXTERNAL_IP,))
    keys = [f"{EXTERNAL_IP} . tcp . 80", f"{BALANCER} . tcp . 80"]
    to_external = [f"{key} : goto external-WEB" for key in keys]
    nodeports = ["tcp . 30080 : goto external-WEB"]
    assert added(both(**fields)) == {
        "cluster-ips": [VIP],
        "hairpin-connections": LOOP_A,
        "external-WEB": [*CUT_SHORT, "goto local-WEB"],
        "local-WEB": [ONLY_A],
        "service-WEB": [BOTH],
        "service-ips": sorted([f"{OWN_VIP} : goto local-WEB", *to_external]),
        "service-nodeports": nodeports,
    }
    assert added(cluster(service(**fields), [endpoint(POD_B)])) == {
        "cluster-ips": [VIP],
        "external-WEB": CUT_SHORT,
        "service-WEB": [ONLY_B],
        "service-ips": sorted(to_external),
        "service-nodeports": nodeports,
        "no-endpoint-services": sorted(map(dropped, [OWN_VIP, *keys])),
        "no-endpoint-nodeports": [dropped("tcp . 30080")],
    }


def test_external_policy_local_of_a_cluster_ip_service_with_external_ips() -> None:
    """`ExternalPolicyLocal` of pkg/api/v1/service: externalIPs make a ClusterIP Service reachable from outside."""
    assert added(both(external_policy="Local", external_ips=(EXTERNAL_IP,)), "node-2") == {
        "cluster-ips": [VIP],
        "hairpin-connections": LOOP_B,
        "external-WEB": [*CUT_SHORT, "goto local-WEB"],
        "local-WEB": [ONLY_B],
        "service-WEB": [BOTH],
        "service-ips": sorted([f"{OWN_VIP} : goto service-WEB", f"{EXTERNAL_IP} . tcp . 80 : goto external-WEB"]),
    }


def test_external_policy_local_without_a_way_in_is_not_used() -> None:
    """A load balancer that has no address yet, and no node port: nothing comes from outside (`UsesLocalEndpoints`)."""
    assert added(both(type="LoadBalancer", external_policy="Local")) == {
        "cluster-ips": [VIP],
        "hairpin-connections": LOOP_A,
        "service-WEB": [BOTH],
        "service-ips": [f"{OWN_VIP} : goto service-WEB"],
    }


# --- endpoints that terminate, and hints


@pytest.mark.parametrize(
    ("a", "b", "cluster_choice", "local_choice", "loops"),
    [
        (LEAVING, {}, ONLY_B, ONLY_A, LOOP_A),  # the lists fall back each on its own
        (LEAVING, LEAVING, BOTH, ONLY_A, LOOP_A),
        ({}, LEAVING, ONLY_A, ONLY_A, LOOP_A),
        (GONE, {}, ONLY_B, None, None),
        ({"ready": True, "serving": True, "terminating": True}, {}, BOTH, ONLY_A, LOOP_A),  # publishNotReadyAddresses
    ],
)
def test_terminating_endpoints(
    a: dict[str, bool], b: dict[str, bool], cluster_choice: str, local_choice: str | None, loops: list[str] | None
) -> None:
    web = service(type="NodePort", node_port=30080, external_policy="Local")
    found = added(cluster(web, [endpoint(POD_A, **a), endpoint(POD_B, **b)]))
    assert found["service-WEB"] == [cluster_choice]
    assert found.get("local-WEB") == (None if local_choice is None else [local_choice])
    assert found.get("hairpin-connections") == loops
    assert found["external-WEB"] == [*CUT_SHORT, *(["goto local-WEB"] if local_choice else [])]
    assert found.get("no-endpoint-nodeports") == (None if local_choice else [dropped("tcp . 30080")])


def test_endpoints_that_serve_no_more_are_none() -> None:
    assert added(cluster(service(), [endpoint(POD_A, **GONE), endpoint(POD_B, ready=False)])) == {
        "cluster-ips": [VIP],
        "no-endpoint-services": [refused(OWN_VIP)],
    }


def test_a_local_endpoint_that_hints_send_elsewhere_keeps_its_hairpin() -> None:
    """Policy Local does not ask for hints; `allReachableEndpoints` is the union of both lists."""
    web = service(type="NodePort", node_port=30080, external_policy="Local", affinity_seconds=60)
    ends = [endpoint(POD_A, for_zones=("b",)), endpoint(POD_B, for_zones=("a",))]
    found = added(cluster(web, ends))
    assert found["hairpin-connections"] == LOOP_A
    for chain, name in (("service-WEB", "B"), ("local-WEB", "A")):
        assert found[chain] == [
            f"ip saddr @affinity-{name} goto endpoint-{name}",
            f"numgen random mod 1 vmap {{ 0 : goto endpoint-{name} }}",
        ]
    for name, ip in (("A", POD_A), ("B", POD_B)):
        assert found[f"affinity-{name}"] == "{ type ipv4_addr ; flags dynamic,timeout ; timeout 60s ; }"
        assert found[f"endpoint-{name}"] == [
            f"update @affinity-{name} {{ ip saddr }}",
            f"meta l4proto tcp dnat to {ip}:8080",
        ]


@pytest.mark.parametrize(
    ("hints_a", "hints_b", "expected"),
    [
        ({"for_nodes": ("node-1",)}, {"for_nodes": ("node-2",)}, ONLY_A),
        ({"for_nodes": ("node-2",)}, {"for_nodes": ("node-2",)}, BOTH),  # none names this node
        ({"for_nodes": ("node-1",)}, {}, BOTH),  # one has none
        ({"for_nodes": ("node-1",), "for_zones": ("b",)}, {"for_zones": ("a",)}, ONLY_B),  # zones count then
        ({"for_zones": ("c",)}, {"for_zones": ("b",)}, BOTH),  # none names this zone
    ],
)
def test_hints(hints_a: dict[str, Any], hints_b: dict[str, Any], expected: str) -> None:
    control = cluster(service(), [endpoint(POD_A, **hints_a), endpoint(POD_B, **hints_b)])
    assert added(control)["service-WEB"] == [expected]


def test_zone_hints_on_a_node_without_a_zone() -> None:
    nodes = {"node-1": replace(NODES["node-1"], zone=None)}
    control = cluster(service(), [endpoint(POD_A, for_zones=("a",)), endpoint(POD_B, for_zones=("b",))], nodes)
    assert added(control)["service-WEB"] == [BOTH]


# --- addresses


def test_of_load_balancer_addresses_only_those_count_that_nodes_take() -> None:
    addresses = (
        LoadBalancerAddress(BALANCER),
        LoadBalancerAddress("203.0.113.11", None, "Proxy"),
        LoadBalancerAddress(None, "lb.example.com"),
        LoadBalancerAddress("2001:db8::10"),
        LoadBalancerAddress("203.0.113.12"),
    )
    fields = balancer(load_balancer=addresses, source_ranges=(" 198.51.100.0/24", "192.168.0.0/16", "2001:db8::/32"))
    own = [f"{ip} . tcp . 80" for ip in (BALANCER, "203.0.113.12")]
    assert added(both(**fields)) == {
        "cluster-ips": [VIP],
        "hairpin-connections": LOOP_A,
        "external-WEB": EVERYBODY,
        "service-WEB": [BOTH],
        "service-ips": sorted([f"{OWN_VIP} : goto service-WEB", *[f"{key} : goto external-WEB" for key in own]]),
        "firewall-ips": [f"{key} : goto firewall-WEB" for key in own],
        "firewall-WEB": [f"ip saddr != {{ 198.51.100.0/24 , 192.168.0.0/16 , {BALANCER} , 203.0.113.12 }} drop"],
    }


def test_source_ranges_without_an_address_of_the_load_balancer_guard_nothing() -> None:
    fields = balancer(load_balancer=(LoadBalancerAddress(None, "lb.example.com"),), node_port=30080)
    found = added(both(source_ranges=("198.51.100.0/24",), **fields))
    assert not [name for name in found if name.startswith("firewall")]
    assert found["service-nodeports"] == ["tcp . 30080 : goto external-WEB"]


def test_external_ips_that_are_switched_off_leave_no_way_in() -> None:
    """KEP-5707, gate AllowServiceExternalIPs."""
    assert added(both(external_policy="Local", external_ips=(EXTERNAL_IP,)), allowServiceExternalIPs=False) == added(
        both()
    )


def test_a_name_twice_among_addresses_is_one_element() -> None:
    """`ensureElem` of nftElementStorage: an element that is there with the same verdict is not added again."""
    web = service(**balancer(external_ips=(BALANCER,)))
    assert added(cluster(web))["no-endpoint-services"] == sorted(map(refused, [OWN_VIP, f"{BALANCER} . tcp . 80"]))


def test_a_dual_stack_service_has_each_family_in_its_own_table() -> None:
    six, pod = "fd00:10:96::a", "fd00:10:244:1::5"
    web = service(
        cluster_ips=(VIP, six), ip_families=("IPv4", "IPv6"), **balancer(external_ips=("2001:db8::7", EXTERNAL_IP))
    )
    nodes = {"node-1": NodeState("node-1", ("fd00:192::1", NODE_1), (), zone="a")}
    control = cluster(web, [endpoint(POD_B)], nodes)
    piece = EndpointSliceState(
        "default",
        "web-6",
        "web",
        "IPv6",
        (EndpointPortState("http", "TCP", 8080),),
        (EndpointState((pod,), node="node-1"),),
    )
    control = replace(control, slices=FrozenMap({web.id: (*control.slices[web.id], piece)}))
    four = added(control)
    assert four["service-WEB"] == [ONLY_B]
    assert four["cluster-ips"] == [VIP]
    assert "hairpin-connections" not in four
    found = added(control, "node-1", "IPv6", clusterCIDR="10.244.0.0/16")
    assert found == {
        "cluster-ips": [six],
        "hairpin-connections": [f"{pod} . {pod} . tcp . 8080"],
        "external-WEB": EVERYBODY,
        "service-WEB": [f"meta l4proto tcp dnat ip6 addr . port to numgen random mod 1 map {{ 0 : {pod} . 8080 }}"],
        "service-ips": ["2001:db8::7 . tcp . 80 : goto external-WEB", f"{six} . tcp . 80 : goto service-WEB"],
    }


def test_a_node_has_tables_for_the_families_of_its_addresses_only() -> None:
    nodes = {"node-1": NodeState("node-1", ("fd00:192::1",), ()), "node-2": NODES["node-2"]}
    control = cluster(service(), [endpoint(POD_B)], nodes)
    heads = [
        [line for line in tables_text(control, settings(), node, "nftables")[0].splitlines() if line.startswith("####")]
        for node in nodes
    ]
    assert heads == [["#### IPv6"], ["#### IPv4"]]


# --- ports and slices


def test_one_number_for_two_protocols() -> None:
    web = service(protocol="TCP")
    web = replace(web, ports=(*web.ports, ServicePortState("http-u", "UDP", 80, 8080)))
    control = cluster(web)
    ports = (EndpointPortState("http", "TCP", 8080), EndpointPortState("http-u", "UDP", 8080))
    piece = EndpointSliceState("default", "web-x", "web", "IPv4", ports, (endpoint(POD_A),))
    found = added(replace(control, slices=FrozenMap({web.id: (piece,)})))
    other = f"service-{nft_base('default/web/udp/http-u')}"
    assert found["service-ips"] == [f"{OWN_VIP} : goto service-WEB", f"{VIP} . udp . 80 : goto {other}"]
    assert found[other] == [ONLY_A.replace("tcp", "udp")]
    assert found["hairpin-connections"] == [*LOOP_A, f"{POD_A} . {POD_A} . udp . 8080"]


@pytest.mark.parametrize(
    "fields",
    [
        {"address_type": "FQDN", "endpoints": (EndpointState(("web.example.com",)),)},
        {"ports": ()},
        {"ports": (EndpointPortState("http", "TCP", None),)},
        {"ports": (EndpointPortState("http", "UDP", 8080),)},
        {"labels": FrozenMap({"service.kubernetes.io/service-proxy-name": "other"})},
        {"labels": FrozenMap({"service.kubernetes.io/headless": ""})},
        {"endpoints": (EndpointState(()),)},
    ],
    ids=["names", "no ports", "all ports", "other protocol", "other proxy", "headless", "no address"],
)
def test_slices_that_give_no_endpoint(fields: dict[str, Any]) -> None:
    control = both()
    ((oid, (piece,)),) = control.slices.items()
    control = replace(control, slices=FrozenMap({oid: (replace(piece, **fields),)}))
    assert added(control) == {"cluster-ips": [VIP], "no-endpoint-services": [refused(OWN_VIP)]}


def test_more_than_a_thousand_endpoints_change_nothing_here() -> None:
    """The large cluster mode, without comments, is one of iptables mode only."""
    ends = [EndpointState((f"10.244.{i // 250}.{i % 250 + 1}",), node="node-9") for i in range(1200)]
    found = added(cluster(service(), ends))
    (rule,) = found["service-WEB"]
    assert rule.startswith(
        "meta l4proto tcp dnat ip addr . port to numgen random mod 1200 map { 0 : 10.244.0.100 . 8080 ,"
    )
    gone = [replace(end, ready=False, serving=False) for end in ends]
    assert added(cluster(service(), gone))["no-endpoint-services"] == [refused(OWN_VIP)]
