"""What painting depends on besides the thing itself: theme, zoom, marks; and texts that vanish when too small."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from designer.ui.kit.fonts import MINIMUM_ON_SCREEN, REGULAR, SEMIBOLD, mono_font, ui_font
from designer.ui.kit.tokens import Theme

# A little less than a pixel: with rounding errors a whole one may be more, and no hairline.
HAIRLINE = 0.999
# Wider lines than this in the scene are meant to be seen as such.
THICK = 1.25


@dataclass(frozen=True, slots=True)
class Marks:
    """Which things are marked: by object id. `drafted`: what is selected is still being drawn round.

    `spared` are Pods in greyed boxes that are not greyed themselves.
    """

    selected: frozenset[str] = frozenset()
    hinted: frozenset[str] = frozenset()
    greyed: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()
    hovered: str = ""
    drop_target: str = ""
    drafted: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """One paint: the theme, the zoom (screen pixels a scene unit) and the marks."""

    theme: Theme
    zoom: float = 1.0
    marks: Marks = field(default_factory=Marks)

    def size_of(self, base: float, most: float | None = None) -> float | None:
        """The size to write with: `base`, or larger where it must be, up to `most`; None when that is too small.

        Nothing is written with less than `MINIMUM_ON_SCREEN` pixels on the screen.
        """
        if base * self.zoom >= MINIMUM_ON_SCREEN:
            return base
        needed = ceil(MINIMUM_ON_SCREEN / self.zoom)
        return float(needed) if needed <= (most or base) else None

    def is_selected(self, oid: str) -> bool:
        """Whether it is selected."""
        return oid in self.marks.selected

    def is_lifted(self, oid: str) -> bool:
        """Whether the mouse is over it, a panel points at it, or something would be dropped on it."""
        return bool(oid) and (oid in (self.marks.hovered, self.marks.drop_target) or oid in self.marks.hinted)

    def edge(self, oid: str, token: str = "line") -> QPen:
        """The pen round an object in its state; never thinner than a screen pixel."""
        theme = self.theme
        if oid and (self.is_selected(oid) or oid == self.marks.drop_target):
            return cosmetic(theme.color("accent"), 1.8, self.zoom)
        if self.is_lifted(oid):
            return cosmetic(theme.color("line_strong"), 1.2, self.zoom)
        return cosmetic(theme.color(token), 1.0, self.zoom)

    def fill(self, oid: str, token: str = "node") -> QColor:
        """The surface of an object in its state."""
        return self.theme.color("selection" if self.is_selected(oid) else token)


def cosmetic(color: QColor, width: float, zoom: float) -> QPen:
    """A pen that is `width` wide in the scene but at least that many pixels' worth of a hairline on the screen.

    Up to 100 % it is that hairline: Qt draws lines of one pixel, dashed ones above all, up to sixty times as fast.
    """
    if zoom > 1:
        return QPen(color, width)
    return QPen(color, max(min(width, HAIRLINE) / max(zoom, 1e-6), width if width > THICK else 0.0))


@lru_cache(maxsize=64)
def font_for(size: float, weight: int = REGULAR, mono: bool = False) -> QFont:
    """The shared font of a size; do not change it."""
    return mono_font(size, weight) if mono else ui_font(size, weight)


@lru_cache(maxsize=64)
def _metrics(size: float, weight: int, mono: bool) -> QFontMetricsF:
    return QFontMetricsF(font_for(size, weight, mono))


@lru_cache(maxsize=16384)
def elided(text: str, width: int, size: float, weight: int = REGULAR, mono: bool = False) -> str:
    """The text, cut with an ellipsis to `width` scene units."""
    return _metrics(size, weight, mono).elidedText(text, Qt.TextElideMode.ElideRight, float(width))


@lru_cache(maxsize=16384)
def text_width(text: str, size: float, weight: int = REGULAR, mono: bool = False) -> float:
    """How wide the text is, in scene units."""
    return _metrics(size, weight, mono).horizontalAdvance(text)


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    size: float | None,
    color: QColor,
    *,
    weight: int = REGULAR,
    mono: bool = False,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Nothing; writes one line into `box`, vertically centred, cut with an ellipsis; nothing when `size` is None."""
    if size is None or not text or box.width() < 8:
        return
    shown = elided(text, int(box.width()), size, weight, mono)
    metrics = _metrics(size, weight, mono)
    x = box.x()
    if align != Qt.AlignmentFlag.AlignLeft:
        spare = box.width() - text_width(shown, size, weight, mono)
        x += spare / 2 if align == Qt.AlignmentFlag.AlignHCenter else spare
    painter.setPen(color)
    painter.setFont(font_for(size, weight, mono))
    # Optical middle: that of the capitals, not of ascent and descent.
    painter.drawText(QPointF(x, box.center().y() + metrics.capHeight() / 2), shown)


def write_pair(
    painter: QPainter, box: QRectF, title: str, line: str, look: Look, *, centred: bool = False, most: float = 31
) -> None:
    """Nothing; writes a name and the line of data under it; far away only the name, larger, in the middle."""
    align = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
    small = look.size_of(11, 13)
    if small is None or not line:
        write(painter, box, title, look.size_of(12.5, most), look.theme.color("text"), weight=SEMIBOLD, align=align)
        return
    middle = box.center().y()
    upper = QRectF(box.x(), middle - 18, box.width(), 18)
    lower = QRectF(box.x(), middle, box.width(), 17)
    write(painter, upper, title, look.size_of(12.5, 13), look.theme.color("text"), weight=SEMIBOLD, align=align)
    write(painter, lower, line, small, look.theme.color("muted"), mono=True, align=align)
