"""Giving a Node, an empty Namespace or a note another size by the handles at its corners."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt

from designer.edits.arrange import place
from designer.edits.edit import Edit
from designer.edits.notes import shape_note
from designer.model import Placement
from designer.ui.canvas.gestures.gesture import Gesture, Keys
from designer.ui.canvas.gestures.marks import HANDLE, GestureMarks, handles_with_room
from designer.ui.canvas.gestures.stage import Stage, on_grid
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.note import NoteItem
from designer.ui.canvas.items.table import AnyItem

# Which sides a handle moves: (left, top, right, bottom), by its place among the handles.
CORNERS: tuple[tuple[bool, bool, bool, bool], ...] = (
    (True, True, False, False),
    (False, True, True, False),
    (False, False, True, True),
    (True, False, False, True),
)
CURSORS = (
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeBDiagCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeBDiagCursor,
)
LEAST_W, LEAST_H = 80.0, 40.0


def resizable_item(stage: Stage) -> AnyItem | None:
    """The one selected item that a person may give a size, None for several, or what follows its content."""
    oid = stage.selection.single
    item = stage.scene.item_of(oid) if oid else None
    if item is None or not item.resizable or (isinstance(item, FrameItem) and item.facts.members):
        return None
    return item


def handles_of(item: AnyItem | None) -> tuple[QPointF, ...]:
    """The corners of an item, where its handles are."""
    if item is None:
        return ()
    rect = item.rect
    return rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()


def handle_at(stage: Stage, point: QPointF) -> int | None:
    """The place of the handle at a scene point."""
    reach = HANDLE / stage.view.zoom
    for at, corner in enumerate(handles_with_room(handles_of(resizable_item(stage)), stage.view.zoom)):
        if abs(corner.x() - point.x()) <= reach and abs(corner.y() - point.y()) <= reach:
            return at
    return None


class Resize(Gesture):
    """Pulls a corner; never smaller than what is inside asks for."""

    def __init__(
        self, stage: Stage, marks: GestureMarks, start: QPointF, keys: Keys, item: AnyItem, corner: int
    ) -> None:
        super().__init__(stage, marks, start, keys)
        self._item = item
        self._sides = CORNERS[corner]
        self.cursor = CURSORS[corner]
        self._from = QRectF(item.rect)
        self._rect = QRectF(item.rect)

    def move(self, at: QPointF, keys: Keys) -> None:
        """Nothing; the corner follows the mouse on the grid."""
        left, top, right, bottom = self._sides
        rect = QRectF(self._from)
        if right:
            rect.setRight(max(on_grid(at.x()), rect.left() + LEAST_W))
        if left:
            rect.setLeft(min(on_grid(at.x()), rect.right() - LEAST_W))
        if bottom:
            rect.setBottom(max(on_grid(at.y()), rect.top() + LEAST_H))
        if top:
            rect.setTop(min(on_grid(at.y()), rect.bottom() - LEAST_H))
        note = isinstance(self._item, NoteItem)
        least = LEAST_H if note else self._item.natural_size(rect.width()).height()
        if rect.height() < least:
            if top:
                rect.setTop(rect.bottom() - least)
            else:
                rect.setBottom(rect.top() + least)
        self._rect = rect
        self.stage.scene.resize_item(self._item.oid, rect)
        self.marks.handles = handles_of(self._item)
        self.marks.update()

    def finish(self, at: QPointF) -> None:
        """Nothing; the size is kept, as one step."""
        self.marks.clear()
        if self._rect == self._from:
            self.stage.scene.restore()
            return
        rect = self._rect
        if isinstance(self._item, NoteItem):
            shaped = shape_note(self.stage.project, self._item.oid, rect.x(), rect.y(), rect.width(), rect.height())
            self._apply(shaped)
            return
        placement = Placement(x=rect.x(), y=rect.y(), w=rect.width(), h=rect.height(), pinned=True)
        view = self.stage.scene.current_view
        edit = place(self.stage.project, view, {self._item.oid: placement}, "Resize")
        self._apply(replace(edit, merge_key=None))

    def _apply(self, edit: Edit) -> None:
        if not self.stage.apply(edit, select=False):
            self.stage.scene.restore()

    def cancel(self) -> None:
        """Nothing; it has the size that it had."""
        super().cancel()
        self.stage.scene.restore()
