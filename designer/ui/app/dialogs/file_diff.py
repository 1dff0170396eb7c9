"""What would change in files, read before it is done: a list of files, the lines of the chosen one with their signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPlainTextEdit, QWidget

from designer.manifests.sources import FileChange
from designer.present.text_diff import diff_counts, diff_lines
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.theme import current_theme

TOKENS = {"+": "delivered", "-": "denied"}


class DiffColours(QSyntaxHighlighter):
    """Lines that come and go in the colours of verdicts; their signs say the same."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        theme = current_theme()
        self._looks = {}
        for sign, verdict in TOKENS.items():
            look = QTextCharFormat()
            look.setForeground(theme.verdict_color(verdict))
            self._looks[sign] = look
        self._looks["@"] = QTextCharFormat()
        self._looks["@"].setForeground(theme.color("muted"))

    def highlightBlock(self, text: str) -> None:
        """Nothing; colours one line by its sign."""
        look = self._looks.get(text[:1])
        if look is not None:
            self.setFormat(0, len(text), look)


class FileDiffDialog(FramedDialog):
    """The changes of files; `todo` is called when a person agrees to them."""

    def __init__(
        self,
        title: str,
        lead: str,
        changes: Sequence[FileChange],
        yes: str,
        todo: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(title, parent, Buttons.Cancel, lead)
        self.setObjectName("fileDiff")
        self.changes = tuple(changes)
        self.files = QListWidget()
        self.files.setAccessibleName("Files that change")
        self.files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.files.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(12))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Changed lines")
        self._colours = DiffColours(self.text.document())
        row = QHBoxLayout()
        row.addWidget(self.files, 1)
        row.addWidget(self.text, 3)
        self.body.addLayout(row, 1)
        self.agree = push_button(yes, self._agree, primary=True)
        self.add_button(self.agree)
        self.agree.setDefault(True)
        self._todo = todo
        for change in self.changes:
            words = _words(change)
            self.files.addItem(words)
            self.files.item(self.files.count() - 1).setToolTip(words)
        self.files.currentRowChanged.connect(self._show)
        self.files.setCurrentRow(0)
        self.open_at(1000, 620, share=0.5)

    def _show(self, row: int) -> None:
        change = self.changes[row] if 0 <= row < len(self.changes) else None
        lines = diff_lines(change.before, change.after) if change is not None else ()
        self.text.setPlainText("\n".join(lines))

    def _agree(self) -> None:
        self.accept()
        self._todo()


def _words(change: FileChange) -> str:
    """A file with what happens to it: ``web.yaml  +2 −1``."""
    come, gone = diff_counts(change.before, change.after)
    what = "new" if change.before is None else "removed" if change.after is None else f"+{come} −{gone}"
    return f"{change.name}   {what}"
