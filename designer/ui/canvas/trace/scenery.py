"""Everything of a trace that is drawn for one picture and one chosen way: the course, the other ways, the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPainterPath

from designer.engine.trace.hops import Path, TraceResult
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.course import Course, course_of
from designer.ui.canvas.trace.drawing import card_size, paint_card, paint_course, paint_label, paint_other, scale_of
from designer.ui.canvas.trace.placing import names_near, place
from designer.ui.canvas.trace.words import Card, card_of, choices_of, end_card, share_label
from designer.ui.kit.fonts import MINIMUM_ON_SCREEN
from designer.ui.kit.tokens import Theme

# Other ways than the chosen one that are drawn; of a Service with a hundred endpoints the likeliest.
MOST_OTHERS = 12
LABEL = QSizeF(34.0, 18.0)
NUMBER = QSizeF(20.0, 18.0)
GAP = 12.0
AROUND = 420.0
# The hops that choose who answers for a Service.
CHOOSING = ("rules", "lookup")
LABEL_WORTH = 6
# A label stands on its Pod as long as it takes no more of its width than this; then it is said beside the lines.
OF_CHIP = 0.8
# Lines are sampled so often, in scene units, to keep cards off them.
SAMPLE = 16.0


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line that only another way takes, with the verdict of that way."""

    path: QPainterPath
    verdict: str


@dataclass(frozen=True, slots=True)
class Label:
    """A short label: its text, where its middle stands, the verdict that colours it ("" for muted), and its place."""

    text: str
    centre: QPointF
    verdict: str
    rect: QRectF


@dataclass(frozen=True, slots=True)
class Scenery:
    """A chosen way and what belongs to it."""

    course: Course
    others: tuple[OtherLine, ...]
    labels: tuple[Label, ...]
    shares: dict[int, Fraction]

    def card_at(self, hop: int) -> Card | None:
        """The card of a hop; the end of the way has the verdict."""
        path = self.course.path
        if hop == self.course.end_hop:
            return end_card(path, path.hops[hop])
        return card_of(path.hops[hop], self.shares.get(hop, Fraction(1)))


def scenery_of(
    scene: CanvasScene, result: TraceResult | None, paths: Sequence[Path], chosen: int, zoom: float
) -> Scenery | None:
    """What is drawn of a trace when `paths[chosen]` is shown; None when the scene shows nothing of it."""
    course = course_of(scene, paths[chosen])
    if course is None:
        return None
    others: list[OtherLine] = []
    ends: list[tuple[QPointF, Path]] = []
    drawn = {frozenset((leg.start, leg.end)) for leg in course.legs}
    for path in [path for at, path in enumerate(paths) if at != chosen][:MOST_OTHERS]:
        other = course_of(scene, path)
        if other is None:
            continue
        new = False
        for leg in other.legs:
            pair = frozenset((leg.start, leg.end))
            if pair not in drawn and leg.direction == "request":
                drawn.add(pair)
                new = True
                others.append(OtherLine(leg.path, path.verdict))
        if new:
            ends.append((other.end, path))
    labels = _share_labels(scene, course, ends, _together(paths), zoom)
    shares = choices_of(result.trace, paths[chosen]) if result is not None else {}
    return Scenery(course, tuple(others), labels, shares)


def _together(paths: Sequence[Path]) -> dict[tuple[str, str], Fraction]:
    """What share of the requests ends where and how: several ways may lead to one Pod, by two proxies for instance."""
    found: dict[tuple[str, str], Fraction] = {}
    for path in paths:
        key = _ending(path)
        found[key] = found.get(key, Fraction(0)) + path.share
    return found


def _ending(path: Path) -> tuple[str, str]:
    return path.hops[_delivery(path)].at if path.hops else "", path.verdict


def _share_labels(
    scene: CanvasScene,
    course: Course,
    ends: Sequence[tuple[QPointF, Path]],
    together: Mapping[tuple[str, str], Fraction],
    zoom: float,
) -> tuple[Label, ...]:
    """The share of the requests that ends at each end of the ways; none where all end at one."""
    scale = scale_of(zoom)
    found: list[Label] = []
    taken: list[QRectF] = []
    told: set[tuple[str, str]] = set()
    for at, path in [(course.end, course.path), *ends]:
        ending = _ending(path)
        text = share_label(together.get(ending, path.share))
        if not text or ending in told:
            continue
        told.add(ending)
        around = QRectF(at.x() - AROUND, at.y() - AROUND, 2 * AROUND, 2 * AROUND)
        names = [*names_near(scene, around), *taken]
        chip = scene.places.pod_rect(path.hops[_delivery(path)].at)
        if chip is not None and scale * LABEL.width() < chip.width() * OF_CHIP:
            size = LABEL * scale
            # Its lower right corner is free; far away the name stands in its middle, and the label on its edge.
            down = size.height() + 4 if scale < 1.3 else size.height() * 0.3
            rect = QRectF(QPointF(chip.right() - size.width() - 4, chip.bottom() - down), size)
        else:
            rect = place(LABEL * scale, at, GAP * scale, names, samples(course), QRectF())
        taken.append(rect)
        found.append(Label(text, rect.center(), path.verdict, rect))
    return tuple(found)


def _delivery(path: Path) -> int:
    """The hop at which a request arrives, or ends."""
    return next((at for at in range(len(path.hops) - 1, -1, -1) if path.hops[at].direction == "request"), 0)


def samples(course: Course) -> list[QPointF]:
    """Points all along the lines of a course."""
    count = int(course.track.length / SAMPLE) + 1
    return [QPointF(*course.track.at(step * SAMPLE)) for step in range(count)]


def numbers_of(scene: CanvasScene, course: Course, zoom: float, others: Sequence[Label] = ()) -> tuple[Label, ...]:
    """The steps as numbers, for people who want nothing to move; neighbours share one label, such as ``3–6``.

    They keep off `others`, the labels that are there already.
    """
    scale = scale_of(zoom)
    groups: list[list[int]] = []
    for hop in range(len(course.lengths)):
        near = groups and course.lengths[hop] - course.lengths[groups[-1][0]] < NUMBER.width() * 1.6 * scale
        same = groups and course.path.hops[hop].direction == course.path.hops[groups[-1][0]].direction
        if near and same:
            groups[-1].append(hop)
        else:
            groups.append([hop])
    found: list[Label] = []
    taken: list[QRectF] = [label.rect for label in others]
    for group in groups:
        at = course.point_of(group[len(group) // 2])
        text = str(group[0] + 1) if len(group) == 1 else f"{group[0] + 1}–{group[-1] + 1}"
        size = QSizeF(max(NUMBER.width(), 8.0 * len(text) + 8), NUMBER.height()) * scale
        on_line = QRectF(QPointF(at.x() - size.width() / 2, at.y() - size.height() / 2), size)
        # Another label counts as many names: covered by one of its own size, it could not be read at all.
        names = [*names_near(scene, on_line.adjusted(-80, -80, 80, 80)), *taken * LABEL_WORTH]
        rect = (
            on_line
            if not any(on_line.intersects(name) for name in names)
            else place(size, at, 6.0 * scale, names, (), QRectF())
        )
        taken.append(rect)
        reply = course.path.hops[group[0]].direction == "reply"
        found.append(Label(text, rect.center(), "" if reply else course.path.verdict, rect))
    return tuple(found)


def grown(zoom: float) -> float:
    """How much larger than their pixels card and token are shown: as the picture above 100 %, up to twice."""
    return min(max(zoom, 1.0), 2.0)


# So many times as dear as over a name a card is behind what lies over the picture.
HIDDEN: Final = 4


def card_rect(
    scene: CanvasScene,
    scenery: Scenery,
    hop: int,
    card: Card,
    zoom: float,
    seen: QRectF,
    over: Sequence[QRectF] = (),
) -> QRectF:
    """Where the card of a hop stands, in scene units: beside the token, or at what decided there.

    `over` lies over the picture (the minimap): a card behind it would be as good as out of sight.
    """
    scale, course = grown(zoom) / zoom, scenery.course
    at = course.point_of(hop)
    around = QRectF(at.x() - AROUND * scale, at.y() - AROUND * scale, 2 * AROUND * scale, 2 * AROUND * scale)
    decided = [rect for _oid, rect in deciders(scene, course, hop)]
    for rect in decided:
        around = around.united(rect.adjusted(-AROUND, -AROUND, AROUND, AROUND) if around.intersects(rect) else rect)
    also = decided[0] if decided and hop != course.end_hop else None
    least = MINIMUM_ON_SCREEN / zoom
    names = [*names_near(scene, around, least), *(label.rect for label in scenery.labels)]
    names += [*over] * HIDDEN
    return place(card_size(card) * scale, at, GAP * 1.2 * scale, names, samples(course), seen, also)


def deciders(scene: CanvasScene, course: Course, hop: int) -> tuple[tuple[str, QRectF], ...]:
    """What decided at a hop and is drawn as a thing of its own: a Service, an Ingress, a policy."""
    found = course.path.hops[hop]
    stations = {station for station, _rect in course.stations}
    ids = dict.fromkeys(evidence.object for evidence in found.decided_by if evidence.object)
    drawn = ((oid, scene.rect_of(oid)) for oid in ids if oid not in stations and not oid.startswith("Node:"))
    return tuple((oid, rect) for oid, rect in drawn if rect is not None)


def paint_scenery(
    painter: QPainter, scenery: Scenery, theme: Theme, zoom: float, done: float | None, labels: Sequence[Label] = ()
) -> None:
    """Nothing; draws other ways, course and labels; the course thick up to the length `done` (None: all of it)."""
    scale = scale_of(zoom)
    for line in scenery.others:
        paint_other(painter, line.path, line.verdict, theme, scale)
    paint_course(painter, scenery.course, theme, zoom, done)
    for label in (*scenery.labels, *labels):
        color = theme.verdict_color(label.verdict) if label.verdict else theme.color("muted")
        paint_label(painter, label.centre, label.text, color, theme, scale)


def paint_trace(
    painter: QPainter,
    scene: CanvasScene,
    shown: TraceResult | Path,
    theme: Theme | None = None,
    zoom: float | None = None,
) -> None:
    """Nothing; draws a whole trace for an export, in scene coordinates: its likeliest way, the others faint.

    The first translation and the verdict stand on cards. `zoom` is pixels a scene unit, else that of the painter.
    """
    paths = shown.trace.paths() if isinstance(shown, TraceResult) else (shown,)
    result = shown if isinstance(shown, TraceResult) else None
    look = theme or scene.theme
    scale = zoom or abs(painter.worldTransform().m11()) or 1.0
    if not paths:
        return
    scenery = scenery_of(scene, result, paths, 0, scale)
    if scenery is None:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_scenery(painter, scenery, look, scale, None)
    path = scenery.course.path
    told = [at for at, hop in enumerate(path.hops) if hop.kind in CHOOSING and scenery.card_at(at) is not None][:1]
    whole = scene.stock.extent()
    for hop in dict.fromkeys((*told, scenery.course.end_hop)):
        card = scenery.card_at(hop)
        if card is None:
            continue
        rect = card_rect(scene, scenery, hop, card, min(scale, 1.0), whole)
        painter.save()
        painter.translate(rect.topLeft())
        painter.scale(1 / min(scale, 1.0), 1 / min(scale, 1.0))
        paint_card(painter, QRectF(QPointF(0, 0), card_size(card)), card, path.verdict, look)
        painter.restore()
    painter.restore()
