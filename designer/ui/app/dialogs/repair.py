"""Making a connection possible or impossible: asked, read with its proof, and applied as one step that can be undone.

The dialog asks a cluster that it compiled for itself, in the background: nothing that the window reads is shared.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QTabWidget, QWidget

from designer.engine.compile import ClusterState, compile_project
from designer.engine.repair import Proposal, Repair, Wanted, repair_request
from designer.model import Project
from designer.present.destination_text import asked_value, asked_words
from designer.present.repair_rows import NOT_ISOLATED, headline, option_title, outcome
from designer.present.request_choices import destination_choices, source_choices, source_text
from designer.present.words import ended
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.app.dialogs.repair_view import DifferenceView, LinesTable, ProofView
from designer.ui.app.shell import Shell
from designer.ui.bridge.jobs import Jobs
from designer.ui.kit.buttons import SegmentedControl, push_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.style import set_role
from designer.ui.panels.choice_field import ChoiceField

LEAD = (
    "Say who calls whom. The smallest change of policies is found, on both sides, and tried on a copy of the cluster. "
    "Nothing changes until you press Apply."
)
ASK = "Choose who sends and who is asked."
ASKING = "Looking for the smallest change…"
# Typing is let go on for so long (in milliseconds) before an answer is looked for.
PAUSE = 350


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the project that it is about."""

    project: Project = field(compare=False)
    source: str
    destination: str
    wanted: Wanted


class RepairDialog(FramedDialog):
    """The question above, the answer below: options, the change, its proof, and what else changes.

    `destination` is what a person would type: ``redis-cart:6379``, ``http://cart``, ``10.0.0.1:53/udp``.
    """

    def __init__(
        self, shell: Shell, parent: QWidget, source: str = "", destination: str = "", wanted: Wanted = "possible"
    ) -> None:
        super().__init__("Change who can reach whom", parent, Buttons.Close, LEAD)
        self.setObjectName("repair")
        self._bridge = shell.bridge
        self._selection = shell.selection
        self._bench: tuple[Project, ClusterState] | None = None
        self._asked: Asked | None = None
        self.proposals: tuple[Proposal, ...] = ()
        self.found: Repair | None = None
        self.source = ChoiceField("From", "Who sends: a workload, a Pod, an address outside", "Who sends")
        self.destination = ChoiceField("To", "Who is asked, with the port: redis-cart:6379", "name:port")
        self.wanted = SegmentedControl((("possible", "May reach"), ("impossible", "Must not reach")), "Wanted")
        self.summary = QLabel(ASK)
        self.summary.setWordWrap(True)
        self.options = QComboBox()
        name_combo(self.options, "Ways to do it")
        self.change = DifferenceView()
        self.proof = ProofView()
        self.beside = LinesTable("Other connections that change", "Nothing else changes.")
        self.pages = QTabWidget()
        self.apply_button = push_button("Apply", self._take, primary=True)
        self.add_button(self.apply_button)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PAUSE)
        self._jobs = Jobs(self)
        self._build()
        self._connect()
        self.source.set_choice(source_text(source), source)
        self.destination.set_choice(asked_words(destination), destination)
        self.wanted.set_value(wanted)
        self.enter_stays_in_fields()
        self.open_at(1120, 680, share=0.6)
        self.source.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ask()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.source, 2)
        row.addWidget(self.wanted)
        row.addWidget(self.destination, 2)
        self.body.addLayout(row)
        self.body.addWidget(self.summary)
        self.body.addWidget(self.options)
        self.pages.addTab(self.proof, "Before and after")
        self.pages.addTab(self.beside, "Other connections")
        self.pages.setAccessibleName("Proof")
        left = QTabWidget()  # of one page, so that both halves begin at one height
        left.addTab(self.change, "Policies")
        left.setAccessibleName("Change")
        both = QSplitter()
        both.setChildrenCollapsible(False)
        both.addWidget(left)
        both.addWidget(self.pages)
        both.setSizes([480, 600])
        self.body.addWidget(both, 1)

    def _connect(self) -> None:
        state = self._bridge.state
        self.source.set_choices([one for one in source_choices(state) if one.kind != "Node"])
        self.destination.set_choices(destination_choices(state))
        for line in (self.source, self.destination):
            line.textEdited.connect(lambda _text: self._later.start())
            line.picked.connect(lambda _value: self.ask())
            line.entered.connect(self.ask)
        self._later.timeout.connect(self.ask)
        self.wanted.changed.connect(lambda _key: self.ask())
        self.options.currentIndexChanged.connect(lambda _place: self._show_option())
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)

    # --- asking

    def question(self) -> Asked:
        """What is asked now."""
        wanted: Wanted = "impossible" if self.wanted.value() == "impossible" else "possible"
        asked = asked_value(self.destination.value().strip())
        return Asked(self._bridge.project, self.source.value().strip(), asked, wanted)

    def ask(self) -> None:
        """Nothing; looks for the answer in the background, unless it is asked already."""
        self._later.stop()
        asked = self.question()
        if self._asked is not None and asked == self._asked and asked.project is self._asked.project:
            return
        self._asked = asked
        self.found = None
        self._fill((), ASKING if asked.source and asked.destination else ASK)
        self.proof.show_said(())
        if not asked.source or not asked.destination:
            self._jobs.cancel()
            return
        known = self._bench is not None and self._bench[0] is asked.project
        bench = self._bench[1] if self._bench is not None and known else None
        self._jobs.start(lambda: _answer(asked, bench))

    def wait(self) -> bool:
        """Whether the question that runs was answered in time; for closing and tests."""
        return self._jobs.wait()

    def _show(self, answered: tuple[ClusterState, Repair]) -> None:
        bench, found = answered
        if self._asked is not None:
            self._bench = self._asked.project, bench
        self.found = found
        words = headline(found)
        if found.problems:
            words = f"{headline(found)} {found.problems[0].fix}"
        elif found.reasons:
            words = "\n".join((words, *(f"• {ended(reason)}" for reason in found.reasons)))
        elif found.only is not None:
            words = f"{words} {NOT_ISOLATED} Apply lets in only this one: {outcome(found.only).lower()}"
        elif len(found.options) == 1:
            words = f"{words} {outcome(found.options[0])}"
        self._fill((*found.options, *((found.only,) if found.only is not None else ())), words)
        if not self.proposals:
            self.proof.show_said(found.now)

    def _fill(self, options: tuple[Proposal, ...], words: str) -> None:
        self.proposals = options
        self.summary.setText(words)
        refused = self.found is not None and bool(self.found.problems or self.found.reasons)
        set_role(self.summary, "error" if refused else "")
        self.options.blockSignals(True)
        self.options.clear()
        for one in options:
            more = f"{one.title}: " if self.found is not None and one is self.found.only else ""
            self.options.addItem(f"{more}{option_title(one)}. {outcome(one)}")
        self.options.blockSignals(False)
        self.options.setVisible(len(options) > 1)
        self._show_option()

    def _show_option(self) -> None:
        option = self.chosen()
        self.apply_button.setEnabled(option is not None)
        self.change.show_steps(option.steps if option is not None else ())
        self.beside.show_lines(option.beside if option is not None else ())
        count = f" ({len(option.beside)})" if option is not None and option.beside else ""
        self.pages.setTabText(1, f"Other connections{count}")
        if option is not None:
            self.proof.show_said(option.proof, option.notes)

    def chosen(self) -> Proposal | None:
        """The option that Apply would take."""
        place = self.options.currentIndex()
        return self.proposals[place] if 0 <= place < len(self.proposals) else None

    def _crashed(self, error: Exception) -> None:
        self._fill((), f"No answer was found ({type(error).__name__}). Please report it with this project.")

    def _take(self) -> None:
        option = self.chosen()
        if option is None or self._asked is None:
            return
        if self._bridge.project is not self._asked.project:  # the proposal is about another cluster now
            self.ask()
            return
        if self._bridge.apply(option.edit):
            self._selection.select(option.edit.select)
            self.accept()


def _answer(asked: Asked, bench: ClusterState | None) -> tuple[ClusterState, Repair]:
    """The cluster that was asked, and its answer; runs outside the window's thread."""
    state = bench if bench is not None else compile_project(asked.project)
    return state, repair_request(state, asked.source, asked.destination, asked.wanted)
