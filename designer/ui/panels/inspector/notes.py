"""Notes of a form: the small lines below a cell or an entry that say what it leads to, or what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea

from designer.present.match_notes import MatchNote
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.style import set_role

_ROLES = {"ok": "small", "warning": "warning", "error": "error"}


def show_note(label: QLabel, note: MatchNote) -> None:
    """Nothing; writes a note into a label in the manner that it is meant."""
    if not note.text and not label.text() and label.isHidden():
        return
    label.setText(plain_words(note.text))
    label.setVisible(bool(note.text))
    set_role(label, _ROLES[note.mood])


def note_label() -> QLabel:
    """A small wrapped label for a note, hidden until it says something."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(ui_font(SMALL))
    label.hide()
    return label


def bring(label: QLabel) -> None:
    """Nothing; scrolls to words that came below what can be seen."""
    area = label.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    if area is not None:
        area.ensureWidgetVisible(label, 0, 8)
