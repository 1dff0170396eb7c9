"""What the Verify panel says where there is no result: nothing tried yet, cancelled, or why it cannot be."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.messages import IconLabel
from designer.ui.kit.style import set_role

WIDEST: Final = 640


class VerifyMessage(QWidget):
    """A heading, words of any length, and the button that begins a run: `wanted` says that it was pressed."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("check", 24, "muted")
        self._title, self._words = QLabel(), QLabel()
        for label in (self._title, self._words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._title.setFont(ui_font(BODY, SEMIBOLD))
        set_role(self._words, "muted")
        self.button = push_button("", self.wanted.emit, primary=True)
        inside = QWidget()
        inside.setMaximumWidth(WIDEST)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(inside, 6)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 4)
        outer.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(1)

    def say(self, icon: str, token: str, title: str, words: str, action: str) -> None:
        """Nothing; says something else; `action` are the words of the button."""
        self._icon.set_icon(icon, token)
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.button.setText(action)
        self.button.setAccessibleName(action)
        self.setAccessibleName(self.text())

    def text(self) -> str:
        """Heading and words."""
        return " ".join(label.text() for label in (self._title, self._words) if label.text())
