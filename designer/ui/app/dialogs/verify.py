"""Before Verify on Linux: what will happen, what this machine can, what is to be tried."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from designer.present.words import count_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.lab import Machine, Verifier, Wish
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fields import FieldRow, SpinBox
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role

LEAD: Final = (
    "This builds the cluster out of Linux' own network namespaces on this machine, loads the very rules that the "
    "program shows, sends test packets inside, and lays what the kernel did beside what was predicted. It touches "
    "nothing else: neither the machine's own network nor any file. It ends by itself and leaves nothing behind, also "
    "when you cancel it."
)
ASKING: Final = "Asking what this machine can…"
READY: Final = "✓ This machine can do all that this cluster needs."
# Modes of kube-proxy that the lab builds.
MODES: Final = ("iptables", "nftables", "ipvs")
MOST, USUAL = 5000, 200
SCOPES: Final = {
    "scenarios": "Saved requests",
    "services": "Service ports: each from every Node, a Pod of each workload, and outside",
    "matrix": "Pods to Pods: who reaches whom, on every port",
}


class VerifyDialog(FramedDialog):
    """Scope, size and mode; Start hands them over. `wanted` carries the `Wish`."""

    wanted = Signal(object)

    def __init__(self, session: SessionBridge, verifier: Verifier, parent: QWidget) -> None:
        super().__init__("Verify on Linux", parent, Buttons.Cancel, LEAD)
        self.setObjectName("verify")
        self._session, self._verifier = session, verifier
        self._scopes = QButtonGroup(self)
        self.buttons_of: dict[str, QRadioButton] = {}
        self.sample = SpinBox(1, MOST, USUAL)
        self.mode = QComboBox()
        self.verdict, self.remedy, self.lines = QLabel(), QLabel(), QLabel()
        self.begin = push_button("Start", self._start, primary=True)
        self.add_button(self.begin)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addLayout(self._choices(), 1)
        columns.addLayout(self._machine(), 1)
        self.body.addLayout(columns, 1)
        self.begin.setDefault(True)
        verifier.machineKnown.connect(self._show_machine)
        self.open_at(900, 540)
        self._ask()

    def _choices(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(SectionHeader("What is tried"))
        saved = len(self._session.project.scenarios)
        for scope, words in SCOPES.items():
            button = QRadioButton(f"{words} ({saved})" if scope == "scenarios" else _wrapped(words))
            button.setAccessibleName(words)
            self._scopes.addButton(button)
            self.buttons_of[scope] = button
            column.addWidget(button)
        self.buttons_of["scenarios"].setEnabled(bool(saved))
        self.buttons_of["scenarios" if saved else "services"].setChecked(True)
        self._sample_row = FieldRow("At most so many requests", self.sample, "Drawn evenly; the same ones each time.")
        cluster = self._session.project.cluster.kubeProxy.mode
        self.mode.addItems(list(MODES))
        self.mode.setCurrentText(cluster)
        self.mode.currentTextChanged.connect(lambda _mode: self._ask())
        column.addWidget(self._sample_row)
        column.addWidget(FieldRow("kube-proxy mode", self.mode))
        column.addStretch(1)
        self._scopes.buttonToggled.connect(lambda _button, _on: self._show_sample())
        self._show_sample()
        return column

    def _machine(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addWidget(SectionHeader("This machine"))
        for label in (self.verdict, self.remedy, self.lines):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict.setFont(ui_font(BODY, SEMIBOLD))
        set_role(self.lines, "muted")
        self.lines.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = ScrollArea()
        scroll.setWidget(self.lines)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("What this machine can do")
        column.addWidget(self.verdict)
        column.addWidget(self.remedy)
        column.addWidget(scroll, 1)
        return column

    @property
    def scope(self) -> str:
        """The chosen scope."""
        return next(scope for scope, button in self.buttons_of.items() if button.isChecked())

    def _show_sample(self) -> None:
        self._sample_row.setEnabled(not self.buttons_of["scenarios"].isChecked())

    def _ask(self) -> None:
        self._say(ASKING, "")
        self.begin.setEnabled(False)
        self._verifier.ask_machine(self.mode.currentText())

    def _show_machine(self, machine: Machine) -> None:
        self._say(machine.problem or READY, machine.remedy, wrong=bool(machine.problem))
        self.lines.setText("\n".join(machine.lines))
        self.begin.setEnabled(not machine.problem)
        if not machine.problem:
            self.begin.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, words: str, remedy: str, *, wrong: bool = False) -> None:
        self.verdict.setText(f"✕ {words}" if wrong else words)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))

    def machine_words(self) -> str:
        """What is said about the machine."""
        return "\n".join(label.text() for label in (self.verdict, self.remedy, self.lines) if label.text())

    def saved_words(self) -> str:
        """How many requests are saved."""
        return count_text(len(self._session.project.scenarios), "saved request")

    def _start(self) -> None:
        self.wanted.emit(Wish(self.scope, self.sample.value(), self.mode.currentText()))
        self.accept()


def _wrapped(words: str) -> str:
    """Words of a radio button in two lines, after the colon."""
    head, _, rest = words.partition(": ")
    return f"{head}\n{rest}"
