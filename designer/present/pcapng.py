"""A trace as a pcapng file (draft-ietf-opsawg-pcapng): one interface block a device, one packet block a capture."""

from __future__ import annotations

import struct
from typing import Final

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Path, TraceResult
from designer.present.captures import Capture, captures
from designer.present.packet_bytes import frame_bytes, packet_bytes

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_MAGIC: Final = 0x1A2B3C4D
_LINK_ETHERNET, _LINK_RAW = 1, 101
_COMMENT, _APPLICATION, _NAME, _END = 1, 4, 2, 0
# The packets stand so far apart, in microseconds: the clock of a simulation has no other meaning than their order.
STEP_US: Final = 1000
_SAID: Final = (
    "Simulated, not captured: the first packet of each connection and of its answer, as each device would see it. "
    "Times are hop numbers in milliseconds. Made up: MAC addresses, sequence numbers, source ports and unknown VNIs of "
    "tunnels."
)


def trace_pcapng(result: TraceResult, state: ClusterState, way: int = 0) -> bytes:
    """The packets of one way of a trace (0: the likeliest) as a pcapng file that Wireshark opens."""
    paths = result.trace.paths()
    path = paths[way if 0 <= way < len(paths) else 0]
    found = captures(path, state)
    devices = tuple(dict.fromkeys(each.device for each in found))
    raw = {each.device: each.raw for each in found}
    blocks = [_section(f"{_asked(result, path)} {_SAID}")]
    blocks += [_interface(device, raw[device]) for device in devices]
    blocks += [_packet(each, devices.index(each.device)) for each in found]
    return b"".join(blocks)


def _asked(result: TraceResult, path: Path) -> str:
    request = result.request
    return f"{request.source} asks for {request.destination}: {path.verdict}. {path.reason}"


def _section(comment: str) -> bytes:
    options = _option(_COMMENT, comment) + _option(_APPLICATION, "Cluster Network Designer") + _option(_END, "")
    return _block(_SECTION, struct.pack("<IHHq", _MAGIC, 1, 0, -1) + options)


def _interface(device: str, raw: bool) -> bytes:
    link = _LINK_RAW if raw else _LINK_ETHERNET
    return _block(_INTERFACE, struct.pack("<HHI", link, 0, 0) + _option(_NAME, device) + _option(_END, ""))


def _packet(capture: Capture, interface: int) -> bytes:
    if capture.raw:
        data = packet_bytes(capture.header, capture.answer)
    else:
        data = frame_bytes(capture.header, capture.link, capture.answer)
    time = (capture.hop + 1) * STEP_US
    head = struct.pack("<IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(data), len(data))
    return _block(_PACKET, head + _padded(data) + _option(_COMMENT, capture.text) + _option(_END, ""))


def _block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _option(code: int, text: str) -> bytes:
    value = text.encode()[:65000]
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
