"""A cell of the matrix in words, for tooltips, screen readers and the page beside it."""

from __future__ import annotations

from designer.engine.policy.ports import ALL_PORTS
from designer.present.matrix_axis import AxisNode
from designer.present.matrix_table import VALUES, MatrixTable, Tally
from designer.present.words import count_text

VALUE_WORDS = {
    "all": "open on every port",
    "some": "open on some ports",
    "none": "closed",
    "cannot-tell": "cannot tell",
    "some-cannot-tell": "open on some ports; about others nobody can tell",
    "same": "not asked",
}


def pair_title(row: AxisNode, column: AxisNode) -> str:
    """``shop/web → shop/cart``."""
    return f"{row.text} → {column.text}"


def ports_words(table: MatrixTable, row: AxisNode, column: AxisNode) -> str:
    """The open ports of a cell of workloads, ranges or Pods, as far as a person asked for them; what cannot be told."""
    if table.is_same(row, column):
        return VALUE_WORDS["same"]
    opened = table.ports(row, column) & table.wanted
    unclear = table.unclear(row, column) & table.wanted
    words = opened.text() if opened else "" if unclear else "closed"
    if table.wanted != ALL_PORTS and opened == table.wanted:
        words = f"{opened.text()}: open"
    if unclear:
        words = f"{words}; cannot tell: {unclear.text()}".lstrip("; ")
    return words


def tally_words(tally: Tally) -> str:
    """``7 of 12 pairs of workloads are open: 5 on every port, 2 on some. 1 cannot be told.``"""
    if not tally.pairs:
        return "Nothing is asked here: there is no pair of two."
    opened = tally.everything + tally.some
    words = f"{opened} of {count_text(tally.pairs, 'pair')} {'is' if opened == 1 else 'are'} open"
    if opened:
        words += f": {tally.everything} on every port, {tally.some} on some"
    return words + (f". {tally.unknown} cannot be told." if tally.unknown else ".")


def cell_words(table: MatrixTable, row: AxisNode, column: AxisNode, code: int) -> str:
    """A cell in a sentence: ``shop/web → shop/cart: TCP 7070``."""
    if row.level == "group" or column.level == "group":
        said = tally_words(table.tally(row, column)).rstrip(".")
    elif VALUES[code] == "same":
        said = VALUE_WORDS["same"]
    else:
        said = ports_words(table, row, column)
    return f"{pair_title(row, column)}: {said}"
