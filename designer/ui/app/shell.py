"""What every part of the application works with: the project, the selection, the player, the choices, the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from designer.ui.app.settings import Settings
from designer.ui.bridge.beside import Beside
from designer.ui.bridge.lab import Verifier
from designer.ui.bridge.overlays import Overlays
from designer.ui.bridge.player import Player
from designer.ui.bridge.prediction import Prediction
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.bridge.stream import Stream

if TYPE_CHECKING:
    from designer.ui.app.window import MainWindow


@dataclass(slots=True)
class Shell:
    """The shared objects of one window; `window` is set as soon as there is one."""

    bridge: SessionBridge
    selection: Selection
    player: Player
    settings: Settings
    window: MainWindow
    verifier: Verifier
    overlays: Overlays = field(default_factory=Overlays)
    prediction: Prediction = field(default_factory=Prediction)
    second: Beside = field(default_factory=Beside)
    stream: Stream = field(init=False)

    def __post_init__(self) -> None:
        self.stream = Stream(self.player)
