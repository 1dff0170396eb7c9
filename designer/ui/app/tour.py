"""The guided tour: four steps that point at the real parts of the window; it can be left at any moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from designer.ui.kit.buttons import push_button
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import SEMIBOLD, ui_font
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import OBJECT_RADIUS

if TYPE_CHECKING:
    from designer.ui.app.window import MainWindow

WIDTH, GAP = 340, 14
# How often it is looked whether the part of the step has moved: banners and bars come and go without the window's size.
LOOK_MS = 150


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step: its title, its words, and the part of the window that it is about."""

    title: str
    words: str
    target: Callable[[MainWindow], QWidget]


def _inspector(window: MainWindow) -> QWidget:
    window.sides.show_side("inspector", True)
    panel = window.make_inspector()
    # It may have been made just now: a layout shows it only when the events are through.
    panel.show()
    return panel


def _bottom(window: MainWindow) -> QWidget:
    window.sides.show_side("bottom", True)
    window.bottom.show_panel("trace")
    return window.bottom


STEPS: tuple[TourStep, ...] = (
    TourStep(
        "Your cluster",
        "Nodes hold Pods, Services lead to them. Drag anything here from the palette on the left; the lines are worked "
        "out from labels and references.",
        lambda window: window.canvas,
    ),
    TourStep(
        "Ask what a request will do",
        "Choose who sends and what it asks for, then press Trace. The verdict stands at the right.",
        lambda window: window.request_bar,
    ),
    TourStep(
        "Every hop, with the rule that decides",
        "Press ▶ above or F5 to play the packet; Alt+→ and Alt+← go one hop on and back. Select a hop to read what "
        "decided.",
        _bottom,
    ),
    TourStep(
        "Change something",
        "Select an object and change it here: the trace and the problems answer at once. Undo takes anything back.",
        _inspector,
    ),
)


class _Ring(QWidget):
    """The outline round the part that a step is about; the mouse goes through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the outline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(current_theme().color("accent"), 3))
        painter.drawRoundedRect(self.rect().adjusted(2, 2, -2, -2), OBJECT_RADIUS, OBJECT_RADIUS)
        painter.end()


class Tour(QFrame):
    """The bubble with the words of a step. Escape and “Leave the tour” end it; the window works meanwhile.

    It begins at the step where it was left, also when the program ended meanwhile; after its last step at the first.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.place = 0
        self.setObjectName("tour")
        self.setAccessibleName("Guided tour")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        set_role(self, "card")
        self.ring = _Ring(window)
        self.title, self.words, self.count = QLabel(), QLabel(), QLabel()
        self.title.setFont(ui_font(13, SEMIBOLD))
        self.words.setWordWrap(True)
        set_role(self.count, "muted")
        self.leave = push_button("Leave the tour", self._leave)
        self.back = push_button("Back", self._back)
        self.next = push_button("Next", self._next, primary=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        for label in (self.title, self.words, self.count):
            column.addWidget(label)
        row = QHBoxLayout()
        row.addWidget(self.leave)
        row.addStretch(1)
        row.addWidget(self.back)
        row.addWidget(self.next)
        column.addLayout(row)
        self.setFixedWidth(WIDTH)
        self._part: QWidget | None = None
        self._stood = QRect()
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._keep_up)
        self._look.start()
        window.installEventFilter(self)
        self.show_step(window.shell.settings.get("tour/step"))

    @property
    def target(self) -> QRect:
        """Where the part of the step is, in the window."""
        self._part = STEPS[self.place].target(self._window)
        return self._where(self._part)

    def _where(self, part: QWidget) -> QRect:
        return QRect(part.mapTo(self._window, QPoint(0, 0)), part.size())

    def _keep_up(self) -> None:
        """Nothing; follows a part that has moved; one that a person has closed stays closed."""
        part = self._part
        if part is not None and isValid(part) and part.isVisible() and self._where(part) != self._stood:
            self.follow()

    def show_step(self, place: int) -> None:
        """Nothing; shows a step."""
        self.place = place
        self._window.shell.settings.set("tour/step", place)
        step = STEPS[place]
        self.title.setText(step.title)
        self.words.setText(step.words)
        self.count.setText(f"Step {place + 1} of {len(STEPS)}")
        self.setAccessibleDescription(f"{step.title}. {step.words}")
        self.back.setEnabled(place > 0)
        self.next.setText("Done" if place == len(STEPS) - 1 else "Next")
        self.follow()
        self.ring.show()
        self.ring.raise_()
        self.show()
        self.raise_()
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Nothing; stands beside its part, wherever that is now."""
        target = self._stood = self.target
        self.ring.setGeometry(target.adjusted(-2, -2, 2, 2).intersected(self._window.rect()))
        # The words of this step may take more lines than those of the one before.
        self.resize(WIDTH, self.heightForWidth(WIDTH))
        room = self._window.rect().adjusted(GAP, GAP, -GAP, -GAP)
        below = target.bottom() + GAP + self.height() < room.bottom()
        above = target.top() - GAP - self.height() > room.top()
        top = target.bottom() + GAP if below else target.top() - GAP - self.height() if above else target.top() + GAP
        left = min(max(room.left(), target.center().x() - self.width() // 2), room.right() - self.width())
        if not below and not above:
            # Beside a tall part, else in its corner.
            free = target.left() - GAP - self.width() > room.left()
            left = target.left() - GAP - self.width() if free else target.right() - GAP - self.width()
            top = target.top() + 3 * GAP
        self.move(max(room.left(), left), min(max(room.top(), top), room.bottom() - self.height()))

    def _back(self) -> None:
        self.show_step(max(0, self.place - 1))

    def _next(self) -> None:
        if self.place + 1 < len(STEPS):
            self.show_step(self.place + 1)
        else:
            self._window.shell.settings.set("tour/step", 0)
            self.end()

    def _leave(self) -> None:
        self.end()
        self._window.messages.tell("Help → Guided tour goes on from here.")

    def end(self) -> None:
        """Nothing; takes the tour off the window, which will not begin it again by itself."""
        self._window.shell.settings.set("window/welcomed", True)
        self._window.removeEventFilter(self)
        self._look.stop()
        self.ring.hide()
        self.ring.deleteLater()
        self.hide()
        self.deleteLater()
        self._window.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether the event was used: none; the bubble follows the window."""
        if event.type() == QEvent.Type.Resize:
            self.follow()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Escape leaves, the arrows go on and back."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif event.key() == Qt.Key.Key_Right:
            self._next()
        elif event.key() == Qt.Key.Key_Left:
            self._back()
        else:
            super().keyPressEvent(event)
