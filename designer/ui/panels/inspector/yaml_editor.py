"""A text editor for one manifest: line numbers, colours for YAML, a mark on the line that is wrong."""

from __future__ import annotations

import re

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from designer.ui.kit.fonts import mono_font
from designer.ui.kit.theme import current_theme, theme_changed

_COMMENT = re.compile(r"(?:^|\s)#.*$")
_KEY = re.compile(r"""^\s*(?:-\s+)*(?P<key>"[^"]*"|'[^']*'|[^\s#:'"\[{][^:#]*?)\s*:(?=\s|$)""")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_PLAIN = re.compile(r"(?<=[:\-\[,] )\s*(?P<value>true|false|null|~|-?\d+(?:\.\d+)?)\s*(?=$|[,\]}#])")
_DASH = re.compile(r"^\s*(?:-\s)+|^---.*$")

# What is coloured, in which token; a later entry wins where two overlap.
RULES: tuple[tuple[re.Pattern[str], str | int, str], ...] = (
    (_DASH, 0, "muted"),
    (_KEY, "key", "accent_text"),
    (_PLAIN, "value", "verdict:cannot-tell"),
    (_QUOTED, 0, "verdict:delivered"),
    (_COMMENT, 0, "muted"),
)


class YamlHighlighter(QSyntaxHighlighter):
    """Colours keys, numbers and truth values, quoted texts and comments, line by line."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme_changed.connect(self._on_theme)

    def _on_theme(self, _theme: object) -> None:
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Nothing; colours one line."""
        theme = current_theme()
        for pattern, group, token in RULES:
            style = QTextCharFormat()
            style.setForeground(theme.color(token))
            for match in pattern.finditer(text):
                self.setFormat(match.start(group), match.end(group) - match.start(group), style)


class _Gutter(QWidget):
    def __init__(self, editor: YamlEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._editor.paint_gutter(self, event)


class YamlEditor(QPlainTextEdit):
    """Edits YAML. Tab moves on, as in every other field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._error_line = 0
        self._gutter = _Gutter(self)
        self._highlighter = YamlHighlighter(self.document())
        self.setFont(mono_font(12))
        self.setAccessibleName("YAML of the object")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        # Tab must leave the editor for those who work by keyboard; indenting is done by the spaces themselves.
        self.setTabChangesFocus(True)
        self.blockCountChanged.connect(lambda _count: self._fit_gutter())
        self.updateRequest.connect(self._move_gutter)
        self._fit_gutter()

    @property
    def error_line(self) -> int:
        """The line that is marked as wrong, from 1; 0 for none."""
        return self._error_line

    def mark_error(self, line: int) -> None:
        """Nothing; marks a line as wrong and brings it into view; 0 ends the mark."""
        self._error_line = line
        self._gutter.update()
        if line <= 0:
            self.setExtraSelections([])
        else:
            self._light(line, "error", 40)

    def show_line(self, line: int) -> None:
        """Nothing; brings a line into view, lit, with the cursor on it."""
        self.mark_error(0)
        self._light(line, "accent", 50)

    def _light(self, line: int, token: str, strength: int) -> None:
        block = self.document().findBlockByNumber(min(line, self.blockCount()) - 1)
        band = QTextEdit.ExtraSelection()
        band.cursor = QTextCursor(block)
        fill = QTextCharFormat()
        fill.setBackground(QColor(current_theme().color(token, strength)))
        fill.setProperty(QTextFormat.Property.FullWidthSelection, True)
        band.format = fill
        self.setExtraSelections([band])
        self.setTextCursor(QTextCursor(block))
        self.ensureCursorVisible()

    def gutter_width(self) -> int:
        """The room for the line numbers."""
        return 14 + self.fontMetrics().horizontalAdvance("9") * max(2, len(str(self.blockCount())))

    def _fit_gutter(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    def _move_gutter(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._gutter.scroll(0, scrolled)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; keeps the line numbers beside the text."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))

    def paint_gutter(self, gutter: QWidget, event: QPaintEvent) -> None:
        """Nothing; draws the numbers of the lines in view, the wrong one with a mark."""
        theme = current_theme()
        painter = QPainter(gutter)
        painter.fillRect(event.rect(), theme.color("chip"))
        painter.setFont(mono_font(11))
        block: QTextBlock = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            number = block.blockNumber() + 1
            wrong = number == self._error_line
            painter.setPen(theme.color("error" if wrong else "muted"))
            box = QRect(0, round(top), gutter.width() - 6, round(height))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number))
            if wrong:
                painter.fillRect(QRect(0, round(top), 3, round(height)), theme.color("error"))
            top += height
            block = block.next()
        painter.end()
