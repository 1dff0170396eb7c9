"""The journal's records on disk: length, checksum, payload; what a crash cut off is told from what is whole."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

MAGIC = b"CNDJ1\n"
_HEAD = struct.Struct("<II")
# No record is larger than a project file may be.
_MAX_PAYLOAD = 1 << 30


def framed(payload: bytes) -> bytes:
    """A record: length and CRC-32 of the payload, both little-endian 32-bit, then the payload."""
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def records(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The whole records of a journal in order, each with the offset after it; ends at the first that is not whole."""
    if not data.startswith(MAGIC):
        return
    at = len(MAGIC)
    while at + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, at)
        end = at + _HEAD.size + length
        if length > _MAX_PAYLOAD or end > len(data):
            return
        payload = data[at + _HEAD.size : end]
        if zlib.crc32(payload) != checksum:
            return
        yield payload, end
        at = end
