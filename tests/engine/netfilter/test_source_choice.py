"""The source that a machine gives an IPv6 packet: RFC 6724, section 5, and what Linux did when asked."""

import pytest

from designer.engine.netfilter import Packet, WalkContext
from designer.engine.netfilter.source_choice import chosen_source

NODE, TUNNEL, PUBLIC = "fd00:192:168:10::11", "fd00:10:244:12::40", "2001:db8:1::5"


@pytest.mark.parametrize(
    ("candidates", "destination", "expected"),
    [
        # Rule 8: the tunnel's address shares the Pods' range.
        ((NODE, TUNNEL), "fd00:10:244:12::41", TUNNEL),
        ((NODE, TUNNEL), "fd00:192:168:10::12", NODE),
        # Rule 6 comes before rule 8: fc00::/7 has a label of its own (RFC 6724, section 2.1).
        ((PUBLIC, NODE), "fd00:ffff::1", NODE),
        ((NODE, PUBLIC), "2a00::1", PUBLIC),
        # Of equal ones the first.
        (("fd00::a1", "fd00::a2"), "fd01::1", "fd00::a1"),
        ((), "fd01::1", None),
    ],
)
def test_the_source_is_the_nearest_one(candidates: tuple[str, ...], destination: str, expected: str | None) -> None:
    assert chosen_source(candidates, destination) == expected


def test_a_shared_prefix_counts_no_further_than_the_links() -> None:
    """RFC 6724, section 2.2: CommonPrefixLen looks at no bits beyond the source's own prefix; so does Linux.

    ::152 shares 126 bits with ::151 and ::12 fewer; on a link of /64 both share 64, so the first one stands.
    """
    held, destination = ("fd00::12", "fd00::152"), "fd00::151"
    assert chosen_source(held, destination) == "fd00::152"
    assert chosen_source(held, destination, {"fd00::12": 64, "fd00::152": 64}) == "fd00::12"
    assert chosen_source(held, destination, {"fd00::12": 64, "fd00::152": 128}) == "fd00::152"


def test_the_outgoing_interface_comes_first() -> None:
    # RFC 6724, rule 5: an address of the outgoing interface, however little it has in common with the destination.
    context = WalkContext({"eth0": (NODE,), "vxlan-v6.calico": (TUNNEL,)})
    packet = Packet(6, "fd00:10:244:12::99", "fd00:10:244:12::41", "TCP", 1, 2, out_iface="eth0")
    assert context.masquerade_address(packet) == NODE


def test_a_device_without_an_address_borrows_the_nearest() -> None:
    context = WalkContext({"eth0": (NODE,), "vxlan-v6.calico": (TUNNEL,)})
    packet = Packet(6, NODE, "fd00:10:244:12::41", "TCP", 1, 2, out_iface="cali0123456789a")
    assert context.masquerade_address(packet) == TUNNEL
