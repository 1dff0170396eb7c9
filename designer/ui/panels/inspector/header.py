"""The head of the inspector: kind, name that can be edited, namespace, and the switch between Form and YAML."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.edits.palette import label_of
from designer.ui.kit.buttons import SegmentedControl
from designer.ui.kit.fonts import SEMIBOLD, SMALL, TITLE, ui_font
from designer.ui.kit.icons import KINDS, kind_icon_name
from designer.ui.kit.messages import IconLabel
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.style import set_property, set_role
from designer.ui.panels.inspector.editors import LineEditor
from designer.ui.panels.inspector.fields import Converter


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("A name is needed.")
    return text.strip()


class InspectorHeader(QWidget):
    """`renamed` carries a new name as typed, `viewChanged` "form" or "yaml"."""

    renamed = Signal(object)
    viewChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("object", 16, "accent_text", KINDS)
        self._kind = QLabel()
        self._kind.setFont(ui_font(SMALL))
        set_role(self._kind, "muted")
        self.name = LineEditor(Converter(_name, lambda value: value or "", mono=False))
        self.name.setFont(ui_font(TITLE, SEMIBOLD))
        self.name.setAccessibleName("Name")
        set_property(self.name, "bare", True)
        self._below = QLabel()
        self._below.setFont(ui_font(SMALL))
        self._below.setWordWrap(True)
        self._below.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._below, "muted")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self.message, "error")
        self.views = SegmentedControl((("form", "Form"), ("yaml", "YAML")), "View")
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._icon)
        first.addWidget(self._kind, 1)
        first.addWidget(self.views)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(first)
        for widget in (self.name, self._below, self.message):
            column.addWidget(widget)
        self.name.committed.connect(self.renamed)
        self.name.refused.connect(self.say)
        self.views.changed.connect(self.viewChanged)
        self.say("")

    def say(self, message: str) -> None:
        """Nothing; says what is wrong with the name, or takes it away."""
        message = plain_words(message)
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self.name.setAccessibleDescription(message)

    def show_object(self, kind: str, name: str, below: str, *, editable: bool, yaml: bool) -> None:
        """Nothing; shows whose panel this is. `below` is the namespace or a few words."""
        self._icon.set_icon(kind_icon_name(kind), "accent_text")
        self._kind.setText(label_of(kind))
        self.name.setReadOnly(not editable)
        self.name.setFocusPolicy(Qt.FocusPolicy.StrongFocus if editable else Qt.FocusPolicy.ClickFocus)
        self.name.setToolTip("Click to rename" if editable else name)
        self.name.set_value(name)
        self._below.setText(below)
        self._below.setVisible(bool(below))
        self.views.setVisible(yaml)
