"""ipvs mode: what each branch of upstream's `syncProxyRules` does (pkg/proxy/ipvs/proxier.go), one small cluster each.

Expectations are read from that function and what it calls; each test names the branch. Other such tests are in
`test_ipvs` and `test_ipvs_rules`.
"""

from collections.abc import Iterable
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
    ServiceState,
)
from designer.engine.netfilter import render_ipvs
from designer.model import FrozenMap
from tests.engine.kubeproxy.ipvs_parts import BOTH, NODE_PORT, A, B, balanced, lines, made, members, servers
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
)

OTHER_BALANCER = "203.0.113.11"
SIX = NodeState("six", ("fd00:192::b", "fd00:192::c"), ("fd00:192::b", "fd00:192::c", "fd99::5", "fe80::5", "::1"))
VIP_6, BALANCER_6 = "fd00:10:96::a", "2001:db8::10"


def at(
    *services: ServiceState, node: NodeState = NODES["node-1"], pieces: Iterable[EndpointSliceState] = ()
) -> ControlPlaneState:
    """The cluster with one node and these Services, with their slices."""
    slices: dict[str, tuple[EndpointSliceState, ...]] = {}
    for piece in pieces:
        slices[piece.service_id] = (*slices.get(piece.service_id, ()), piece)
    found = {web.id: web for web in services}
    return ControlPlaneState(nodes=FrozenMap({node.name: node}), services=FrozenMap(found), slices=FrozenMap(slices))


def six(**fields: Any) -> ServiceState:
    return service(cluster_ips=(VIP_6,), ip_families=("IPv6",), **fields)


# --- addresses of the dummy device ("shouldBind", `EnsureAddressBind`)


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        # The cluster IP always, whatever the node's interfaces have.
        ({"cluster_ips": (NODE_1,)}, {NODE_1}),
        ({"external_ips": (NODE_1, EXTERNAL_IP)}, {VIP, EXTERNAL_IP}),
        # The node's addresses are asked without loopback (`isValidForSet` of netlink_linux.go).
        ({"external_ips": ("127.0.0.1",)}, {VIP, "127.0.0.1"}),
        ({"external_ips": ("172.16.0.5",)}, {VIP}),
        ({"type": "LoadBalancer", "load_balancer": (LoadBalancerAddress(NODE_1),)}, {VIP}),
        (
            {"type": "LoadBalancer", "load_balancer": (LoadBalancerAddress(BALANCER), LoadBalancerAddress(VIP))},
            {VIP, BALANCER},
        ),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_addresses_of_the_dummy_device(fields: dict[str, Any], bound: set[str]) -> None:
    node = replace(NODES["node-1"], interface_addresses=(NODE_1, "172.16.0.5", "127.0.0.1"))
    program = made(at(service(**fields), node=node))
    assert set(program.addresses) == bound
    # KUBE-IPVS-IPS has exactly these: they are what KUBE-IPVS-FILTER closes.
    assert set(members(program)["KUBE-IPVS-IPS"]) == bound


def test_node_ports_bind_nothing_and_an_ipv6_link_local_address_is_not_the_nodes_own() -> None:
    program = made(at(six(external_ips=("fe80::5", "fd99::5"), **NODE_PORT), node=SIX), "six", 6)
    assert program.addresses == (VIP_6, "fe80::5")


# --- node ports ("nodeIPs")


@pytest.mark.parametrize(
    ("cidrs", "taking"),
    [
        ((), ["fd00:192::b", "fd00:192::c", "fd99::5"]),
        # Other families' CIDRs leave nothing of this one, which means all (`NewNodePortAddresses`).
        (("10.0.0.0/8",), ["fd00:192::b", "fd00:192::c", "fd99::5"]),
        (("fd00:192::/64", "::/0"), ["fd00:192::b", "fd00:192::c", "fd99::5"]),
        (("10.0.0.0/8", "fd00:192::/64", "fd99::/16"), ["fd00:192::b", "fd00:192::c", "fd99::5"]),
        (("fd00:192::c/128",), ["fd00:192::c"]),
        (("primary",), ["fd00:192::b"]),
        # Named by a CIDR a link-local address does take them: `GetNodeIPs` asks interfaces; only loopback is left out.
        (("fe80::/10", "::1/128"), ["fe80::5"]),
        (("2001:db8::/32",), []),
    ],
)
def test_node_port_addresses_of_ipv6(cidrs: tuple[str, ...], taking: list[str]) -> None:
    found = servers(made(at(six(**NODE_PORT), node=SIX), "six", 6, nodePortAddresses=cidrs))
    assert sorted(found) == sorted([f"{VIP_6}:80", *(f"{a}:30080" for a in taking)])


@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_sctp_node_ports_stand_in_their_sets_once_an_address(policy: str) -> None:
    """The set is hash:ip,port: an entry for each of nodeIPs, in the Local set too."""
    node = replace(NODES["node-1"], interface_addresses=(NODE_1, "172.16.0.5", "10.0.0.9"))
    web = service(protocol="SCTP", external_policy=policy, **NODE_PORT)
    found = members(made(at(web, node=node), nodePortAddresses=("192.168.0.0/16", "172.16.0.0/12")))
    both = ("172.16.0.5,sctp:30080", f"{NODE_1},sctp:30080")
    assert found["KUBE-NODE-PORT-SCTP-HASH"] == both
    assert found.get("KUBE-NODE-PORT-LOCAL-SCTP-HASH") == (both if policy == "Local" else None)


def test_one_number_may_be_a_tcp_and_a_udp_node_port() -> None:
    ports = (ServicePortState("a", "TCP", 53, 53, 30053), ServicePortState("b", "UDP", 53, 53, 30053))
    program = made(at(service(type="NodePort", ports=ports)))
    assert [(s.protocol, s.address, s.port) for s in program.servers] == [
        ("tcp", VIP, 53),
        ("udp", VIP, 53),
        ("tcp", NODE_1, 30053),
        ("udp", NODE_1, 30053),
    ]
    assert [members(program)[f"KUBE-NODE-PORT-{name}"] for name in ("TCP", "UDP")] == [("30053",), ("30053",)]


# --- health check node ports ("svcInfo.HealthCheckNodePort()")


def test_health_check_ports_are_those_of_balancers_with_policy_local() -> None:
    """`NeedsHealthCheck`: type LoadBalancer and external policy Local; a port of each Service, once."""
    ports = (ServicePortState("a", "TCP", 80, 80, 30080), ServicePortState("b", "TCP", 81, 81, 30081))
    local = {"type": "LoadBalancer", "external_policy": "Local"}
    found = members(
        made(
            at(
                service(name="one", cluster_ips=("10.96.0.1",), ports=ports, health_check_node_port=32001, **local),
                service(name="two", cluster_ips=("10.96.0.2",), health_check_node_port=32002, **local),
                service(name="none", cluster_ips=("10.96.0.3",), **local),
                service(name="cluster", cluster_ips=("10.96.0.4",), type="LoadBalancer", health_check_node_port=32004),
                service(
                    name="port",
                    cluster_ips=("10.96.0.5",),
                    external_policy="Local",
                    health_check_node_port=32005,
                    **NODE_PORT,
                ),
            )
        )
    )
    assert found["KUBE-HEALTH-CHECK-NODE-PORT"] == ("32001", "32002")


# --- load balancers ("svcInfo.LoadBalancerVIPs()")


@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_each_address_of_a_balancer_and_each_port_is_fenced(policy: str) -> None:
    """Sources for every address and port; a node outside of the ranges gets a DROP for every one of them."""
    ports = (ServicePortState("a", "TCP", 80, 80), ServicePortState("b", "UDP", 53, 53))
    entries = (LoadBalancerAddress(BALANCER), LoadBalancerAddress(OTHER_BALANCER), LoadBalancerAddress(BALANCER_6))
    web = service(
        type="LoadBalancer",
        ports=ports,
        load_balancer=entries,
        external_policy=policy,
        source_ranges=("10.0.0.0/8", "198.51.100.7/32", "2001:db8::/32"),
    )
    program = made(at(web))
    places = [f"{a},{port}" for a in (BALANCER, OTHER_BALANCER) for port in ("tcp:80", "udp:53")]
    found = members(program)
    assert found["KUBE-LOAD-BALANCER"] == found["KUBE-LOAD-BALANCER-FW"] == tuple(places)
    assert found.get("KUBE-LOAD-BALANCER-LOCAL") == (tuple(places) if policy == "Local" else None)
    assert found["KUBE-LOAD-BALANCER-SOURCE-CIDR"] == tuple(
        f"{place},{source}" for place in places for source in ("10.0.0.0/8", "198.51.100.7")
    )
    dropped = lines(program.rules, "filter", "KUBE-IPVS-OUT-FILTER")
    assert sorted(dropped) == [
        f"-A KUBE-IPVS-OUT-FILTER -s {a} -m ipvs --vaddr {a} --vproto {protocol} --vport {port} -j DROP"
        for a in (BALANCER, OTHER_BALANCER)
        for protocol, port in (("tcp", 80), ("udp", 53))
    ]


@pytest.mark.parametrize(
    ("ranges", "from_node"),
    [
        (("fd00:192::/64",), True),
        (("2001:db8:1::/48", "fd00:192::b/128"), True),
        # Only the node's first address of the family counts, and none of the other one's ranges.
        (("fd00:192::c/128", "0.0.0.0/0"), False),
    ],
)
def test_source_ranges_of_ipv6(ranges: tuple[str, ...], from_node: bool) -> None:
    web = six(type="LoadBalancer", load_balancer=(LoadBalancerAddress(BALANCER_6),), source_ranges=ranges)
    program = made(at(web, node=SIX), "six", 6)
    found, place = members(program), f"{BALANCER_6},tcp:80"
    own = [cidr.removesuffix("/128") for cidr in ranges if ":" in cidr]
    assert found["KUBE-6-LOAD-BALANCER-SOURCE-CID"] == tuple(sorted(f"{place},{cidr}" for cidr in own))
    assert found.get("KUBE-6-LOAD-BALANCER-SOURCE-IP") == ((f"{place},{BALANCER_6}",) if from_node else None)
    assert len(lines(program.rules, "filter", "KUBE-IPVS-OUT-FILTER")) == (not from_node)


def test_node_ports_and_external_ips_of_a_fenced_balancer_stay_open() -> None:
    """Only load balancer addresses are put into KUBE-LOAD-BALANCER-FW."""
    web = balanced(source_ranges=("10.0.0.0/8",), external_ips=(EXTERNAL_IP,))
    found = members(made(cluster(web, BOTH)))
    assert found["KUBE-LOAD-BALANCER-FW"] == (f"{BALANCER},tcp:80",)
    assert found["KUBE-EXTERNAL-IP"] == (f"{EXTERNAL_IP},tcp:80",)


def test_affinity_holds_at_every_virtual_server() -> None:
    """`FlagPersistent` with the Service's time-out is set at each of the four places that make virtual servers."""
    web = balanced(affinity_seconds=600, external_ips=(EXTERNAL_IP,))
    program = made(cluster(web, BOTH))
    assert {s.address for s in program.servers} == {VIP, EXTERNAL_IP, BALANCER, NODE_1}
    assert {s.persistence for s in program.servers} == {600}
    assert render_ipvs(program).count(" -s rr -p 600\n") == 4


# --- endpoints (`syncEndpoint`, `CategorizeEndpoints` of pkg/proxy/topology.go)

NO_READY_HERE = [endpoint(POD_A, ready=False, serving=False, terminating=True), endpoint(POD_B)]


@pytest.mark.parametrize(
    ("endpoints", "inside", "outside"),
    [
        # Hints are asked for policy Cluster only; what Local leaves to Cluster follows them.
        (
            [
                endpoint(POD_A, for_zones=("b",)),
                endpoint("10.244.1.6", for_zones=("a",)),
                endpoint(POD_B, for_zones=("a",)),
            ],
            ["10.244.1.6:8080", B],
            [A, "10.244.1.6:8080"],
        ),
        (
            [endpoint(POD_B, for_zones=("a",)), endpoint("10.244.2.8", for_zones=("b",))],
            [B],
            [B],
        ),
        (
            [endpoint(POD_B, for_nodes=("node-1",), for_zones=("b",)), endpoint("10.244.2.8", for_nodes=("node-2",))],
            [B],
            [B],
        ),
        # Terminating and no longer serving: nobody's.
        (NO_READY_HERE, [B], [B]),
        # Not ready and not terminating: nobody's either, though it serves.
        ([endpoint(POD_A, ready=False), endpoint(POD_B, ready=False)], [], []),
        # A terminating one stands in for all only when nothing is ready anywhere.
        ([endpoint(POD_B, ready=False, terminating=True)], [B], [B]),
        (
            [endpoint(POD_A, ready=False, terminating=True), endpoint(POD_B, ready=False, terminating=True)],
            [A, B],
            [A],
        ),
    ],
)
def test_policy_local_next_to_hints_and_ends(
    endpoints: list[EndpointState], inside: list[str], outside: list[str]
) -> None:
    web = service(external_policy="Local", **NODE_PORT)
    assert servers(made(cluster(web, endpoints))) == {f"{VIP}:80": inside, f"{NODE_1}:30080": outside}


@pytest.mark.parametrize(("allowed", "inside"), [(True, [B]), (False, [])])
def test_external_ips_that_do_not_count_are_no_traffic_from_outside(allowed: bool, inside: list[str]) -> None:
    """`ExternallyAccessible` asks for those that count: without any, policy Local inside has no Cluster to fall to."""
    web = service(internal_policy="Local", external_ips=(EXTERNAL_IP,))
    found = servers(made(cluster(web, BOTH[1:]), allowServiceExternalIPs=allowed))
    assert found == {f"{VIP}:80": inside, **({f"{EXTERNAL_IP}:80": [B]} if allowed else {})}


def test_an_endpoint_in_two_slices_and_two_ports_at_one_target() -> None:
    """Real servers are a set of ``ip:port``; the set KUBE-LOOP-BACK tells protocols apart."""
    ports = (
        ServicePortState("a", "TCP", 80, 8080),
        ServicePortState("b", "TCP", 81, 8080),
        ServicePortState("c", "UDP", 80, 8080),
    )
    of = tuple(EndpointPortState(p.name, p.protocol, 8080) for p in ports)
    pieces = [EndpointSliceState("default", name, "web", "IPv4", of, (endpoint(POD_A),)) for name in ("x", "y")]
    program = made(at(service(ports=ports), pieces=pieces))
    assert [[r.address for r in s.real] for s in program.servers] == [[POD_A]] * 3
    assert members(program)["KUBE-LOOP-BACK"] == (f"{POD_A},tcp:8080,{POD_A}", f"{POD_A},udp:8080,{POD_A}")


def test_slices_that_do_not_count_for_the_family_or_the_port() -> None:
    """Slices of another address type, of another port name or protocol, and ports without a number."""
    http, every = EndpointPortState("http", "TCP", 8080), EndpointPortState("http", "TCP", None)
    pieces = [
        EndpointSliceState("default", "a", "web", "IPv6", (http,), (EndpointState(("fd00::5",), node="node-1"),)),
        EndpointSliceState("default", "b", "web", "FQDN", (http,), (EndpointState(("a.example.com",)),)),
        EndpointSliceState("default", "c", "web", "IPv4", (EndpointPortState("", "TCP", 8080),), (endpoint(POD_A),)),
        EndpointSliceState("default", "d", "web", "IPv4", (EndpointPortState("http", "UDP", 1),), (endpoint(POD_A),)),
        EndpointSliceState("default", "e", "web", "IPv4", (every,), (endpoint(POD_A),)),
        EndpointSliceState("default", "f", "web", "IPv4", (), (endpoint(POD_A),)),
        EndpointSliceState("default", "g", "web", "IPv4", (http,), (endpoint(POD_B),)),
    ]
    program = made(at(service(), pieces=pieces))
    assert servers(program) == {f"{VIP}:80": [B]}
    assert "KUBE-LOOP-BACK" not in members(program)


# --- rules that stand only while a set has members (`ipsetWithIptablesChain`)


def test_each_rule_that_asks_a_set_of_a_chain_goes_with_its_members() -> None:
    full = made(
        at(
            service(
                type="LoadBalancer",
                load_balancer=(LoadBalancerAddress(BALANCER),),
                external_policy="Local",
                source_ranges=("10.0.0.0/8",),
                node_port=30080,
                external_ips=(EXTERNAL_IP,),
            ),
            service(name="open", cluster_ips=("10.96.0.11",), external_ips=("198.51.100.8",)),
            pieces=[
                EndpointSliceState(
                    "default", "x", "web", "IPv4", (EndpointPortState("http", "TCP", 8080),), (endpoint(POD_A),)
                )
            ],
        )
    )
    asked = {
        ("nat", "KUBE-SERVICES"): [
            "KUBE-LOAD-BALANCER",
            "KUBE-CLUSTER-IP",
            "KUBE-EXTERNAL-IP",
            "KUBE-EXTERNAL-IP",
            "KUBE-EXTERNAL-IP",
            "KUBE-EXTERNAL-IP-LOCAL",
            "KUBE-EXTERNAL-IP-LOCAL",
            "KUBE-CLUSTER-IP",
            "KUBE-LOAD-BALANCER",
        ],
        ("nat", "KUBE-LOAD-BALANCER"): ["KUBE-LOAD-BALANCER-LOCAL"],
        ("nat", "KUBE-NODE-PORT"): ["KUBE-NODE-PORT-LOCAL-TCP", "KUBE-NODE-PORT-TCP"],
        ("nat", "KUBE-POSTROUTING"): ["KUBE-LOOP-BACK"],
        ("filter", "KUBE-PROXY-FIREWALL"): ["KUBE-LOAD-BALANCER-FW"],
        ("filter", "KUBE-SOURCE-RANGES-FIREWALL"): ["KUBE-LOAD-BALANCER-SOURCE-CIDR"],
        ("filter", "KUBE-NODE-PORT"): ["KUBE-HEALTH-CHECK-NODE-PORT"],
    }
    empty = made(at())
    for (table, chain), names in asked.items():
        found = [text.split("--match-set ")[1].split()[0] for text in lines(full.rules, table, chain) if "-set" in text]
        assert found == names, chain
        left = [text for text in lines(empty.rules, table, chain) if "-set" in text]
        # The one for health check ports stands always, as do those of KUBE-IPVS-FILTER.
        assert len(left) == (chain == "KUBE-NODE-PORT" and table == "filter")
    assert len(lines(empty.rules, "filter", "KUBE-IPVS-FILTER")) == 6
