"""ipvs mode beyond the reference cases: settings, families, and the iptables rules, written and walked."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    NodeState,
    ServicePortState,
)
from designer.engine.kubeproxy import tables_text
from designer.engine.netfilter import Packet, WalkContext, render_ipvs, walk
from designer.model import FrozenMap
from tests.engine.kubeproxy.ipvs_parts import BOTH, NODE_PORT, balanced, lines, made, members
from tests.engine.kubeproxy.small_cluster import (
    BALANCER,
    CLIENT,
    EXTERNAL_IP,
    NODE_1,
    NODE_2,
    NODES,
    POD_A,
    POD_B,
    VIP,
    cluster,
    service,
    settings,
)

# --- settings


@pytest.mark.parametrize(
    "scheduler", ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "fo", "ovf", "twos"]
)
def test_schedulers(scheduler: str) -> None:
    """Linux net/netfilter/ipvs (Kconfig): these and mh."""
    text, problems = tables_text(cluster(service(), BOTH), settings(ipvsScheduler=scheduler), "node-1", "ipvs")
    assert f"-A -t {VIP}:80 -s {scheduler}\n" in text
    assert not problems


def test_maglev_hashing_has_its_flag_and_no_scheduler_is_round_robin() -> None:
    web = service(affinity_seconds=600, **NODE_PORT)
    text, _ = tables_text(cluster(web, BOTH), settings(ipvsScheduler="mh"), "node-1", "ipvs")
    assert [line for line in text.splitlines() if line.startswith("-A -t")] == [
        f"-A -t {VIP}:80 -s mh -p 600 -b mh-port",
        f"-A -t {NODE_1}:30080 -s mh -p 600 -b mh-port",
    ]
    text, _ = tables_text(cluster(service(), BOTH), settings(ipvsScheduler=""), "node-1", "ipvs")
    assert f"-A -t {VIP}:80 -s rr\n" in text


def test_a_scheduler_that_linux_itself_has_not() -> None:
    """kubernetes/kubernetes pull request 114878: kube-proxy takes any name; the kernel decides whether it starts."""
    text, problems = tables_text(cluster(service()), settings(ipvsScheduler="fastest"), "node-1", "ipvs")
    assert f"-A -t {VIP}:80 -s fastest\n" in text
    assert [(problem.code, problem.severity) for problem in problems] == [("TABLES-04", "warning")]
    assert "mh" in problems[0].fix
    assert tables_text(cluster(service()), settings(ipvsScheduler="fastest"), "node-1", "iptables")[1] == ()


@pytest.mark.parametrize("name", ["my scheduler", "a" * 16, "rr\n-A"])
def test_a_scheduler_that_no_kernel_can_have(name: str) -> None:
    """IP_VS_SCHEDNAME_MAXLEN of linux/ip_vs.h is 16, with the final zero."""
    text, problems = tables_text(cluster(service()), settings(ipvsScheduler=name), "node-1", "ipvs")
    assert (text, [(p.code, p.severity) for p in problems]) == ("", [("TABLES-04", "error")])
    assert tables_text(cluster(service()), settings(ipvsScheduler="a" * 15), "node-1", "ipvs")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"ipvsStrictARP": True},
        {"conntrackTCPBeLiberal": True},
        {"localhostNodePorts": False},
        {"nftablesMasqueradeAll": True},
    ],
    ids=str,
)
def test_settings_that_change_no_rule(fields: dict[str, Any]) -> None:
    control = cluster(balanced(external_ips=(EXTERNAL_IP,)), BOTH)
    assert render_ipvs(made(control, **fields)) == render_ipvs(made(control))


CLUSTER_IP_RULE = (
    '-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose"'
    " -m set --match-set KUBE-CLUSTER-IP "
)


# domain/kube-proxy.md, "detectLocalMode"; "If detectLocal is not usable, masquerades when source is a VIP ("src,dst")".
@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, "dst,dst ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ"),
        ({"clusterCIDR": ""}, "src,dst -j KUBE-MARK-MASQ"),
        ({"clusterCIDR": "fd00::/56"}, "src,dst -j KUBE-MARK-MASQ"),
        ({"detectLocalMode": "NodeCIDR"}, "dst,dst ! -s 10.244.1.0/24 -j KUBE-MARK-MASQ"),
        ({"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}, "dst,dst ! -i cni0 -j KUBE-MARK-MASQ"),
        (
            {"detectLocalMode": "InterfaceNamePrefix", "interfaceNamePrefix": "cali"},
            "dst,dst ! -i cali+ -j KUBE-MARK-MASQ",
        ),
        ({"masqueradeAll": True}, "dst,dst -j KUBE-MARK-MASQ"),
        ({"masqueradeAll": True, "clusterCIDR": ""}, "dst,dst -j KUBE-MARK-MASQ"),
    ],
)
def test_who_is_masqueraded_on_the_way_to_a_cluster_ip(fields: dict[str, Any], end: str) -> None:
    rules = lines(made(cluster(service(), BOTH), **fields).rules, "nat", "KUBE-SERVICES")
    assert [text for text in rules if "masquerade purpose" in text] == [CLUSTER_IP_RULE + end]


@pytest.mark.parametrize(("bit", "mark"), [(0, "0x00000001"), (14, "0x00004000"), (31, "0x80000000")])
def test_masquerade_bit(bit: int, mark: str) -> None:
    program = made(cluster(service(), BOTH[1:]), masqueradeBit=bit).rules
    assert lines(program, "nat", "KUBE-MARK-MASQ") == [f"-A KUBE-MARK-MASQ -j MARK --or-mark {mark}"]
    assert lines(program, "nat", "KUBE-POSTROUTING") == [
        f"-A KUBE-POSTROUTING -m mark ! --mark {mark}/{mark} -j RETURN",
        f"-A KUBE-POSTROUTING -j MARK --xor-mark {mark}",
        (
            '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE'
            " --random-fully"
        ),
    ]
    assert f"--mark {mark}/{mark} -j ACCEPT" in lines(program, "filter", "KUBE-FORWARD")[0]


# --- families, sets, the frame


def test_ipv6_sets_have_names_of_their_own_that_the_kernel_takes() -> None:
    node = NodeState("n", ("192.168.10.11", "fd00::b"), ())
    control = ControlPlaneState(nodes=FrozenMap({"n": node}))
    four, six = made(control, "n", 4).rules.sets, made(control, "n", 6).rules.sets
    assert len(four) == len(six) == 17
    assert [name.replace("KUBE-", "KUBE-6-", 1)[:31] for name in four] == list(six)
    assert {"KUBE-6-LOAD-BALANCER-SOURCE-CID", "KUBE-6-NODE-PORT-LOCAL-SCTP-HAS"} < set(six)
    text, _ = tables_text(control, settings(), "n", "ipvs")
    assert [line for line in text.splitlines() if line.startswith("##")] == [
        heading
        for family in (4, 6)
        for heading in (
            f"#### IPv{family}",
            "## ipvs (ipvsadm -Sn syntax)",
            "## addresses on kube-ipvs0",
            "## ipset (ipset save syntax)",
            "## iptables (iptables-restore syntax)",
        )
    ]


def test_without_services_only_the_frame_is_there() -> None:
    program = made(ControlPlaneState(nodes=FrozenMap(NODES)))
    assert (program.servers, program.addresses, members(program)) == ((), (), {})
    assert lines(program.rules, "nat", "KUBE-SERVICES") == [
        "-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN",
        "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT",
    ]
    assert lines(program.rules, "nat", "KUBE-NODE-PORT") == []
    assert lines(program.rules, "nat", "KUBE-LOAD-BALANCER") == ["-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ"]


def test_service_ports_without_a_name_and_several_ports() -> None:
    ports = (ServicePortState("", "TCP", 80, 8080), ServicePortState("dns", "UDP", 80, 53))
    web = service(ports=ports)
    piece = EndpointSliceState(
        "default",
        "x",
        "web",
        "IPv4",
        (EndpointPortState("", "TCP", 8080), EndpointPortState("dns", "UDP", 53)),
        tuple(BOTH),
    )
    control = ControlPlaneState(
        nodes=FrozenMap(NODES), services=FrozenMap({web.id: web}), slices=FrozenMap({web.id: (piece,)})
    )
    program = made(control)
    assert [(s.protocol, [r.port for r in s.real]) for s in program.servers] == [
        ("tcp", [8080, 8080]),
        ("udp", [53, 53]),
    ]
    assert members(program)["KUBE-CLUSTER-IP"] == (f"{VIP},tcp:80", f"{VIP},udp:80")
    assert program.addresses == (VIP,)


# --- the rules walked: domain/kube-proxy.md, "ipvs mode" (`KUBE-IPVS-FILTER`) and "Masquerade summary"


def on_node(addresses: Iterable[str]) -> WalkContext:
    """node-1 with the dummy device's addresses."""
    return WalkContext({"eth0": (NODE_1,), "cni0": ("10.244.1.1",), "kube-ipvs0": tuple(addresses)})


@pytest.mark.parametrize(
    ("dst", "dport", "verdict"),
    [
        (VIP, 80, "accept"),
        (VIP, 22, "reject"),
        (BALANCER, 80, "accept"),
        (BALANCER, 22, "reject"),
        (NODE_1, 22, "accept"),
    ],
)
def test_only_the_ports_of_services_are_open_on_their_addresses(dst: str, dport: int, verdict: str) -> None:
    program = made(cluster(balanced(), BOTH))
    (outcome,) = walk(program.rules, "INPUT", Packet(4, CLIENT, dst, "TCP", 41822, dport), on_node(program.addresses))
    assert outcome.verdict == verdict


@pytest.mark.parametrize(
    ("policy", "src", "dst", "dport", "masqueraded"),
    [
        ("Cluster", POD_A, VIP, 80, False),
        ("Cluster", CLIENT, VIP, 80, True),
        ("Cluster", CLIENT, NODE_1, 30080, True),
        ("Local", CLIENT, NODE_1, 30080, False),
        ("Cluster", CLIENT, BALANCER, 80, True),
        ("Local", CLIENT, BALANCER, 80, False),
        ("Cluster", CLIENT, NODE_1, 22, False),
    ],
)
def test_what_is_marked_for_masquerading(policy: str, src: str, dst: str, dport: int, masqueraded: bool) -> None:
    program = made(cluster(balanced(external_policy=policy), BOTH))
    packet = Packet(4, src, dst, "TCP", 41822, dport, in_iface="eth0")
    (outcome,) = walk(program.rules, "PREROUTING", packet, on_node(program.addresses))
    assert bool(outcome.packet.mark & 0x4000) is masqueraded
    assert not outcome.dnat  # IPVS translates, no rule does


@pytest.mark.parametrize(("src", "verdict"), [("198.51.100.9", "accept"), (CLIENT, "drop")])
def test_source_ranges_are_held(src: str, verdict: str) -> None:
    program = made(cluster(balanced(source_ranges=("198.51.100.0/24",)), BOTH))
    packet = Packet(4, src, BALANCER, "TCP", 41822, 80)
    assert [o.verdict for o in walk(program.rules, "INPUT", packet, on_node(program.addresses))] == [verdict]


def test_a_node_outside_the_source_ranges_is_kept_out() -> None:
    program = made(cluster(balanced(source_ranges=("198.51.100.0/24",)), BOTH))
    context = replace(on_node(program.addresses), virtual_server=(BALANCER, "tcp", 80))
    for src, verdict in ((BALANCER, "drop"), (NODE_2, "accept")):
        packet = Packet(4, src, POD_A, "TCP", 41822, 8080, out_iface="cni0")
        assert [o.verdict for o in walk(program.rules, "OUTPUT", packet, context)] == [verdict]


def test_an_endpoint_that_reaches_itself_is_masqueraded() -> None:
    program = made(cluster(service(), BOTH))
    for src, masqueraded in ((POD_A, True), (POD_B, False)):
        packet = Packet(4, src, POD_A, "TCP", 41822, 8080, out_iface="cni0")
        (outcome,) = walk(program.rules, "POSTROUTING", packet, on_node(program.addresses))
        assert outcome.masquerade is masqueraded
