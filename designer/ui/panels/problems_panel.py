"""The Problems panel: every finding of the checker, why it matters and what to do."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from designer.edits.secrets import missing_secrets, take_for_granted
from designer.engine.checks import check
from designer.engine.compile import ClusterState
from designer.model import Problem
from designer.present.problem_rows import SEVERITY_SIGNS, problem_rows
from designer.present.words import object_text, place_text
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_property, set_role
from designer.ui.kit.table_model import Column, Row
from designer.ui.panels.fitted_table import FittedTable
from designer.ui.panels.live import LivePanel
from designer.ui.panels.row_link import RowLink
from designer.ui.panels.table_bar import TableBar

_WORDS = {"error": "error", "warning": "warning", "info": "note"}
_TOKENS = {"error": "error", "warning": "warning", "info": "muted"}
_ORDER = {f"{SEVERITY_SIGNS[name]}  {word}": place for place, (name, word) in enumerate(_WORDS.items())}


def _severity_color(row: Row) -> str:
    problem: Problem = row[-1]
    return _TOKENS[problem.severity]


def _object_of(row: Row) -> str:
    problem: Problem = row[-1]
    return problem.object


# Problems that a setting of the cluster mends: the setting, and what the button that leads there says.
SETTINGS = {"SVC-22": ("loadBalancer.pools", "Add addresses…")}

COLUMNS = (
    Column("Severity", 92, color=_severity_color, sort_key=lambda words: _ORDER.get(words, 9)),
    Column("Code", 72, mono=True),
    Column("Problem", 360, stretch=True),
    Column("Object", 220),
    Column("Place", 140, mono=True),
)


def _told(problems: tuple[Problem, ...]) -> tuple[tuple[Problem, ...], list[Row]]:
    """The problems and their rows: worked out beside the window, where ten thousands take half a second."""
    rows: list[Row] = [
        (f"{SEVERITY_SIGNS[r.severity]}  {_WORDS[r.severity]}", r.code, r.title, r.object, r.place, r.problem)
        for r in problem_rows(problems)
    ]
    return problems, rows


LEAST = (84, 64, 220, 120, 100)


def found_in(state: ClusterState) -> tuple[Problem, ...]:
    """What is wrong with the cluster, and what an import had said about the objects that are kept unread."""
    # Late: the first window needs none of it.
    from designer.manifests import refused_problems, unfollowed_problems, unused_problems

    project, found = state.project, check(state)
    said = {problem.object for problem in found}
    refused = (p for p in refused_problems(project.foreign, project.provenance) if p.object not in said)
    unused = unused_problems(project.foreign, project.provenance)
    return (*found, *refused, *unused, *unfollowed_problems(project.foreign, project.provenance))


class ProblemDetail(ScrollArea):
    """One problem in full: title, why, what to do, where; and a button that shows its object."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details of the problem")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 8, 4)
        column.setSpacing(6)
        self._title, self._why, self._fix, self._place = (self._label() for _ in range(4))
        self._title.setFont(ui_font(BODY, SEMIBOLD))
        set_role(self._why, "muted")
        set_role(self._place, "small")
        self.show_button = push_button("Show the object")
        self.why_button = push_button("Why?")
        self.setting_button = push_button("Cluster settings…")
        self.secret_button = push_button("The Secret exists")
        self.secret_button.setToolTip("Take it for granted: it is made outside of what is drawn or imported")
        for button in (self.show_button, self.why_button, self.setting_button, self.secret_button):
            set_property(button, "link", True)
        self.why_button.setAccessibleName("Why? The rule behind the problem")
        links = QHBoxLayout()
        links.setSpacing(4)
        for button in (self.why_button, self.show_button, self.setting_button, self.secret_button):
            links.addWidget(button)
        links.addStretch(1)
        for label in (self._title, self._why, self._fix):
            column.addWidget(label)
        column.addLayout(links)
        column.addWidget(self._place)
        column.addStretch(1)
        self.setWidget(inner)
        self.show_problem(None)

    def _label(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def show_problem(self, problem: Problem | None, *, any_there: bool = False, secrets: bool = False) -> None:
        """Nothing; shows a problem, or what to do to see one where there is `any_there`.

        `secrets`: a Secret that it speaks of is missing, and can be taken for granted.
        """
        self.secret_button.setVisible(secrets)
        if problem is None:
            self._title.setText("")
            self._why.setText("Select a problem to read why it matters and what to do." if any_there else "")
            self._fix.setText("")
            self._place.setText("")
        else:
            self._title.setText(plain_words(problem.title))
            self._why.setText(plain_words(problem.why))
            self._fix.setText(f"What to do: {plain_words(problem.fix)}" if problem.fix else "")
            parts = (object_text(problem.object), problem.field, place_text(problem.file, problem.line))
            self._place.setText(" · ".join(part for part in parts if part))
        for label in (self._title, self._why, self._fix, self._place):
            label.setVisible(bool(label.text()))
        self.show_button.setVisible(problem is not None and bool(problem.object))
        self.why_button.setVisible(problem is not None)
        setting = SETTINGS.get(problem.code) if problem is not None else None
        self.setting_button.setVisible(setting is not None)
        if setting is not None:
            self.setting_button.setText(setting[1])

    def text(self) -> str:
        """All words shown."""
        return "\n".join(label.text() for label in (self._title, self._why, self._fix, self._place) if label.text())


class ProblemsPanel(LivePanel):
    """Every problem of the cluster, found in the background after each change; `countChanged` is for the tab.

    `settingWanted` carries the path of a setting of the cluster that mends a problem.
    """

    NAME: ClassVar[str] = "Problems"
    ALWAYS: ClassVar[bool] = True
    countChanged = Signal(int)
    settingWanted = Signal(str)

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.problems: tuple[Problem, ...] = ()
        self.table = FittedTable(COLUMNS, LEAST, "Problems", "No problems found.")
        self.detail = ProblemDetail()
        bar = TableBar(self.table, "problem")
        self.summary = QLabel()
        bar.add(self.summary)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 1)
        split.setSizes([760, 320])
        self.column.addWidget(bar)
        self.column.addWidget(split, 1)
        self.table.row_selected.connect(self._on_row)
        link = RowLink(self.table, selection, _object_of)
        self.detail.show_button.clicked.connect(lambda _checked=False: link.reveal(self.table.first_selected()))
        self.detail.why_button.clicked.connect(lambda _checked=False: self.helpWanted.emit(self.help_key()))
        self.detail.setting_button.clicked.connect(
            lambda _checked=False: self.settingWanted.emit(SETTINGS[self.help_key()][0])
        )
        self.detail.secret_button.clicked.connect(lambda _checked=False: self._take_secrets())
        self.table.extras = [
            ("help", "Why?", lambda row: self.helpWanted.emit(row[-1].code)),
            ("search", "Show the object", link.reveal),
        ]
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self._catch_up()

    def help_key(self) -> str:
        """The code of the problem that is chosen."""
        row = self.table.first_selected()
        return row[-1].code if row is not None else ""

    def refresh(self) -> None:
        """Nothing; looks for problems in the background."""
        state = self.state
        if state is None:
            self._show(((), []))
            return
        if not self.problems:
            self.table.empty_text = "Checking…"
        self._jobs.start(lambda: _told(found_in(state)))

    def wait(self) -> bool:
        """Whether the check that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _crashed(self, error: Exception) -> None:
        self.table.empty_text = (
            f"The check could not be finished ({type(error).__name__}). Change anything to try again."
        )
        self.table.viewport().update()

    def _show(self, told: tuple[tuple[Problem, ...], list[Row]]) -> None:
        problems, rows = told
        self.problems = problems
        self.table.empty_text = "No problems found."
        self.table.set_rows(rows)
        counts = {name: sum(p.severity == name for p in problems) for name in _WORDS}
        parts = [f"{count} {_WORDS[name]}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
        self.summary.setText(" · ".join(parts))
        self._on_row(self.table.first_selected())
        self.countChanged.emit(len(problems))

    def _on_row(self, row: Row | None) -> None:
        problem: Problem | None = row[-1] if row else None
        secrets = problem is not None and bool(missing_secrets(self.session.project, problem.object, problem.field))
        self.detail.show_problem(problem, any_there=bool(self.problems), secrets=secrets)

    def _take_secrets(self) -> None:
        row = self.table.first_selected()
        if row is not None:
            problem: Problem = row[-1]
            self.session.apply(take_for_granted(self.session.project, problem.object, problem.field))
