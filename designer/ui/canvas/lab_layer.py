"""What a Linux kernel said, over the picture: a mark on every edge that was tried, and beside the trace shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QPainter

from designer.ui.bridge.lab import Verifier
from designer.ui.bridge.player import Player
from designer.ui.canvas.lab_marks import SIDE, EdgeMark, draw_marks, place_marks
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.drawing import scale_of
from designer.ui.canvas.trace.placing import area, names_near
from designer.ui.canvas.trace_layer import TraceLayer
from designer.ui.kit.finding import draw_finding
from designer.ui.kit.theme import theme_changed

EDGES_Z, TRACE_Z = 9.0, 13.0
# From afar the marks would cover what they are about.
FROM_ZOOM = 0.3
# The mark of the trace, in pixels: its side, how far from the end of the trace its middle is, and in which directions.
TRACE_SIDE, TRACE_AWAY = 17.0, 19.0
AROUND = ((0.8, -0.8), (-0.8, -0.8), (1, 0), (-1, 0), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0, 1))
WORDS = {
    "confirmed": "Linux does the same",
    "different": "Linux does something else",
    "not-testable": "not testable on this Linux",
}
STALE_WORDS = "tried before the last changes"


class LabLayer(QObject):
    """Keeps the marks in line with scene, player and kept result. Make one for a scene; `close` takes it away.

    `noted` says that what there is to say of the trace may differ.
    """

    noted = Signal()

    def __init__(self, scene: CanvasScene, player: Player, verifier: Verifier, trace: TraceLayer) -> None:
        super().__init__(scene)
        self._scene, self._player, self._verifier, self._trace = scene, player, verifier, trace
        self.edge_marks: tuple[EdgeMark, ...] = ()
        self._mark_rect = QRectF()
        self._edges, self._pill = LayerItem(self.paint_edges), LayerItem(self.paint_trace)
        scene.add_layer(self._edges, EDGES_Z)
        scene.add_layer(self._pill, TRACE_Z)
        scene.shown.connect(self._on_shown)
        player.traceChanged.connect(self._on_trace)
        player.pathChanged.connect(self._on_trace)
        verifier.resultChanged.connect(self.rebuild)
        theme_changed.connect(self._on_trace)
        self.rebuild()

    def close(self) -> None:
        """Nothing; stops following and takes its items out of the scene."""
        scene, player = self._scene, self._player
        scene.shown.disconnect(self._on_shown)
        player.traceChanged.disconnect(self._on_trace)
        player.pathChanged.disconnect(self._on_trace)
        self._verifier.resultChanged.disconnect(self.rebuild)
        theme_changed.disconnect(self._on_trace)
        for item in (self._edges, self._pill):
            scene.removeItem(item)

    @property
    def stale(self) -> bool:
        """Whether the cluster was changed since."""
        return self._verifier.stale

    @property
    def trace_status(self) -> str:
        """What a kernel said of the request whose trace is shown; "" where it was not tried."""
        result = self._player.result
        return self._verifier.marks.requests.get(result.request, "") if result is not None else ""

    @property
    def trace_words(self) -> str:
        """The words beside the trace that is shown, "" where it was not tried."""
        status = self.trace_status
        if not status:
            return ""
        return f"{WORDS[status]} · {STALE_WORDS}" if self.stale else WORDS[status]

    def rebuild(self) -> None:
        """Nothing; finds out anew which edges are marked, and what is said of each object."""
        marks = self._verifier.marks
        self.edge_marks = found = place_marks(self._scene, marks, self.edge_marks)
        stale = f" ({STALE_WORDS})" if self.stale else ""
        self._scene.set_said({oid: f"{words}{stale}" for oid in marks.objects if (words := marks.words_of(oid))})
        half = SIDE
        area = QRectF()
        for mark in found:
            area = area.united(QRectF(mark.at.x() - half, mark.at.y() - half, 2 * half, 2 * half))
        self._edges.set_bounds(area)
        self._on_trace()

    def paint_edges(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws the marks on the edges in an area of the scene; those that a gesture moves follow."""
        if zoom >= FROM_ZOOM:
            draw_marks(painter, self._scene, self.edge_marks, exposed, stale=self.stale)

    def paint_trace(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws the mark beside the end of the trace that is shown, as large at every zoom below 100 %."""
        if self._mark_rect.isEmpty():
            return
        draw_finding(painter, self._mark_rect, self.trace_status, self._scene.theme, stale=self.stale)

    def _on_shown(self, _difference: object) -> None:
        self.rebuild()

    def _on_trace(self, _what: object = None) -> None:
        course, status = self._trace.course, self.trace_status
        self._mark_rect = QRectF()
        if course is not None and status:
            scale = scale_of(self._trace.zoom)
            self._mark_rect = self._beside(course.end, scale)
        self._pill.set_bounds(self._mark_rect.adjusted(-2, -2, 2, 2) if status else QRectF())
        self.noted.emit()

    def _beside(self, end: QPointF, scale: float) -> QRectF:
        """Where the mark of the trace stands: at the sign of the verdict, on the side where it covers least."""
        reach = 2 * TRACE_AWAY * scale
        names = [*names_near(self._scene, QRectF(end.x() - reach, end.y() - reach, 2 * reach, 2 * reach))]
        names += self._trace.label_rects
        found: list[tuple[float, int, QRectF]] = []
        for across, down in AROUND:
            centre = end + QPointF(across, down) * (TRACE_AWAY * scale)
            half = TRACE_SIDE * scale / 2
            rect = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
            found.append((sum(area(rect.intersected(name)) for name in names), len(found), rect))
        return min(found, key=lambda one: one[:2])[2]
