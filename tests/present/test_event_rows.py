"""The packet of a hop: as it leaves, in layers, what changed."""

from designer.engine.trace.hops import Header, Hop
from designer.present.event_rows import header_layers, is_changed, leaving_text

BARE = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070)
SENT = Header("TCP", "10.244.1.5", 41822, "10.244.2.8", 7070)
WRAPPED = Header("TCP", "10.244.1.5", 41822, "10.244.2.8", 7070, "192.168.10.11", "192.168.10.12", "VXLAN 4096")
SIX = Header("UDP", "fd00::5", 41822, "fd00::41", 53)


def hop(before: Header | None, after: Header | None) -> Hop:
    return Hop("rules", "request", "node-1", "Node:node-1", "what", before, after, "why")


def test_the_packet_as_it_leaves() -> None:
    assert leaving_text(hop(BARE, SENT)) == "10.244.1.5:41822 → 10.244.2.8:7070"
    assert leaving_text(hop(BARE, None)) == "10.244.1.5:41822 → 10.96.0.41:7070"
    assert leaving_text(hop(None, None)) == ""
    assert leaving_text(hop(SIX, SIX)) == "[fd00::5]:41822 → [fd00::41]:53"
    assert (
        leaving_text(hop(SENT, WRAPPED))
        == "VXLAN 4096 192.168.10.11 → 192.168.10.12 [10.244.1.5:41822 → 10.244.2.8:7070]"
    )


def test_what_changed_is_marked_field_by_field() -> None:
    (layer,) = header_layers(hop(BARE, SENT))
    assert layer.title == "Packet"
    assert [(row.name, row.before, row.after) for row in layer.rows if row.changed] == [
        ("Destination", "10.96.0.41", "10.244.2.8")
    ]


def test_an_encapsulated_packet_has_an_outer_and_an_inner_header() -> None:
    outer, inner = header_layers(hop(SENT, WRAPPED))
    assert (outer.title, inner.title) == ("Outer header", "Inner header")
    assert [(row.name, row.after, row.changed) for row in outer.rows] == [
        ("Tunnel", "VXLAN 4096", True),
        ("Source", "192.168.10.11", True),
        ("Destination", "192.168.10.12", True),
    ]
    assert not any(row.changed for row in inner.rows)


def test_the_ttl_alone_is_no_change() -> None:
    older = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070, ttl=63)
    marked = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070, mark=0x4000)
    assert not is_changed(hop(BARE, older))
    assert is_changed(hop(BARE, marked))
    assert is_changed(hop(BARE, SENT))
    assert not is_changed(hop(None, SENT))
    assert header_layers(hop(None, None)) == ()
    assert header_layers(hop(BARE, marked))[0].rows[-1].after == "0x4000"
