"""Several problems at once, when one line of a message is not enough: each with its reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from designer.model import Problem
from designer.present.problem_rows import problems_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button


class ProblemListDialog(FramedDialog):
    """The problems as text, errors first, to be read and copied."""

    def __init__(self, problems: Sequence[Problem], parent: QWidget) -> None:
        super().__init__("What happened", parent, Buttons.Close)
        self.setObjectName("problemList")
        self.text = QPlainTextEdit(problems_text(problems))
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Problems")
        self.body.addWidget(self.text)
        self.add_button(push_button("Copy all", self.copy, icon_name="copy"))

    def copy(self) -> None:
        """Nothing; puts the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(720, 420)
