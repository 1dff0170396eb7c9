"""Netlink's bytes, written down by hand from include/uapi/linux/{netlink,rtnetlink,netfilter/nf_tables}.h."""

from __future__ import annotations

import struct
import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("netlink is Linux'", allow_module_level=True)

from designer.lab.worker import netlink as n
from designer.lab.worker.nftrace import rule_positions, trace_event
from designer.lab.worker.probing import _offender
from designer.lab.worker.rtnetlink import mac_bytes


def test_an_attribute_is_padded_to_four_bytes_and_its_length_is_not() -> None:
    assert n.attribute(3, b"eth0\0") == struct.pack("=HH", 9, 3) + b"eth0\0\0\0\0"
    assert n.text(3, "lo") == struct.pack("=HH", 7, 3) + b"lo\0\0"
    assert n.nested(18, n.number(1, 7)) == struct.pack("=HHHHI", 12, 18 | 0x8000, 8, 1, 7)


def test_attributes_are_read_back_without_their_flags() -> None:
    data = n.text(3, "lo") + n.nested(18, n.number(1, 7))
    assert n.attributes(data) == {3: b"lo\0", 18: n.number(1, 7)}
    assert n.attributes(b"\0\0\0\0") == {}


def test_messages_in_one_datagram() -> None:
    first = struct.pack("=IHHII", 20, 2, 0, 5, 0) + b"abcd"
    assert list(n.messages(first + first)) == [(2, 5, b"abcd"), (2, 5, b"abcd")]


def rule(family: int, table: str, chain: str, handle: int) -> bytes:
    return (
        struct.pack("=BBH", family, 0, 0)
        + n.text(1, table)
        + n.text(2, chain)
        + n.attribute(3, struct.pack("!Q", handle))
    )


def test_a_rules_position_is_its_place_in_the_dump_of_its_chain() -> None:
    dumped = [rule(2, "nat", "A", 7), rule(2, "nat", "B", 3), rule(2, "nat", "A", 4), rule(10, "nat", "A", 4)]
    assert rule_positions(dumped) == {
        ("ip", "nat", "A", 7): 0,
        ("ip", "nat", "B", 3): 0,
        ("ip", "nat", "A", 4): 1,
        ("ip6", "nat", "A", 4): 0,
    }


def event(kind: int, code: int) -> bytes:
    verdict = n.nested(5, n.attribute(1, struct.pack("!i", code)))
    body = (
        n.text(1, "nat")
        + n.text(2, "A")
        + n.attribute(3, struct.pack("!Q", 4))
        + n.attribute(4, struct.pack("!I", kind))
    )
    return struct.pack("=BBH", 2, 0, 0) + body + verdict


@pytest.mark.parametrize(("code", "word"), [(0, "drop"), (1, "accept"), (-1, "continue"), (-3, "jump"), (-5, "return")])
def test_a_trace_message_about_a_rule(code: int, word: str) -> None:
    assert trace_event(event(3, code)) == ("ip", "nat", "A", 4, word)


@pytest.mark.parametrize("kind", [1, 2])
def test_policies_and_returns_are_no_rules(kind: int) -> None:
    assert trace_event(event(kind, 1)) is None


def test_who_sent_an_icmp_error() -> None:
    four = struct.pack("=HH4s8x", 2, 0, bytes([192, 168, 10, 11]))
    six = struct.pack("=HHI16sI", 10, 0, 0, bytes.fromhex("fd00" + "00" * 13 + "11"), 0)
    assert _offender(four) == "192.168.10.11"
    assert _offender(six) == "fd00::11"
    assert _offender(b"") == ""


def test_a_link_address() -> None:
    assert mac_bytes("02:00:00:00:01:ff") == b"\x02\x00\x00\x00\x01\xff"
