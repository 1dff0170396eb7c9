"""A request by two clicks: who sends, then who is asked, with a line between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QLineF, QPoint, QPointF, Qt

from designer.engine.compile import ClusterState
from designer.present.destination_text import destination_text
from designer.ui.canvas.facts import OUTSIDE, owner_of
from designer.ui.canvas.gestures.hint import Hint
from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.stage import Stage

ASK_SOURCE = "Click who sends the request. Esc cancels."
ASK_DESTINATION = "Now click who is asked. Esc cancels."
NOBODY = "Nobody can be asked there: click a Service, an Ingress, a Pod, a Node or a host."
# Kinds that send. A workload stands for one of its Pods.
SENDERS = frozenset(
    {
        "Pod",
        "Node",
        "ExternalClient",
        "ExternalHost",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Job",
        "CronJob",
    }
)


class TwoClicks:
    """The mode between the call of `begin` and the second click. `asked` is called with source and destination.

    `senders` and `receivers` are the kinds that may be clicked; without receivers whatever can be asked for.
    """

    ask_source: ClassVar[str] = ASK_SOURCE
    ask_destination: ClassVar[str] = ASK_DESTINATION
    no_source: ClassVar[str] = "Only Pods, workloads, Nodes and what is outside send requests."
    no_destination: ClassVar[str] = NOBODY
    senders: ClassVar[frozenset[str]] = SENDERS | {OUTSIDE}
    receivers: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, stage: Stage, marks: GestureMarks, hint: Hint, asked: Callable[[str, str], None]) -> None:
        self._stage = stage
        self._marks = marks
        self._hint = hint
        self._asked = asked
        self.active = False
        self.source = ""

    def begin(self, source: str = "") -> None:
        """Nothing; the next click chooses the source, or the destination when the source is given."""
        self.active = True
        self.source = source
        self._stage.view.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self._say(self._stage.view.viewport().rect().center())

    def _say(self, at: QPoint, words: str = "", *, ok: bool = True) -> None:
        text = words or (self.ask_destination if self.source else self.ask_source)
        self._hint.show_on(at, text, ok=ok)

    def destination(self, state: ClusterState, oid: str) -> str:
        """What a person would type to ask for an object, "" where nobody can be asked there."""
        return destination_text(state, oid)

    def move(self, at: QPointF) -> None:
        """Nothing; the line follows the mouse, and what would be chosen is marked."""
        oid = self._stage.scene.object_at(at) or ""
        self._stage.scene.set_marks(hovered=oid)
        if self.source:
            start = self._stage.scene.anchor(self.source, at)
            self._marks.line = QLineF(start, at)
            self._marks.update()
        self._say(self._stage.view.mapFromScene(at))

    def choose(self, at: QPointF) -> None:
        """Nothing; takes what is at a scene point, or says why it cannot be taken."""
        self.choose_object(self._stage.scene.object_at(at) or "", at)

    def choose_object(self, oid: str, at: QPointF) -> None:
        """Nothing; takes an object as source or destination."""
        point = self._stage.view.mapFromScene(at)
        if not oid:
            self._say(point)
            return
        if not self.source:
            if oid.partition(":")[0] not in self.senders:
                self._say(point, self.no_source, ok=False)
                return
            self.source = oid
            self._marks.line = QLineF(self._stage.scene.anchor(oid, at), at)
            self._marks.update()
            self._say(point)
            return
        state = self._stage.scene.state
        refused = bool(self.receivers) and oid.partition(":")[0] not in self.receivers
        text = self.destination(state, owner_of(oid)) if state is not None and not refused else ""
        if not text:
            self._say(point, self.no_destination, ok=False)
            return
        source = self.source
        self.cancel()
        self._asked(source, text)

    def cancel(self) -> None:
        """Nothing; ends the mode."""
        self.active = False
        self.source = ""
        self._marks.clear()
        self._hint.hide()
        self._stage.scene.set_marks(hovered="")
        self._stage.view.viewport().unsetCursor()
