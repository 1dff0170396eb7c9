"""Very many edges as a shade: the more run somewhere, the stronger."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from designer.ui.kit.tokens import Theme

# As many pixels as a shade has at most: it is stretched, and one that is as high as a column of ten thousand Services
# would take seconds and hundreds of megabytes.
MOST_PIXELS = 480 * 480
# An edge is drawn as so many points. Of more edges than make up so many points every second, third, … is drawn.
STEPS = 48
MOST_POINTS = 500_000


def density_image(ends: NDArray[np.float64], area: QRectF, theme: Theme) -> QImage:
    """A picture of where very many edges run, to be stretched over `area`, in its proportions: the more, the stronger.

    It has `MOST_PIXELS` pixels at most, however long and narrow the area is.
    """
    proportion = max(1.0, area.height()) / max(1.0, area.width())
    width = min(MOST_PIXELS, max(1, int(sqrt(MOST_PIXELS / proportion))))
    height = max(1, min(MOST_PIXELS // width, round(width * proportion)))
    ends = ends[:: -(-len(ends) * STEPS // MOST_POINTS) or 1]
    step = np.linspace(0.0, 1.0, STEPS)
    bend = step * step * (3 - 2 * step)
    x = ends[:, 0, None] + (ends[:, 2] - ends[:, 0])[:, None] * step
    y = ends[:, 1, None] + (ends[:, 3] - ends[:, 1])[:, None] * bend
    column = ((x - area.left()) / area.width() * (width - 1)).astype(np.intp).clip(0, width - 1)
    row = ((y - area.top()) / area.height() * (height - 1)).astype(np.intp).clip(0, height - 1)
    hits = np.bincount((row * width + column).ravel(), minlength=width * height)
    alpha = np.clip(np.log1p(hits) / np.log1p(max(1, hits.max())) * 150, 0, 150).astype(np.uint32)
    color = theme.color("line_strong")
    pixels = np.zeros(width * height, dtype=np.uint32)
    for shift, part in ((16, color.red()), (8, color.green()), (0, color.blue())):
        pixels |= (alpha * part // 255) << shift
    pixels |= alpha << 24
    table = np.ascontiguousarray(pixels)
    image = QImage(table.tobytes(), width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()
