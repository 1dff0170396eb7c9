"""Keeping a request: its name, and the verdict that is expected of it."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from designer.edits.scenarios import save_scenario
from designer.engine.trace.hops import TraceResult
from designer.model import VERDICTS, FrozenMap, Scenario
from designer.present.request_choices import source_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.fields import FieldRow


class ScenarioDialog(FramedDialog):
    """Asks for the name and the expected verdict; the one that the trace gave is offered."""

    def __init__(self, bridge: SessionBridge, result: TraceResult, parent: QWidget) -> None:
        request = result.request
        asked = f"{source_text(request.source)} → {request.destination}"
        super().__init__("Save this request", parent, Buttons.Save | Buttons.Cancel, asked)
        self.setObjectName("saveRequest")
        self._bridge, self._request = bridge, request
        self.name = QLineEdit(asked)
        self.name.selectAll()
        self.name_row = FieldRow("Name", self.name)
        self.expect = QComboBox()
        self.expect.addItem("Nothing in particular", None)
        for verdict, words in VERDICTS.items():
            self.expect.addItem(words, verdict)
        self.expect.setCurrentIndex(self.expect.findData(result.verdict))
        self.body.addWidget(self.name_row)
        self.body.addWidget(
            FieldRow(
                "Expected verdict",
                self.expect,
                "Kept with the request, so that a change of the cluster can be checked against it.",
            )
        )
        self.setMinimumWidth(420)

    def accept(self) -> None:
        """Nothing; saves and closes, or says what is wrong with the name."""
        request = self._request
        scenario = Scenario(
            name=self.name.text().strip(),
            source=request.source,
            destination=request.destination,
            expect=self.expect.currentData(),
            method=request.method,
            headers=FrozenMap(dict(request.headers)),
        )
        edit = save_scenario(self._bridge.project, scenario)
        if not edit.ok:
            problem = edit.problems[0]
            self.name_row.set_error(f"{problem.title}. {problem.fix}".strip())
            return
        if self._bridge.apply(edit):
            super().accept()
