"""The name of an object as a field on the canvas: Enter keeps what was typed, Esc what was there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from designer.edits.kept import rename_any
from designer.edits.notes import write_note
from designer.model import split_id
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.items.podbox import PodBoxItem
from designer.ui.canvas.items.podgrid import HEADER
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font

HEIGHT = 28
LEAST_WIDTH = 140
MOST_GROWN = 2.5
"""The field grows with the canvas up to this zoom."""


class NameField(QLineEdit):
    """Edits one name. A name that is refused stays to be mended; `failed` of the session says why."""

    def __init__(self, stage: Stage, oid: str, rect: QRectF) -> None:
        super().__init__(stage.view.viewport())
        self._stage = stage
        self.oid = oid
        self.closed = False
        self._busy = False
        self.setObjectName("canvasName")
        self.setAccessibleName("Name of " + stage.scene.name_of(oid))
        self.setText(self._known())
        self._rect = rect
        self._put()
        stage.view.zoomed.connect(self._put)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _known(self) -> str:
        """The name, or a note's text, as the project has it."""
        note = self._stage.project.canvas.notes.get(self.oid)
        return note.text if note is not None else split_id(self.oid)[2]

    def _put(self, _zoom: float = 1.0) -> None:
        """As large as the title that it stands over, where that is larger than what can be typed in."""
        view, item, rect = self._stage.view, self._stage.scene.item_of(self.oid), QRectF(self._rect)
        if isinstance(item, (PodBoxItem, FrameItem)):
            rect.setHeight(HEADER if isinstance(item, PodBoxItem) else item.title_rect().height())
        shown = view.mapFromScene(rect).boundingRect()
        grown = min(max(view.zoom, 1.0), MOST_GROWN)
        self.setFont(ui_font(BODY * grown, SEMIBOLD))
        height, edge = round(HEIGHT * grown), round(8 * grown)
        width = max(LEAST_WIDTH, min(shown.width(), round(280 * grown)))
        self.setGeometry(shown.left() + edge, shown.center().y() - height // 2, width - 2 * edge, height)

    def follow(self) -> None:
        """Nothing; the field stays over its object, and goes with it."""
        rect = self._stage.scene.rect_of(self.oid)
        if rect is not None:
            self._rect = rect
            self._put()
        elif not self._busy:
            self.close_field()

    def event(self, event: QEvent) -> bool:
        """Whether the field takes an event: Undo is for the cluster where nothing was typed that it could take back."""
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        if undo and event.type() == QEvent.Type.ShortcutOverride and not self.isUndoAvailable():
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Enter keeps the new name, Esc the old one."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
        elif event.key() == Qt.Key.Key_Escape:
            self.close_field()
        else:
            super().keyPressEvent(event)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing; leaving the field keeps a name that is allowed."""
        super().focusOutEvent(event)
        if not (self.closed or self._busy) and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()
            self.close_field()

    def commit(self) -> bool:
        """Whether the typed name is the object's name now; the field is gone then."""
        if self.closed:
            return True
        name, project = self.text().strip(), self._stage.project
        if name == self._known() or not can_rename(self._stage, self.oid):
            self.close_field()
            return True
        self._busy = True
        is_note = self.oid in project.canvas.notes
        done = self._stage.apply(
            write_note(project, self.oid, name) if is_note else rename_any(project, self.oid, name)
        )
        self._busy = False
        if done:
            self.close_field()
        else:
            self.selectAll()
        return done

    def close_field(self) -> None:
        """Nothing; takes the field away and gives the keyboard back to the canvas."""
        if self.closed:
            return
        self.closed = True
        self._stage.view.zoomed.disconnect(self._put)
        had_focus = self.hasFocus()
        self.hide()
        self.deleteLater()
        if had_focus:
            self._stage.view.setFocus()


def can_rename(stage: Stage, oid: str) -> bool:
    """Whether a thing has a name of its own: derived Pods get theirs from their workload."""
    project = stage.project
    known = project.get(oid) is not None or oid in project.canvas.notes
    known = known or (oid in project.foreign and stage.is_copied(oid))
    return known and stage.scene.rect_of(oid) is not None
