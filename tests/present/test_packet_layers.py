"""The packet of a hop in nested layers. Header sizes are those of the RFCs named at the rows."""

import pytest

from designer.engine.trace.hops import Header, Hop, Path, Request
from designer.present.carried_text import carried_text
from designer.present.packet_layers import HeaderLayer, header_layers, size_text
from designer.present.tunnel_text import Tunnel, tunnel_of

BARE = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070)
SENT = Header("TCP", "10.244.1.5", 41822, "10.244.2.8", 7070)


def wrapped(tunnel: str, six: bool = False) -> Header:
    outer = ("2001:db8::11", "2001:db8::12") if six else ("192.168.10.11", "192.168.10.12")
    return Header("TCP", "10.244.1.5", 41822, "10.244.2.8", 7070, *outer, tunnel)


VXLAN = wrapped("VXLAN, UDP 4789, VNI 4096")


def hop(before: Header | None, after: Header | None, **more: str) -> Hop:
    return Hop("rules", "request", "node-1", "Node:node-1", "what", before, after, "why", **more)  # type: ignore[arg-type]


def named(layers: tuple[HeaderLayer, ...]) -> list[tuple[str, int, int]]:
    return [(layer.name, layer.size, layer.depth) for layer in layers]


def test_a_bare_packet_has_an_ip_and_a_transport_header() -> None:
    layers = header_layers(hop(BARE, SENT))
    assert named(layers) == [("IPv4", 20, 0), ("TCP", 20, 1)]
    changed = [(row.name, row.before, row.after) for layer in layers for row in layer.rows if row.changed]
    assert changed == [("Destination", "10.96.0.41", "10.244.2.8")]


@pytest.mark.parametrize(
    ("header", "outer"),
    [
        # RFC 7348 section 5: outer IP, UDP, 8 bytes of VXLAN, the inner Ethernet header of 14 bytes.
        (VXLAN, [("Outer IPv4", 20), ("Outer UDP", 8), ("VXLAN", 8), ("Inner Ethernet", 14)]),
        (wrapped("VXLAN, UDP 4789, VNI 4096", True), [("Outer IPv6", 40), ("Outer UDP", 8), ("VXLAN", 8),
                                                      ("Inner Ethernet", 14)]),
        # RFC 8926 section 3.4: 8 bytes without options.
        (wrapped("Geneve, UDP 6081"), [("Outer IPv4", 20), ("Outer UDP", 8), ("Geneve", 8), ("Inner Ethernet", 14)]),
        # RFC 2003: an IP header before an IP header, nothing between.
        (wrapped("IPIP, IP protocol 4"), [("Outer IPv4", 20)]),
    ],
)  # fmt: skip
def test_a_wrapped_packet_shows_each_header_around_it(header: Header, outer: list[tuple[str, int]]) -> None:
    layers = header_layers(hop(SENT, header))
    assert [(layer.name, layer.size) for layer in layers] == [*outer, ("Inner IPv4", 20), ("TCP", 20)]
    assert [layer.depth for layer in layers] == list(range(len(layers)))
    assert all(row.changed for layer in layers[: len(outer)] for row in layer.rows)
    assert not any(row.changed for layer in layers[len(outer) :] for row in layer.rows)


def test_the_mark_is_told_as_no_part_of_the_packet() -> None:
    marked = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070, mark=0x4000)
    last = header_layers(hop(BARE, marked))[-1]
    assert (last.name, last.size, last.depth) == ("Kept by the kernel", 0, 0)
    assert [(row.name, row.before, row.after, row.changed) for row in last.rows] == [("Mark", "", "0x4000", True)]
    assert header_layers(hop(None, None)) == ()


def test_the_sizes_say_what_fits() -> None:
    # 1450 + 50 = 1500, as Calico's VXLAN has it; one byte more does not fit (domain/cni.md, MTU).
    assert size_text(hop(SENT, VXLAN), 1450, 1500) == (
        "90 bytes of headers, 50 of them around the packet. A packet that fills the Pods' MTU of 1450 has 1500 bytes "
        "between the nodes; it fits the link's MTU of 1500."
    )
    assert "has 1501 bytes between the nodes; it is too long for" in size_text(hop(SENT, VXLAN), 1451, 1500)
    assert "has 1500 bytes" in size_text(hop(SENT, wrapped("IPIP, IP protocol 4")), 1480, 1500)
    assert size_text(hop(BARE, SENT), 1450, 1500) == (
        "40 bytes of headers. The Pods' MTU of 1450 leaves 1410 bytes for what TCP carries."
    )
    six = Header("UDP", "fd00::5", 41822, "fd00::41", 53)
    assert size_text(hop(six, six), 1450, 1500).startswith("48 bytes of headers.")
    assert size_text(hop(None, None), 1450, 1500) == ""


def test_a_tunnel_is_read_from_its_text() -> None:
    assert tunnel_of("VXLAN (fast datapath), UDP 6784") == Tunnel("VXLAN (fast datapath)", "VXLAN", 6784, None)
    assert tunnel_of("VXLAN, UDP 4789, VNI 4096") == Tunnel("VXLAN", "VXLAN", 4789, 4096)
    assert tunnel_of("IPIP, IP protocol 4") == Tunnel("IPIP", "IPIP", 0, None)
    assert tunnel_of("") is None and tunnel_of("WireGuard, UDP 51820") is None


def path(*hops: Hop) -> Path:
    from fractions import Fraction

    return Path(Fraction(1), (), hops, "delivered", "")


def test_what_the_connection_carries() -> None:
    way = path(hop(None, SENT))
    assert carried_text(Request("a", "http://cart.shop:7070/items?x=1", method="POST"), way, 0) == (
        "HTTP POST /items?x=1 for host cart.shop"
    )
    assert (
        carried_text(Request("a", "https://cart.shop/"), way, 0)
        == "TLS for host cart.shop; the HTTP inside is encrypted"
    )
    assert carried_text(Request("a", "grpc://cart.shop:7070"), way, 0) == "gRPC over HTTP/2 for host cart.shop"
    assert carried_text(Request("a", "cart.shop:7070"), way, 0) == ""
    look_up = path(hop(None, Header("UDP", "10.244.1.5", 40053, "10.96.0.10", 53)))
    assert carried_text(Request("a", "http://cart"), look_up, 0) == ""


def test_behind_a_controller_it_is_another_connection() -> None:
    at = Hop("http", "request", "nginx", "Pod:a/nginx", "GET http://shop/", SENT, SENT, "why")
    back = Hop("send", "reply", "eth0", "Pod:a/web", "Reply", SENT, SENT, "why")
    way = path(hop(None, SENT), at, hop(SENT, SENT), back, back)
    request = Request("a", "http://shop/")
    assert carried_text(request, way, 0) == "HTTP GET / for host shop"
    assert carried_text(request, way, 2) == "HTTP as the Ingress controller sends it on, for GET http://shop/"
    assert carried_text(request, way, 4) == "the HTTP answer"
