"""Predict before play: a trace held back until a person has said where its packet will end."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.present.prediction_text import Guess, Judgement, judge


class Prediction(QObject):
    """Armed or not; the trace that is held; the guess so far; what the last guess was worth.

    `changed` says that one of these differs; `revealed` carries the held trace when it is to be shown.
    """

    changed = Signal()
    revealed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.armed = False
        self.held: TraceResult | None = None
        self.guess = Guess()
        self.judgement: Judgement | None = None

    @property
    def asking(self) -> bool:
        """Whether a person is asked now."""
        return self.held is not None

    def arm(self, armed: bool) -> None:
        """Nothing; asks before each trace from now on, or not; what is held when it ends is shown."""
        self.armed = armed
        if not armed and self.asking:
            self.leave()
        else:
            self.changed.emit()

    def hold(self, result: TraceResult) -> None:
        """Nothing; keeps a trace back and asks; the guess begins anew unless the same request is only answered anew."""
        if self.held is None or self.held.request != result.request:
            self.guess = Guess()
        self.held, self.judgement = result, None
        self.changed.emit()

    def set_guess(self, guess: Guess) -> None:
        """Nothing; takes what a person has marked so far."""
        if guess != self.guess:
            self.guess = guess
            self.changed.emit()

    def see(self, state: ClusterState) -> None:
        """Nothing; judges the guess and shows the trace."""
        if self.held is not None:
            self._reveal(judge(self.guess, self.held, state))

    def leave(self) -> None:
        """Nothing; shows the trace without judging."""
        if self.held is not None:
            self._reveal(None)

    def drop(self) -> None:
        """Nothing; forgets what is held and what was judged, without showing it."""
        if self.held is not None or self.judgement is not None:
            self.held, self.judgement, self.guess = None, None, Guess()
            self.changed.emit()

    def _reveal(self, judgement: Judgement | None) -> None:
        result, self.held, self.judgement = self.held, None, judgement
        self.revealed.emit(result)
        self.changed.emit()
