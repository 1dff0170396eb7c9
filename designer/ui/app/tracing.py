"""Asking the engine and keeping the answer true: a trace that is shown is asked again whenever the cluster changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.hops import Request, TraceResult
from designer.model import Problem, Scenario
from designer.session import Change
from designer.ui.bridge.player import Player
from designer.ui.bridge.prediction import Prediction
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit import motion


class Tracing(QObject):
    """The request that is shown. `asked` carries a `Request`, `refused` the problems of one that was not understood."""

    asked = Signal(object)
    refused = Signal(object)

    def __init__(
        self, bridge: SessionBridge, player: Player, prediction: Prediction, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._player = player
        self._prediction = prediction
        self.request: Request | None = None
        self.renewing = False  # while an answer is only made true again: the person looks at what was edited
        bridge.changed.connect(self._on_change)
        player.traceChanged.connect(self._on_trace)
        prediction.revealed.connect(self._reveal)

    def ask(self, request: Request) -> bool:
        """Trace a request and load the player with it; False when it was not understood (then `refused` was sent)."""
        result, problems = self._answer(request)
        self._prediction.drop()
        if result is not None and self._prediction.armed:
            self._player.load(None)  # nothing on the screen may tell the answer
            self._prediction.hold(result)
            self.asked.emit(request)
            return True
        self._player.load(result)
        if result is None:
            self.refused.emit(problems)
            return False
        self.asked.emit(request)
        return True

    def ask_scenario(self, scenario: Scenario) -> bool:
        """Trace a saved scenario."""
        return self.ask(scenario_request(scenario))

    def forget(self) -> None:
        """Nothing; shows no trace."""
        self._prediction.drop()
        self._player.load(None)

    def _reveal(self, result: TraceResult) -> None:
        """Nothing; a person has said what they expect: now it is shown, and played where things may move."""
        self._player.load(result)
        if not motion.reduced_motion():
            self._player.play()

    def _on_trace(self, result: TraceResult | None) -> None:
        """Nothing; whoever loaded the player, its request is the one that is kept true."""
        self.request = result.request if result is not None else None

    def _answer(self, request: Request) -> tuple[TraceResult | None, tuple[Problem, ...]]:
        state = self._bridge.session.state
        if state is None:
            why = "The simulation could not work out this project."
            return None, (Problem("REQ-03", "error", "There is nothing to ask", why=why, fix="See Problems."),)
        return ask(state, request)

    def _on_change(self, change: Change) -> None:
        """Nothing; an answer about another cluster must not stay on the screen."""
        held = self._prediction.held
        if change.replaced:
            self.forget()
        elif held is not None and change.state is not None:
            self._hold_again(held.request)
        elif self.request is not None and change.state is not None:
            self._again(self.request)

    def _hold_again(self, request: Request) -> None:
        result, problems = self._answer(request)
        if result is not None:
            self._prediction.hold(result)
        else:
            self._prediction.drop()
            self.refused.emit(problems)

    def _again(self, request: Request) -> None:
        result, problems = self._answer(request)
        player = self._player
        if result == player.result:
            return
        self._prediction.drop()  # what was judged is no longer so
        self.renewing = True
        place, way = player.position, player.path_index
        player.load(result, way)
        if result is None:
            self.refused.emit(problems)
        else:
            # Where the person was looking: the same step of the new answer, or its end.
            player.seek(float(int(place)))
        self.renewing = False
