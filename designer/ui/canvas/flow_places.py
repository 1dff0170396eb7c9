"""Where the signs and words of flows stand on their lines, so that they do not lie over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

# Places on a line, as parts of its length, in the order in which they are tried.
TRIED = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.46, 0.54, 0.38, 0.62, 0.3, 0.7, 0.22, 0.78, 0.1, 0.9)
GAP, WORDS_HIGH = 2.0, 14.0
# Of more lines than these the signs stay half way: nobody tells them apart, and each would be held against all others.
MOST_PLACED = 120


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """The middle of a sign, and the box of the words below it; None where they would cover others."""

    at: QPointF
    words: QRectF | None


def flow_places(paths: Sequence[QPainterPath], side: float, widths: Sequence[float | None]) -> tuple[FlowPlace, ...]:
    """A place for each line's sign of `side` scene units, and for words as wide as `widths` (None: without words)."""
    taken: list[QRectF] = []
    found = []
    for path, width in zip(paths, widths, strict=True):
        place = _free(path, side, width, taken) if len(paths) <= MOST_PLACED else None
        place = place or FlowPlace(path.pointAtPercent(0.5), None)
        taken.append(_sign(place.at, side))
        if place.words is not None:
            taken.append(place.words)
        found.append(place)
    return tuple(found)


def _free(path: QPainterPath, side: float, width: float | None, taken: Sequence[QRectF]) -> FlowPlace | None:
    """The first place at which sign and words cover nothing; one for the sign alone where there is none for both."""
    alone: FlowPlace | None = None
    for part in TRIED:
        at = path.pointAtPercent(part)
        sign = _sign(at, side)
        if any(sign.intersects(one) for one in taken):
            continue
        words = QRectF(at.x() - width / 2, sign.bottom() + GAP, width, WORDS_HIGH) if width is not None else None
        if words is None or not any(words.intersects(one) for one in taken):
            return FlowPlace(at, words)
        alone = alone or FlowPlace(at, None)
    return alone


def _sign(at: QPointF, side: float) -> QRectF:
    return QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
