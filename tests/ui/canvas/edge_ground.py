"""A ground for edges that knows rectangles and nothing else."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from designer.ui.canvas.views.edge import Edge


@dataclass
class Ground:
    """Things by id; no rows, lanes or passages."""

    rects: dict[str, QRectF]

    def item_rect(self, oid: str) -> QRectF | None:
        """The rectangle of a thing."""
        return self.rects.get(oid)

    entry_rect = item_rect

    def row_start(self, edge: Edge) -> QPointF | None:
        """None: there are no rows."""

    def lane_of(self, oid: str) -> float:
        """None of them has a lane."""
        return 0.0

    def vias_of(self, edge: Edge) -> list[QRectF]:
        """There are no passages."""
        return []
