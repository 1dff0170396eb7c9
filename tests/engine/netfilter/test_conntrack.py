"""Connection tracking: replies and later packets are translated from the entry, worked out by hand."""

import pytest

from designer.engine.netfilter import FlowTuple, Packet, entry_for, pass_through, translate, way_of

# A Pod talks to a ClusterIP; the node sends it to an endpoint on another node.
FIRST = Packet(4, "10.244.1.5", "10.96.0.10", "TCP", 41822, 80, in_iface="cali1")
SENT = Packet(4, "10.244.1.5", "10.244.2.7", "TCP", 41822, 8080, dnat=True)
ENTRY = entry_for(FIRST, SENT)

# Somebody outside talks to a node port; the node translates both ends.
OUTER = Packet(4, "203.0.113.9", "192.168.10.11", "UDP", 5000, 30053, in_iface="eth0")
OUTER_SENT = Packet(4, "10.244.1.0", "10.244.2.9", "UDP", 61000, 53, dnat=True, snat=True)
OUTER_ENTRY = entry_for(OUTER, OUTER_SENT)


def test_an_entry_holds_both_tuples() -> None:
    assert ENTRY.original == FlowTuple("TCP", "10.244.1.5", 41822, "10.96.0.10", 80)
    assert ENTRY.reply == FlowTuple("TCP", "10.244.2.7", 8080, "10.244.1.5", 41822)


def test_an_entry_knows_what_is_translated() -> None:
    assert (ENTRY.dnat, ENTRY.snat) == (True, False)
    assert (OUTER_ENTRY.dnat, OUTER_ENTRY.snat) == (True, True)
    plain = entry_for(FIRST, FIRST)
    assert (plain.dnat, plain.snat) == (False, False)


def test_a_reply_comes_back_from_the_address_that_was_called() -> None:
    reply = Packet(4, "10.244.2.7", "10.244.1.5", "TCP", 8080, 41822, in_iface="flannel.1")
    assert way_of(ENTRY, reply) == "reply"
    back = pass_through(ENTRY, reply)
    assert back is not None
    assert (back.src, back.sport, back.dst, back.dport) == ("10.96.0.10", 80, "10.244.1.5", 41822)
    assert (back.ct_state, back.dnat, back.snat) == ("ESTABLISHED", True, False)


def test_a_reply_to_a_masqueraded_packet_finds_its_client() -> None:
    back = pass_through(OUTER_ENTRY, Packet(4, "10.244.2.9", "10.244.1.0", "UDP", 53, 61000))
    assert back is not None
    assert (back.src, back.sport, back.dst, back.dport) == ("192.168.10.11", 30053, "203.0.113.9", 5000)


def test_a_later_packet_goes_the_way_of_the_first() -> None:
    again = pass_through(ENTRY, FIRST)
    assert again is not None
    assert (again.src, again.sport, again.dst, again.dport) == ("10.244.1.5", 41822, "10.244.2.7", 8080)
    assert again.ct_state == "ESTABLISHED"


def test_each_end_is_rewritten_at_its_own_hook() -> None:
    reply = Packet(4, "10.244.2.9", "10.244.1.0", "UDP", 53, 61000)
    early = translate(OUTER_ENTRY, reply, "reply", "PREROUTING")
    assert (early.src, early.dst) == ("10.244.2.9", "203.0.113.9")
    middle = translate(OUTER_ENTRY, early, "reply", "FORWARD")
    assert (middle.src, middle.dst) == ("10.244.2.9", "203.0.113.9")
    late = translate(OUTER_ENTRY, middle, "reply", "POSTROUTING")
    assert (late.src, late.dst) == ("192.168.10.11", "203.0.113.9")


@pytest.mark.parametrize(
    "stranger",
    [
        Packet(4, "10.244.2.8", "10.244.1.5", "TCP", 8080, 41822),
        Packet(4, "10.244.2.7", "10.244.1.5", "TCP", 8080, 41823),
        Packet(4, "10.244.2.7", "10.244.1.5", "UDP", 8080, 41822),
    ],
)
def test_other_packets_are_no_part_of_it(stranger: Packet) -> None:
    assert way_of(ENTRY, stranger) is None
    assert pass_through(ENTRY, stranger) is None
