"""The rows and sections in which the Inspector shows what the engine made of an object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComputedRow:
    """One row: `main` in the data typeface, `rest` beside it, the object that it leads to, "" for none.

    `mood` is "", "warning" or "error".
    """

    main: str
    rest: str = ""
    oid: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class ComputedSection:
    """Rows under a title; `more` counts the rows that were left out."""

    title: str
    rows: tuple[ComputedRow, ...]
    more: int = 0


Rows = list[ComputedRow]
Sections = list[tuple[str, Rows]]
