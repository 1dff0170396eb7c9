"""Where the words of the picture stand: what is laid over it keeps off them, or lets them be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import QRectF

from designer.ui.canvas.items import podgrid
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.scene import CanvasScene

# So much of the title band of a frame has its words.
TITLE_WIDTH = 260.0
MOST = 4000


def worded_rects(scene: CanvasScene, area: QRectF) -> tuple[QRectF, ...]:
    """The rectangles in `area` with names and addresses: cards, Pods, the heads of boxes, the titles of frames.

    Where there are more than `MOST` of them, none: so far away nobody reads them, and each would be kept off.
    """
    found = tuple(islice((rect for rect in _all(scene, area) if rect.intersects(area)), MOST + 1))
    return found if len(found) <= MOST else ()


def _all(scene: CanvasScene, area: QRectF) -> Iterator[QRectF]:
    for item in scene.stock.items.values():
        if not item.rect.intersects(area):
            continue
        if isinstance(item, FrameItem):
            band = item.title_rect()
            yield QRectF(band.topLeft(), band.size().boundedTo(QRectF(0, 0, TITLE_WIDTH, band.height()).size()))
        elif isinstance(item, PodBoxItem):
            yield QRectF(item.rect.x(), item.rect.y(), item.rect.width(), podgrid.HEADER)
            if item.has_pill:
                yield item.pill_rect()
            yield from (item.chip_rect(place) for place in range(len(item.facts.pods)))
        else:
            yield QRectF(item.rect)
