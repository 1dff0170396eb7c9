"""Animated GIF, read back by a decoder written from the specification (GIF89a), and by Qt's."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImageReader

from designer.present.gif import Frame, gif_bytes, lzw


def unpack(data: bytes) -> bytes:
    """The bytes behind an LZW stream of 8 bits a pixel: GIF89a, Appendix F, read code by code."""
    stream = int.from_bytes(data, "little")
    place, width = 0, 9
    table: list[bytes] = []
    before = b""
    out = bytearray()
    while True:
        assert place + width <= len(data) * 8, "the stream ends without its end code"
        code = stream >> place & (1 << width) - 1
        place += width
        if code == 256:
            table, width, before = [bytes((at,)) for at in range(256)] + [b"", b""], 9, b""
        elif code == 257:
            assert stream >> place < 256 and len(data) * 8 - place < 8, "bytes behind the end code"
            return bytes(out)
        else:
            assert table, "a stream begins with a clear code"
            word = table[code] if code < len(table) else before + before[:1]
            assert code <= len(table)
            out += word
            if before and len(table) < 4096:
                table.append(before + word[:1])
            if len(table) == 1 << width and width < 12:
                width += 1
            before = word


def frames_of(data: bytes) -> tuple[tuple[int, int], list[tuple[NDArray[np.uint8], int]]]:
    """Size and pictures with their times in hundredths of a second, drawn one over the other."""
    assert data[:6] == b"GIF89a" and data[-1:] == b"\x3b"
    width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    assert data[10] == 0xF7
    palette = np.frombuffer(data[13 : 13 + 768], dtype=np.uint8).reshape(256, 3)
    canvas = np.zeros((height, width), dtype=np.uint8)
    place, time = 13 + 768, 0
    found = []
    while data[place] != 0x3B:
        if data[place] == 0x21:
            if data[place + 1] == 0xF9:
                assert data[place + 2] == 4 and data[place + 7] == 0
                time = int.from_bytes(data[place + 4 : place + 6], "little")
            place += 2
            while data[place]:
                place += 1 + data[place]
            place += 1
            continue
        assert data[place] == 0x2C and data[place + 9] == 0 and data[place + 10] == 8
        left, top, wide, high = (int.from_bytes(data[place + at : place + at + 2], "little") for at in (1, 3, 5, 7))
        place += 11
        packed = bytearray()
        while data[place]:
            packed += data[place + 1 : place + 1 + data[place]]
            place += 1 + data[place]
        place += 1
        part = np.frombuffer(unpack(bytes(packed)), dtype=np.uint8).reshape(high, wide)
        assert top + high <= height and left + wide <= width
        canvas[top : top + high, left : left + wide] = part
        found.append((palette[canvas].copy(), time))
    return (width, height), found


@given(st.binary(max_size=3000))
def test_lzw_reads_back(data: bytes) -> None:
    assert unpack(lzw(data)) == data


@pytest.mark.parametrize("kinds", [1, 2, 7, 256])
def test_lzw_reads_back_beyond_its_last_code(kinds: int) -> None:
    # More than 4096 codes, so that the table is begun anew.
    data = bytes(random.Random(kinds).randrange(kinds) for _ in range(40_000))
    assert unpack(lzw(data)) == data


def test_few_colours_come_back_exactly() -> None:
    first = np.zeros((12, 20, 3), dtype=np.uint8)
    first[2:5, 3:9] = (200, 30, 90)
    second = first.copy()
    second[6, 7] = (0, 121, 90)
    size, found = frames_of(gif_bytes([Frame(first, 500), Frame(second, 80), Frame(second, 2000)]))
    assert size == (20, 12)
    assert [time for _picture, time in found] == [50, 8, 200]
    for (picture, _time), wanted in zip(found, (first, second, second), strict=True):
        assert np.array_equal(picture, wanted)


def test_many_colours_come_near() -> None:
    # A gradient of 4096 colours in 256: none is further off than the cells of such a palette are wide.
    ramp = np.arange(64, dtype=np.uint8) * 4
    picture = np.stack(
        [np.broadcast_to(ramp, (64, 64)), np.broadcast_to(ramp[:, None], (64, 64)), np.full((64, 64), 80, np.uint8)],
        axis=2,
    )
    _size, ((found, _time),) = frames_of(gif_bytes([Frame(picture, 100)]))
    away = np.abs(found.astype(int) - picture.astype(int))
    assert away.mean() < 40


def test_qt_reads_it_too() -> None:
    if b"gif" not in [bytes(each.data()) for each in QImageReader.supportedImageFormats()]:
        pytest.skip("this Qt has no GIF reader")
    pictures = [np.full((9, 11, 3), shade, dtype=np.uint8) for shade in (10, 120, 250)]
    buffer = QBuffer()
    buffer.setData(QByteArray(gif_bytes([Frame(each, 300) for each in pictures])))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    assert reader.imageCount() == 3 and reader.loopCount() == -1
    for shade in (10, 120, 250):
        image = reader.read()
        assert (image.width(), image.height()) == (11, 9)
        assert image.pixelColor(5, 5).getRgb() == (shade, shade, shade, 255)
        assert reader.nextImageDelay() == 300


def test_pictures_of_other_sizes_are_refused() -> None:
    small, large = np.zeros((2, 2, 3), np.uint8), np.zeros((3, 3, 3), np.uint8)
    with pytest.raises(ValueError, match="one size"):
        gif_bytes([Frame(small, 10), Frame(large, 10)])
    with pytest.raises(ValueError, match="one size"):
        gif_bytes([])
