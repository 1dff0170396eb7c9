"""What a run of the lab found: as values, as plain data, as text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from designer.lab.compare import Row
from designer.lab.probes import Probe
from designer.lab.sequences import SequenceRow
from designer.model import VERIFIED_SIGNS, VERIFIED_WORDS

# So many rows that are not testable are listed one by one before the rest is only counted.
MANY = 20


@dataclass(frozen=True, slots=True)
class LabReport:
    """The result. `rows` are the probes, `sequences` the traced connections; `abilities` and `left_out` are sentences.

    `connections` counts what was sent, repetitions of random choices included. `probes` are what the rows are about, in
    their order; `answered` are the ids of what answered each of them.
    """

    mode: str
    scope: str
    rows: tuple[Row, ...]
    sequences: tuple[SequenceRow, ...]
    connections: int
    abilities: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    answered: tuple[tuple[str, ...], ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything observed is not what was predicted."""
        statuses = (*(row.status for row in self.rows), *(row.status for row in self.sequences))
        return "different" in statuses

    def count(self, status: str) -> int:
        """How many probes have a status."""
        return sum(row.status == status for row in self.rows)

    def data(self) -> dict[str, Any]:
        """Everything as data for JSON."""
        return {
            "mode": self.mode,
            "scope": self.scope,
            "differs": self.differs,
            "counts": {status: self.count(status) for status in VERIFIED_WORDS},
            "connections": self.connections,
            "rows": [asdict(row) for row in self.rows],
            "sequences": [asdict(row) for row in self.sequences],
            "abilities": list(self.abilities),
            "leftOut": list(self.left_out),
        }

    def text(self) -> str:
        """A page for a person: differences first, then what was not testable and why, then the counts."""
        lines: list[str] = []
        for row in self.rows:
            if row.status == "different":
                lines += [*_head(row), f"  {row.why}", *_both(row)]
        for one in self.sequences:
            if one.status == "different":
                lines += [f"✕ rules of {one.source} → {one.destination}", f"  {one.why}", *_both(one)]
        open_rows = [row for row in self.rows if row.status == "not-testable"]
        for row in open_rows[:MANY]:
            lines += [*_head(row), f"  {row.why}"]
        if len(open_rows) > MANY:
            lines.append(f"– {len(open_rows) - MANY} more are not testable here.")
        lines += [f"– {said}" for said in self.left_out]
        counted = ", ".join(f"{self.count(status)} {word}" for status, word in VERIFIED_WORDS.items())
        lines.append(
            f"{len(self.rows)} requests in {self.mode} mode: {counted}; {self.connections} connections were sent."
        )
        if self.sequences:
            same = sum(one.status == "confirmed" for one in self.sequences)
            lines.append(
                f"Rules that the kernel hit, compared step by step: {same} of {len(self.sequences)} are equal."
            )
        tested = self.differs or self.count("confirmed")
        lines.append("Something differs." if self.differs else "Nothing differs." if tested else "Nothing was tested.")
        return "\n".join(lines)


def _head(row: Row) -> list[str]:
    return [f"{VERIFIED_SIGNS[row.status]} {row.source} → {row.destination}/{row.protocol}"]


def _both(row: Row | SequenceRow) -> list[str]:
    told = [f"    predicted  {line}" for line in row.predicted or ("nothing",)]
    return [*told, *(f"    observed   {line}" for line in row.observed or ("nothing",))]
