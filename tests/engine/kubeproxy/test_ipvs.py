"""ipvs mode beyond the reference cases: virtual servers, addresses and sets of Services.

"README" below is the one of the reference, section "Facts worth knowing".
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    LoadBalancerAddress,
    NodeState,
)
from designer.engine.netfilter import IpvsProgram, render_ipvs
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
from tests.engine.kubeproxy.test_iptables import expected, random_clusters

# --- endpoints


# README: "with policy Local and no local endpoints the virtual server gets all (cluster policy) endpoints. Only a
# service with internalTrafficPolicy: Local and no external traffic has no cluster policy endpoints; its virtual server
# stays empty."
@pytest.mark.parametrize(
    ("fields", "endpoints", "inside", "outside"),
    [
        ({}, BOTH, [A, B], [A, B]),
        ({"external_policy": "Local"}, BOTH, [A, B], [A]),
        ({"external_policy": "Local"}, BOTH[1:], [B], [B]),
        ({"internal_policy": "Local"}, BOTH, [A], [A, B]),
        ({"internal_policy": "Local"}, BOTH[1:], [B], [B]),
        ({"internal_policy": "Local", "external_policy": "Local"}, BOTH, [A], [A]),
        ({"internal_policy": "Local", "external_policy": "Local"}, BOTH[1:], [B], [B]),
        ({"external_policy": "Local"}, [endpoint(POD_A, ready=False), BOTH[1]], [B], [B]),
        # A terminating endpoint of the node stands in among the local ones only.
        ({"external_policy": "Local"}, [endpoint(POD_A, ready=False, terminating=True), BOTH[1]], [B], [A]),
        ({}, [endpoint(POD_A, ready=False, terminating=True)], [A], [A]),
        ({}, [], [], []),
    ],
)
def test_real_servers_by_policy(
    fields: dict[str, Any], endpoints: list[EndpointState], inside: list[str], outside: list[str]
) -> None:
    found = servers(made(cluster(service(**NODE_PORT, **fields), endpoints)))
    assert found == {f"{VIP}:80": inside, f"{NODE_1}:30080": outside}


@given(random_clusters())
def test_the_real_servers_of_any_service_are_those_that_every_mode_chooses(control: ControlPlaneState) -> None:
    found = servers(made(control))
    for web in control.services.values():
        assert sorted(found[f"{web.cluster_ips[0]}:80"]) == sorted(f"{ip}:8080" for ip in expected(control, web))


@pytest.mark.parametrize(("endpoints", "inside"), [(BOTH, [A]), (BOTH[1:], [])])
def test_internal_policy_local_without_traffic_from_outside(endpoints: list[EndpointState], inside: list[str]) -> None:
    assert servers(made(cluster(service(internal_policy="Local"), endpoints))) == {f"{VIP}:80": inside}


# README: "`KUBE-LOOP-BACK` holds all local endpoints of a service port, also those that are not ready."
def test_loop_back_holds_the_local_endpoints_in_any_state() -> None:
    endpoints = [
        endpoint("10.244.1.5"),
        endpoint("10.244.1.6", ready=False),
        endpoint("10.244.1.7", ready=False, serving=False, terminating=True),
        endpoint("10.244.1.8", node=None),
        endpoint(POD_B),
    ]
    program = made(cluster(service(protocol="UDP"), endpoints))
    assert members(program)["KUBE-LOOP-BACK"] == tuple(f"10.244.1.{i},udp:8080,10.244.1.{i}" for i in (5, 6, 7))
    assert servers(program)[f"{VIP}:80"] == ["10.244.1.5:8080", "10.244.1.8:8080", f"{POD_B}:8080"]


def test_real_servers_are_reached_by_translation_with_weight_1() -> None:
    text = render_ipvs(made(cluster(service(), BOTH)))
    assert f"-a -t {VIP}:80 -r {A} -m -w 1\n-a -t {VIP}:80 -r {B} -m -w 1\n" in text


# --- node ports


# README: "one virtual server per node port and interface address of the node (without loopback), with
# `nodePortAddresses` only the matching addresses".
@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        ((), [NODE_1, "172.16.0.5"]),
        (("0.0.0.0/0",), [NODE_1, "172.16.0.5"]),
        (("fd00::/8",), [NODE_1, "172.16.0.5"]),
        (("172.16.0.0/12",), ["172.16.0.5"]),
        (("127.0.0.0/8", "172.16.0.0/12"), ["172.16.0.5"]),
        (("127.0.0.0/8",), []),
        (("primary",), [NODE_1]),
        (("203.0.113.0/24",), []),
    ],
)
def test_node_port_addresses(cidrs: tuple[str, ...], expected: list[str]) -> None:
    node = replace(NODES["node-1"], interface_addresses=(NODE_1, "172.16.0.5", "127.0.0.9", "fd00::b"))
    program = made(cluster(service(**NODE_PORT), BOTH, {"node-1": node}), nodePortAddresses=cidrs)
    assert sorted(a for a in servers(program) if a.endswith(":30080")) == sorted(f"{a}:30080" for a in expected)
    assert members(program).get("KUBE-NODE-PORT-TCP") == (("30080",) if expected else None)
    assert program.addresses == (VIP,)


def test_ipv6_link_local_addresses_take_no_node_ports() -> None:
    node = NodeState("n", ("fd00::b",), ("fd00::b", "fe80::1", "fd00::c", "::1"))
    web = service(cluster_ips=("fd00:10:96::1",), **NODE_PORT)
    control = ControlPlaneState(nodes=FrozenMap({"n": node}), services=FrozenMap({web.id: web}))
    assert set(servers(made(control, "n", 6))) == {"fd00:10:96::1:80", "fd00::b:30080", "fd00::c:30080"}


@pytest.mark.parametrize(
    ("protocol", "policy", "expected"),
    [
        ("TCP", "Cluster", {"KUBE-NODE-PORT-TCP": ("30080",)}),
        ("TCP", "Local", {"KUBE-NODE-PORT-TCP": ("30080",), "KUBE-NODE-PORT-LOCAL-TCP": ("30080",)}),
        ("UDP", "Cluster", {"KUBE-NODE-PORT-UDP": ("30080",)}),
        ("UDP", "Local", {"KUBE-NODE-PORT-UDP": ("30080",), "KUBE-NODE-PORT-LOCAL-UDP": ("30080",)}),
        ("SCTP", "Cluster", {"KUBE-NODE-PORT-SCTP-HASH": (f"{NODE_1},sctp:30080",)}),
        (
            "SCTP",
            "Local",
            {
                "KUBE-NODE-PORT-SCTP-HASH": (f"{NODE_1},sctp:30080",),
                "KUBE-NODE-PORT-LOCAL-SCTP-HASH": (f"{NODE_1},sctp:30080",),
            },
        ),
    ],
)
def test_sets_of_node_ports(protocol: str, policy: str, expected: dict[str, tuple[str, ...]]) -> None:
    program = made(cluster(service(**NODE_PORT, protocol=protocol, external_policy=policy), BOTH))
    assert {name: of for name, of in members(program).items() if "NODE-PORT" in name} == expected
    option = {"TCP": "-t", "UDP": "-u", "SCTP": "--sctp-service"}[protocol]
    assert f"-A {option} {NODE_1}:30080 -s rr\n" in render_ipvs(program)
    rules = lines(program.rules, "nat", "KUBE-NODE-PORT")
    name, dims = protocol + ("-HASH" if protocol == "SCTP" else ""), "dst,dst" if protocol == "SCTP" else "dst"
    ends = [f"--match-set KUBE-NODE-PORT-{name} {dims} -j KUBE-MARK-MASQ"]
    if policy == "Local":
        ends.insert(0, f"--match-set KUBE-NODE-PORT-LOCAL-{name} {dims} -j RETURN")
    assert len(rules) == len(ends)
    assert all(rule.endswith(end) and f" -p {protocol.lower()} " in rule for rule, end in zip(rules, ends, strict=True))


def test_the_health_check_port_goes_with_a_node_port_that_has_no_address() -> None:
    web = balanced(external_policy="Local", health_check_node_port=32100)
    assert members(made(cluster(web, BOTH)))["KUBE-HEALTH-CHECK-NODE-PORT"] == ("32100",)
    nowhere = made(cluster(web, BOTH), nodePortAddresses=("203.0.113.0/24",))
    assert "KUBE-HEALTH-CHECK-NODE-PORT" not in members(nowhere)
    without = made(
        cluster(balanced(external_policy="Local", health_check_node_port=32100, node_port=None), BOTH),
        nodePortAddresses=("203.0.113.0/24",),
    )
    assert members(without)["KUBE-HEALTH-CHECK-NODE-PORT"] == ("32100",)


# --- external IPs and load balancers


def test_external_ips_and_their_rules() -> None:
    web = service(external_ips=(EXTERNAL_IP, NODE_1))
    program = made(cluster(web, BOTH))
    assert members(program)["KUBE-EXTERNAL-IP"] == (f"{NODE_1},tcp:80", f"{EXTERNAL_IP},tcp:80")
    assert program.addresses == (VIP, EXTERNAL_IP)  # an address of the node is on the node already
    head = (
        "-A KUBE-SERVICES -m comment --comment"
        ' "Kubernetes service external ip + port for masquerade and filter purpose"'
        " -m set --match-set KUBE-EXTERNAL-IP dst,dst"
    )
    assert [text for text in lines(program.rules, "nat", "KUBE-SERVICES") if "EXTERNAL-IP" in text] == [
        f"{head} -j KUBE-MARK-MASQ",
        f"{head} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT",
        f"{head} -m addrtype --dst-type LOCAL -j ACCEPT",
    ]
    assert made(cluster(web, BOTH), "node-2").addresses == (VIP, NODE_1, EXTERNAL_IP)


def test_external_ips_with_policy_local_are_not_masqueraded() -> None:
    web = service(external_ips=(EXTERNAL_IP,), external_policy="Local")
    program = made(cluster(web, BOTH))
    assert members(program)["KUBE-EXTERNAL-IP-LOCAL"] == (f"{EXTERNAL_IP},tcp:80",)
    assert "KUBE-EXTERNAL-IP" not in members(program)
    assert servers(program)[f"{EXTERNAL_IP}:80"] == [A]
    head = (
        '-A KUBE-SERVICES -m comment --comment "Kubernetes service external ip + port with externalTrafficPolicy=local"'
        " -m set --match-set KUBE-EXTERNAL-IP-LOCAL dst,dst"
    )
    assert [text for text in lines(program.rules, "nat", "KUBE-SERVICES") if "EXTERNAL-IP" in text] == [
        f"{head} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT",
        f"{head} -m addrtype --dst-type LOCAL -j ACCEPT",
    ]


# README: "A load balancer ingress with `ipMode: Proxy` or only a host name has no rules."
@pytest.mark.parametrize(
    "entry", [LoadBalancerAddress(BALANCER, ip_mode="Proxy"), LoadBalancerAddress(None, "lb.example.com")]
)
def test_a_load_balancer_that_nodes_do_not_answer_for(entry: LoadBalancerAddress) -> None:
    program = made(cluster(balanced(load_balancer=(entry,)), BOTH))
    assert set(servers(program)) == {f"{VIP}:80", f"{NODE_1}:30080"}
    assert not any("BALANCER" in name for name in members(program))


# README, "Load balancer source ranges"; a node within the ranges may use the address from itself, any other not.
@pytest.mark.parametrize(
    ("ranges", "cidrs", "from_node"),
    [
        ((), (), None),
        (("198.51.100.0/24", "10.1.0.0/16"), ("10.1.0.0/16", "198.51.100.0/24"), False),
        (("198.51.100.7/32",), ("198.51.100.7",), False),
        (("192.168.0.0/16",), ("192.168.0.0/16",), True),
        (("198.51.100.0/24", "2001:db8::/32"), ("198.51.100.0/24",), False),
        (("198.51.100.0/24", "0.0.0.0/0"), (), None),
        (("2001:db8::/32",), (), None),
    ],
)
def test_source_ranges(ranges: tuple[str, ...], cidrs: tuple[str, ...], from_node: bool | None) -> None:
    """services.md 5, row 'The Node in a range'."""
    program = made(cluster(balanced(source_ranges=ranges), BOTH))
    found, element = members(program), f"{BALANCER},tcp:80"
    assert found["KUBE-LOAD-BALANCER"] == (element,)
    assert found.get("KUBE-LOAD-BALANCER-FW") == ((element,) if cidrs else None)
    assert found.get("KUBE-LOAD-BALANCER-SOURCE-CIDR", ()) == tuple(f"{element},{cidr}" for cidr in cidrs)
    assert found.get("KUBE-LOAD-BALANCER-SOURCE-IP") == ((f"{element},{BALANCER}",) if from_node else None)
    out = f"-A KUBE-IPVS-OUT-FILTER -s {BALANCER} -m ipvs --vaddr {BALANCER} --vproto tcp --vport 80 -j DROP"
    assert lines(program.rules, "filter", "KUBE-IPVS-OUT-FILTER") == ([out] if from_node is False else [])
    ends = [text.split(" -m set --match-set ")[-1] for text in source_range_rules(program)]
    assert ends == [
        *(["KUBE-LOAD-BALANCER-SOURCE-CIDR dst,dst,src -j RETURN"] if cidrs else []),
        *(["KUBE-LOAD-BALANCER-SOURCE-IP dst,dst,src -j RETURN"] if from_node else []),
        "-A KUBE-SOURCE-RANGES-FIREWALL -j DROP",
    ]


def source_range_rules(program: IpvsProgram) -> list[str]:
    return lines(program.rules, "filter", "KUBE-SOURCE-RANGES-FIREWALL")


def test_of_two_services_with_one_address_and_port_the_last_by_name_has_it() -> None:
    ports = (EndpointPortState("http", "TCP", 8080),)
    both = [
        service(name="web-b", cluster_ips=("10.96.0.2",), external_ips=(EXTERNAL_IP,), affinity_seconds=60),
        service(name="web-a", cluster_ips=("10.96.0.1",), external_ips=(EXTERNAL_IP,)),
    ]
    slices = {
        web.id: (EndpointSliceState("default", "x", web.name, "IPv4", ports, (endpoint(ip),)),)
        for web, ip in zip(both, (POD_B, POD_A), strict=True)
    }
    control = ControlPlaneState(
        nodes=FrozenMap(NODES), services=FrozenMap({web.id: web for web in both}), slices=FrozenMap(slices)
    )
    (server,) = [s for s in made(control).servers if s.address == EXTERNAL_IP]
    assert ([r.address for r in server.real], server.persistence) == ([POD_B], 60)
