"""Packets walked through kube-proxy's iptables rules, one test a row of domain/kube-proxy.md, sections 3 and 7."""

from fractions import Fraction

import pytest

from designer.engine.controlplane.state import LoadBalancerAddress
from designer.engine.netfilter import Packet, WalkContext, walk
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    CLIENT,
    EXTERNAL_IP,
    NODE_1,
    NODE_2,
    ON_NODE_1,
    POD_A,
    POD_B,
    VIP,
    arrive,
    cluster,
    endpoint,
    rules,
    send,
    service,
    verdict,
)

HALF, ALL = Fraction(1, 2), Fraction(1)
BOTH = (endpoint(POD_A), endpoint(POD_B))
THERE = (endpoint(POD_B),)
OTHER_POD = "10.244.1.77"
EXPOSED = {"type": "LoadBalancer", "node_port": 30080, "external_ips": (EXTERNAL_IP,),
           "load_balancer": (LoadBalancerAddress(BALANCER),)}  # fmt: skip
OUTSIDE = [(EXTERNAL_IP, 80), (BALANCER, 80), (NODE_1, 30080)]


# --- section 3, "What is written per destination"


def test_cluster_ip_pod_is_not_masqueraded() -> None:
    assert arrive(rules(cluster(service(), BOTH)), OTHER_POD, VIP) == {POD_A: (HALF, False), POD_B: (HALF, False)}


def test_cluster_ip_source_not_local_pod_is_masqueraded() -> None:
    assert arrive(rules(cluster(service(), THERE)), CLIENT, VIP) == {POD_B: (ALL, True)}


def test_cluster_ip_masquerade_all_masquerades_pods_too() -> None:
    assert arrive(rules(cluster(service(), THERE), masqueradeAll=True), OTHER_POD, VIP) == {POD_B: (ALL, True)}


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
def test_external_local_policy_keeps_the_client_and_stays_here(address: str, port: int) -> None:
    program = rules(cluster(service(**EXPOSED, external_policy="Local"), BOTH))
    assert arrive(program, CLIENT, address, port) == {POD_A: (ALL, False)}


@pytest.mark.parametrize(("address", "port"), OUTSIDE)
def test_external_local_policy_local_pod_goes_everywhere_without_mark(address: str, port: int) -> None:
    program = rules(cluster(service(**EXPOSED, external_policy="Local"), BOTH))
    assert arrive(program, OTHER_POD, address, port) == {POD_A: (HALF, False), POD_B: (HALF, False)}


@pytest.mark.parametrize(("address", "port"), OUTSIDE)
def test_external_local_policy_the_node_itself_goes_everywhere_with_mark(address: str, port: int) -> None:
    program = rules(cluster(service(**EXPOSED, external_policy="Local"), BOTH))
    assert arrive(program, NODE_1, address, port, "OUTPUT") == {POD_A: (HALF, True), POD_B: (HALF, True)}


def test_node_port_is_taken_on_every_local_address_only() -> None:
    program = rules(cluster(service(**EXPOSED), THERE))
    assert arrive(program, CLIENT, "10.244.1.1", 30080) == {POD_B: (ALL, True)}
    assert arrive(program, "127.0.0.1", "127.0.0.1", 30080, "OUTPUT") == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, NODE_2, 30080) == {NODE_2: (ALL, False)}


def test_node_port_not_on_localhost_when_that_is_off() -> None:
    program = rules(cluster(service(**EXPOSED), THERE), localhostNodePorts=False)
    assert arrive(program, "127.0.0.1", "127.0.0.1", 30080, "OUTPUT") == {"127.0.0.1": (ALL, False)}


@pytest.mark.parametrize("addresses", [("192.168.10.0/24",), ("primary",), ("fd00::/8", "192.168.0.0/16")])
def test_node_port_addresses_limit_node_ports(addresses: tuple[str, ...]) -> None:
    program = rules(cluster(service(**EXPOSED), THERE), nodePortAddresses=addresses)
    assert arrive(program, CLIENT, NODE_1, 30080) == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, "10.244.1.1", 30080) == {"10.244.1.1": (ALL, False)}


def test_endpoint_hairpin_is_masqueraded() -> None:
    program = rules(cluster(service(), BOTH))
    assert arrive(program, POD_A, VIP) == {POD_A: (HALF, True), POD_B: (HALF, False)}


@pytest.mark.parametrize(
    ("web", "why"),
    [(service(headless=True, cluster_ips=()), "headless"), (service(type="ExternalName", cluster_ips=()), "name")],
)
def test_headless_and_external_name_nothing(web: object, why: str) -> None:
    program = rules(cluster(web, BOTH))  # type: ignore[arg-type]
    nat = program.table("nat")
    assert nat is not None
    assert not nat.groups, why


# --- section 3, "Probability"


def test_probability_of_three_endpoints() -> None:
    program = rules(cluster(service(), [endpoint(f"10.244.2.{i}") for i in (2, 10, 3)]))
    texts = [o.hits[-2].text for o in send(program, OTHER_POD, VIP)]
    # Sorted as text: .10 before .2 before .3.
    assert ["10.244.2.10:8080" in texts[0], "10.244.2.2:8080" in texts[1], "10.244.2.3:8080" in texts[2]] == [True] * 3
    assert "--probability 0.3333333333 " in texts[0]
    assert "--probability 0.5000000000 " in texts[1]
    assert "--probability" not in texts[2]


def test_affinity_first_asks_who_was_here() -> None:
    program = rules(cluster(service(affinity_seconds=600), BOTH))
    first = send(program, OTHER_POD, VIP)
    assert [o.share for o in first] == [HALF, HALF]
    (name, source), *others = first[1].noted
    assert (source, others) == (OTHER_POD, [])
    for age, expected in ((599.0, [POD_B]), (601.0, [POD_A, POD_B])):
        context = WalkContext(ON_NODE_1.interface_addresses, recent={name: {OTHER_POD: age}})
        again = walk(program, "PREROUTING", Packet(4, OTHER_POD, VIP, "TCP", 41823, 80), context)
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


def test_load_balancer_source_range_mismatch_is_dropped() -> None:
    web = service(**EXPOSED, source_ranges=("198.51.100.0/24",))
    program = rules(cluster(web, THERE))
    assert arrive(program, "198.51.100.8", BALANCER) == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, BALANCER) == {BALANCER: (ALL, False)}
    assert verdict(program, CLIENT, BALANCER, 80, "FORWARD") == "drop"
    assert verdict(program, NODE_1, BALANCER, 80, "OUTPUT") == "drop"
    # Node ports and external IPs are not filtered.
    assert arrive(program, CLIENT, NODE_1, 30080) == {POD_B: (ALL, True)}
    assert arrive(program, CLIENT, EXTERNAL_IP) == {POD_B: (ALL, True)}


@pytest.mark.parametrize(("ranges", "allowed"), [(("192.168.10.0/24",), True), (("198.51.100.0/24",), False)])
def test_load_balancer_own_address_may_ask_where_the_node_may(ranges: tuple[str, ...], allowed: bool) -> None:
    """services.md 5, row 'The Node in a range'."""
    program = rules(cluster(service(**EXPOSED, source_ranges=ranges), THERE))
    assert list(arrive(program, BALANCER, BALANCER, 80, "OUTPUT")) == [POD_B if allowed else BALANCER]


@pytest.mark.parametrize("ranges", [("198.51.100.0/24", "0.0.0.0/0"), ("fd00::/8",), ()])
def test_load_balancer_source_ranges_that_allow_everything(ranges: tuple[str, ...]) -> None:
    program = rules(cluster(service(**EXPOSED, source_ranges=ranges), THERE))
    assert arrive(program, CLIENT, BALANCER) == {POD_B: (ALL, True)}


def test_vip_exists_port_is_not_a_service_port_nothing_matches() -> None:
    program = rules(cluster(service(), THERE))
    assert arrive(program, OTHER_POD, VIP, 81) == {VIP: (ALL, False)}
    assert verdict(program, OTHER_POD, VIP, 81, "FORWARD") == "accept"


def test_ping_vip_no_rule() -> None:
    assert arrive(rules(cluster(service(), THERE)), OTHER_POD, VIP, 0, protocol="ICMP") == {VIP: (ALL, False)}


def test_load_balancer_with_ip_mode_proxy_has_no_rules() -> None:
    web = service(**{**EXPOSED, "load_balancer": (LoadBalancerAddress(BALANCER, ip_mode="Proxy"),)})
    assert arrive(rules(cluster(web, THERE)), OTHER_POD, BALANCER) == {BALANCER: (ALL, False)}


# --- section 3, KUBE-FORWARD and KUBE-NODEPORTS of the filter table


def test_forward_accepts_marked_and_known_and_drops_invalid() -> None:
    program = rules(cluster(service(), THERE))
    kinds = [
        ("NEW", 0x4000, "accept", 1),
        ("ESTABLISHED", 0, "accept", 1),
        ("INVALID", 0, "drop", 1),
        ("NEW", 0, "accept", 0),
    ]
    for state, mark, expected, hits in kinds:
        packet = Packet(4, POD_B, OTHER_POD, "TCP", 8080, 41822, mark, ct_state=state)  # type: ignore[arg-type]
        (outcome,) = walk(program, "FORWARD", packet, ON_NODE_1)
        inside = [hit for hit in outcome.hits if hit.chain == "KUBE-FORWARD"]
        assert (outcome.verdict, len(inside)) == (expected, hits)


def test_forward_lets_invalid_pass_when_tcp_is_liberal() -> None:
    program = rules(cluster(service(), THERE), conntrackTCPBeLiberal=True)
    assert verdict(program, POD_B, OTHER_POD, 41822, "FORWARD", ct_state="INVALID") == "accept"


def test_health_check_node_port_is_accepted() -> None:
    program = rules(cluster(service(**EXPOSED, external_policy="Local", health_check_node_port=32100), THERE))
    (outcome,) = send(program, CLIENT, NODE_1, 32100, "INPUT")
    assert [hit.chain for hit in outcome.hits][-1] == "KUBE-NODEPORTS"
    assert outcome.hits[-1].target == "ACCEPT"


def test_martian_packets_to_localhost_are_dropped() -> None:
    program = rules(cluster(service(), THERE))
    assert verdict(program, CLIENT, "127.0.0.1", 80, "INPUT") == "drop"
    assert verdict(program, "127.0.0.1", "127.0.0.1", 80, "INPUT") == "accept"
    assert verdict(program, CLIENT, "127.0.0.1", 80, "INPUT", dnat=True) == "accept"


# --- section 7, "Masquerade summary": (flow, source, hook, destination, port, endpoint, masqueraded, way out, seen)

FLOWS = [
    ("pod_to_cluster_ip_to_pod_other_node", OTHER_POD, "PREROUTING", VIP, 80, POD_B, False, "flannel.1", OTHER_POD),
    ("pod_to_cluster_ip_to_pod_same_node", OTHER_POD, "PREROUTING", VIP, 80, POD_A, False, "cni0", OTHER_POD),
    ("pod_to_cluster_ip_to_itself", POD_A, "PREROUTING", VIP, 80, POD_A, True, "cni0", "10.244.1.1"),
    ("node_process_to_cluster_ip_to_remote_pod", NODE_1, "OUTPUT", VIP, 80, POD_B, True, "flannel.1", "10.244.1.0"),
    ("node_process_to_cluster_ip_to_local_pod", NODE_1, "OUTPUT", VIP, 80, POD_A, True, "cni0", "10.244.1.1"),
    ("external_to_node_port_even_local_pod", CLIENT, "PREROUTING", NODE_1, 30080, POD_A, True, "cni0", "10.244.1.1"),
    ("external_to_lb_cluster_remote_pod", CLIENT, "PREROUTING", BALANCER, 80, POD_B, True, "flannel.1", "10.244.1.0"),
    ("pod_to_lb_vip_cluster", OTHER_POD, "PREROUTING", BALANCER, 80, POD_B, True, "eth0", NODE_1),
    ("external_host_routed_to_cluster_ip", CLIENT, "PREROUTING", VIP, 80, POD_B, True, "cali9", NODE_1),
]  # fmt: skip
LOCAL_FLOWS = [
    ("external_to_node_port_local", CLIENT, "PREROUTING", NODE_1, 30080, POD_A, False, "cni0", CLIENT),
    ("external_to_lb_local", CLIENT, "PREROUTING", BALANCER, 80, POD_A, False, "cni0", CLIENT),
    ("pod_to_lb_vip_local", OTHER_POD, "PREROUTING", BALANCER, 80, POD_B, False, "flannel.1", OTHER_POD),
]


@pytest.mark.parametrize(
    ("policy", "flow"),
    [
        pytest.param(policy, flow[1:], id=flow[0])
        for policy, flows in (("Cluster", FLOWS), ("Local", LOCAL_FLOWS))
        for flow in flows
    ],
)
def test_masquerade_summary(policy: str, flow: tuple[str, str, str, int, str, bool, str, str]) -> None:
    source, hook, destination, port, target, masqueraded, way_out, seen = flow
    web = service(**EXPOSED, external_policy=policy)
    program = rules(cluster(web, [endpoint(target)] if policy == "Cluster" else BOTH))
    outcomes = send(program, source, destination, port, hook)  # type: ignore[arg-type]
    (chosen,) = [o for o in outcomes if o.packet.dst == target]
    assert bool(chosen.packet.mark & 0x4000) is masqueraded
    leaving = Packet(4, chosen.packet.src, target, "TCP", 41822, 8080, chosen.packet.mark, out_iface=way_out, dnat=True)
    (sent,) = walk(program, "POSTROUTING", leaving, ON_NODE_1)
    assert (sent.packet.src, sent.masquerade, sent.random_port) == (seen, masqueraded, masqueraded)
    assert sent.packet.mark & 0x4000 == 0  # the mark is cleared on the way out
