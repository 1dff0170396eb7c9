"""A simulated packet as bytes: Ethernet, IPv4 or IPv6, VXLAN, Geneve or IPIP, and TCP, UDP or SCTP with checksums.

It is the first packet of a connection or the first of the answer: a TCP segment with SYN (RFC 9293 section 3.5), an
SCTP INIT (RFC 9260 section 5.1), a UDP datagram without payload. What the project does not know is made up alike each
time and said in the capture: MAC addresses, sequence numbers, a tunnel's source port.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal

from designer.engine.trace.hops import Header
from designer.present.tunnel_text import Tunnel, tunnel_of

Answer = Literal["", "accepted", "refused"]
"""What a packet is: the first of its connection (""), or the answer to it."""

PROTOCOL_NUMBERS: Final = {"IPIP": 4, "TCP": 6, "UDP": 17, "IPv6": 41, "SCTP": 132}
_ETHER_TYPES: Final = {4: 0x0800, 6: 0x86DD}
_FIN_SYN: Final[dict[Answer, int]] = {"": 0x02, "accepted": 0x12, "refused": 0x14}
_CLIENT_SEQ, _SERVER_SEQ = 1000, 2000
_WINDOW = 64240


@dataclass(frozen=True, slots=True)
class Link:
    """The two ends of a link by name; their MAC addresses are made of the names."""

    sender: str
    receiver: str


def mac_of(name: str) -> bytes:
    """A made-up MAC address of a device, always the same for its name: unicast, locally administered (IEEE 802)."""
    return b"\x02\x00" + struct.pack(">I", zlib.crc32(name.encode()))


def frame_bytes(header: Header, link: Link, answer: Answer = "") -> bytes:
    """An Ethernet frame with the packet of a header, without its outer one where a tunnel's bytes are not known."""
    packet = packet_bytes(header, answer)
    return mac_of(link.receiver) + mac_of(link.sender) + struct.pack(">H", _ETHER_TYPES[packet[0] >> 4]) + packet


def packet_bytes(header: Header, answer: Answer = "") -> bytes:
    """An IP packet of a header, the outer header first where it is wrapped."""
    inner = _ip(header.src, header.dst, header.ttl, *_transport(header, answer), identity=_identity(header))
    tunnel = tunnel_of(header.tunnel) if header.outer_dst and header.outer_src else None
    if tunnel is None:
        return inner
    if tunnel.kind == "IPIP":
        number = PROTOCOL_NUMBERS["IPIP" if inner[0] >> 4 == 4 else "IPv6"]
        return _ip(header.outer_src, header.outer_dst, 64, number, inner)
    wrapped = _tunnelled(tunnel, header, inner)
    return _ip(header.outer_src, header.outer_dst, 64, PROTOCOL_NUMBERS["UDP"], wrapped)


def _identity(header: Header) -> int:
    return zlib.crc32(f"{header.src}{header.sport}".encode()) & 0xFFFF


def _tunnelled(tunnel: Tunnel, header: Header, inner: bytes) -> bytes:
    """The outer UDP datagram: VXLAN (RFC 7348 section 5) or Geneve without options (RFC 8926 section 3.4)."""
    vni = (tunnel.vni or 0) << 8
    ether = _ETHER_TYPES[inner[0] >> 4]
    frame = (
        mac_of(f"{header.outer_dst} tunnel") + mac_of(f"{header.outer_src} tunnel") + struct.pack(">H", ether) + inner
    )
    flags = struct.pack(">BBH", 0x08, 0, 0) if tunnel.kind == "VXLAN" else struct.pack(">BBH", 0, 0, 0x6558)
    payload = flags + struct.pack(">I", vni) + frame
    # The source port is a hash of the inner flow, of the range that RFC 7348 recommends.
    sport = 49152 + zlib.crc32(header.text().encode()) % 16384
    head = struct.pack(">HHHH", sport, tunnel.port, 8 + len(payload), 0)
    if ip_address(header.outer_dst).version == 4:
        return head + payload  # Linux sends no checksum there, as RFC 7348 says it should
    number = checksum(
        _pseudo(header.outer_src, header.outer_dst, PROTOCOL_NUMBERS["UDP"], len(head + payload)) + head + payload
    )
    return head[:6] + struct.pack(">H", number or 0xFFFF) + payload


def _ip(src: str, dst: str, ttl: int, number: int, payload: bytes, identity: int = 0) -> bytes:
    """An IPv4 header (RFC 791) or IPv6 header (RFC 8200) before its payload."""
    source, target = ip_address(src).packed, ip_address(dst).packed
    if len(target) == 16:
        return struct.pack(">IHBB", 6 << 28, len(payload), number, ttl) + source + target + payload
    total = 20 + len(payload)
    head = struct.pack(">BBHHHBBH", 0x45, 0, total, identity, 0x4000, ttl, number, 0) + source + target
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def _transport(header: Header, answer: Answer) -> tuple[int, bytes]:
    number = PROTOCOL_NUMBERS.get(header.protocol, 0)
    if header.protocol == "SCTP":
        return number, _sctp(header, answer)
    if header.protocol not in ("TCP", "UDP"):
        return 59, b""  # "no next header": nothing is known of what follows
    if header.protocol == "TCP":
        sequence, acknowledged = _CLIENT_SEQ, 0
        if answer:
            sequence, acknowledged = (_SERVER_SEQ if answer == "accepted" else 0), _CLIENT_SEQ + 1
        window = 0 if answer == "refused" else _WINDOW
        body = struct.pack(
            ">HHIIBBHHH", header.sport, header.dport, sequence, acknowledged, 5 << 4, _FIN_SYN[answer], window, 0, 0
        )
        place = 16
    else:
        body = struct.pack(">HHHH", header.sport, header.dport, 8, 0)
        place = 6
    found = checksum(_pseudo(header.src, header.dst, number, len(body)) + body)
    if header.protocol == "UDP":
        found = found or 0xFFFF  # 0 would say that there is none (RFC 768)
    return number, body[:place] + struct.pack(">H", found) + body[place + 2 :]


def _sctp(header: Header, answer: Answer) -> bytes:
    """INIT, INIT ACK with a State Cookie, or ABORT (RFC 9260 section 3.3), with the CRC32c of its Appendix A."""
    tag, cookie = 0x01020304, struct.pack(">HHI", 7, 8, 0)
    if answer == "refused":
        chunk, verification = struct.pack(">BBH", 6, 0, 4), tag
    else:
        fields = struct.pack(">IIHHI", tag if not answer else tag + 1, 65535, 10, 10, _CLIENT_SEQ)
        rest = cookie if answer else b""
        chunk = struct.pack(">BBH", 2 if answer else 1, 0, 4 + len(fields) + len(rest)) + fields + rest
        verification = tag if answer else 0
    body = struct.pack(">HHII", header.sport, header.dport, verification, 0) + chunk
    return body[:8] + struct.pack("<I", crc32c(body)) + body[12:]


def _pseudo(src: str, dst: str, number: int, length: int) -> bytes:
    """The pseudo header that TCP and UDP sum up too (RFC 9293 section 3.1, RFC 8200 section 8.1)."""
    source, target = ip_address(src).packed, ip_address(dst).packed
    if len(target) == 16:
        return source + target + struct.pack(">IBBBB", length, 0, 0, 0, number)
    return source + target + struct.pack(">BBH", 0, number, length)


def checksum(data: bytes) -> int:
    """The Internet checksum: the one's complement of the one's complement sum of 16-bit words (RFC 1071)."""
    padded = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c(data: bytes) -> int:
    """The CRC32c of SCTP (RFC 9260, Appendix A), least significant bit first."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _bit in range(8):
            found = (found >> 1) ^ (0x82F63B78 if found & 1 else 0)
    return found ^ 0xFFFFFFFF
