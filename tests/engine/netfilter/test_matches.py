"""Every match against packets, as iptables-extensions(8) describes it."""

import pytest

from designer.engine.netfilter import IpSet, Packet, WalkContext
from designer.engine.netfilter import matches as m
from tests.engine.netfilter.tables import NODE, matches

TCP = Packet(4, "10.244.1.5", "10.96.0.10", "TCP", 41822, 80, in_iface="cali1", out_iface="eth0")
UDP = Packet(4, "10.244.1.5", "10.96.0.10", "UDP", 41822, 53, mark=0x4001, in_iface="cni0", ct_state="ESTABLISHED")
ICMP = Packet(4, "192.168.10.11", "10.244.1.5", "ICMP", ct_state="RELATED", dnat=True)
SIX = Packet(6, "fd00:10:244:1::5", "fd00:10:96::a", "TCP", 41822, 443, in_iface="eth0")

# (match, the packets of TCP, UDP, ICMP, SIX that it fits)
FITS: tuple[tuple[m.Match, str], ...] = (
    (m.Proto("tcp"), "TCP SIX"),
    (m.Proto("tcp", negated=True), "UDP ICMP"),
    (m.Proto("icmp"), "ICMP"),
    (m.Source("10.244.1.5"), "TCP UDP"),
    (m.Source("10.244.0.0/16"), "TCP UDP"),
    (m.Source("10.244.1.99/16"), "TCP UDP"),
    (m.Source("10.244.0.0/16", negated=True), "ICMP SIX"),
    (m.Destination("10.96.0.10/32"), "TCP UDP"),
    (m.Destination("0.0.0.0/0"), "TCP UDP ICMP"),
    (m.Source("fd00:10:244::/56"), "SIX"),
    (m.Destination("FD00:10:96:0::a"), "SIX"),
    (m.DestinationPort(80), "TCP"),
    (m.DestinationPort(53, 80), "TCP UDP"),
    (m.DestinationPort(80, negated=True), "UDP SIX"),
    (m.SourcePort(41822), "TCP UDP SIX"),
    (m.InInterface("cali+"), "TCP"),
    (m.InInterface("cali1"), "TCP"),
    (m.InInterface("cali"), ""),
    (m.InInterface("+"), "TCP UDP ICMP SIX"),
    (m.InInterface("cali+", negated=True), "UDP ICMP SIX"),
    (m.OutInterface("eth0"), "TCP"),
    (m.OutInterface("eth0", negated=True), "UDP ICMP SIX"),
    (m.MarkIs(0x4000, 0x4000), "UDP"),
    (m.MarkIs(0x4001), "UDP"),
    (m.MarkIs(0x4000), ""),
    (m.MarkIs(0x4000, 0x4000, negated=True), "TCP ICMP SIX"),
    (m.MarkIs(0x4001, 0x4000), ""),  # the value is compared whole: bits outside the mask never fit
    (m.CtStateIs(("NEW",)), "TCP SIX"),
    (m.CtStateIs(("RELATED", "ESTABLISHED")), "UDP ICMP"),
    (m.CtStateIs(("DNAT",)), "ICMP"),
    (m.CtStateIs(("SNAT",)), ""),
    (m.CtStateIs(("ESTABLISHED", "DNAT"), negated=True), "TCP SIX"),
    (m.AddrType("src"), "ICMP"),
    (m.AddrType("dst", negated=True), "TCP UDP ICMP SIX"),
    (m.Comment("anything"), "TCP UDP ICMP SIX"),
    (m.BridgedIn(), ""),
    (m.BridgedIn(negated=True), "TCP UDP ICMP SIX"),
    (m.OfVirtualServer("10.96.0.10", "tcp", 80), ""),  # no packet here belongs to IPVS
)
PACKETS = {"TCP": TCP, "UDP": UDP, "ICMP": ICMP, "SIX": SIX}


@pytest.mark.parametrize(("match", "expected"), FITS, ids=[str(match)[:70] for match, _ in FITS])
def test_a_match_fits(match: m.Match, expected: str) -> None:
    assert [name for name, packet in PACKETS.items() if matches(packet, match)] == expected.split()


@pytest.mark.parametrize(
    ("address", "local"),
    [("192.168.10.11", True), ("10.244.1.1", True), ("127.8.8.8", True), ("192.168.10.12", False), ("10.0.0.9", True)],
)
def test_local_addresses_are_those_of_interfaces_loopback_and_further_ones(address: str, local: bool) -> None:
    context = WalkContext(NODE.interface_addresses, frozenset({"10.0.0.9"}))
    assert matches(Packet(4, "10.1.1.1", address), m.AddrType("dst"), context) is local


def test_a_packet_came_over_a_bridge_where_its_interface_is_one() -> None:
    context = WalkContext(bridges=frozenset({"cni0"}))
    assert [name for name, packet in PACKETS.items() if matches(packet, m.BridgedIn(), context)] == ["UDP"]
    assert not matches(UDP, m.BridgedIn(negated=True), context)


@pytest.mark.parametrize(
    ("server", "fits"),
    [
        (("10.96.0.10", "tcp", 80), True),
        (("10.96.0.10", "udp", 80), False),
        (("10.96.0.10", "tcp", 81), False),
        (("10.96.0.11", "tcp", 80), False),
    ],
)
def test_a_packet_belongs_to_the_virtual_server_of_its_connection(server: tuple[str, str, int], fits: bool) -> None:
    context = WalkContext(virtual_server=server)
    assert matches(TCP, m.OfVirtualServer("10.96.0.10", "tcp", 80), context) is fits


def test_limit_iface_in_counts_only_that_interface() -> None:
    match = m.AddrType("dst", limit_in=True)
    assert matches(Packet(4, "10.1.1.1", "192.168.10.11", in_iface="eth0"), match)
    assert not matches(Packet(4, "10.1.1.1", "192.168.10.11", in_iface="cni0"), match)


@pytest.mark.parametrize(("age", "fits"), [(0.0, True), (600.0, True), (600.5, False)])
def test_recent_asks_how_long_ago_the_source_was_seen(age: float, fits: bool) -> None:
    context = WalkContext(recent={"L": {"10.244.1.5": age}})
    assert matches(TCP, m.RecentCheck("L", 600, reap=True), context) is fits
    assert matches(TCP, m.RecentCheck("L"), context)
    assert not matches(TCP, m.RecentCheck("OTHER", 600), context)
    assert not matches(Packet(4, "10.244.1.6", "10.96.0.10"), m.RecentCheck("L", 600), context)


SETS = {
    "ips": IpSet("ips", "hash:ip", ("10.244.1.5", "10.244.1.6")),
    "nets": IpSet("nets", "hash:net", ("10.96.0.0/12", "10.96.0.0/24 nomatch", "10.96.0.10")),
    "pairs": IpSet("pairs", "hash:ip,port", ("10.96.0.10,tcp:80", "10.96.0.10,udp:1-99")),
    "loop": IpSet("loop", "hash:ip,port,ip", ("10.96.0.10,tcp:80,10.244.1.5",)),
    "six": IpSet("six", "hash:ip", ("fd00:10:96::a",), family=6),
}


@pytest.mark.parametrize(
    ("name", "dims", "expected"),
    [
        ("ips", ("src",), "TCP UDP"),
        ("ips", ("dst",), "ICMP"),
        ("nets", ("dst",), "TCP UDP"),  # the single address is more specific than the exception around it
        ("pairs", ("dst", "dst"), "TCP UDP"),
        ("pairs", ("dst",), ""),
        ("pairs", ("src", "dst"), ""),
        ("loop", ("dst", "dst", "src"), "TCP"),
        ("six", ("dst",), "SIX"),
        ("missing", ("dst",), ""),
    ],
)
def test_a_set_holds_addresses_networks_and_ports(name: str, dims: tuple[str, ...], expected: str) -> None:
    found = [key for key, packet in PACKETS.items() if matches(packet, m.InSet(name, dims), sets=SETS)]
    assert found == expected.split()


def test_nomatch_makes_a_hole_in_a_network() -> None:
    match = m.InSet("nets", ("dst",))
    assert matches(Packet(4, "10.1.1.1", "10.97.1.1"), match, sets=SETS)
    assert not matches(Packet(4, "10.1.1.1", "10.96.0.11"), match, sets=SETS)
