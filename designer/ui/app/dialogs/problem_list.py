"""Several problems at once, when one line of a message is not enough: each with its reason and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from designer.model import Problem
from designer.present.problem_rows import problems_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button


class ProblemListDialog(FramedDialog):
    """The problems as text, errors first, to be read and copied; `whyWanted` carries the code of one to explain."""

    whyWanted = Signal(str)

    def __init__(self, problems: Sequence[Problem], parent: QWidget) -> None:
        super().__init__("What happened", parent, Buttons.Close)
        self.setObjectName("problemList")
        self.text = QPlainTextEdit(problems_text(problems))
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Problems")
        self.body.addWidget(self.text)
        self.codes = tuple(dict.fromkeys(problem.code for problem in sorted(problems, key=lambda p: p.sort_key)))
        self.add_button(push_button("Copy all", self.copy, icon_name="copy"))
        self.add_button(push_button("Why?", lambda: self.whyWanted.emit(self.code_here()), icon_name="help"))

    def copy(self) -> None:
        """Nothing; puts the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def code_here(self) -> str:
        """The code of the problem in which the text cursor stands, that of the first one above all."""
        block = self.text.textCursor().block()
        while block.isValid():
            code = next((code for code in self.codes if f" {code}  " in block.text()), "")
            if code:
                return code
            block = block.previous()
        return self.codes[0]

    def help_key(self) -> str:
        """The same, for F1."""
        return self.code_here()

    def sizeHint(self) -> QSize:
        """Room for some lines."""
        return QSize(720, 420)
