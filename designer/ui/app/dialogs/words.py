"""A page of words: the tour, the keys, the verdicts, the doctor's report, about."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTextBrowser, QWidget

from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import mono_font


class WordsDialog(FramedDialog):
    """Text to read, as HTML or plain; it can be selected and copied. It does not block the window."""

    def __init__(self, title: str, text: str, parent: QWidget, *, plain: bool = False, wide: bool = False) -> None:
        super().__init__(title, parent, Buttons.Close)
        self.setObjectName("words")
        self._wide = wide
        self.text = QTextBrowser()
        self.text.setAccessibleName(title)
        self.text.setOpenExternalLinks(False)
        if plain:
            self.text.setFont(mono_font(12))
            self.text.setPlainText(text)
        else:
            self.text.setHtml(text)
        self.body.addWidget(self.text)
        self.add_button(push_button("Copy", self.copy, icon_name="copy"))

    def copy(self) -> None:
        """Nothing; puts the whole text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def sizeHint(self) -> QSize:
        """A page."""
        return QSize(760 if self._wide else 560, 560)
