"""Reading painted pictures in tests: which colours are in them, and how much of them is painted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap


def painted(draw: Callable[[QPainter, QRectF], None], size: int = 48) -> QImage:
    """The picture that a function paints on a transparent square."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, size, size))
    painter.end()
    return image


def solid_colors(picture: QImage | QPixmap) -> set[str]:
    """The `#rrggbb` of the fully painted pixels."""
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def painted_share(picture: QImage | QPixmap) -> float:
    """The share 0..1 of pixels that hold any paint."""
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    count = sum(image.pixelColor(x, y).alpha() > 0 for x in range(image.width()) for y in range(image.height()))
    return count / (image.width() * image.height())
