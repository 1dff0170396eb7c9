"""The fields of one saved request: its name, what is expected of it, and why it is not so."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from designer.engine.trace.expectations import Answered
from designer.present.scenario_rows import EXPECTATIONS, scenario_row
from designer.ui.kit.fields import FieldRow
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role


class RequestForm(ScrollArea):
    """Shows and edits one saved request. `renamed` carries its new name, `expected` a verdict or None."""

    renamed = Signal(str)
    expected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The saved request")
        self.name = QLineEdit()
        self.expect = QComboBox()
        for verdict, words in EXPECTATIONS:
            self.expect.addItem(words, verdict)
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = QLabel("Select a request to rename it or to change what you expect of it.")
        self.hint.setWordWrap(True)
        set_role(self.hint, "muted")
        self.name_row = FieldRow("Name", self.name)
        self._shown = ""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 2, 8, 6)
        column.setSpacing(8)
        self._fields = QWidget()
        fields = QVBoxLayout(self._fields)
        fields.setContentsMargins(0, 0, 0, 0)
        fields.setSpacing(8)
        fields.addWidget(self.name_row)
        fields.addWidget(FieldRow("Expected verdict", self.expect))
        fields.addWidget(self.told)
        column.addWidget(self.hint)
        column.addWidget(self._fields)
        column.addStretch(1)
        self.setWidget(inner)
        self.name.editingFinished.connect(self._on_name)
        self.expect.activated.connect(lambda _place: self.expected.emit(self.expect.currentData()))
        self.show_request(None)

    def show_request(self, answered: Answered | None) -> None:
        """Nothing; shows a request with its answer, or how to get one here."""
        self.hint.setVisible(answered is None)
        self._fields.setVisible(answered is not None)
        self.name_row.set_error("")
        self._shown = answered.scenario.name if answered is not None else ""
        self.name.setText(self._shown)
        if answered is not None:
            self.expect.setCurrentIndex(self.expect.findData(answered.scenario.expect))
            row = scenario_row(answered)
            self.told.setText(
                "\n".join(text for text in (row.standing, row.got and f"It ends: {row.got}", row.why) if text)
            )

    def refuse_name(self, message: str) -> None:
        """Nothing; says beside the name why it cannot be that one."""
        self.name_row.set_error(message)

    def _on_name(self) -> None:
        wanted = self.name.text().strip()
        if self._shown and wanted != self._shown:
            self.renamed.emit(wanted)
