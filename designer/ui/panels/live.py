"""What every panel of results has: it follows the compiled cluster, but works only while somebody can see it."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.engine.compile import ClusterState
from designer.session import Change
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge

MARGIN = 8


class LivePanel(QWidget):
    """A panel that calls `refresh` after a change of the cluster: at once while it is shown, else when it next is.

    `NAME` is its accessible name and object name. A panel that has to count in the background sets `ALWAYS`.
    `start` is where the keyboard begins; None: at its table, else at its first control.
    `helpWanted` carries the key of the topic of Help that a person wants to read.
    """

    helpWanted = Signal(str)
    NAME: ClassVar[str] = ""
    ALWAYS: ClassVar[bool] = False

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.selection = selection
        self.player = player
        self._stale = True
        self.topic = ""
        self.start: QWidget | None = None
        self.setObjectName(f"panel-{self.NAME.lower()}")
        self.setAccessibleName(self.NAME)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.column.setSpacing(MARGIN)
        session.changed.connect(self._on_change)

    @property
    def state(self) -> ClusterState | None:
        """The compiled cluster, None before the first compilation."""
        return self.session.state

    def help_key(self) -> str:
        """The key of the topic that explains what is chosen here, "" for nothing: what F1 shows; `topic` by default."""
        return self.topic

    def refresh(self) -> None:
        """Nothing; shows what the cluster is now. Each panel has its own."""

    def make_stale(self) -> None:
        """Nothing; what is shown is out of date: refreshes now or when the panel is next seen."""
        self._stale = True
        if self.isVisible() or self.ALWAYS:
            self._catch_up()

    def _on_change(self, change: Change) -> None:
        # A compilation that took longer than its edit comes later, with an empty difference.
        if change.diff.touches_engine or change.diff.is_empty:
            self.make_stale()

    def _catch_up(self) -> None:
        if self._stale:
            self._stale = False
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; catches up with what happened while nobody looked."""
        super().showEvent(event)
        self._catch_up()
