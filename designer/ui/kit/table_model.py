"""A read-only table over plain row tuples that sorts and filters itself, fast enough for 100,000 rows.

The rows stay where they are; only a list of their places is sorted and filtered. A proxy model would ask this one for
every cell through Qt, which costs seconds at that size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from designer.ui.kit import verdict_names
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.theme import current_theme

Row = tuple[Any, ...]
AnyIndex = QModelIndex | QPersistentModelIndex

NOTHING: Final = "—"
"""What a cell shows when there is no value."""

_ALIGN: Final = {
    "left": Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
    "right": Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
    "center": Qt.AlignmentFlag.AlignCenter,
}
_DIGITS: Final = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Column:
    """How one place of the row tuples is shown.

    `align` is left, right or center; `mono` uses the data typeface; `verdict` draws a verdict's shape before its
    words (the value is then a verdict name). `middle` leaves out the middle of words that have no room, not their end:
    for what differs at the end, such as URLs. `color` gives the token for a row's words in this column, or None.
    `words` makes the words of a value that is no text, as a delegate draws it: so it is searched, copied, exported.
    `sort_key` turns a value into what it is sorted by; without it digits sort as numbers (10.0.0.9 before 10.0.0.10).
    """

    title: str
    width: int = 120
    mono: bool = False
    align: str = "left"
    tooltip: str = ""
    stretch: bool = False
    verdict: bool = False
    middle: bool = False
    color: Callable[[Row], str | None] | None = None
    sort_key: Callable[[Any], Any] | None = None
    words: Callable[[Any], str] | None = None

    def text(self, value: Any) -> str:
        """The words for a value: a dash for None, yes and no for truth, the plain words for a verdict."""
        if value is None or value == "":
            return NOTHING
        if self.words is not None:
            return self.words(value)
        if self.verdict:
            return verdict_names.verdict_words(str(value))
        if value is True or value is False:
            return "yes" if value else "no"
        return value if isinstance(value, str) else str(value)


def natural_key(value: Any) -> tuple[Any, ...]:
    """What a value sorts by: numbers first, then words with their digits read as numbers, nothing last."""
    if value is None or value == "":
        return (2,)
    if isinstance(value, (int, float)):
        return (0, value)
    parts = _DIGITS.split(str(value).casefold())
    # Splitting by digits alternates words and numbers, so two keys never compare a word with a number.
    parts[1::2] = map(int, parts[1::2])
    return (1, parts)


class RowsModel(QAbstractTableModel):
    """Rows shown as columns say. A row may be longer than the columns: the rest is the caller's, such as an id."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: Sequence[Row] = ()
        self._order: list[int] = []
        self._words: tuple[str, ...] = ()
        self._haystack: list[str] | None = None
        self._keys: dict[int, list[Any]] = {}
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, left to right."""
        return self._columns

    def total(self) -> int:
        """How many rows there are, the filtered ones included."""
        return len(self._rows)

    def shown(self) -> Iterable[Row]:
        """The rows that pass the filter, as sorted."""
        return (self._rows[place] for place in self._order)

    def row(self, shown: int) -> Row:
        """The row tuple at a shown place; IndexError outside."""
        return self._rows[self._order[shown]]

    def place_of(self, row: Row) -> int:
        """The shown place of an equal row, or -1 when it is not there or filtered out."""
        return next((shown for shown, place in enumerate(self._order) if self._rows[place] == row), -1)

    def text(self, shown: int, column: int) -> str:
        """The words of one cell."""
        return self._columns[column].text(self._rows[self._order[shown]][column])

    def _shown_text(self, shown: int, column: int) -> str:
        """The words of one cell as eyes and ears get them; what is copied and exported keeps its marks."""
        words = self.text(shown, column)
        return words if self._columns[column].mono else plain_words(words)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Nothing; shows other rows under the same sorting and filter."""
        self.beginResetModel()
        self._rows = rows
        self._haystack = None
        self._keys.clear()
        self._arrange()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Nothing; keeps the rows in which every one of the words occurs somewhere, whatever their case."""
        words = tuple(text.casefold().split())
        if words == self._words:
            return
        self.beginResetModel()
        self._words = words
        self._arrange()
        self.endResetModel()

    def filter_words(self) -> tuple[str, ...]:
        """The words that a shown row has to hold."""
        return self._words

    def _search_texts(self) -> list[str]:
        if self._haystack is None:
            columns = list(enumerate(self._columns))
            # The separator keeps a word from matching across the edge of two cells.
            self._haystack = [
                "\x1f".join([column.text(row[place]) for place, column in columns]).casefold() for row in self._rows
            ]
        return self._haystack

    def _arrange(self) -> None:
        order: list[int] = list(range(len(self._rows)))
        if self._words:
            texts = self._search_texts()
            for word in self._words:
                order = [place for place in order if word in texts[place]]
        self._order = self._ordered(order)

    def _ordered(self, order: list[int]) -> list[int]:
        column, direction = self._sorted_by
        if not 0 <= column < len(self._columns):
            return order
        keys = self._keys.get(column)
        if keys is None:
            key = self._columns[column].sort_key or natural_key
            keys = self._keys[column] = [key(row[column]) for row in self._rows]
        return sorted(order, key=keys.__getitem__, reverse=direction is Qt.SortOrder.DescendingOrder)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Nothing; sorts by a column, -1 for the order the rows came in. Selection stays on its rows."""
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = (column, order)
        before = self.persistentIndexList()
        kept = [self._order[index.row()] for index in before]
        self._order = self._ordered(sorted(self._order))
        if before:
            wanted = set(kept)
            now = {place: shown for shown, place in enumerate(self._order) if place in wanted}
            after = [self.index(now[place], index.column()) for place, index in zip(kept, before, strict=True)]
            self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The number of rows that pass the filter."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What Qt asks about a cell: words, alignment, typeface, colour, and the row itself as UserRole."""
        if not index.isValid():
            return None
        shown, place = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._shown_text(shown, place)
        column = self._columns[place]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {self._shown_text(shown, place)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.align]
        if role == Qt.ItemDataRole.FontRole:
            return mono_font(12) if column.mono else None
        if role == Qt.ItemDataRole.ForegroundRole:
            token = self.color_token(shown, place)
            return current_theme().color(token) if token else None
        if role == Qt.ItemDataRole.UserRole:
            return self.row(shown)
        return None

    def color_token(self, shown: int, place: int) -> str | None:
        """The token for the words of one cell, or None for the usual colour."""
        column, row = self._columns[place], self.row(shown)
        if column.color is not None:
            return column.color(row)
        return f"verdict:{row[place]}" if column.verdict and row[place] else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What Qt asks about a column's title."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGN[column.align]
        return None
