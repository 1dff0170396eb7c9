"""The import report: what was read, folded, set, assumed, kept and skipped, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EntryKind = Literal["read", "folded", "set", "assumed", "kept", "skipped"]
ENTRY_KINDS: tuple[EntryKind, ...] = ("read", "folded", "set", "assumed", "kept", "skipped")


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """One line of the report.

    read: an object that the program works with. folded: an object that became part of another one (a Pod of its
    Deployment). set: a cluster setting that the input gave. assumed: something that the input did not say. kept: an
    object that the program does not work with but writes back. skipped: something that it does not take at all.
    """

    kind: EntryKind
    text: str
    object: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All entries, in the order in which they came up."""

    entries: tuple[ReportEntry, ...] = ()

    def of(self, kind: EntryKind) -> tuple[ReportEntry, ...]:
        """The entries of one kind."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    def counts(self) -> dict[str, int]:
        """How many entries each kind has, kinds in their fixed order, without those that have none."""
        found = {kind: len(self.of(kind)) for kind in ENTRY_KINDS}
        return {kind: count for kind, count in found.items() if count}

    def objects(self) -> dict[str, int]:
        """How many objects of each kind were read, by kind name, sorted."""
        found: dict[str, int] = {}
        for entry in self.of("read"):
            kind = entry.object.partition(":")[0]
            found[kind] = found.get(kind, 0) + 1
        return dict(sorted(found.items()))
