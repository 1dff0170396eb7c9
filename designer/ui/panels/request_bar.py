"""The bar on top: undo and redo, who asks for what, the player's controls, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from designer.engine.trace.hops import Request, TraceResult
from designer.model import Problem, Scenario, scenarios_in_order
from designer.present.request_choices import destination_choices, source_choices, source_text
from designer.session import Change
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.fonts import mono_font
from designer.ui.kit.style import set_property
from designer.ui.kit.two_lines import TwoLines
from designer.ui.panels.callout import Callout
from designer.ui.panels.choice_field import ChoiceField
from designer.ui.panels.player_bar import PlayerBar

# Both fields at their widest, with the buttons round them: what a wider window brings goes to the timeline.
MOST_ASKING = 930


class RequestBar(QWidget):
    """Source, destination and Trace; then the player. `asked` carries a `Request` to be traced.

    `saveWanted` asks to keep the request as a scenario, `speedChosen` carries a speed.
    """

    asked = Signal(object)
    saveWanted = Signal()
    speedChosen = Signal(float)

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("requestBar")
        self.setAccessibleName("Request")
        self._session, self._selection, self._player = session, selection, player
        self._stale = True
        self.undo_button = QToolButton()
        self.redo_button = QToolButton()
        self.source = ChoiceField("From", "Who sends: a Pod, a workload, a Node, a client, an address", "Who sends")
        self.destination = ChoiceField("To", "Who is asked: http://service, name:port, an address", "URL or name:port")
        self.destination.setFont(mono_font(12))
        self.trace_button = push_button("Trace", self.ask, primary=True)
        self.trace_button.setToolTip("Follow this request hop by hop (Ctrl+T)")
        self.scenarios = tool_button("history", "Saved requests", size=18)
        self.scenarios.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.scenario_menu = QMenu(self)
        self.scenario_menu.aboutToShow.connect(self._fill_scenarios)
        self.scenarios.setMenu(self.scenario_menu)
        self.playing = PlayerBar(player)
        self.callout = Callout()
        self._code = ""
        self._arrange()
        self._connect()
        self._on_trace(player.result)

    # --- building

    def _arrange(self) -> None:
        asking = QWidget()
        asking.setMaximumWidth(MOST_ASKING)
        row = QHBoxLayout(asking)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        history = QHBoxLayout()
        history.setSpacing(0)
        for button in (self.undo_button, self.redo_button):
            button.setIconSize(QSize(18, 18))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            history.addWidget(button)
        row.addLayout(history)
        row.addSpacing(4)
        self.source.setMinimumWidth(128)
        self.destination.setMinimumWidth(136)
        self.source.setMaximumWidth(280)
        self.destination.setMaximumWidth(440)
        row.addWidget(self.source, 11)
        row.addWidget(self.destination, 14)
        row.addWidget(self.trace_button)
        self.trace_button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(self.scenarios)
        row.addStretch(1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 4, 0)
        self.lines = TwoLines(asking, self.playing, 12, (32, 27))
        whole.addWidget(self.lines)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        player = self._player
        self.source.textEdited.connect(self._clear_error)
        self.destination.textEdited.connect(self._clear_error)
        self.source.entered.connect(self.destination.setFocus)
        self.destination.entered.connect(self.ask)
        self.source.wanted.connect(self._fill_choices)
        self.destination.wanted.connect(self._fill_choices)
        self.source.picked.connect(self._on_source_picked)
        self._session.changed.connect(self._on_change)
        self._selection.changed.connect(self._on_selection)
        player.traceChanged.connect(self._on_trace)
        self.playing.speedChosen.connect(self.speedChosen)

    def set_history(self, undo: QAction, redo: QAction) -> None:
        """Nothing; puts the actions of undo and redo on their buttons."""
        self.undo_button.setDefaultAction(undo)
        self.redo_button.setDefaultAction(redo)

    # --- what is asked

    def request(self) -> Request:
        """The request as the fields say it."""
        return Request(self.source.value().strip(), self.destination.value().strip())

    def set_request(self, request: Request) -> None:
        """Nothing; shows a request in the fields."""
        self.source.set_choice(source_text(request.source), request.source)
        self.destination.set_choice(request.destination, request.destination)
        self._show_error(None, "")

    def set_source(self, source: str) -> None:
        """Nothing; puts an object id or an address into the source field."""
        self.source.set_choice(source_text(source), source)

    def set_destination(self, text: str) -> None:
        """Nothing; puts a destination into its field."""
        self.destination.set_choice(text, text)

    def ask(self) -> None:
        """Nothing; asks for what the fields say, or says which of them is empty."""
        for field, remedy in (
            (self.source, "Choose who sends: a Pod, a workload, a Node or an external client."),
            (self.destination, "Type where to: http://service, name:port or an address."),
        ):
            if not field.value().strip():
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                self._show_error(field, remedy)
                return
        self._show_error(None, "")
        self.asked.emit(self.request())

    def help_key(self) -> str:
        """The code of what is wrong with the request, "" when all is well: what F1 explains."""
        return self._code if self.error() else ""

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Nothing; shows why a request was not understood, at the field that it is about."""
        if not problems:
            return
        problem = problems[0]
        field = self.source if problem.code == "REQ-02" else self.destination
        words = " ".join(part for part in (f"{problem.title}.", problem.why, problem.fix) if part)
        self._show_error(field, words)
        self._code = problem.code

    def error(self) -> str:
        """The message beside the fields, "" when all is well."""
        return self.callout.text()

    def _show_error(self, field: ChoiceField | None, words: str) -> None:
        for each in (self.source, self.destination):
            wrong = each is field
            set_property(each, "invalid", wrong)
            each.setAccessibleDescription(words if wrong else "")
            each.setToolTip(words if wrong else each.hint)
        if field is None:
            self.callout.clear()
        else:
            self.callout.show_below(field, words)

    def _clear_error(self, _text: str) -> None:
        self._show_error(None, "")

    def _on_source_picked(self, _value: str) -> None:
        if not self.destination.value():
            self.destination.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_change(self, change: Change) -> None:
        self._stale = True
        if change.replaced:
            self.source.set_choice("", "")
            self.destination.set_choice("", "")
            self._show_error(None, "")

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        """Nothing; what is selected on the canvas is offered first in both lists."""
        self._stale = True

    def _fill_choices(self) -> None:
        state = self._session.state
        if not self._stale or state is None:
            return
        self._stale = False
        sources = source_choices(state)
        chosen = set(self._selection.ids)
        first = [choice for choice in sources if choice.value in chosen]
        self.source.set_choices((*first, *(choice for choice in sources if choice.value not in chosen)))
        names = {oid.partition(":")[2].rpartition("/")[2] for oid in chosen if oid.startswith("Service:")}
        targets = destination_choices(state)
        near = [t for t in targets if t.text.removeprefix("http://").removeprefix("https://").split(".")[0] in names]
        self.destination.set_choices((*near, *(target for target in targets if target not in near)))

    # --- scenarios

    def _fill_scenarios(self) -> None:
        menu = self.scenario_menu
        menu.clear()
        scenarios = scenarios_in_order(self._session.project.scenarios)
        for scenario in scenarios:
            action = menu.addAction(scenario.name.replace("&", "&&"))
            action.setData(scenario.name)
            action.triggered.connect(self._on_scenario)
        if not scenarios:
            menu.addAction("No saved requests").setEnabled(False)
        menu.addSeparator()
        save = menu.addAction("Save this request…")
        save.setEnabled(self._player.result is not None)
        save.triggered.connect(self.saveWanted)

    def _on_scenario(self) -> None:
        action = self.sender()
        scenario = self._session.project.scenarios.get(action.data()) if isinstance(action, QAction) else None
        if isinstance(scenario, Scenario):
            self.asked.emit(
                Request(
                    scenario.source,
                    scenario.destination,
                    method=scenario.method,
                    headers=tuple(scenario.headers.items()),
                )
            )

    def _on_trace(self, result: TraceResult | None) -> None:
        if result is None:
            return
        self.set_request(result.request)
        if self.source.hasFocus() or self.destination.hasFocus():
            # The request is answered: from now on the arrows and Space are for the packet.
            self.playing.slider.setFocus(Qt.FocusReason.OtherFocusReason)
