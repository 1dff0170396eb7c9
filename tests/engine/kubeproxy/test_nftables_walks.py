"""Packets walked through kube-proxy's nftables rules, one test a row of domain/kube-proxy.md, sections 3, 4 and 7.

Section 3 says what becomes of a packet in iptables mode; where section 4 ("Visible differences") names none, nftables
mode must do the same.
"""

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from designer.engine.controlplane.state import ControlPlaneState, Family, LoadBalancerAddress
from designer.engine.kubeproxy import families_of, iptables, nftables
from designer.engine.kubeproxy.names import nft_base
from designer.engine.netfilter import Hook, NftProgram, Outcome, Packet, WalkContext, walk, walk_nft
from tests.engine.kubeproxy.load_case import case_names, load_case
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    BIT,
    CLIENT,
    EXTERNAL_IP,
    NODE_1,
    NODE_2,
    ON_NODE_1,
    POD_A,
    POD_B,
    VIP,
    cluster,
    endpoint,
    service,
    settings,
)
from tests.engine.kubeproxy.test_iptables import random_clusters
from tests.engine.kubeproxy.test_packet_walks import (
    ALL,
    BOTH,
    EXPOSED,
    FLOWS,
    HALF,
    LOCAL_FLOWS,
    OTHER_POD,
    OUTSIDE,
    THERE,
)


def rules(control: ControlPlaneState, node: str = "node-1", family: Family = 4, /, **fields: Any) -> NftProgram:
    return nftables.build(control, settings(**fields), node, family)


def send(
    program: NftProgram, src: str, dst: str, dport: int = 80, hook: Hook = "PREROUTING", **more: Any
) -> tuple[Outcome, ...]:
    """What becomes of a first packet on node-1 at a hook."""
    packet = Packet(4, src, dst, more.pop("protocol", "TCP"), 41822, dport, **more)
    return walk_nft(program, hook, packet, ON_NODE_1)


def arrive(
    program: NftProgram, src: str, dst: str, dport: int = 80, hook: Hook = "PREROUTING", **more: Any
) -> dict[str, tuple[Fraction, bool]]:
    """Endpoint → (share, marked for masquerade); a packet that is not translated stands under its own destination."""
    outcomes = send(program, src, dst, dport, hook, **more)
    assert sum(o.share for o in outcomes) == 1
    assert {o.verdict for o in outcomes} == {"accept"}
    return {o.packet.dst: (o.share, bool(o.packet.mark & BIT)) for o in outcomes}


def verdict(program: NftProgram, src: str, dst: str, dport: int, hook: Hook, **more: Any) -> str:
    """The verdict over a first packet."""
    (outcome,) = send(program, src, dst, dport, hook, **more)
    return outcome.verdict


# --- section 3, "What is written per destination"


def test_cluster_ip_pod_is_not_masqueraded() -> None:
    assert arrive(rules(cluster(service(), BOTH)), OTHER_POD, VIP) == {POD_A: (HALF, False), POD_B: (HALF, False)}


def test_cluster_ip_source_not_local_pod_is_masqueraded() -> None:
    assert arrive(rules(cluster(service(), THERE)), CLIENT, VIP) == {POD_B: (ALL, True)}


def test_cluster_ip_masquerade_all_masquerades_pods_too() -> None:
    program = rules(cluster(service(), THERE), nftablesMasqueradeAll=True)
    assert arrive(program, OTHER_POD, VIP) == {POD_B: (ALL, True)}


def test_cluster_ip_without_cluster_cidr_nothing_is_masqueraded() -> None:
    assert arrive(rules(cluster(service(), THERE), clusterCIDR=""), CLIENT, VIP) == {POD_B: (ALL, False)}


@pytest.mark.parametrize(
    ("mode", "source", "interface", "masqueraded"),
    [
        ({"detectLocalMode": "NodeCIDR"}, "10.244.1.77", "cali1", False),
        ({"detectLocalMode": "NodeCIDR"}, "10.244.2.77", "eth0", True),
        ({"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}, "10.244.1.77", "cni0", False),
        ({"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}, "10.244.1.77", "eth0", True),
        ({"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"}, CLIENT, "cali1a2b", False),
        ({"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"}, "10.244.1.77", "eth0", True),
    ],
)
def test_detect_local_mode(mode: dict[str, str], source: str, interface: str, masqueraded: bool) -> None:
    program = rules(cluster(service(), THERE), **mode)
    assert arrive(program, source, VIP, in_iface=interface) == {POD_B: (ALL, masqueraded)}


@pytest.mark.parametrize(("address", "port"), OUTSIDE)
def test_external_cluster_policy_is_always_masqueraded(address: str, port: int) -> None:
    program = rules(cluster(service(**EXPOSED), BOTH))
    for source in (CLIENT, OTHER_POD):
        assert arrive(program, source, address, port) == {POD_A: (HALF, True), POD_B: (HALF, True)}


@pytest.mark.parametrize(("address", "port"), OUTSIDE)
def test_external_local_policy(address: str, port: int) -> None:
    """The client is kept and stays here; a local Pod goes everywhere without mark, the node everywhere with it."""
    program = rules(cluster(service(**EXPOSED, external_policy="Local"), BOTH))
    assert arrive(program, CLIENT, address, port) == {POD_A: (ALL, False)}
    assert arrive(program, OTHER_POD, address, port) == {POD_A: (HALF, False), POD_B: (HALF, False)}
    assert arrive(program, NODE_1, address, port, "OUTPUT") == {POD_A: (HALF, True), POD_B: (HALF, True)}


def test_headless_nothing() -> None:
    program = rules(cluster(service(headless=True, cluster_ips=()), BOTH))
    assert not program.table.groups


# --- section 4, "Visible differences from iptables"


def test_node_ports_are_taken_on_the_primary_address_only() -> None:
    program = rules(cluster(service(**EXPOSED), THERE))
    assert arrive(program, CLIENT, NODE_1, 30080) == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, "10.244.1.1", 30080) == {"10.244.1.1": (ALL, False)}
    assert arrive(program, "127.0.0.1", "127.0.0.1", 30080, "OUTPUT") == {"127.0.0.1": (ALL, False)}
    assert arrive(program, CLIENT, NODE_2, 30080) == {NODE_2: (ALL, False)}


def test_node_ports_on_all_addresses_are_not_on_localhost() -> None:
    program = rules(cluster(service(**EXPOSED), THERE), nodePortAddresses=("0.0.0.0/0",))
    assert arrive(program, CLIENT, "10.244.1.1", 30080) == {POD_B: (ALL, True)}
    assert arrive(program, "127.0.0.1", "127.0.0.1", 30080, "OUTPUT") == {"127.0.0.1": (ALL, False)}
    assert arrive(program, CLIENT, NODE_2, 30080) == {NODE_2: (ALL, False)}


def test_undefined_port_of_a_cluster_ip_is_rejected() -> None:
    program = rules(cluster(service(), THERE))
    assert arrive(program, OTHER_POD, VIP, 81) == {VIP: (ALL, False)}
    assert verdict(program, OTHER_POD, VIP, 81, "FORWARD") == "reject"
    assert verdict(program, NODE_1, VIP, 81, "OUTPUT") == "reject"
    assert verdict(program, OTHER_POD, VIP, 81, "FORWARD", ct_state="ESTABLISHED") == "accept"


def test_unallocated_cluster_ip_is_dropped_where_the_ranges_are_known() -> None:
    control = cluster(service(), THERE)
    known = replace(control, service_cidrs=("10.96.0.0/16",))
    for state, inside, outside in ((control, "accept", "accept"), (known, "drop", "accept")):
        assert verdict(rules(state), OTHER_POD, "10.96.0.99", 80, "FORWARD") == inside
        assert verdict(rules(state), OTHER_POD, "10.97.0.99", 80, "FORWARD") == outside
    assert verdict(rules(known), OTHER_POD, VIP, 81, "FORWARD") == "reject"


def test_invalid_packets_and_health_checks_are_nobodys_business_here() -> None:
    """No workaround for ct INVALID; nothing is opened in other tables."""
    program = rules(cluster(service(**EXPOSED, external_policy="Local", health_check_node_port=32100), THERE))
    assert verdict(program, POD_B, OTHER_POD, 41822, "FORWARD", ct_state="INVALID") == "accept"
    (outcome,) = send(program, CLIENT, NODE_1, 32100, "INPUT")
    assert [hit.target for hit in outcome.hits] == ["jump nodeport-endpoints-check", "jump service-endpoints-check"]


# --- section 3, "Probability"


def test_choice_of_three_endpoints() -> None:
    program = rules(cluster(service(), [endpoint(f"10.244.2.{i}") for i in (2, 10, 3)]))
    outcomes = send(program, OTHER_POD, VIP)
    # Sorted as text: .10 before .2 before .3.
    assert [o.packet.dst for o in outcomes] == ["10.244.2.10", "10.244.2.2", "10.244.2.3"]
    assert [o.share for o in outcomes] == [Fraction(1, 3)] * 3
    assert [o.hits[-1].target for o in outcomes] == [f"dnat to {o.packet.dst}:8080" for o in outcomes]
    assert [hit.chain for hit in outcomes[0].hits] == [
        "filter-prerouting-pre-dnat",
        "nat-prerouting",
        "services",
        f"service-{nft_base('default/web/tcp/http')}",
    ]


def test_affinity_first_asks_who_was_here() -> None:
    program = rules(cluster(service(affinity_seconds=600), BOTH))
    first = send(program, OTHER_POD, VIP)
    assert [(o.packet.dst, o.share) for o in first] == [(POD_A, HALF), (POD_B, HALF)]
    (noted,) = first[1].noted
    assert noted == (f"affinity-{nft_base('default/web/tcp/http', f'{POD_B}/8080')}", OTHER_POD)
    for age, expected in ((599.0, [POD_B]), (601.0, [POD_A, POD_B])):
        context = WalkContext(ON_NODE_1.interface_addresses, recent={noted[0]: {OTHER_POD: age}})
        again = walk_nft(program, "PREROUTING", Packet(4, OTHER_POD, VIP, "TCP", 41823, 80), context)
        assert [o.packet.dst for o in again] == expected


# --- section 3, "No endpoints"


def test_no_usable_endpoint_anywhere_is_rejected() -> None:
    program = rules(cluster(service(**EXPOSED), [endpoint(POD_B, ready=False, serving=False)]))
    assert verdict(program, OTHER_POD, VIP, 80, "FORWARD") == "reject"
    assert verdict(program, NODE_1, VIP, 80, "OUTPUT") == "reject"
    assert verdict(program, CLIENT, EXTERNAL_IP, 80, "FORWARD") == "reject"
    assert verdict(program, CLIENT, BALANCER, 80, "INPUT") == "reject"
    assert verdict(program, CLIENT, NODE_1, 30080, "INPUT") == "reject"


def test_local_policy_none_here_is_dropped() -> None:
    program = rules(cluster(service(**EXPOSED, external_policy="Local", internal_policy="Local"), THERE))
    for address, port in OUTSIDE:
        assert arrive(program, CLIENT, address, port) == {address: (ALL, False)}
    assert verdict(program, CLIENT, NODE_1, 30080, "INPUT") == "drop"
    assert verdict(program, CLIENT, BALANCER, 80, "FORWARD") == "drop"
    assert verdict(program, OTHER_POD, VIP, 80, "FORWARD") == "drop"


def test_load_balancer_source_range_mismatch_is_dropped_before_translation() -> None:
    program = rules(cluster(service(**EXPOSED, source_ranges=("198.51.100.0/24",)), THERE))
    assert arrive(program, "198.51.100.8", BALANCER) == {POD_B: (ALL, True)}
    assert verdict(program, CLIENT, BALANCER, 80, "PREROUTING") == "drop"
    assert verdict(program, NODE_1, BALANCER, 80, "OUTPUT") == "drop"
    # Node ports and external IPs are not filtered.
    assert arrive(program, CLIENT, NODE_1, 30080) == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, EXTERNAL_IP) == {POD_B: (ALL, True)}


@pytest.mark.parametrize(("ranges", "expected"), [(("192.168.10.0/24",), "accept"), (("198.51.100.0/24",), "drop")])
def test_load_balancer_own_address_may_ask_where_the_node_may(ranges: tuple[str, ...], expected: str) -> None:
    """services.md 5, row 'The Node in a range'."""
    program = rules(cluster(service(**EXPOSED, source_ranges=ranges), THERE))
    assert verdict(program, BALANCER, BALANCER, 80, "OUTPUT") == expected


@pytest.mark.parametrize("ranges", [("198.51.100.0/24", "0.0.0.0/0"), ("fd00::/8",), ()])
def test_load_balancer_source_ranges_that_allow_everything(ranges: tuple[str, ...]) -> None:
    program = rules(cluster(service(**EXPOSED, source_ranges=ranges), THERE))
    assert arrive(program, CLIENT, BALANCER) == {POD_B: (ALL, True)}


def test_ping_vip_is_rejected_as_any_other_port() -> None:
    program = rules(cluster(service(), THERE))
    assert arrive(program, OTHER_POD, VIP, 0, protocol="ICMP") == {VIP: (ALL, False)}
    assert verdict(program, OTHER_POD, VIP, 0, "FORWARD", protocol="ICMP") == "reject"


def test_load_balancer_with_ip_mode_proxy_has_no_rules() -> None:
    web = service(**{**EXPOSED, "load_balancer": (LoadBalancerAddress(BALANCER, ip_mode="Proxy"),)})
    assert arrive(rules(cluster(web, THERE)), OTHER_POD, BALANCER) == {BALANCER: (ALL, False)}


# --- section 7, "Masquerade summary"


@pytest.mark.parametrize(
    ("policy", "flow"),
    [
        pytest.param(policy, flow[1:], id=flow[0])
        for policy, flows in (("Cluster", FLOWS), ("Local", LOCAL_FLOWS))
        for flow in flows
    ],
)
def test_masquerade_summary(policy: str, flow: tuple[str, Hook, str, int, str, bool, str, str]) -> None:
    source, hook, destination, port, target, masqueraded, way_out, seen = flow
    web = service(**EXPOSED, external_policy=policy)
    program = rules(cluster(web, [endpoint(target)] if policy == "Cluster" else BOTH))
    (chosen,) = [o for o in send(program, source, destination, port, hook) if o.packet.dst == target]
    assert bool(chosen.packet.mark & BIT) is (masqueraded and source != target)  # hairpins are seen on the way out
    leaving = replace(chosen.packet, out_iface=way_out)
    (sent,) = walk_nft(program, "POSTROUTING", leaving, ON_NODE_1)
    assert (sent.packet.src, sent.masquerade, sent.random_port) == (seen, masqueraded, masqueraded)
    assert sent.packet.mark & BIT == 0  # the mark is cleared on the way out


def test_a_connection_to_oneself_that_nobody_translated_is_not_masqueraded() -> None:
    program = rules(cluster(service(), [endpoint(POD_A)]))
    for dnat, port, expected in ((True, 8080, True), (False, 8080, False), (True, 8081, False)):
        packet = Packet(4, POD_A, POD_A, "TCP", 41822, port, out_iface="cni0", dnat=dnat)
        (sent,) = walk_nft(program, "POSTROUTING", packet, ON_NODE_1)
        assert sent.masquerade is expected


@pytest.mark.parametrize("name", case_names())
def test_hairpins_are_known_as_they_are_written(name: str) -> None:
    """The walk asks for one of them without making them all: kube-proxy's own list says which there are."""
    case = load_case(name)
    for node in case.control.nodes:
        written = set(
            re.findall(r"hairpin-connections { (\S+ \. \S+ \. \S+ \. \S+) }", case.expected("nftables", node))
        )
        for family in families_of(case.control, node):
            own = nftables.build(case.control, case.settings, node, family).table.set("hairpin-connections")
            assert own is not None
            ends = [
                (ip, ip, port.protocol.lower(), str(port.port))
                for pieces in case.control.slices.values()
                for piece in pieces
                for port in piece.ports
                for end in piece.endpoints
                for ip in end.addresses
                if (":" in ip) == (family == 6)
            ]
            held = {" . ".join(end) for end in ends if own.holds(end)}
            assert held == {text for text in written if (":" in text) == (family == 6)}
            assert not own.holds((NODE_1, POD_A, "tcp", "8080"))


# --- both modes


@given(random_clusters())
def test_shares_and_masquerading_are_those_of_iptables_mode(control: ControlPlaneState) -> None:
    """The same design has equal shares in all modes. Asked: cluster IPs, and node ports on the primary address.

    What finds no endpoint is marked in nftables mode only, which sets the mark before it looks for a Service; nobody
    sees that, as the packet is refused.
    """
    exposed = {}
    for number, (oid, web) in enumerate(control.services.items()):
        exposed[oid] = replace(web, ports=(replace(web.ports[0], node_port=30000 + number),), type="NodePort")
    control = replace(control, services=control.services.merged(exposed))
    one, other = iptables.build(control, settings(), "node-1", 4), rules(control)
    asked = [(web.cluster_ips[0], 80) for web in control.services.values()]
    asked += [(NODE_1, web.ports[0].node_port or 0) for web in control.services.values()]
    for address, port in asked:
        for source, hook, out in (
            (OTHER_POD, "PREROUTING", ""),
            (CLIENT, "PREROUTING", ""),
            (NODE_1, "OUTPUT", "eth0"),
        ):
            packet = Packet(4, source, address, "TCP", 41822, port, out_iface=out)
            of_iptables = walk(one, hook, packet, ON_NODE_1)  # type: ignore[arg-type]
            of_nftables = walk_nft(other, hook, packet, ON_NODE_1)  # type: ignore[arg-type]
            assert [facts(o) for o in of_nftables] == [facts(o) for o in of_iptables]


def facts(outcome: Outcome) -> tuple[str, Fraction, str, bool]:
    return outcome.packet.dst, outcome.share, outcome.verdict, outcome.dnat and bool(outcome.packet.mark & BIT)
