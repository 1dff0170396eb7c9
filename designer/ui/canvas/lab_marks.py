"""What a Linux kernel said, as marks on edges: where they stand, and how they are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

from designer.present.verification_marks import VerificationMarks
from designer.ui.canvas.edges import MOST_LINES
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.finding import draw_finding

SIDE = 15.0
# Where on its edge a mark stands: half way, or where no other mark is.
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)


@dataclass(frozen=True, slots=True)
class EdgeMark:
    """A mark on an edge: its place among the edges, where it stands, its status."""

    place: int
    path: QPainterPath
    at: QPointF
    status: str


def place_marks(
    scene: CanvasScene, marks: VerificationMarks, before: tuple[EdgeMark, ...] = ()
) -> tuple[EdgeMark, ...]:
    """The marks on the edges of a picture; one whose edge runs as `before` stays where it was."""
    edges = scene.edges.edges
    found: list[EdgeMark] = []
    if not marks.pairs or len(edges) > MOST_LINES:
        return ()
    known = {id(mark.path): mark for mark in before}
    taken: dict[tuple[int, int], list[QPointF]] = {}
    for place, edge in enumerate(edges):
        if edge.verdict:  # its sign stands half way, where edges that cross it have their middle too
            sign = scene.edges.path_of(place).pointAtPercent(0.5)
            taken.setdefault(_cell(sign), []).append(sign)
    for place, edge in enumerate(edges):
        status = marks.of_edge(edge.source, edge.details or (edge.target,))
        if status:
            path = scene.edges.path_of(place)
            old = known.get(id(path))
            at = old.at if old is not None else _free(scene, path, bool(edge.verdict), taken)
            taken.setdefault(_cell(at), []).append(at)
            found.append(EdgeMark(place, path, at, status))
    return tuple(found)


def draw_marks(
    painter: QPainter, scene: CanvasScene, marks: tuple[EdgeMark, ...], exposed: QRectF, *, stale: bool = False
) -> None:
    """Nothing; draws the marks in an area of the scene; those whose edges a gesture moves follow."""
    layer = scene.edges
    for mark in marks:
        at = mark.at
        if mark.place < len(layer.edges):
            path = layer.path_of(mark.place)
            at = mark.at if path is mark.path or path == mark.path else path.pointAtPercent(0.5)
        box = QRectF(at.x() - SIDE / 2, at.y() - SIDE / 2, SIDE, SIDE)
        if box.intersects(exposed):
            draw_finding(painter, box, mark.status, scene.theme, stale=stale)


def _free(scene: CanvasScene, path: QPainterPath, judged: bool, taken: dict[tuple[int, int], list[QPointF]]) -> QPointF:
    """Where a mark stands on its edge: half way, where neither another mark, a thing, nor a verdict's sign is."""
    stock = scene.stock
    places = PLACES[1:] if judged else PLACES
    for part in places:
        at = path.pointAtPercent(part)
        if _crowded(at, taken):
            continue
        box = QRectF(at.x() - SIDE / 2, at.y() - SIDE / 2, SIDE, SIDE)
        if not len(stock.cards.visible(box, 0.0)) and not len(stock.boxes.visible(box, 0.0)):
            return at
    return path.pointAtPercent(places[0])


def _cell(at: QPointF) -> tuple[int, int]:
    """The square of a grid that a mark stands in."""
    return int(at.x() // SIDE), int(at.y() // SIDE)


def _crowded(at: QPointF, taken: dict[tuple[int, int], list[QPointF]]) -> bool:
    """Whether another mark would be covered; only the squares around are looked at."""
    across, down = _cell(at)
    near = (taken.get((across + x, down + y), ()) for x in (-1, 0, 1) for y in (-1, 0, 1))
    return any(abs(at.x() - one.x()) < SIDE and abs(at.y() - one.y()) < SIDE for found in near for one in found)
