"""Work that was not saved when the program ended: go on with it, or throw it away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QWidget

from designer.present.words import count_text
from designer.storage import RecoveryInfo
from designer.ui.app import choosing
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.kit.buttons import push_button


class Recoverer(Protocol):
    """Who knows what can be recovered."""

    found: list[RecoveryInfo]

    def recover(self, info: RecoveryInfo) -> bool:
        """Whether the work is now the project."""

    def discard_found(self, info: RecoveryInfo) -> None:
        """Nothing; throws the work away."""


def info_text(info: RecoveryInfo) -> str:
    """One line about what can be recovered: ``shop.cnd: 12 edits, the last one “Move”, 3 May 14:02``."""
    name = Path(info.path).name if info.path else "a project without a file"
    when = datetime.fromtimestamp(info.changed).astimezone()
    last = f", the last one “{info.last}”" if info.last else ""
    return f"{name}: {count_text(info.edits, 'edit')}{last}, {when.day} {when:%B %H:%M}"


class RecoveryDialog(FramedDialog):
    """The list of what was found, newest first."""

    def __init__(self, files: Recoverer, parent: QWidget) -> None:
        lead = "The program ended before this work was saved. Restore it and save it, or throw it away."
        super().__init__("Recover unsaved work", parent, Buttons.Close, lead)
        self.setObjectName("recovery")
        self._files = files
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved work")
        self.list.itemActivated.connect(self.restore)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.none = QLabel("There is nothing to recover.")
        self.body.addWidget(self.list)
        self.body.addWidget(self.none)
        self._restore = push_button("Restore", self.restore, primary=True)
        self._discard = push_button("Throw away…", self.discard)
        self.add_button(self._restore)
        self.add_button(self._discard, destructive=True)
        self._fill()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        self.list.clear()
        for info in self._files.found:
            self.list.addItem(QListWidgetItem(info_text(info)))
        self.list.setCurrentRow(0)
        some = bool(self._files.found)
        self.list.setVisible(some)
        self.none.setVisible(not some)
        self._restore.setEnabled(some)
        self._discard.setEnabled(some)

    def _chosen(self) -> RecoveryInfo | None:
        row = self.list.currentRow()
        return self._files.found[row] if 0 <= row < len(self._files.found) else None

    def restore(self) -> None:
        """Nothing; goes on with the chosen work and closes."""
        info = self._chosen()
        if info is not None and self._files.recover(info):
            self.accept()

    def discard(self) -> None:
        """Nothing; throws the chosen work away, after asking."""
        info = self._chosen()
        question = "Throw this work away? It cannot be brought back."
        if info is not None and choosing.agrees(self, "Throw away", question, "Throw away"):
            self._files.discard_found(info)
            self._fill()

    def sizeHint(self) -> QSize:
        """Room for a few lines."""
        return QSize(600, 320)
