"""Who can reach whom as text, CSV, Markdown and JSON, in pieces, so that a big answer need not fit in memory.

Lines stand in the order of their sources; what Ingress controllers reach comes last.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import orjson

from designer.engine.policy.matrix import Connectivity
from designer.engine.policy.ports import PortSet
from designer.engine.reach import INGRESS_CONTROLLER, Explanation, Exposure, Reach
from designer.present.connectivity_why import (
    cell,
    explained_csv,
    explained_json,
    explained_markdown,
    explained_text,
    exposed_json,
    exposed_markdown,
    exposed_text,
    ports_value,
)

CSV_HEADER = ("source", "destination", "protocol", "from", "to")
NOBODY = "No workload can reach another."


def connectivity_text(
    found: Reach, why: Iterator[Explanation] | None = None, exposure: Iterator[Exposure] | None = None
) -> Iterator[str]:
    """One line a pair, ``source => destination : ports``; notes on what is left open come first."""
    for note in found.notes:
        yield f"# {note}\n"
    empty = True
    for chunk in _pairs(found, lambda src, dst, ports: f"{src} => {dst} : {ports.text()}\n"):
        empty = False
        yield chunk
    if empty:
        yield f"{NOBODY}\n"
    if why is not None:
        yield from explained_text(why)
    if exposure is not None:
        yield from exposed_text(exposure)


def connectivity_csv(found: Reach) -> Iterator[str]:
    """The pairs as CSV, one line for each range of ports of a protocol."""
    yield _csv([CSV_HEADER])

    @cache
    def field(text: str) -> str:
        return _csv([(text,)])[:-1]

    @cache
    def intervals(ports: PortSet) -> tuple[str, ...]:
        return tuple(f"{protocol},{low},{high}\n" for protocol, low, high in ports)

    def lines(src: str, dst: str, ports: PortSet) -> str:
        head = f"{field(src)},{field(dst)},"
        return "".join([head + interval for interval in intervals(ports)])

    yield from _pairs(found, lines)


def matrix_csv(matrix: Connectivity) -> str:
    """The pairs of a matrix alone as CSV, without what Ingress controllers do."""
    rows = [
        (line.src.text, line.dst.text, protocol, low, high)
        for line in matrix.connections()
        for protocol, low, high in line.ports
    ]
    return _csv([CSV_HEADER, *rows])


def connectivity_markdown(
    found: Reach, why: Iterator[Explanation] | None = None, exposure: Iterator[Exposure] | None = None
) -> Iterator[str]:
    """A table for a review; notes come first."""
    for note in found.notes:
        yield f"> {note}\n"
    if found.notes:
        yield "\n"
    yield "| source | destination | ports |\n|---|---|---|\n"
    yield from _pairs(found, lambda src, dst, ports: f"| {cell(src)} | {cell(dst)} | {ports.text()} |\n")
    if why is not None:
        yield from explained_markdown(why)
    if exposure is not None:
        yield from exposed_markdown(exposure)


def connectivity_json(
    found: Reach, why: Iterator[Explanation] | None = None, exposure: Iterator[Exposure] | None = None
) -> Iterator[str]:
    """One JSON object, a line each entry; see ``resources/schemas/connectivity.schema.json``."""

    @cache
    def ports_json(ports: PortSet) -> str:
        return orjson.dumps(ports_value(ports)).decode()

    @cache
    def quoted(text: str) -> str:
        return orjson.dumps(text).decode()

    def line(src: str, dst: str, ports: PortSet) -> str:
        return f'  {{"src":{quoted(src)},"dst":{quoted(dst)},"ports":{ports_json(ports)}}},\n'

    yield '{"connections": [\n'
    yield from _without_last_comma(_pairs(found, line))
    yield "]"
    if why is not None:
        yield ',\n"explanations": [\n'
        yield from _without_last_comma(f"  {_dumped(explained_json(one))},\n" for one in why)
        yield "]"
    if exposure is not None:
        yield ',\n"exposure": [\n'
        yield from _without_last_comma(f"  {_dumped(exposed_json(one))},\n" for one in exposure)
        yield "]"
    yield "}\n"


def explanations_csv(why: Iterator[Explanation]) -> Iterator[str]:
    """The explanations as CSV, allowed and denied alike."""
    for rows in explained_csv(why):
        yield _csv(rows)


def _pairs(found: Reach, line: Callable[[str, str, PortSet], str]) -> Iterator[str]:
    """The lines of each source at once."""
    texts = [peer.text for peer in found.matrix.peers]
    sets: dict[int, PortSet] = {}
    table = found.matrix.table
    for src, positions, numbers in found.rows():
        for number in set(numbers) - sets.keys():
            sets[number] = table[number]
        name = src.text
        yield "".join([line(name, texts[at], sets[number]) for at, number in zip(positions, numbers, strict=True)])
    for dst, ports in found.ingress_lines():
        yield line(INGRESS_CONTROLLER, dst.text, ports)


def _without_last_comma(chunks: Iterator[str]) -> Iterator[str]:
    """Chunks of lines that each end in a comma, but the last."""
    before = ""
    for chunk in chunks:
        if before:
            yield before
        before = chunk
    if before:
        yield before[:-2] + "\n"


def _dumped(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _csv(rows: list[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
