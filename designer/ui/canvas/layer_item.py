"""The graphics item of a layer over the picture: it knows how far it reaches, and has its layer draw it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

# Gets the painter, the zoom (device pixels for a scene unit) and the part of the scene that has to be drawn.
Draw = Callable[[QPainter, float, QRectF], None]


class LayerItem(QGraphicsItem):
    """An item that takes no clicks and is drawn by `draw`, smoothly."""

    def __init__(self, draw: Draw) -> None:
        super().__init__()
        self._draw = draw
        self._bounds = QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_bounds(self, bounds: QRectF) -> None:
        """Nothing; says how far it reaches, and draws it anew."""
        if bounds != self._bounds:
            self.prepareGeometryChange()
            self._bounds = bounds
        self.update()

    def boundingRect(self) -> QRectF:
        """How far it reaches, in the scene."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Nothing; draws it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        self._draw(painter, zoom, option.exposedRect)
