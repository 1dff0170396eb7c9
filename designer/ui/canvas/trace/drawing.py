"""Drawing a course: its lines as far as the packet has come, shields, the end, other ways, and cards."""

from __future__ import annotations

from math import cos, radians, sin

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from designer.ui.canvas.items.look import elided, font_for, text_width
from designer.ui.canvas.items.service import hexagon
from designer.ui.canvas.trace.course import Course, Leg
from designer.ui.canvas.trace.words import Card
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import RADIUS, Theme
from designer.ui.kit.verdict import TRACE_WIDTH, draw_shield, draw_trace_line, draw_verdict

REPLY_PART = 0.7
AHEAD_ALPHA = 120
OTHER_WIDTH = 1.4
OTHER_ALPHA = 130
ARROW = 10.0
SIGN = 20.0
CARD_TEXT = 11.0
CARD_LINE = 15.0
CARD_PADDING = QSizeF(10.0, 5.0)
CARD_MOST = 340.0


def scale_of(zoom: float) -> float:
    """How many scene units a pixel of line, sign or card has: they keep their size on the screen below 100 %."""
    return 1 / min(zoom, 1.0)


def paint_course(
    painter: QPainter, course: Course, theme: Theme, zoom: float, done: float | None = None, sign: bool = True
) -> None:
    """Nothing; draws the lines up to length `done` (None: all) thick, the rest as thin dots; shields and sign."""
    scale = scale_of(zoom)
    reached = course.track.length + 1 if done is None else done
    for leg in course.legs:
        if leg.last > reached:
            _paint_ahead(painter, leg, course, theme, scale)
    for leg in course.legs:
        if leg.first < reached:
            _paint_leg(painter, leg, course, theme, scale, reached)
    for shield in course.shields:
        if course.lengths[shield.hop] <= reached + 0.01:
            paint_shield(painter, shield.rect, shield.verdict, theme)
    if sign and course.lengths[course.end_hop] <= reached + 0.01:
        paint_sign(painter, course.end, course.path.verdict, theme, scale)


def _width(leg: Leg, scale: float) -> float:
    return TRACE_WIDTH * scale * (REPLY_PART if leg.direction == "reply" else 1.0)


def _paint_ahead(painter: QPainter, leg: Leg, course: Course, theme: Theme, scale: float) -> None:
    color = QColor(theme.verdict_color(course.path.verdict))
    color.setAlpha(AHEAD_ALPHA)
    pen = QPen(color, 1.8 * scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setDashPattern([0.01, 2.6])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(leg.path)


def _paint_leg(painter: QPainter, leg: Leg, course: Course, theme: Theme, scale: float, reached: float) -> None:
    whole = leg.last <= reached + 0.01
    path = leg.path if whole else path_through(course.track.between(leg.first, reached))
    width = _width(leg, scale)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(theme.color("canvas", 200), width + 2.5 * scale))
    painter.drawPath(path)
    verdict = course.path.verdict
    last = leg is course.legs[-1] and course.end_hop == len(course.lengths) - 1 and verdict != "delivered"
    if last and whole:
        draw_trace_line(painter, path, verdict, width, theme)
        return
    color = theme.verdict_color(verdict)
    painter.setPen(_pen(color, width))
    painter.drawPath(path)
    ends_here = course.end_hop >= 0 and abs(leg.last - course.lengths[course.end_hop]) < 0.5
    if whole and not ends_here and leg.path.length() > 2 * ARROW:
        paint_arrow(painter, leg.path, color, ARROW * scale * (1.0 if leg.direction == "request" else 0.8))


def _pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def path_through(points: list[tuple[float, float]]) -> QPainterPath:
    """A path through points."""
    path = QPainterPath()
    if points:
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
    return path


def paint_arrow(painter: QPainter, path: QPainterPath, color: QColor, size: float) -> None:
    """Nothing; draws the head of an arrow at the end of a path."""
    tip = path.pointAtPercent(1.0)
    angle = radians(path.angleAtPercent(0.999))
    back = QPointF(-cos(angle), sin(angle))
    side = QPointF(back.y(), -back.x())
    base = tip + back * size
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([tip, base + side * size * 0.5, base - side * size * 0.5]))


def paint_shield(painter: QPainter, rect: QRectF, verdict: str, theme: Theme) -> None:
    """Nothing; draws the shield of a checkpoint over the quiet one of its Pod."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("chip"))
    painter.drawRect(rect.adjusted(-1, -1, 1, 1))
    draw_shield(painter, rect, verdict, theme, theme.color("node"))


def paint_sign(painter: QPainter, at: QPointF, verdict: str, theme: Theme, scale: float) -> None:
    """Nothing; draws the sign of a verdict where a trace ends."""
    side = SIGN * scale
    box = QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("canvas"))
    painter.drawEllipse(box.adjusted(-1.5 * scale, -1.5 * scale, 1.5 * scale, 1.5 * scale))
    draw_verdict(painter, box, verdict, theme, theme.color("node"))


def paint_other(painter: QPainter, path: QPainterPath, verdict: str, theme: Theme, scale: float) -> None:
    """Nothing; draws a line of another way of the same trace, faint."""
    color = QColor(theme.verdict_color(verdict))
    color.setAlpha(OTHER_ALPHA)
    painter.setPen(_pen(color, OTHER_WIDTH * scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def paint_outline(
    painter: QPainter, rect: QRectF, verdict: str, theme: Theme, scale: float, *, hexagonal: bool = False
) -> None:
    """Nothing; draws a line round what decides at the current hop."""
    painter.setPen(_pen(theme.verdict_color(verdict), 1.8 * scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if hexagonal:
        painter.drawPolygon(hexagon(rect))
    else:
        painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), RADIUS + 2, RADIUS + 2)


def nearest(card: QRectF, points: list[QPointF]) -> QPointF | None:
    """The point that is nearest to a card, None where there is none or one of them touches it."""
    gaps = [(_gap(card, point), at) for at, point in enumerate(points)]
    return points[min(gaps)[1]] if gaps and min(gaps)[0] > 0 else None


def _gap(card: QRectF, point: QPointF) -> float:
    at = closest(card, point)
    return abs(at.x() - point.x()) + abs(at.y() - point.y())


def closest(card: QRectF, point: QPointF) -> QPointF:
    """The point of a rectangle that is nearest to a point."""
    return QPointF(
        min(max(point.x(), card.left()), card.right()),
        min(max(point.y(), card.top()), card.bottom()),
    )


def paint_leader(
    painter: QPainter, point: QPointF | None, card: QRectF, verdict: str, theme: Theme, scale: float
) -> None:
    """Nothing; draws a hairline from a point to its card."""
    if point is None:
        return
    painter.setPen(_pen(theme.color("verdict:" + verdict, 170), 1.0 * scale))
    painter.drawLine(point, closest(card, point))


def card_size(card: Card) -> QSizeF:
    """The size of a card in pixels."""
    widths = [text_width(line, CARD_TEXT, _weight(card, at), card.mono) for at, line in enumerate(card.lines)]
    width = min(max(widths, default=0.0), CARD_MOST) + 2 * CARD_PADDING.width()
    return QSizeF(width, len(card.lines) * CARD_LINE + 2 * CARD_PADDING.height())


def _weight(card: Card, line: int) -> int:
    return SEMIBOLD if line == 0 and not card.mono else 400


def paint_card(painter: QPainter, rect: QRectF, card: Card, verdict: str, theme: Theme) -> None:
    """Nothing; draws a card into `rect` (pixels): words dark, what came of it in the colour of the verdict."""
    color = theme.verdict_color(card.verdict or verdict)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(theme.color("node"))
    painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, -0.75), RADIUS, RADIUS)
    for at, line in enumerate(card.lines):
        weight = _weight(card, at)
        painter.setFont(font_for(CARD_TEXT, weight, card.mono))
        told = line.startswith("→") or (at == 0 and bool(card.verdict))
        painter.setPen(color if told else theme.color("text"))
        shown = elided(line, int(rect.width() - 2 * CARD_PADDING.width()) + 1, CARD_TEXT, weight, card.mono)
        base = rect.y() + CARD_PADDING.height() + (at + 0.5) * CARD_LINE + CARD_TEXT * 0.36
        painter.drawText(QPointF(rect.x() + CARD_PADDING.width(), base), shown)


def paint_label(painter: QPainter, centre: QPointF, text: str, color: QColor, theme: Theme, scale: float) -> None:
    """Nothing; draws a short label (a share, a number) in a pill centred on a point, in pixels times `scale`."""
    painter.save()
    painter.translate(centre)
    painter.scale(scale, scale)
    width = max(18.0, text_width(text, 10.0, SEMIBOLD) + 10)
    pill = QRectF(-width / 2, -9, width, 18)
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(theme.color("canvas"))
    painter.drawRoundedRect(pill, 9, 9)
    painter.setPen(color)
    painter.setFont(font_for(10.0, SEMIBOLD))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
