"""The part of the bar that plays a trace: buttons, speed, timeline and verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from designer.ui.bridge.player import SPEEDS, Player
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.player import PlayerButtons, PlayerSlider
from designer.ui.kit.verdict import VerdictBadge


def speed_text(speed: float) -> str:
    """A speed as it stands on its button: ``1×``, ``¼×``."""
    return {0.25: "¼×", 0.5: "½×"}.get(speed, f"{speed:g}×")


class PlayerBar(QWidget):
    """Follows a `Player` and moves it. `speedChosen` carries a speed that a person chose.

    `loopWanted` says that playing again and again is to begin, or to end.
    """

    speedChosen = Signal(float)
    loopWanted = Signal()

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("playerBar")
        self.setAccessibleName("Player")
        self._player = player
        self.buttons = PlayerButtons()
        self.speed = QToolButton()
        self.slider = PlayerSlider()
        self.badge = VerdictBadge()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.buttons)
        row.addWidget(self.speed)
        row.addWidget(self.slider, 1)
        row.addWidget(self.badge)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._build_speed()
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
        self.show_speed()
        self._on_path(player.path_index)

    def _build_speed(self) -> None:
        self.speed.setFont(ui_font(SMALL + 1))
        self.speed.setMinimumWidth(48)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName("Speed of the animation")
        self.speed.setToolTip("Speed of the animation")
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.speed)
        for value in SPEEDS:
            action = menu.addAction(speed_text(value))
            action.setData(value)
            action.setCheckable(True)
        menu.addSeparator()
        self.loop = menu.addAction("Again and again")
        self.loop.setCheckable(True)
        menu.aboutToShow.connect(self._tick)
        menu.triggered.connect(self._on_speed)
        self.speed.setMenu(menu)

    def _tick(self) -> None:
        """Nothing; marks in the menu of speeds what is on."""
        for action in self.speed.menu().actions():
            if action.data() is not None:
                action.setChecked(action.data() == self._player.speed)
        self.loop.setChecked(self._player.loop)

    def _on_trace(self, _result: object) -> None:
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
        if action is self.loop:
            self.loopWanted.emit()
            return
        self._player.speed = float(action.data())
        self.show_speed()
        self.speedChosen.emit(self._player.speed)

    def show_speed(self) -> None:
        """Nothing; shows the player's speed."""
        self.speed.setText(speed_text(self._player.speed))
