"""The legend of a shown difference, over the canvas: what it is compared with, what the lines mean, how to leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.present.flow_changes import SIGNS
from designer.ui.canvas.diff_layer import LOOKS
from designer.ui.canvas.foot import EDGE
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import SEMIBOLD, SMALL, ui_font
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

MEANINGS = {"opened": "opened", "closed": "closed", "changed": "other ports", "unclear": "cannot tell"}


class _Sample(QWidget):
    """A short line as the canvas draws it."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what
        self.setFixedSize(QSize(40, 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws line and sign."""
        theme = current_theme()
        token, dashes = LOOKS[self._what]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.color(token), 2)
        if dashes:
            pen.setDashPattern(list(dashes))
        painter.setPen(pen)
        painter.drawLine(0, 9, 40, 9)
        painter.setPen(QPen(theme.color(token), 1.5))
        painter.setBrush(theme.color("canvas"))
        painter.drawEllipse(QRectF(13, 2, 14, 14))
        painter.setFont(ui_font(11, SEMIBOLD))
        painter.drawText(QRectF(13, 2, 14, 14), Qt.AlignmentFlag.AlignCenter, SIGNS[self._what])  # type: ignore[index]
        painter.end()


class DiffNote(QWidget):
    """`listed` shows the list again, `left` ends it; Esc on one of its buttons leaves too."""

    def __init__(self, over: CanvasView, listed: Callable[[], object], left: Callable[[], object]) -> None:
        super().__init__(over)
        self._over, self._left = over, left
        self.setObjectName("diffNote")
        self._title = QLabel()
        self._title.setFont(ui_font(SMALL, SEMIBOLD))
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        self._summary.setFont(ui_font(SMALL))
        set_role(self._summary, "muted")
        self.list_button = push_button("List", listed)
        self.leave_button = tool_button("close", "No longer show the differences", size=16)
        self.leave_button.clicked.connect(lambda: left())
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self.list_button)
        head.addWidget(self.leave_button)
        samples = QHBoxLayout()
        samples.setSpacing(6)
        self._samples: dict[str, tuple[QWidget, QLabel]] = {}
        for what, words in MEANINGS.items():
            sample, label = _Sample(what), QLabel(words)
            label.setFont(ui_font(SMALL))
            self._samples[what] = (sample, label)
            samples.addWidget(sample)
            samples.addWidget(label)
        samples.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._summary)
        column.addLayout(samples)
        over.installEventFilter(self)
        over.foot.add(self, right=False)

    def close_note(self) -> None:
        """Nothing; it goes, and what it covered is free."""
        self.hide()
        self._over.foot.take(self)
        self.deleteLater()

    def say(self, title: str, summary: str, whats: frozenset[str]) -> None:
        """Nothing; says what is compared, what came of it, and which lines there are."""
        self._title.setText(title)
        self._summary.setText(summary)
        self.setAccessibleName(f"{title}: {summary}")
        for what, widgets in self._samples.items():
            for widget in widgets:
                widget.setVisible(what in whats)
        self._place()

    def _place(self) -> None:
        width = min(420, self._over.width() - 2 * EDGE)
        self.setFixedWidth(max(220, width))
        self.adjustSize()
        self._over.foot.arrange()

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """False always; follows the view's size."""
        if event.type() == QEvent.Type.Resize and watched is self._over:
            self._place()
        return False

    def keyPressEvent(self, event: object) -> None:
        """Nothing; Esc leaves."""
        if getattr(event, "key", lambda: None)() == Qt.Key.Key_Escape:
            self._left()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws a quiet card."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel", 245))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), RADIUS, RADIUS)
        painter.end()
