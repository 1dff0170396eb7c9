"""Who can reach whom as text, CSV, Markdown and JSON, in pieces, so that a big answer need not fit in memory.

Lines stand in the order of their sources; what Ingress controllers reach comes last.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.engine.reach import INGRESS_CONTROLLER, Explanation, Exposure, Reach, undecided
from designer.present.connectivity_undecided import undecided_json, undecided_markdown, undecided_text
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
NOBODY = "No workload can reach another"


@dataclass(frozen=True, slots=True)
class Form:
    """How a line is written: its beginning by the source, then the destination, then endings by the ports."""

    source: Callable[[str], str]
    destination: Callable[[str], str]
    ports: Callable[[PortSet], tuple[str, ...]]


def connectivity_text(
    found: Reach, why: Iterator[Explanation] | None = None, exposure: Iterator[Exposure] | None = None
) -> Iterator[str]:
    """One line a pair, ``source => destination : ports``, then what cannot be told; notes come first."""
    for note in found.notes:
        yield f"# {note}\n"
    empty = True
    form = Form(lambda src: f"{src} => ", str, lambda ports: (f" : {ports.text()}\n",))
    for chunk in _pairs(found, form):
        empty = False
        yield chunk
    if empty:
        yield f"{NOBODY}{'' if found.matrix.decided else ' for sure'}.\n"
    yield from undecided_text(undecided(found))
    if why is not None:
        yield from explained_text(why)
    if exposure is not None:
        yield from exposed_text(exposure)


def connectivity_csv(found: Reach, wanted: PortSet = ALL_PORTS) -> Iterator[str]:
    """The pairs as CSV, one line for each range of ports of a protocol; of `wanted` ports alone."""
    yield _csv([CSV_HEADER])

    def field(text: str) -> str:
        return f"{_csv([(text,)])[:-1]},"

    form = Form(field, field, lambda ports: tuple(f"{p},{low},{high}\n" for p, low, high in ports))
    yield from _pairs(found, form, wanted)


def connectivity_markdown(
    found: Reach,
    why: Iterator[Explanation] | None = None,
    exposure: Iterator[Exposure] | None = None,
    wanted: PortSet = ALL_PORTS,
) -> Iterator[str]:
    """A table for a review; notes come first. Its lines are about `wanted` ports alone."""
    notes = (*found.notes, *((f"Only {wanted.text()}.",) if wanted != ALL_PORTS else ()))
    for note in notes:
        yield f"> {note}\n"
    if notes:
        yield "\n"
    yield "| source | destination | ports |\n|---|---|---|\n"
    form = Form(lambda src: f"| {cell(src)} | ", lambda dst: f"{cell(dst)} | ", lambda ports: (f"{ports.text()} |\n",))
    yield from _pairs(found, form, wanted)
    unsure = ((one, one.ports & wanted) for one in undecided(found))
    yield from undecided_markdown(replace(one, ports=ports) for one, ports in unsure if ports)
    if why is not None:
        yield from explained_markdown(why)
    if exposure is not None:
        yield from exposed_markdown(exposure)


def connectivity_json(
    found: Reach, why: Iterator[Explanation] | None = None, exposure: Iterator[Exposure] | None = None
) -> Iterator[str]:
    """One JSON object, a line each entry; see ``resources/schemas/connectivity.schema.json``.

    What cannot be told stands under ``undecided`` with its reason, and nowhere else.
    """

    form = Form(
        lambda src: f'  {{"src":{_quoted(src)},"dst":',
        lambda dst: f'{_quoted(dst)},"ports":',
        lambda ports: (f"{orjson.dumps(ports_value(ports)).decode()}}},\n",),
    )
    yield '{"connections": [\n'
    yield from _without_last_comma(_pairs(found, form))
    yield "]"
    yield from _part("undecided", (_dumped(undecided_json(one)) for one in undecided(found)), always=False)
    if why is not None:
        told = (explained_json(one) for one in why if one.allowed is not None)
        yield from _part("explanations", map(_dumped, told))
    if exposure is not None:
        yield from _part("exposure", (_dumped(exposed_json(one)) for one in exposure))
    yield "}\n"


def _part(name: str, entries: Iterator[str], always: bool = True) -> Iterator[str]:
    """A further list of the object; nothing for an empty one unless it is `always` there."""
    lines = _without_last_comma(f"  {entry},\n" for entry in entries)
    first = next(lines, None)
    if first is not None or always:
        yield f',\n"{name}": [\n{first or ""}'
        yield from lines
        yield "]"


def explanations_csv(why: Iterator[Explanation]) -> Iterator[str]:
    """The explanations as CSV, allowed and denied alike."""
    for rows in explained_csv(why):
        yield _csv(rows)


def _pairs(found: Reach, form: Form, wanted: PortSet = ALL_PORTS) -> Iterator[str]:
    """The lines of each source at once: they begin alike, so that only what follows is put together for each."""
    pieces = [form.destination(peer.text) for peer in found.matrix.peers]
    ends: dict[int, tuple[str, ...]] = {}
    for src, positions, numbers in found.rows():
        for number in set(numbers) - ends.keys():
            ends[number] = _ends(found.matrix.table[number], form, wanted)
        head = form.source(src.text)
        lines = [pieces[at] + end for at, number in zip(positions, numbers, strict=True) for end in ends[number]]
        if lines:
            yield head + head.join(lines)
    head = form.source(INGRESS_CONTROLLER)
    for dst, ports in found.ingress_lines():
        if lines := [head + form.destination(dst.text) + end for end in _ends(ports, form, wanted)]:
            yield "".join(lines)


def _ends(ports: PortSet, form: Form, wanted: PortSet) -> tuple[str, ...]:
    """The endings of a line with these ports; none where no wanted one is among them."""
    if wanted != ALL_PORTS:
        ports = ports & wanted
    return form.ports(ports) if ports else ()


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


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
