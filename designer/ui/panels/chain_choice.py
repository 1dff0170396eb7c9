"""The field with which one goes to a chain: type a part of its name, or open the list; smooth at 100,000 chains."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from designer.ui.kit.icons import icon

LIST_WIDTH = 460


class ChainChoice(QLineEdit):
    """`chosen` carries the name of a chain; the field is empty again afterwards."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Go to chain")
        self.setToolTip(
            "Go to a chain: type a part of its name. A double click on a rule goes to the chain that it leads to."
        )
        self.setPlaceholderText("Go to chain")
        self._model = QStringListModel(self)
        completer = QCompleter(self._model, self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(14)
        self._list = QListView()
        self._list.setUniformItemSizes(True)  # else every name is measured before the list opens
        self._list.setMinimumWidth(LIST_WIDTH)
        completer.setPopup(self._list)
        completer.activated[str].connect(self._choose)  # type: ignore[index]
        self.setCompleter(completer)
        arrow = QAction(icon("expand", "muted"), "Show all chains", self)
        arrow.triggered.connect(self.show_all)
        self.addAction(arrow, QLineEdit.ActionPosition.TrailingPosition)
        self.returnPressed.connect(self._enter)

    def chains(self) -> list[str]:
        """The names in the list."""
        return self._model.stringList()

    def set_chains(self, names: Sequence[str]) -> None:
        """Nothing; offers other chains."""
        self._model.setStringList(list(names))

    def show_all(self) -> None:
        """Nothing; opens the list with every chain in it."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.completer().setCompletionPrefix("")
        self.completer().complete()

    def choose(self, name: str) -> None:
        """Nothing; goes to a chain, as picking it does."""
        self._choose(name)

    def _enter(self) -> None:
        """Nothing; Return goes to the chain of this name, else to the first whose name holds what is typed."""
        typed = self.text().strip().lower()
        names = self.chains()
        found = next((name for name in names if name.lower() == typed), None)
        found = found or next((name for name in names if typed and typed in name.lower()), None)
        if found is not None:
            self._choose(found)

    def _choose(self, name: str) -> None:
        self.chosen.emit(name)
        self._list.hide()
        # The completer writes the name into the field after this.
        QTimer.singleShot(0, self, self.clear)
