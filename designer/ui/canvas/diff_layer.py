"""What a change opens and closes, over the picture: a line for each flow, with a sign, and its ports from near."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from designer.present.flow_changes import SIGNS, FlowChange
from designer.ui.canvas.edge_ways import side_points, way
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.flow_places import MOST_PLACED, FlowPlace, flow_places
from designer.ui.canvas.layer_item import LayerItem
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.worded import worded_rects
from designer.ui.kit.fonts import SEMIBOLD, mono_font, ui_font
from designer.ui.kit.theme import current_theme, theme_changed

Z = 8.0
# More lines than these cannot be told apart; the list has them all.
MOST_LINES = 300
SIGN, WORDS_FROM = 16.0, 0.75
# Ports are written on so many lines, and signs alone on more.
MOST_TOLD = 40
# From this zoom on the words of the picture can be read, and lines let them be: they are faint where they cross them.
READ_FROM, OVER_WORDS, MARKED_OVER_WORDS = 0.42, 60, 130
# What happened → colour, and dashes (none: a solid line).
LOOKS: dict[str, tuple[str, tuple[float, ...]]] = {
    "opened": ("verdict:delivered", ()),
    "closed": ("error", (5, 3)),
    "changed": ("accent", (8, 3, 2, 3)),
    "unclear": ("verdict:cannot-tell", (2, 3)),
}


@dataclass(frozen=True, slots=True)
class DrawnFlow:
    """A flow with the line that stands for it."""

    flow: FlowChange
    path: QPainterPath


class DiffLayer(QObject):
    """Draws flows over a scene and follows it. `counted` carries how many are drawn and how many cannot be."""

    counted = Signal(int, int)

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        self._scene = scene
        self._flows: tuple[FlowChange, ...] = ()
        self.drawn: tuple[DrawnFlow, ...] = ()
        self.marked: FlowChange | None = None
        self._placed: tuple[float, tuple[FlowPlace, ...]] | None = None
        self._words: tuple[QRectF, ...] = ()
        self._beside_words, self._over_words = QPainterPath(), QPainterPath()
        self._item = LayerItem(self.paint)
        scene.add_layer(self._item, Z)
        scene.shown.connect(self._on_shown)
        theme_changed.connect(self._on_shown)

    def close(self) -> None:
        """Nothing; stops following and takes the lines off the picture."""
        self._scene.shown.disconnect(self._on_shown)
        theme_changed.disconnect(self._on_shown)
        self._scene.removeItem(self._item)

    def show_flows(self, flows: tuple[FlowChange, ...], marked: FlowChange | None = None) -> None:
        """Nothing; shows these; `marked` stands out from the others."""
        self._flows, self.marked = flows, marked
        self._rebuild()

    def _on_shown(self, _what: object = None) -> None:
        self._rebuild()

    def _rebuild(self) -> None:
        drawn: list[DrawnFlow] = []
        bounds = QRectF()
        beside: dict[tuple[str, str], int] = {}
        for flow in self._flows:
            src, dst = self._rect(flow.src_id), self._rect(flow.dst_id)
            if src is None or dst is None or len(drawn) >= MOST_LINES:
                continue
            key = (flow.src_id, flow.dst_id)
            beside[key] = beside.get(key, 0) + 1
            path = _line(src, dst, 10.0 * (beside[key] - 1))
            drawn.append(DrawnFlow(flow, path))
            bounds = bounds.united(path.boundingRect().adjusted(-80, -30, 80, 30))
        self.drawn = tuple(drawn)
        self._placed = None
        self._words = worded_rects(self._scene, bounds) if len(drawn) <= MOST_PLACED else ()
        self._beside_words = QPainterPath()
        self._beside_words.addRect(bounds)
        self._over_words = QPainterPath()
        for rect in self._words:
            self._beside_words.addRect(rect)
            self._over_words.addRect(rect)
        self._item.set_bounds(bounds)
        self.counted.emit(len(drawn), len(self._flows) - len(drawn))

    def _rect(self, oid: str) -> QRectF | None:
        """Where an end is drawn: the workload, the first of its Pods, or the place for what is outside."""
        scene = self._scene
        if not oid:
            return scene.rect_of(OUTSIDE)
        rect = scene.rect_of(oid)
        if rect is not None:
            return rect
        pods = scene.owned.rects(scene.state, oid)
        return pods[0] if pods else None

    def paint(self, painter: QPainter, zoom: float, exposed: QRectF) -> None:
        """Nothing; draws every line with its sign half way, the marked one last and thicker."""
        ordered = sorted(self.drawn, key=lambda one: one.flow == self.marked)
        if self._words and zoom >= READ_FROM:
            for clip, over in ((self._beside_words, False), (self._over_words, True)):
                painter.save()
                painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
                self._paint_lines(painter, ordered, zoom, over_words=over)
                painter.restore()
        else:
            self._paint_lines(painter, ordered, zoom, over_words=False)
        places = dict(zip(map(id, self.drawn), self._places(zoom), strict=True))
        for one in ordered:
            self._paint_sign(painter, one, zoom, places[id(one)])

    def _paint_lines(self, painter: QPainter, ordered: list[DrawnFlow], zoom: float, *, over_words: bool) -> None:
        for one in ordered:
            token, dashes = LOOKS[one.flow.what]
            color = QColor(current_theme().color(token))
            faint = self.marked is not None and one.flow != self.marked
            color.setAlpha(90 if faint else 255)
            if over_words:
                color.setAlpha(MARKED_OVER_WORDS if one.flow == self.marked else OVER_WORDS)
            width = (3.2 if one.flow == self.marked else 2.0) / max(0.2, min(zoom, 1.0))
            pen = QPen(color, width)
            if dashes:
                pen.setDashPattern(list(dashes))
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(one.path)
            _arrow(painter, one.path, color, width)

    def _places(self, zoom: float) -> tuple[FlowPlace, ...]:
        """Where sign and words of each line stand at this zoom; worked out once for it."""
        if self._placed is None or self._placed[0] != zoom:
            metrics = QFontMetricsF(mono_font(10))
            told = zoom >= WORDS_FROM and len(self.drawn) <= MOST_TOLD
            widths = [metrics.horizontalAdvance(_words(one.flow, metrics)) + 8 if told else None for one in self.drawn]
            paths = [one.path for one in self.drawn]
            self._placed = zoom, flow_places(paths, _side(zoom), widths, self._words if zoom >= READ_FROM else ())
        return self._placed[1]

    def _paint_sign(self, painter: QPainter, one: DrawnFlow, zoom: float, place: FlowPlace) -> None:
        theme = current_theme()
        token, _ = LOOKS[one.flow.what]
        faint = self.marked is not None and one.flow != self.marked
        side, at = _side(zoom), place.at
        box = QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
        painter.setPen(QPen(theme.color(token, 120 if faint else 255), side / 10))
        painter.setBrush(theme.color("canvas"))
        painter.drawEllipse(box)
        font = ui_font(12, SEMIBOLD)
        font.setPixelSize(max(1, round(side * 0.8)))
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, SIGNS[one.flow.what])
        if place.words is not None and not faint:
            painter.setFont(mono_font(10))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("canvas", 225))
            painter.drawRoundedRect(place.words, 3, 3)
            painter.setPen(theme.color("text"))
            words = _words(one.flow, QFontMetricsF(mono_font(10)))
            painter.drawText(place.words, Qt.AlignmentFlag.AlignCenter, words)


def _side(zoom: float) -> float:
    """How big a sign is, in scene units: not too small to be read from afar."""
    return SIGN / max(0.35, min(zoom, 1.0))


def _words(flow: FlowChange, metrics: QFontMetricsF) -> str:
    return metrics.elidedText(flow.words, Qt.TextElideMode.ElideRight, 150)


def _line(src: QRectF, dst: QRectF, shift: float) -> QPainterPath:
    """The way of a line; one to the same place loops, others beside the first run lower."""
    if src == dst:
        path = QPainterPath(QPointF(src.right(), src.center().y()))
        top = QPointF(src.right() + 40, src.top() - 20)
        path.cubicTo(top, QPointF(src.right() - 20, src.top() - 40), QPointF(src.center().x(), src.top()))
        return path
    start, end = side_points(src, dst)
    path = way(start, end, src, dst)
    return path.translated(0, shift) if shift else path


def _arrow(painter: QPainter, path: QPainterPath, color: QColor, width: float) -> None:
    end, before = path.pointAtPercent(1.0), path.pointAtPercent(0.97)
    length = max(0.001, ((end.x() - before.x()) ** 2 + (end.y() - before.y()) ** 2) ** 0.5)
    ux, uy = (end.x() - before.x()) / length, (end.y() - before.y()) / length
    size = 4.5 * width
    head = QPainterPath(end)
    head.lineTo(end.x() - size * ux - size * uy / 2, end.y() - size * uy + size * ux / 2)
    head.lineTo(end.x() - size * ux + size * uy / 2, end.y() - size * uy - size * ux / 2)
    head.closeSubpath()
    painter.fillPath(head, color)
