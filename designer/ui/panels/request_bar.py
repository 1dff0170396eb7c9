"""The bar on top: undo and redo, who asks for what, the player's controls, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from designer.engine.trace.hops import Request, TraceResult
from designer.model import Problem, Scenario
from designer.present.request_choices import destination_choices, source_choices, source_text
from designer.session import Change
from designer.ui.bridge.player import SPEEDS, Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.fonts import SMALL, mono_font, ui_font
from designer.ui.kit.player import PlayerButtons, PlayerSlider
from designer.ui.kit.style import set_property
from designer.ui.kit.verdict import VerdictBadge
from designer.ui.panels.callout import Callout
from designer.ui.panels.choice_field import ChoiceField

NARROW = 1320
"""Below this width the hop count keeps its place and the fields give way."""


def speed_text(speed: float) -> str:
    """A speed as it stands on its button: ``1×``, ``¼×``."""
    return {0.25: "¼×", 0.5: "½×"}.get(speed, f"{speed:g}×")


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
        self.source = ChoiceField("From", "Pod, workload, Node, client")
        self.destination = ChoiceField("To", "http://service, name:port, address")
        self.destination.setFont(mono_font(12))
        self.trace_button = push_button("Trace", self.ask, primary=True)
        self.trace_button.setToolTip("Follow this request hop by hop (Ctrl+T)")
        self.scenarios = tool_button("history", "Saved requests", size=18)
        self.scenarios.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.scenario_menu = QMenu(self)
        self.scenario_menu.aboutToShow.connect(self._fill_scenarios)
        self.scenarios.setMenu(self.scenario_menu)
        self.buttons = PlayerButtons()
        self.speed = QToolButton()
        self.slider = PlayerSlider()
        self.badge = VerdictBadge()
        self.callout = Callout()
        self._arrange()
        self._connect()
        self._show_speed()
        self._on_trace(player.result)

    # --- building

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
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
        self.source.setMaximumWidth(340)
        self.destination.setMaximumWidth(560)
        row.addWidget(self.source, 5)
        row.addWidget(self.destination, 7)
        row.addWidget(self.trace_button)
        row.addWidget(self.scenarios)
        row.addSpacing(4)
        row.addWidget(self.buttons)
        row.addWidget(self.speed)
        self.slider.setMinimumWidth(184)
        row.addWidget(self.slider, 6)
        row.addWidget(self.badge)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.speed.setFont(ui_font(SMALL + 1))
        self.speed.setMinimumWidth(34)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName("Speed of the animation")
        self.speed.setToolTip("Speed of the animation")
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.speed)
        for value in SPEEDS:
            action = menu.addAction(speed_text(value))
            action.setData(value)
        menu.triggered.connect(self._on_speed)
        self.speed.setMenu(menu)

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
        player.pathChanged.connect(self._on_path)
        player.moved.connect(self._on_moved)
        player.playingChanged.connect(self.buttons.set_playing)
        self.buttons.first.connect(self._to_start)
        self.buttons.back.connect(self._back)
        self.buttons.play.connect(player.play)
        self.buttons.pause.connect(player.pause)
        self.buttons.forward.connect(self._forward)
        self.buttons.last.connect(self._to_end)
        self.slider.seeked.connect(self._on_seeked)

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

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Nothing; shows why a request was not understood, at the field that it is about."""
        if not problems:
            return
        problem = problems[0]
        field = self.source if problem.code == "REQ-02" else self.destination
        words = " ".join(part for part in (f"{problem.title}.", problem.why, problem.fix) if part)
        self._show_error(field, words)

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
        scenarios = self._session.project.scenarios
        for name in sorted(scenarios):
            action = menu.addAction(name.replace("&", "&&"))
            action.setData(name)
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

    # --- the player

    def _on_trace(self, result: TraceResult | None) -> None:
        if result is not None:
            self.set_request(result.request)
        self._on_path(self._player.path_index)

    def _on_path(self, _index: int) -> None:
        path = self._player.path
        hops = self._player.hops
        marks = [i for i, hop in enumerate(hops) if hop.before is not None and hop.before != hop.after]
        self.slider.set_trace(max(0, len(hops) - 1), path.verdict if path else "", marks, first=1)
        note = "" if path is None or path.share == 1 else f"{path.share.numerator}/{path.share.denominator}"
        self.badge.set_verdict(path.verdict if path else "", note)
        self.badge.setToolTip(path.reason if path else "")
        self.badge.setVisible(path is not None)
        self._on_moved(self._player.position)

    def _on_moved(self, position: float) -> None:
        index = self._player.index
        self.slider.setValue(index)
        self.slider.set_progress(position)
        self.buttons.set_position(index, max(0, len(self._player.hops) - 1))

    def _to_start(self) -> None:
        self._player.pause()
        self._player.seek(0.0)

    def _to_end(self) -> None:
        self._player.pause()
        self._player.seek(float(len(self._player.hops)))

    def _back(self) -> None:
        self._player.step(-1)

    def _forward(self) -> None:
        self._player.step(1)

    def _on_seeked(self, hop: int) -> None:
        self._player.pause()
        self._player.seek(float(hop))

    def _on_speed(self, action: QAction) -> None:
        self._player.speed = float(action.data())
        self._show_speed()
        self.speedChosen.emit(self._player.speed)

    def show_speed(self) -> None:
        """Nothing; shows the player's speed after somebody else changed it."""
        self._show_speed()

    def _show_speed(self) -> None:
        self.speed.setText(speed_text(self._player.speed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; on a narrow window the timeline gives way before the fields do."""
        super().resizeEvent(event)
        self.slider.setMinimumWidth(184 if event.size().width() < NARROW else 220)
