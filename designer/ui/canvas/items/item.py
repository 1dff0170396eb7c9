"""The base of everything that is drawn as one object: a rectangle, facts, parts, and words for tooltip and readers."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from designer.ui.canvas.facts import Facts, owner_of
from designer.ui.canvas.items.look import Look
from designer.ui.kit.icons import paint_icon

F = TypeVar("F", bound=Facts)

BADGE = 16.0


class CanvasItem(Generic[F]):
    """One drawn object. The scene owns it, sets `rect` (scene units), and replaces `facts` when they differ.

    It is no QGraphicsItem: layers paint all items of a band in one go. `resizable` says whether a
    person may give it a size.
    """

    resizable = False

    def __init__(self, facts: F) -> None:
        self.facts = facts
        self.rect = QRectF(QPointF(0, 0), self.natural_size())

    @property
    def oid(self) -> str:
        """The id in the scene's map."""
        return self.facts.oid

    @property
    def owner(self) -> str:
        """The id of the object behind it: what a click selects."""
        return owner_of(self.facts.oid)

    def natural_size(self, width: float = 0.0) -> QSizeF:
        """The size that its content asks for, at a given width (0: its own)."""
        raise NotImplementedError

    def take(self, facts: F) -> None:
        """Nothing; from now on it shows these facts."""
        self.facts = facts

    def paint(self, painter: QPainter, look: Look) -> None:
        """Nothing; draws it, in scene coordinates."""
        raise NotImplementedError

    def paint_marked(self, painter: QPainter, look: Look) -> None:
        """Nothing; paints it again over the picture, in its marked state."""
        self.paint(painter, look)

    def contains(self, point: QPointF) -> bool:
        """Whether a scene point is on it."""
        return self.rect.contains(point)

    def part_at(self, point: QPointF) -> str:
        """The id of the part under a scene point: an Ingress on its controller's card, else the object itself."""
        return self.owner

    def part_rects(self) -> tuple[tuple[str, QRectF], ...]:
        """Rectangles of its parts that are objects of their own, by their ids; not the Pods."""
        return ()

    def accessible_name(self) -> str:
        """What a screen reader says."""
        raise NotImplementedError

    def tooltip(self) -> str:
        """What is shown when the mouse rests on it."""
        badge = self.facts.badge
        return f"{self.accessible_name()}\n{badge.title}" if badge.severity else self.accessible_name()

    def paint_badge(self, painter: QPainter, look: Look, at: QPointF | None = None) -> None:
        """Nothing; draws the mark of a problem on its upper right corner, or centred `at`."""
        badge = self.facts.badge
        if not badge.severity or look.zoom < 0.25:
            return
        centre = at or QPointF(self.rect.right() - 4, self.rect.top() + 2)
        side = BADGE * max(1.0, min(1.6, 0.75 / look.zoom))
        box = QRectF(centre.x() - side / 2, centre.y() - side / 2, side, side)
        painter.setPen(look.theme.color("canvas"))
        painter.setBrush(look.theme.color("canvas"))
        painter.drawEllipse(box)
        paint_icon(painter, box, "error" if badge.severity == "error" else "warning", look.theme.value(badge.severity))
