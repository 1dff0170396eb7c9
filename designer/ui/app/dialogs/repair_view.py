"""A proposal to read: its policies line by line with what goes and comes, what both ends say, what else changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from designer.engine.reach import ChangedLine
from designer.engine.repair import Said, Step
from designer.present.flow_changes import end_name
from designer.present.repair_rows import COME, GONE, line_rows, step_lines
from designer.ui.kit.fonts import BODY, SEMIBOLD, mono_font, ui_font
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role
from designer.ui.kit.table_model import Column
from designer.ui.kit.theme import current_theme, theme_changed
from designer.ui.panels.fitted_table import FittedTable

# The colours of what comes and goes; the sign at the beginning of the line says it too.
TOKENS = {COME: "verdict:delivered", GONE: "error"}
FILL_ALPHA = 28
# So many characters of a sentence stand in a line above the YAML.
WRAP = 60
LINE_TOKENS = {"−": "error", "+": "verdict:delivered", "?": "verdict:cannot-tell"}
LINE_COLUMNS = (
    Column("Change", 100, color=lambda row: LINE_TOKENS.get(str(row[0])[:1])),
    Column("From", 290),
    Column("To", 290),
    Column("Before", 130),
    Column("After", 130, stretch=True),
)
LEAST = (90, 120, 120, 60, 60)


class DifferenceView(QPlainTextEdit):
    """Policies as YAML, each line with ``+``, ``-`` or a blank before it. It can be read and copied, not changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFont(mono_font(12))
        self.setAccessibleName("Change of the policies")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setPlaceholderText("What changes in the policies stands here, line by line.")
        self._signs: list[str] = []
        theme_changed.connect(self._on_theme)

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Nothing; shows what becomes of each policy, with a heading that says why."""
        lines: list[tuple[str, str]] = []
        for step in steps:
            lines += [("", "")] if lines else []
            lines += [("#", line) for line in (step.text, *wrap(step.why, WRAP))]
            lines += step_lines(step)
        self._signs = [sign for sign, _ in lines]
        self.setPlainText("\n".join(f"{sign} {line}".rstrip() for sign, line in lines))
        self._colour()

    def _on_theme(self, _theme: object) -> None:
        self._colour()

    def _colour(self) -> None:
        theme = current_theme()
        found = []
        for number, sign in enumerate(self._signs):
            token = TOKENS.get(sign, "muted" if sign == "#" else "")
            if not token:
                continue
            selection = QTextEdit.ExtraSelection()
            style = QTextCharFormat()
            style.setForeground(theme.color(token))
            if sign in TOKENS:
                fill = QColor(theme.color(token))
                fill.setAlpha(FILL_ALPHA)
                style.setBackground(fill)
                style.setProperty(QTextFormat.Property.FullWidthSelection, True)
            cursor = QTextCursor(self.document().findBlockByNumber(number))
            if sign not in TOKENS:  # one that fills the whole width selects nothing
                cursor.select(QTextCursor.SelectionType.LineUnderCursor)
            selection.cursor, selection.format = cursor, style
            found.append(selection)
        self.setExtraSelections(found)


class ProofView(ScrollArea):
    """What both ends and the whole request say, before and after, as sentences below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What both ends say")

    def show_said(self, said: Sequence[Said], notes: Sequence[str] = ()) -> None:
        """Nothing; shows the sentences; where there is nothing after, only those of now."""
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 10, 8, 0)
        column.setSpacing(12)
        for one in said:
            column.addWidget(_said(one))
        for note in notes:
            column.addWidget(_words(f"Note: {note}", "muted"))
        column.addStretch(1)
        self.setWidget(page)


def _said(one: Said) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    grid.addWidget(heading(one.what), 0, 0, 1, 2)
    rows = (("Now", one.before), *((("Then", one.after),) if one.after else ()))
    for place, (when, sentence) in enumerate(rows, start=1):
        label = QLabel(when)
        set_role(label, "muted")
        grid.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_words(sentence), place, 1)
    return box


def heading(text: str) -> QLabel:
    """A small heading of a part of a dialog."""
    label = QLabel(text)
    label.setFont(ui_font(BODY, SEMIBOLD))
    return label


def _words(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        set_role(label, role)
    return label


class LinesTable(FittedTable):
    """Connections of the matrix that change; `titles` are those of the columns with their ports."""

    def __init__(self, name: str, empty: str, titles: tuple[str, str] = ("Before", "After")) -> None:
        ports = (replace(column, title=title) for column, title in zip(LINE_COLUMNS[3:], titles, strict=True))
        super().__init__((*LINE_COLUMNS[:3], *ports), LEAST, name, empty)

    def show_lines(self, lines: Sequence[ChangedLine]) -> None:
        """Nothing; fills the table, ranges of addresses under the names that the matrix gives them."""
        self.set_rows([(word, end_name(src), end_name(dst), *ports) for word, src, dst, *ports in line_rows(lines)])
