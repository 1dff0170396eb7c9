"""A strict reader of pcapng and of the packets in it, written from the specifications alone.

draft-ietf-opsawg-pcapng sections 3 and 4; RFC 791, 8200, 768, 9293, 9260, 7348, 8926, 1071. Every length is checked,
every byte is read, every checksum is summed word by word.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field


@dataclass
class Interface:
    name: str
    link: int


@dataclass
class Packet:
    interface: Interface
    time: int
    data: bytes
    comment: str
    headers: list[dict[str, object]] = field(default_factory=list)

    def __getitem__(self, name: str) -> dict[str, object]:
        return next(header for header in reversed(self.headers) if header["name"] == name)

    @property
    def names(self) -> list[object]:
        return [header["name"] for header in self.headers]


def read(data: bytes) -> tuple[dict[int, str], list[Packet]]:
    """The options of the section and its packets. AssertionError where a byte is not as the specification says."""
    section: dict[int, str] = {}
    interfaces: list[Interface] = []
    packets: list[Packet] = []
    place = 0
    while place < len(data):
        kind = int.from_bytes(data[place : place + 4], "little")
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        assert length % 4 == 0 and length >= 12 and place + length <= len(data)
        assert data[place + length - 4 : place + length] == data[place + 4 : place + 8], "the two lengths differ"
        body = data[place + 8 : place + length - 4]
        if place == 0:
            assert kind == 0x0A0D0D0A, "a file begins with a section header"
            assert body[:8] == bytes.fromhex("4d3c2b1a01000000") and body[8:16] == b"\xff" * 8
            section = _options(body[16:])
        elif kind == 1:
            assert body[2:4] == b"\0\0"
            interfaces.append(Interface(_options(body[8:])[2], int.from_bytes(body[:2], "little")))
        else:
            assert kind == 6
            number, high, low, held, whole = (int.from_bytes(body[at : at + 4], "little") for at in range(0, 20, 4))
            assert held == whole
            end = 20 + held
            padded = end + -end % 4
            assert not any(body[end:padded])
            comment = _options(body[padded:])[1]
            packets.append(Packet(interfaces[number], high << 32 | low, body[20:end], comment))
        place += length
    for packet in packets:
        packet.headers = _frame(packet.data) if packet.interface.link == 1 else _ip(packet.data)
    return section, packets


def _options(data: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    place = 0
    while True:
        code, length = (int.from_bytes(data[place + at : place + at + 2], "little") for at in (0, 2))
        if code == 0:
            assert length == 0 and place + 4 == len(data), "bytes behind the end of the options"
            return found
        found[code] = data[place + 4 : place + 4 + length].decode("utf-8")
        place += 4 + length + -length % 4


def _frame(data: bytes) -> list[dict[str, object]]:
    for mac in (data[:6], data[6:12]):
        assert mac[0] & 3 == 2, "unicast and locally administered"
    kind = data[12:14].hex()
    packet = _ip(data[14:])
    assert packet[0]["name"] == {"0800": "IPv4", "86dd": "IPv6"}[kind]
    return [{"name": "Ethernet", "to": data[:6], "from": data[6:12]}, *packet]


def summed(data: bytes) -> int:
    """The one's complement sum of the words, carries added one by one (RFC 1071)."""
    total = 0
    for at in range(0, len(data), 2):
        total += int.from_bytes(data[at : at + 2].ljust(2, b"\0"), "big")
        if total > 0xFFFF:
            total -= 0xFFFF
    return total


def _ip(data: bytes) -> list[dict[str, object]]:
    if data[0] == 0x45:
        assert int.from_bytes(data[2:4], "big") == len(data)
        assert summed(data[:20]) == 0xFFFF, "header checksum"
        ttl, number, rest = data[8], data[9], data[20:]
        family, ends = socket.AF_INET, (data[12:16], data[16:20])
        pseudo = data[12:20] + bytes((0, number)) + len(rest).to_bytes(2, "big")
    else:
        assert data[0] >> 4 == 6 and int.from_bytes(data[4:6], "big") == len(data) - 40
        number, ttl, rest = data[6], data[7], data[40:]
        family, ends = socket.AF_INET6, (data[8:24], data[24:40])
        pseudo = data[8:40] + len(rest).to_bytes(4, "big") + bytes((0, 0, 0, number))
    name = "IPv4" if family == socket.AF_INET else "IPv6"
    src, dst = (socket.inet_ntop(family, end) for end in ends)
    own: dict[str, object] = {"name": name, "src": src, "dst": dst, "ttl": ttl}
    match number:
        case 4 | 41:
            return [own, *_ip(rest)]
        case 6:
            assert summed(pseudo + rest) == 0xFFFF and rest[12] == 0x50 and len(rest) == 20
            return [own, {**_ports("TCP", rest), "flags": rest[13], "ack": int.from_bytes(rest[8:12], "big")}]
        case 17:
            return [own, *_udp(rest, pseudo, name)]
        case 132:
            return [own, _sctp(rest)]
    raise AssertionError(f"protocol {number}")


def _ports(name: str, data: bytes) -> dict[str, object]:
    sport, dport = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2))
    return {"name": name, "sport": sport, "dport": dport}


def _udp(data: bytes, pseudo: bytes, over: str) -> list[dict[str, object]]:
    assert int.from_bytes(data[4:6], "big") == len(data)
    if data[6:8] == b"\0\0":
        assert over == "IPv4" and len(data) > 8, "only a tunnel over IPv4 may go without checksum"
    else:
        assert summed(pseudo + data) == 0xFFFF
    own = _ports("UDP", data)
    if len(data) == 8:
        return [own]
    vni = int.from_bytes(data[12:15], "big")
    if data[8:12] == bytes.fromhex("08000000"):
        return [own, {"name": "VXLAN", "vni": vni}, *_frame(data[16:])]
    assert data[8:12] == bytes.fromhex("00006558") and data[15] == 0
    return [own, {"name": "Geneve", "vni": vni}, *_frame(data[16:])]


def _sctp(data: bytes) -> dict[str, object]:
    zeroed = data[:8] + bytes(4) + data[12:]
    assert data[8:12] == _crc32c(zeroed).to_bytes(4, "little")
    kind, length = data[12], int.from_bytes(data[14:16], "big")
    assert 12 + length == len(data), "one chunk"
    tag = int.from_bytes(data[4:8], "big")
    assert (tag == 0) == (kind == 1), "only INIT has no verification tag"
    if kind == 2:
        assert data[32:36] == bytes.fromhex("00070008"), "an INIT ACK has a State Cookie"
    return {**_ports("SCTP", data), "chunk": kind}


def _crc32c(data: bytes) -> int:
    """Polynomial division bit by bit on a number: reflected input and output, as RFC 9260 Appendix A has it."""
    remainder = 0xFFFFFFFF
    for byte in data:
        for bit in range(8):
            top = (remainder >> 31) ^ (byte >> bit & 1)
            remainder = (remainder << 1 & 0xFFFFFFFF) ^ (0x1EDC6F41 if top else 0)
    return int(f"{remainder:032b}"[::-1], 2) ^ 0xFFFFFFFF
