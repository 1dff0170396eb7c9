"""The controls of a trace's animation: the timeline and its five buttons."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractSlider, QHBoxLayout, QSizePolicy, QWidget

from designer.ui.kit.buttons import set_button_icon, tool_button
from designer.ui.kit.fonts import ui_font
from designer.ui.kit.theme import current_theme


class PlayerSlider(QAbstractSlider):
    """The timeline of a trace: how far the packet is, in the verdict's colour, with the hop count beside it.

    `value` is the hop, 0 before the first. `seeked` comes only when a person moves it, `valueChanged` always.
    Left, Right, Home and End move it; a click jumps there. `set_progress` moves the knob between two hops.
    Where there is little room the count is short: ``3/15``.
    """

    seeked = Signal(int)

    _GROOVE = 5.0
    _KNOB = 7.0
    _COUNT_WIDTH = 104
    _SHORT_WIDTH = 48
    _NARROW = 164

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = ""
        self._marks: tuple[int, ...] = ()
        self._progress = 0.0
        self._first = 0
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Hop of the trace")
        self.setPageStep(5)
        self.valueChanged.connect(self._on_value)
        self.set_trace(0)

    def set_trace(self, hops: int, verdict: str = "", marks: Iterable[int] = (), *, first: int = 0) -> None:
        """Nothing; sets the last hop, the verdict for the colour, and the hops that change the packet.

        `first` is the number that value 0 has in the words beside the line: 1 where hops are counted as in a list.
        """
        self._verdict = verdict
        self._first = first
        self._marks = tuple(sorted(mark for mark in marks if 0 < mark <= hops))
        self.setRange(0, hops)
        self.setEnabled(hops > 0)
        self.setValue(0)
        self._on_value(0)

    def set_progress(self, position: float) -> None:
        """Nothing; draws the knob at a position in hops (3.5: half way from hop 3 to hop 4), announcing nothing."""
        self._progress = min(max(position, 0.0), float(self.maximum()))
        self.update()

    def progress(self) -> float:
        """Where the knob is drawn, in hops."""
        return self._progress

    def count_text(self) -> str:
        """The words beside the line."""
        if not self.maximum() and not self._verdict:
            return "no trace"
        return f"hop {self.value() + self._first} of {self.maximum() + self._first}"

    def _on_value(self, value: int) -> None:
        self._progress = float(value)
        self.setAccessibleDescription(self.count_text())
        self.update()

    def sizeHint(self) -> QSize:
        """A comfortable length."""
        return QSize(320, 28)

    def minimumSizeHint(self) -> QSize:
        """The shortest line that can still be hit."""
        return QSize(60 + self._SHORT_WIDTH, 28)

    def _is_narrow(self) -> bool:
        return self.width() < self._NARROW

    def shown_count(self) -> str:
        """The words beside the line as they are painted: short where there is little room."""
        if not self._is_narrow():
            return self.count_text()
        if not self.maximum() and not self._verdict:
            return ""
        return f"{self.value() + self._first}/{self.maximum() + self._first}"

    def _track(self) -> QRectF:
        count = self._SHORT_WIDTH if self._is_narrow() else self._COUNT_WIDTH
        width = self.width() - count - 2 * (self._KNOB + 3)
        return QRectF(self._KNOB + 3, (self.height() - self._GROOVE) / 2, max(width, 1.0), self._GROOVE)

    def _x_of(self, hop: float) -> float:
        track = self._track()
        return track.left() + track.width() * (hop / self.maximum() if self.maximum() else 0.0)

    def hop_at(self, x: float) -> int:
        """The hop nearest to a horizontal position in the widget."""
        track = self._track()
        share = (x - track.left()) / track.width()
        return round(min(max(share, 0.0), 1.0) * self.maximum())

    def _seek(self, hop: int) -> None:
        hop = min(max(hop, 0), self.maximum())
        moved = hop != self.value() or self._progress != hop
        self.setValue(hop)
        self._on_value(hop)
        if moved:
            self.seeked.emit(hop)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; jumps to the hop under the mouse."""
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() < self._track().right() + 12:
            self.setSliderDown(True)
            self._seek(self.hop_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; drags the knob."""
        if self.isSliderDown():
            self._seek(self.hop_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Nothing; lets the knob go."""
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; one hop, five hops, or to either end."""
        steps = {
            Qt.Key.Key_Right: self.value() + 1,
            Qt.Key.Key_Up: self.value() + 1,
            Qt.Key.Key_Left: self.value() - 1,
            Qt.Key.Key_Down: self.value() - 1,
            Qt.Key.Key_PageUp: self.value() + self.pageStep(),
            Qt.Key.Key_PageDown: self.value() - self.pageStep(),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.maximum(),
        }
        target = steps.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
            return
        self._seek(target)

    def changeEvent(self, event: QEvent) -> None:
        """Nothing; repaints in the colours of a new theme."""
        super().changeEvent(event)
        self.update()

    def _color(self) -> QColor:
        theme = current_theme()
        if not self.isEnabled():
            return theme.color("line_strong")
        return theme.verdict_color(self._verdict) if self._verdict else theme.color("accent")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws line, progress, marks, knob and count."""
        theme, track, color = current_theme(), self._track(), self._color()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line"))
        painter.drawRoundedRect(track, self._GROOVE / 2, self._GROOVE / 2)
        knob = self._x_of(self._progress)
        painter.setBrush(color)
        painter.drawRoundedRect(track.adjusted(0, 0, knob - track.right(), 0), self._GROOVE / 2, self._GROOVE / 2)
        for mark in self._marks:
            x = self._x_of(mark)
            painter.setBrush(theme.color("panel") if x < knob else theme.color("muted"))
            painter.drawEllipse(QRectF(x - 1.25, track.center().y() - 1.25, 2.5, 2.5))
        if self.isEnabled():
            spot = QRectF(knob - self._KNOB, track.center().y() - self._KNOB, 2 * self._KNOB, 2 * self._KNOB)
            painter.setBrush(color)
            painter.drawEllipse(spot)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("accent"), 1.5))
                painter.drawEllipse(spot.adjusted(-2.25, -2.25, 2.25, 2.25))
        painter.setPen(theme.color("muted"))
        painter.setFont(ui_font(12, tabular=True))
        words = QRectF(track.right() + self._KNOB + 9, 0, self.width() - track.right() - self._KNOB - 9, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.shown_count())
        painter.end()


class PlayerButtons(QWidget):
    """First, step back, play or pause, step forward, last. They only say what was pressed."""

    first = Signal()
    back = Signal()
    play = Signal()
    pause = Signal()
    forward = Signal()
    last = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = False
        self._first = tool_button("skip-previous", "To the start", framed=True)
        self._back = tool_button("step-back", "Step back", framed=True)
        self._play = tool_button("play", "Play", primary=True)
        self._forward = tool_button("step-forward", "Step forward", framed=True)
        self._last = tool_button("skip-next", "To the end", framed=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self._first, self._back, self._play, self._forward, self._last):
            row.addWidget(button)
        self._first.clicked.connect(self.first)
        self._back.clicked.connect(self.back)
        self._play.clicked.connect(self._pressed)
        self._forward.clicked.connect(self.forward)
        self._last.clicked.connect(self.last)
        self.set_position(0, 0)

    def _pressed(self) -> None:
        (self.pause if self._playing else self.play).emit()

    def playing(self) -> bool:
        """True while the middle button means Pause."""
        return self._playing

    def set_playing(self, playing: bool) -> None:
        """Nothing; turns the middle button into Pause or back into Play."""
        self._playing = playing
        set_button_icon(self._play, "pause" if playing else "play", "Pause" if playing else "Play")

    def set_position(self, hop: int, hops: int) -> None:
        """Nothing; enables what makes sense at a hop: no way back at the start, none forward at the end."""
        for button in (self._first, self._back):
            button.setEnabled(hops > 0 and hop > 0)
        for button in (self._forward, self._last):
            button.setEnabled(hop < hops)
        self._play.setEnabled(hops > 0)
