"""The packet of a hop as it comes and as it leaves, and when the animation is there."""

from designer.engine.trace.hops import Header, Hop
from designer.present.event_rows import coming_text, is_changed, leaving_text, times_of

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


def test_the_ttl_alone_is_no_change() -> None:
    older = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070, ttl=63)
    marked = Header("TCP", "10.244.1.5", 41822, "10.96.0.41", 7070, mark=0x4000)
    assert not is_changed(hop(BARE, older))
    assert is_changed(hop(BARE, marked))
    assert is_changed(hop(BARE, SENT))
    assert not is_changed(hop(None, SENT))


def test_the_packet_as_it_comes() -> None:
    assert coming_text(hop(BARE, SENT)) == "10.244.1.5:41822 → 10.96.0.41:7070"
    assert coming_text(hop(None, SENT)) == ""


def test_times_are_those_of_the_animation() -> None:
    # visual/README.md "Motion": 600 ms a hop, 250 ms more where the packet changed; the first hop has no way before it.
    assert times_of((hop(None, BARE), hop(BARE, SENT), hop(SENT, SENT), hop(SENT, SENT))) == (0, 600, 1450, 2050)
