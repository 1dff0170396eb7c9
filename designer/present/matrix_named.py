"""Who reaches a workload, or whom it reaches, from the matrix: each with its ports and the rules that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.reach import INGRESS_CONTROLLER
from designer.present.matrix_axis import AxisNode
from designer.present.matrix_evidence import EndEvidence, PairEvidence, pair_evidence, way_evidence
from designer.present.matrix_request import declared_ports
from designer.present.matrix_table import ALL, SOME, SOME_UNKNOWN, UNKNOWN, MatrixTable
from designer.present.matrix_words import ports_words
from designer.present.words import count_text

# So many are told one by one, with their rules.
MOST_TOLD = 60
OUTSIDE_WORDS = {"anywhere": "any address outside", INGRESS_CONTROLLER: INGRESS_CONTROLLER}
OPEN, DOUBTED = (ALL, SOME, SOME_UNKNOWN), (UNKNOWN, SOME_UNKNOWN)


@dataclass(frozen=True, slots=True)
class NamedPair:
    """One of the others: the two entries of its cell, who and on which ports, and which rules decide."""

    source: int
    target: int
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """Everybody who reaches one entry (`across`), or whom it reaches: title, sentences, open and doubted pairs."""

    title: str
    sentences: tuple[str, ...]
    pairs: tuple[NamedPair, ...]


def named_answer(table: MatrixTable, entry: int, *, across: bool) -> NamedAnswer:
    """Who reaches an entry (`across`: it is a column), or whom it reaches; by the check that a trace asks."""
    one = table.entries[entry]
    shown = one.shown if one.is_workload else OUTSIDE_WORDS.get(one.shown, f"{one.shown} outside")
    others = [other for other in _others(table, entry, across=across) if _asked(table, entry, other)]
    codes = {other: _code(table, entry, other, across=across) for other in others}
    told = [other for other in others if codes[other] in (*OPEN, UNKNOWN)]
    opened = sum(codes[other] in OPEN for other in others)
    unsure = sum(codes[other] in DOUBTED for other in others)
    who = "can reach it" if across else "can be reached"
    first = f"{opened} of {len(others)} {who}."
    if unsure:
        first += f" About {unsure} it cannot be told, or not for all ports."
    more = len(told) - MOST_TOLD
    rest = (f"These are the first {MOST_TOLD}; {count_text(more, 'other')} are in the cells.",) if more > 0 else ()
    pairs = tuple(_pair(table, entry, other, across=across) for other in told[:MOST_TOLD])
    title = f"Who can reach {shown}" if across else f"Whom {shown} can reach"
    return NamedAnswer(title, (first, *rest), pairs)


def _others(table: MatrixTable, entry: int, *, across: bool) -> Iterator[int]:
    # The Ingress controller stands behind the peers: nothing arrives there.
    yield from (n for n in range(len(table.entries) if across else table.size) if n != entry)


def _asked(table: MatrixTable, entry: int, other: int) -> bool:
    one, two = table.entries[entry], table.entries[other]
    return one.is_workload or two.is_workload


def _code(table: MatrixTable, entry: int, other: int, *, across: bool) -> int:
    source, target = (other, entry) if across else (entry, other)
    return int(table.codes(source)[target])


def _pair(table: MatrixTable, entry: int, other: int, *, across: bool) -> NamedPair:
    source, target = (other, entry) if across else (entry, other)
    row, column = _node(table, source), _node(table, target)
    words = f"{table.entries[other].shown}: {ports_words(table, row, column)}"
    return NamedPair(source, target, words, "\n".join(_rules(table, row, column)))


def _node(table: MatrixTable, entry: int) -> AxisNode:
    return AxisNode("", "peer", "", table.entries[entry].shown, 0, entry)


def _rules(table: MatrixTable, row: AxisNode, column: AxisNode) -> Iterator[str]:
    """What decides about what is open at each end; where that cannot be told, what stands in the way of telling."""
    source, target = table.end(row), table.end(column)
    if target is None:
        return
    with table.lock:
        found: list[PairEvidence] = (
            list(way_evidence(table.found, target))
            if source is None
            else list(pair_evidence(table.found, source, target, declared_ports(target)))
        )
    telling = [one for one in found if one.value != "denied" and one.ports & table.wanted]
    seen: dict[str, None] = {}
    for one in telling:
        for end in one.ends:
            seen[_rule(end)] = None
    yield from seen


def _rule(end: EndEvidence) -> str:
    side = end.direction.capitalize()
    decided = end.decided
    if decided is None:
        return f"{side}: {end.sentence}"
    place = f", {decided.place}" if decided.place else ""
    return f"{side}: {decided.name}, {decided.path}{place}"
