"""The captures of a trace, read back by a reader written from the specifications."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import compile_project
from designer.engine.trace import Header, Request, TraceResult
from designer.engine.trace.ask import ask
from designer.present.captures import captures
from designer.present.packet_bytes import Link, checksum, crc32c, frame_bytes, packet_bytes
from designer.present.pcapng import trace_pcapng
from tests.present.pcapng_reader import Packet, _frame, _ip, read
from tests.present.shop import answer, state_of

ACROSS = Request("Deployment:shop/api", "db-0.db:5432")


def packets_of(result: TraceResult, name: str = "shop") -> list[Packet]:
    return read(trace_pcapng(result, state_of(name)))[1]


def test_a_request_across_nodes_is_seen_at_every_device_in_order() -> None:
    result = answer(ACROSS)
    section, packets = read(trace_pcapng(result, state_of()))
    assert section[4] == "Cluster Network Designer"
    assert "Simulated, not captured" in section[1]
    seen = [packet.interface.name for packet in packets]
    pod, database = "shop/api-b7lbvljvlm-qt57s eth0", "shop/db-0 eth0"
    # domain/cni.md section 6: Pod, veth, tunnel device, card, card, tunnel device, veth, Pod; and all the way back.
    there = [pod, "node-1 cali279c1f79b0e", "node-1 vxlan.calico", "node-1 eth0", "node-3 eth0", "node-3 vxlan.calico",
             "node-3 cali43878a68a0a", database]  # fmt: skip
    assert seen == [*there, *there[::-1]]
    assert [packet.time for packet in packets] == sorted(packet.time for packet in packets)


def test_the_packets_are_those_of_the_hops() -> None:
    result = answer(ACROSS)
    hops = result.trace.paths()[0].hops
    for packet in packets_of(result):
        hop = hops[packet.time // 1000 - 1]
        assert packet.comment == f"hop {packet.time // 1000}: {hop.what}"
        header = hop.after or hop.before
        assert header is not None
        inner, ports = packet["IPv4"], packet["TCP"]
        assert (inner["src"], ports["sport"], inner["dst"], ports["dport"]) == (
            header.src, header.sport, header.dst, header.dport,
        )  # fmt: skip
        assert ports["flags"] == (0x02 if hop.direction == "request" else 0x12)


def test_the_wire_has_the_outer_headers_and_the_tunnel_device_not() -> None:
    packets = packets_of(answer(ACROSS))
    wire = next(packet for packet in packets if packet.interface.name == "node-1 eth0")
    assert wire.names == ["Ethernet", "IPv4", "UDP", "VXLAN", "Ethernet", "IPv4", "TCP"]
    assert (wire.headers[1]["src"], wire.headers[1]["dst"]) == ("192.168.10.11", "192.168.10.13")
    assert wire.headers[2]["dport"] == 4789 and wire["VXLAN"]["vni"] == 4096
    assert wire["IPv4"]["ttl"] == 63 and wire.headers[1]["ttl"] == 64
    tunnel = next(packet for packet in packets if packet.interface.name == "node-1 vxlan.calico")
    assert tunnel.names == ["Ethernet", "IPv4", "TCP"]


def test_a_layer_3_tunnel_has_no_ethernet_header() -> None:
    project = use_cni(state_of().project, "calico", "ipip").project
    state = compile_project(project)
    result, _ = ask(state, ACROSS)
    assert result is not None
    _section, packets = read(trace_pcapng(result, state))
    tunnel = next(packet for packet in packets if packet.interface.name.endswith(" tunl0"))
    assert tunnel.interface.link == 101 and tunnel.names == ["IPv4", "TCP"]
    wire = next(packet for packet in packets if packet.interface.name == "node-1 eth0")
    assert wire.names == ["Ethernet", "IPv4", "IPv4", "TCP"]


def test_a_denied_request_ends_before_the_wire() -> None:
    packets = packets_of(answer(Request("Deployment:shop/frontend", "db:5432")))
    assert [packet.interface.name for packet in packets] == [
        "shop/frontend-7dgh8mlph2-f4rwv eth0", "node-1 cali34ec9bd6989",
    ]  # fmt: skip


def test_an_outsider_has_a_device_of_its_own() -> None:
    result = answer(Request("ExternalClient:client", "http://192.168.10.12:30080"))
    names = [packet.interface.name for packet in packets_of(result)]
    assert names[:2] == ["client", "node-2 eth0"] and names[-1] == "client"


def test_each_way_has_a_capture_of_its_own() -> None:
    result, state = answer(Request("ExternalClient:client", "http://192.168.10.12:30080")), state_of()
    assert len(result.trace.paths()) == 2
    first, second = (read(trace_pcapng(result, state, way))[1] for way in (0, 1))
    assert [packet.interface.name for packet in first] != [packet.interface.name for packet in second]
    assert trace_pcapng(result, state, 99) == trace_pcapng(result, state, 0)


def test_both_connections_of_a_controller_are_there() -> None:
    request = Request("ExternalClient:client", "http://shop.example.com/")
    packets = packets_of(answer(request, "two-controllers"), "two-controllers")
    connections = {(packet["TCP"]["sport"], packet["TCP"]["dport"]) for packet in packets}
    assert {(41822, 80), (50000, 8080), (8080, 50000), (80, 41822)} <= connections


def test_a_refusal_is_answered_by_a_reset() -> None:
    way = replace(answer(ACROSS).trace.paths()[0], verdict="connection-refused")
    replies = [each for each in captures(way, state_of()) if way.hops[each.hop].direction == "reply"]
    assert replies and {each.answer for each in replies} == {"refused"}
    (_ether, _ip_header, tcp) = _frame(frame_bytes(replies[0].header, replies[0].link, "refused"))
    assert tcp["flags"] == 0x14 and tcp["ack"] == 1001


@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("protocol", ["TCP", "UDP", "SCTP"])
@pytest.mark.parametrize("tunnel", ["", "VXLAN, UDP 4789, VNI 4096", "Geneve, UDP 6081", "IPIP, IP protocol 4"])
def test_every_packet_reads_back(family: int, protocol: str, tunnel: str) -> None:
    ends = ("10.0.0.1", "10.0.0.2") if family == 4 else ("fd00::1", "fd00::2")
    for outer in (("192.168.0.1", "192.168.0.2"), ("2001:db8::1", "2001:db8::2")):
        around = outer if tunnel else ("", "")
        header = Header(protocol, ends[0], 40000, ends[1], 5000, *around, tunnel, ttl=61)
        for answered in ("", "accepted", "refused"):
            found = _frame(frame_bytes(header, Link("a", "b"), answered))
            inner, ports = found[-2], found[-1]
            assert (inner["src"], inner["dst"], inner["ttl"]) == (*ends, 61)
            assert (ports["name"], ports["sport"], ports["dport"]) == (protocol, 40000, 5000)
            if tunnel:
                assert (found[1]["src"], found[1]["dst"]) == outer


def test_the_sctp_answers_are_the_right_chunks() -> None:
    header = Header("SCTP", "10.0.0.1", 40000, "10.0.0.2", 5000)
    chunks = [_ip(packet_bytes(header, answered))[-1]["chunk"] for answered in ("", "accepted", "refused")]
    assert chunks == [1, 2, 6]  # INIT, INIT ACK, ABORT: RFC 9260 section 3.2


def test_checksums_of_the_rfcs() -> None:
    # RFC 1071 section 3: the words 0001 f203 f4f5 f6f7 sum up to ddf2.
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xDDF2 ^ 0xFFFF
    # RFC 3720 B.4: CRC32c of 32 bytes of zeros, of ones, of 0 to 31; the bytes stand as they go over the wire.
    assert crc32c(bytes(32)).to_bytes(4, "little") == bytes.fromhex("aa36918a")
    assert crc32c(b"\xff" * 32).to_bytes(4, "little") == bytes.fromhex("43aba862")
    assert crc32c(bytes(range(32))).to_bytes(4, "little") == bytes.fromhex("4e79dd46")
