"""The pictures of a verdict: its shape at any size, the pen of the trace line that leads to it, and its badge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.ui.kit import verdict_names as names
from designer.ui.kit.fonts import SEMIBOLD, ui_font
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import Theme

TRACE_WIDTH: Final = 3.0
FADE_SHARE: Final = 0.4
"""The part of a dropped packet's last line that is drawn as fading dots."""


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _check_circle(painter: QPainter, fill: QColor | None) -> None:
    if fill is not None:
        painter.setBrush(fill)
    painter.drawEllipse(QPointF(12, 12), 9, 9)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(_polygon((7.9, 12.3), (10.8, 15.1), (16.1, 9.2)))


def _cross_octagon(painter: QPainter, fill: QColor | None) -> None:
    if fill is not None:
        painter.setBrush(fill)
    near, far = 8.3, 15.7
    painter.drawPolygon(
        _polygon((near, 3), (far, 3), (21, near), (21, far), (far, 21), (near, 21), (3, far), (3, near))
    )
    painter.drawPolyline(_polygon((8.7, 8.7), (15.3, 15.3)))
    painter.drawPolyline(_polygon((15.3, 8.7), (8.7, 15.3)))


def _arrow_back(painter: QPainter, fill: QColor | None) -> None:
    path = QPainterPath(QPointF(4, 17.5))
    path.lineTo(15, 17.5)
    path.arcTo(QRectF(10, 7.5, 10, 10), -90, 180)
    path.lineTo(5, 7.5)
    painter.drawPath(path)
    painter.drawPolyline(_polygon((8.8, 3.5), (4.6, 7.5), (8.8, 11.5)))


def _fading_dots(painter: QPainter, fill: QColor | None) -> None:
    pen = painter.pen()
    painter.setPen(Qt.PenStyle.NoPen)
    for x, radius, alpha in ((4.6, 3.4, 255), (12.6, 2.7, 220), (19.6, 2.0, 175)):
        color = QColor(pen.color())
        color.setAlpha(alpha)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x, 12), radius, radius)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _broken_label(painter: QPainter, fill: QColor | None) -> None:
    if fill is not None:
        painter.setBrush(fill)
    # The two halves of a tag, the right one slipped down, with the break between them.
    painter.drawPolyline(_polygon((10.6, 4.6), (2.6, 4.6), (2.6, 16.6), (8, 16.6)))
    painter.drawPolyline(_polygon((15.4, 7.4), (17.4, 7.4), (21.8, 13.4), (17.4, 19.4), (12.2, 19.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(_polygon((13.6, 2.6), (10.2, 9.4), (13.4, 12.2), (9.6, 21.2)))


def _question_diamond(painter: QPainter, fill: QColor | None) -> None:
    if fill is not None:
        painter.setBrush(fill)
    painter.drawPolygon(_polygon((12, 1.8), (22.2, 12), (12, 22.2), (1.8, 12)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _question_mark(painter)


def _question_mark(painter: QPainter) -> None:
    hook = QPainterPath(QPointF(9.4, 9.7))
    hook.cubicTo(9.6, 6.6, 14.6, 6.6, 14.6, 9.8)
    hook.cubicTo(14.6, 11.9, 12, 11.9, 12, 14)
    painter.drawPath(hook)
    pen = painter.pen()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())
    painter.drawEllipse(QPointF(12, 16.9), 1.2, 1.2)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


_DRAW: Final[dict[str, Callable[[QPainter, QColor | None], None]]] = {
    names.CHECK_CIRCLE: _check_circle,
    names.CROSS_OCTAGON: _cross_octagon,
    names.ARROW_BACK: _arrow_back,
    names.FADING_DOTS: _fading_dots,
    names.BROKEN_LABEL: _broken_label,
    names.QUESTION_DIAMOND: _question_diamond,
}


def draw_verdict(
    painter: QPainter, rect: QRectF, verdict: str, theme: Theme | None = None, fill: QColor | None = None
) -> None:
    """Nothing; draws the verdict's shape as vectors, square and centred in `rect`, at any size.

    `fill` paints the inside of the closed shapes, so that lines under a mark on the canvas do not show through.
    A word that is no verdict is drawn as `cannot-tell`.
    """
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    # Strokes thinner than a pixel and a quarter turn grey on small marks.
    width = max(1.9, 1.25 * 24 / max(side, 1.0))
    pen = QPen((theme or current_theme()).verdict_color(verdict), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[names.verdict_shape(verdict)](painter, fill)
    painter.restore()


def draw_shield(
    painter: QPainter,
    rect: QRectF,
    verdict: str,
    theme: Theme | None = None,
    fill: QColor | None = None,
    *,
    struck: bool = False,
    paused: bool = False,
) -> None:
    """Nothing; draws the policy shield: a tick when delivered, a cross when denied, a question when nobody can tell.

    An empty `verdict` draws the bare shield, muted: policies select this Pod, and no packet was asked about. `struck`
    strikes it out: nothing enforces them; `paused` draws the two bars of a pause: it is staged.
    """
    shown = theme or current_theme()
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 24, side / 24)
    color = shown.verdict_color(verdict) if verdict else shown.color("muted")
    pen = QPen(color, max(1.7, 1.2 * 24 / max(side, 1.0)))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    outline = QPainterPath(QPointF(12, 2.4))
    outline.lineTo(20.2, 5.4)
    outline.lineTo(20.2, 11.2)
    outline.cubicTo(20.2, 16.4, 16.8, 19.9, 12, 21.7)
    outline.cubicTo(7.2, 19.9, 3.8, 16.4, 3.8, 11.2)
    outline.lineTo(3.8, 5.4)
    outline.closeSubpath()
    painter.drawPath(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if verdict == names.DELIVERED:
        painter.drawPolyline(_polygon((8.2, 11.9), (11, 14.7), (15.9, 9)))
    elif verdict == names.DENIED:
        painter.drawPolyline(_polygon((9, 9), (15, 15)))
        painter.drawPolyline(_polygon((15, 9), (9, 15)))
    elif verdict:
        _question_mark(painter)
    if paused:
        painter.drawLine(QPointF(9.6, 8.6), QPointF(9.6, 14.8))
        painter.drawLine(QPointF(14.4, 8.6), QPointF(14.4, 14.8))
    if struck:
        painter.drawLine(QPointF(2.5, 21), QPointF(21.5, 3))
    painter.restore()


def trace_pen(verdict: str, width: float = TRACE_WIDTH, theme: Theme | None = None) -> QPen:
    """The pen of a trace line that ends in this verdict: solid, dots or dashed, in the verdict's colour."""
    pen = QPen((theme or current_theme()).verdict_color(verdict), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    style = names.verdict_line(verdict)
    if style == "dots":
        pen.setDashPattern([0.01, 2.4])
    elif style == "dashed":
        pen.setDashPattern([2.6, 2.4])
    return pen


def draw_trace_line(
    painter: QPainter, path: QPainterPath, verdict: str, width: float = TRACE_WIDTH, theme: Theme | None = None
) -> None:
    """Nothing; draws the last stretch of a trace: a lost packet's line runs solid, then fades out in dots."""
    pen = trace_pen(verdict, width, theme)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if names.verdict_line(verdict) != "dots":
        painter.setPen(pen)
        painter.drawPath(path)
        painter.restore()
        return
    length = path.length()
    fade_from = length * (1 - FADE_SHARE)
    solid = QPen(pen.color(), width)
    solid.setCapStyle(Qt.PenCapStyle.RoundCap)
    solid.setDashPattern([max(fade_from / width, 0.01), 2 * length / width + 1])
    painter.setPen(solid)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    step = width * 2.4
    count = int((length - fade_from) / step)
    for index in range(1, count + 1):
        left = 1 - index / (count + 1)
        color = QColor(pen.color())
        color.setAlphaF(0.25 + 0.75 * left)
        painter.setBrush(color)
        radius = width * (0.28 + 0.22 * left)
        painter.drawEllipse(path.pointAtPercent(path.percentAtLength(fade_from + index * step)), radius, radius)
    painter.restore()


class VerdictBadge(QWidget):
    """A pill that says how a trace ended: shape and words in the verdict's colour. Empty until there is a verdict."""

    _HEIGHT = 24
    _ICON = 14
    _LEAST = 130

    def __init__(self, verdict: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict = ""
        self._note = ""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_verdict(verdict)

    @property
    def verdict(self) -> str:
        """The verdict shown, or an empty string."""
        return self._verdict

    def set_verdict(self, verdict: str, note: str = "") -> None:
        """Nothing; shows a verdict (empty clears the badge) with a short note behind its words, such as `1/2`."""
        self._verdict = names.known(verdict) if verdict else ""
        self._note = note
        self.setAccessibleName(f"Verdict: {self.text()}" if self._verdict else "No verdict yet")
        self.updateGeometry()
        self.adjustSize()
        self.update()

    def text(self) -> str:
        """The words in the pill."""
        if not self._verdict:
            return ""
        words = names.verdict_words(self._verdict)
        return f"{words} {self._note}" if self._note else words

    def _font(self) -> QFont:
        return ui_font(12, SEMIBOLD)

    def sizeHint(self) -> QSize:
        """The size of the pill: nothing while there is no verdict."""
        if not self._verdict:
            return QSize(0, self._HEIGHT)
        words = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        return QSize(round(12 + self._ICON + 6 + words + 13), self._HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The least size: long words may end in an ellipsis where there is no room for them."""
        return QSize(min(self.sizeHint().width(), self._LEAST), self._HEIGHT)

    def shown_text(self) -> str:
        """The words as they are painted: with an ellipsis where the pill is narrower than they are."""
        room = self.width() - (12 + self._ICON + 6 + 13) + 1
        return QFontMetricsF(self._font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, room)

    def changeEvent(self, event: QEvent) -> None:
        """Nothing; repaints in the colours of a new theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the pill."""
        if not self._verdict:
            return
        theme = current_theme()
        color = theme.verdict_color(self._verdict)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        inside = QColor(color)
        inside.setAlpha(18)
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(inside)
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        top = (self.height() - self._ICON) / 2
        draw_verdict(painter, QRectF(11, top, self._ICON, self._ICON), self._verdict, theme)
        painter.setPen(color)
        painter.setFont(self._font())
        words = QRectF(11 + self._ICON + 6, 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.shown_text())
        painter.end()
