"""Pictures as an animated GIF (GIF89a): one palette for all, LZW, only what changes from one picture to the next.

Written here because no library that the program uses writes GIF (Qt only reads it), and the format is one page.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: height × width × 3, red, green, blue."""

_BITS: Final = 5  # colours are told apart by so many bits of each part while the palette is chosen
_MOST_CODES: Final = 4096


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture and how long it stands, in milliseconds (GIF counts in hundredths of a second)."""

    pixels: Pixels
    milliseconds: int


def gif_bytes(frames: Sequence[Frame], *, loop: bool = True) -> bytes:
    """An animated GIF of pictures of one size. ValueError without a picture or for pictures of different sizes."""
    if not frames or any(frame.pixels.shape != frames[0].pixels.shape for frame in frames):
        raise ValueError("a GIF needs pictures of one size")
    height, width, _ = frames[0].pixels.shape
    palette, table = _palette([frame.pixels for frame in frames])
    out = [
        b"GIF89a",
        # A global table of 256 colours, 8 bits deep (flags 1 111 0 111).
        struct.pack("<HHBBB", width, height, 0xF7, 0, 0),
        palette.tobytes(),
    ]
    if loop:
        out.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", 0) + b"\0")
    before: NDArray[np.uint8] | None = None
    for frame in frames:
        indices = _indexed(frame.pixels, table)
        out.append(_image(indices, before, frame.milliseconds))
        before = indices
    return b"".join((*out, b"\x3b"))


def _bins(pixels: Pixels) -> NDArray[np.int64]:
    parts = (pixels >> (8 - _BITS)).astype(np.int64)
    found: NDArray[np.int64] = (parts[..., 0] << 2 * _BITS) | (parts[..., 1] << _BITS) | parts[..., 2]
    return found


def _palette(pictures: Sequence[Pixels]) -> tuple[Pixels, NDArray[np.uint8]]:
    """The 256 most frequent colours, and for each bin of colours the index of the nearest of them."""
    size = 1 << 3 * _BITS
    counts = np.zeros(size, dtype=np.int64)
    sums = np.zeros((size, 3), dtype=np.float64)
    for picture in pictures:
        bins = _bins(picture).ravel()
        counts += np.bincount(bins, minlength=size)
        flat = picture.reshape(-1, 3)
        for part in range(3):
            sums[:, part] += np.bincount(bins, weights=flat[:, part], minlength=size)
    used = np.flatnonzero(counts)
    chosen = used[np.argsort(-counts[used], kind="stable")][:256]
    colors = np.zeros((256, 3), dtype=np.uint8)
    colors[: len(chosen)] = np.rint(sums[chosen] / counts[chosen, None]).astype(np.uint8)
    table = np.zeros(size, dtype=np.uint8)
    means = sums[used] / counts[used, None]
    for start in range(0, len(used), 2048):
        some = means[start : start + 2048]
        away = ((some[:, None, :] - colors[None, : len(chosen), :]) ** 2).sum(axis=2)
        table[used[start : start + 2048]] = away.argmin(axis=1)
    return colors, table


def _indexed(pixels: Pixels, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = table[_bins(pixels)]
    return found


def _image(indices: NDArray[np.uint8], before: NDArray[np.uint8] | None, milliseconds: int) -> bytes:
    """A graphic control block and the part of a picture that differs from the one before."""
    top, left, bottom, right = 0, 0, *indices.shape
    if before is not None:
        rows, columns = np.nonzero(indices != before)
        # A picture that is like the one before still needs its time: one pixel of it.
        top, left, bottom, right = (
            (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1) if len(rows) else (0, 0, 1, 1)
        )
    part = indices[top:bottom, left:right]
    control = b"\x21\xf9\x04" + struct.pack("<BHB", 0x04, round(milliseconds / 10), 0) + b"\0"
    place = b"\x2c" + struct.pack("<HHHHB", left, top, part.shape[1], part.shape[0], 0)
    return control + place + b"\x08" + _blocks(lzw(part.tobytes()))


def _blocks(data: bytes) -> bytes:
    pieces = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes((len(piece),)) + piece for piece in pieces) + b"\0"


def lzw(data: bytes) -> bytes:
    """Bytes packed by GIF's LZW with 8 bits a pixel (GIF89a, Appendix F): codes of 9 to 12 bits, lowest bit first."""
    clear, end = 256, 257
    codes: dict[int, int] = {}
    out = bytearray()
    held, bits, width, following = clear, 9, 9, 258
    prefix = -1
    for byte in data:
        if prefix < 0:
            prefix = byte
            continue
        known = codes.get(prefix << 8 | byte)
        if known is not None:
            prefix = known
            continue
        held |= prefix << bits
        bits += width
        if following < _MOST_CODES:
            codes[prefix << 8 | byte] = following
            if following == 1 << width:
                width += 1
            following += 1
        else:
            held |= clear << bits
            bits += width
            codes.clear()
            width, following = 9, 258
        prefix = byte
        while bits >= 8:
            out.append(held & 0xFF)
            held >>= 8
            bits -= 8
    if prefix >= 0:
        held |= prefix << bits
        bits += width
        if following == 1 << width and width < 12:
            width += 1
    held |= end << bits
    bits += width
    while bits > 0:
        out.append(held & 0xFF)
        held >>= 8
        bits -= 8
    return bytes(out)
