"""The question of predict before play: how will this packet end, and where?"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from designer.engine.trace.hops import TraceResult
from designer.model import VERDICTS
from designer.present.prediction_text import Guess
from designer.present.request_choices import source_text
from designer.present.words import object_text, verdict_text
from designer.ui.bridge.prediction import Prediction
from designer.ui.bridge.selection import Selection
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role

PLACE_HINT = "Where? Click the place on the canvas, or select it there with Tab."
COLUMNS = 3


class PredictView(ScrollArea):
    """Asks for a verdict and a place. `wanted` says that the person wants to see; Escape leaves.

    The place is what is selected on the canvas while the question stands.
    """

    wanted = Signal()

    def __init__(self, prediction: Prediction, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prediction, self._selection = prediction, selection
        self.setAccessibleName("Predict before play")
        self.question = QLabel()
        self.question.setFont(ui_font(BODY, SEMIBOLD))
        self.question.setWordWrap(True)
        self.place = QLabel(PLACE_HINT)
        self.no_place = tool_button("close-x", "Mark no place", size=14)
        self.no_place.clicked.connect(lambda _checked=False: selection.clear())
        self.see = push_button("See what happens", self.wanted.emit, primary=True)
        self.leave = push_button("Just show it", prediction.leave)
        self.verdicts = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        self.setWidget(self._inner())
        self.verdicts.buttonToggled.connect(lambda _button, _on: self._guess())
        selection.changed.connect(self._on_selection)
        prediction.changed.connect(self.follow)

    def _inner(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(8)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(COLUMNS, 1)
        for at, verdict in enumerate(VERDICTS):
            button = QRadioButton(verdict_text(verdict))
            self.verdicts.addButton(button)
            self.buttons[verdict] = button
            grid.addWidget(button, at // COLUMNS, at % COLUMNS)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.place)
        where.addWidget(self.no_place)
        where.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.see)
        below.addWidget(self.leave)
        below.addStretch(1)
        set_role(self.place, "muted")
        column.addWidget(self.question)
        column.addLayout(grid)
        column.addLayout(where)
        column.addLayout(below)
        column.addStretch(1)
        return inner

    def ask(self, result: TraceResult) -> None:
        """Nothing; puts the question about a trace, with nothing marked."""
        request = result.request
        self.question.setText(
            f"{source_text(request.source)} → {request.destination}: how will the first packet of this request end?"
        )
        self.verdicts.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(False)
        self.verdicts.setExclusive(True)
        self._selection.clear()
        self.follow()
        self.buttons["delivered"].setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Nothing; shows what is marked."""
        guess = self._prediction.guess
        self.place.setText(f"It ends at {object_text(guess.place)}" if guess.place else PLACE_HINT)
        self.no_place.setVisible(bool(guess.place))
        self.see.setEnabled(bool(guess.verdict or guess.place))

    def _guess(self) -> None:
        if self._prediction.asking:
            chosen = next((verdict for verdict, button in self.buttons.items() if button.isChecked()), "")
            self._prediction.set_guess(Guess(chosen, self._prediction.guess.place))

    def _on_selection(self, ids: tuple[str, ...]) -> None:
        if self._prediction.asking:
            place = ids[0] if len(ids) == 1 else ""
            self._prediction.set_guess(Guess(self._prediction.guess.verdict, place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Enter shows what happens where something is marked, Escape shows it without judging."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.see.isEnabled():
            self.wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self._prediction.leave()
        else:
            super().keyPressEvent(event)
