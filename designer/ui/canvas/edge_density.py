"""Very many edges as a shade: the more run somewhere, the stronger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from designer.ui.kit.tokens import Theme


def density_image(ends: NDArray[np.float64], area: QRectF, theme: Theme, width: int = 480) -> QImage:
    """A picture of where very many edges run, stretched over `area`: the more, the stronger."""
    height = max(1, round(width * area.height() / max(1.0, area.width())))
    step = np.linspace(0.0, 1.0, 48)
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
