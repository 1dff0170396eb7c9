"""Where the signs and words of flows stand on their lines: not over each other, nor over the words of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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


class Avoided:
    """Rectangles that signs and words keep off; thousands of them are asked at once."""

    def __init__(self, rects: Sequence[QRectF]) -> None:
        edges = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects]
        self._edges = np.array(edges, dtype=np.float64).reshape(-1, 4)

    def meets(self, rect: QRectF) -> bool:
        """Whether a rectangle lies over one of them."""
        edges = self._edges
        across = (edges[:, 0] < rect.right()) & (rect.left() < edges[:, 2])
        return bool((across & (edges[:, 1] < rect.bottom()) & (rect.top() < edges[:, 3])).any())


def flow_places(
    paths: Sequence[QPainterPath], side: float, widths: Sequence[float | None], avoid: Sequence[QRectF] = ()
) -> tuple[FlowPlace, ...]:
    """A place for each line's sign of `side` scene units, and for words as wide as `widths` (None: without words).

    Words never lie over what is to `avoid`, and signs only where a line has no other place for them.
    """
    taken: list[QRectF] = []
    found = []
    avoided = Avoided(avoid)
    for path, width in zip(paths, widths, strict=True):
        place = _free(path, side, width, taken, avoided) if len(paths) <= MOST_PLACED else None
        place = place or FlowPlace(path.pointAtPercent(0.5), None)
        taken.append(_sign(place.at, side))
        if place.words is not None:
            taken.append(place.words)
        found.append(place)
    return tuple(found)


def _free(
    path: QPainterPath, side: float, width: float | None, taken: Sequence[QRectF], avoided: Avoided
) -> FlowPlace | None:
    """The first place at which sign and words cover nothing; one for the sign alone where there is none for both.

    A sign over words of the picture comes last: where its line has no other place.
    """
    alone: FlowPlace | None = None
    over: FlowPlace | None = None
    for part in TRIED:
        at = path.pointAtPercent(part)
        sign = _sign(at, side)
        if any(sign.intersects(one) for one in taken):
            continue
        if avoided.meets(sign):
            over = over or FlowPlace(at, None)
            continue
        if width is None:
            return FlowPlace(at, None)
        for words in _beside(sign, width):
            if not any(words.intersects(one) for one in taken) and not avoided.meets(words):
                return FlowPlace(at, words)
        alone = alone or FlowPlace(at, None)
    return alone or over


def _beside(sign: QRectF, width: float) -> tuple[QRectF, ...]:
    """Where words can stand at a sign: below, above, right, left."""
    left, middle = sign.center().x() - width / 2, sign.center().y() - WORDS_HIGH / 2
    corners = (
        (left, sign.bottom() + GAP),
        (left, sign.top() - GAP - WORDS_HIGH),
        (sign.right() + GAP, middle),
        (sign.left() - GAP - width, middle),
    )
    return tuple(QRectF(x, y, width, WORDS_HIGH) for x, y in corners)


def _sign(at: QPointF, side: float) -> QRectF:
    return QRectF(at.x() - side / 2, at.y() - side / 2, side, side)
