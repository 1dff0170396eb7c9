"""The rules of a Node as CSV: one line a line of the text, with what it belongs to."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable

from designer.present.rule_rows import chain_of
from designer.present.table_rows import TableLine

TITLES = ("line", "family", "table", "chain", "number in chain", "text")


def rules_csv(lines: Iterable[TableLine]) -> str:
    """Lines under a line of titles (RFC 4180), empty ones left out; rules are numbered from 1 within their chain."""
    steps = rules_csv_steps(lines)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return str(done.value)


def rules_csv_steps(lines: Iterable[TableLine]) -> Generator[None, None, str]:
    """The text of `rules_csv`, with a pause after each thousand lines: whoever waits may look round, or stop."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TITLES)
    for number, line in enumerate(lines, 1):
        if line.text:
            place = line.index + 1 if line.index >= 0 else ""
            writer.writerow((line.number or "", line.family, line.table, chain_of(line), place, line.text))
        if number % 1000 == 0:
            yield
    return text.getvalue()
