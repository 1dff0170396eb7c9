"""A node's rule text as rows: each line with its table and chain, so that a hit can be found and lit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of the text. `index` is the 0-based position of a rule in its chain, -1 for every other line.

    `sign` tells a line that came (``+``) or went (``-``) between two texts.
    """

    number: int
    text: str
    family: str = ""
    table: str = ""
    chain: str = ""
    index: int = -1
    sign: str = ""


def table_lines(text: str) -> tuple[TableLine, ...]:
    """The lines of a text with ``#### IPv4`` and ``#### IPv6`` sections; chains are told in its iptables tables."""
    lines: list[TableLine] = []
    family, table = "", ""
    counts: dict[tuple[str, str, str], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("#### "):
            family, table, counts = line[5:].strip(), "", {}
        elif line.startswith("*"):
            table = line[1:].strip()
        chain, index = "", -1
        if table and line.startswith("-A "):  # ipvsadm writes virtual servers with -A too, before any table
            chain = line.split(" ", 2)[1]
            index = counts.get((family, table, chain), 0)
            counts[family, table, chain] = index + 1
        elif table and line.startswith(":"):
            chain = line[1:].split(" ", 1)[0]
        lines.append(TableLine(number, line, family, table, chain, index))
    return tuple(lines)


def lowered_texts(lines: Iterable[TableLine]) -> tuple[str, ...]:
    """The texts of lines in lower case, to be kept for further searches in very many lines."""
    return tuple(line.text.lower() for line in lines)


def matching_lines(
    lines: Sequence[TableLine], needle: str, lowered: Sequence[str] | None = None
) -> tuple[TableLine, ...]:
    """The lines that hold every word of `needle`, upper and lower case alike; all of them for an empty needle.

    `lowered` are their texts in lower case, where they are known already.
    """
    places: Iterable[int] = range(len(lines))
    texts = lowered_texts(lines) if lowered is None else lowered
    for word in needle.lower().split():
        places = [place for place in places if word in texts[place]]
    return tuple(lines[place] for place in places)


def lines_of_hits(lines: Iterable[TableLine], family: str, hits: Iterable[tuple[str, str, int]]) -> tuple[int, ...]:
    """Line numbers of rules that were hit, given as (table, chain, index) of `family` (``IPv4`` or ``IPv6``)."""
    wanted = set(hits)
    return tuple(
        line.number
        for line in lines
        if line.family == family and line.index >= 0 and (line.table, line.chain, line.index) in wanted
    )
