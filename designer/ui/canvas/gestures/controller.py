"""The gestures of one view: which one a press begins, and the events that drive it."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.gestures.board import Board
from designer.ui.canvas.gestures.connect import Link, LinkClicks, link_at, link_start
from designer.ui.canvas.gestures.gesture import Gesture, Keys, adds
from designer.ui.canvas.gestures.hint import Hint
from designer.ui.canvas.gestures.layer_board import LayerBoard
from designer.ui.canvas.gestures.marks import GestureMarks
from designer.ui.canvas.gestures.move import Move, MovePod
from designer.ui.canvas.gestures.palette_drop import PaletteDrop
from designer.ui.canvas.gestures.policy_arrow import PolicyArrow
from designer.ui.canvas.gestures.rename import NameField, can_rename
from designer.ui.canvas.gestures.request import TwoClicks
from designer.ui.canvas.gestures.resize import CURSORS, Resize, handle_at, handles_of, resizable_item
from designer.ui.canvas.gestures.rubber import RubberBand
from designer.ui.canvas.gestures.stage import Stage
from designer.ui.canvas.keyboard import Keyboard
from designer.ui.canvas.menu import CanvasMenu
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.filters import while_alive


class CanvasGestures(QObject):
    """Makes a view editable. Keep a reference to it as long as the view lives.

    `requested` carries source id and destination text of a request chosen on the canvas, `policyWanted` those of an
    arrow that says who may call whom; `traceFrom` and `traceTo` one
    end of it (an id, a destination text); `yamlWanted` and `inspectorWanted` the id of an object; `textPasted` text
    from the clipboard that is no copy of objects; `layerWanted` asks for a new layer of what is selected,
    `withoutWanted` what deleting a policy changes, `helpWanted` the rule behind the problem with a code.
    """

    requested = Signal(str, str)
    policyWanted = Signal(str, str)
    traceFrom: ClassVar[Signal] = Signal(str)
    traceTo: ClassVar[Signal] = Signal(str)
    yamlWanted = Signal(str)
    inspectorWanted = Signal(str)
    textPasted = Signal(str)
    layerWanted = Signal()
    withoutWanted: ClassVar[Signal] = Signal(str)
    helpWanted: ClassVar[Signal] = Signal(str)

    stage: Stage
    board: Board

    def __init__(
        self, view: CanvasView, session: SessionBridge, selection: Selection, parent: QObject | None = None
    ) -> None:
        super().__init__(parent or view)
        self.stage = Stage(view, session, selection)
        self.marks = GestureMarks(view.canvas)
        self.hint = Hint(view)
        self.board = Board(self.stage, self)
        self.layers = LayerBoard(self.stage)
        self.board.textPasted.connect(self.textPasted)
        self.palette = PaletteDrop(self.stage, self.hint, self.name_soon)
        self.tracing = TwoClicks(self.stage, self.marks, self.hint, self.requested.emit)
        self.arrow = PolicyArrow(self.stage, self.marks, self.hint, self.policyWanted.emit)
        self.linking = LinkClicks(self.stage, self.marks, self.hint)
        self.request = self.tracing  # the one of these that the clicks are for
        self.keyboard = Keyboard(self)
        self.menu = CanvasMenu(self)
        self._field: NameField | None = None
        self._gesture: Gesture | None = None
        self._pressed_at: QPoint | None = None
        self._pressed: tuple[str, Keys] = ("", Keys.NoModifier)
        self._to_name = ""
        self._given_up = False
        selection.changed.connect(self._on_selection)
        view.canvas.shown.connect(self._on_shown)
        view.viewport().installEventFilter(self)
        view.installEventFilter(self)

    # --- what others call

    def start_request(self, source: str = "") -> None:
        """Nothing; the next two clicks (one when `source` is given) choose a request."""
        self._start(self.tracing, source)

    def start_policy(self, source: str = "") -> None:
        """Nothing; the next two clicks (one when `source` can call) say who may call whom."""
        self._start(self.arrow, source if source.partition(":")[0] in PolicyArrow.senders else "")

    def start_link(self, source: str) -> None:
        """Nothing; the next click says what an object should lead to."""
        self._start(self.linking, source)

    def _start(self, clicks: TwoClicks, source: str) -> None:
        self.cancel()
        self.request = clicks
        self.keyboard.hide_ring()
        QToolTip.hideText()
        self.stage.view.setFocus()
        self.request.begin(source)

    @property
    def under_way(self) -> bool:
        """Whether something is being dragged or chosen by clicks."""
        return self.request.active or self._gesture is not None

    def cancel(self) -> bool:
        """Whether there was a gesture to give up; the project is as it was before it."""
        if self.request.active:
            self.request.cancel()
            return True
        # The release of a button that is still down belongs to nobody.
        self._given_up = self._pressed_at is not None
        if self._gesture is not None:
            self._gesture.cancel()
            self._end()
            return True
        self._pressed_at = None
        return False

    def rename(self, oid: str) -> bool:
        """Whether the name of an object is being edited now."""
        rect = self.stage.scene.rect_of(oid)
        if not can_rename(self.stage, oid) or rect is None:
            return False
        if self.name_field is not None:
            self.name_field.close_field()
        self.stage.show(oid)
        self._field = NameField(self.stage, oid, rect)
        return True

    @property
    def name_field(self) -> NameField | None:
        """The field in which a name is being edited, None while there is none."""
        return self._field if self._field is not None and not self._field.closed else None

    def name_soon(self, oid: str) -> None:
        """Nothing; edits the name of a new object as soon as it is drawn, in the inspector if this view never will."""
        named, never = self.rename(oid), self._is_compiled(oid)
        self._to_name = "" if named or never else oid
        if never and not named:
            self.inspectorWanted.emit(oid)

    def _is_compiled(self, oid: str) -> bool:
        """Whether the picture already knows of an object: what it does not show then, it will not show soon."""
        state = self.stage.scene.state
        return state is not None and (state.project.get(oid) is not None or oid in state.project.foreign)

    # --- events

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether an event of the view or its viewport was used."""
        # Drags over the empty state reach the view, not the viewport; both have the same corner.
        if isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent) or event.type() == QEvent.Type.DragLeave:
            return self._drag(event)
        if watched is self.stage.view:
            return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.keyboard.press(event)
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        if event.type() == QEvent.Type.ToolTip and self.under_way:
            QToolTip.hideText()  # it would cover what is drawn, and the hint says what to do
            return True
        if isinstance(event, QContextMenuEvent):
            self.cancel()
            self.menu.open_at(event.globalPos(), self.stage.view.mapToScene(event.pos()))
            return True
        return False

    def _drag(self, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent):
            if not self.palette.enter(event):
                event.ignore()
        elif event.type() == QEvent.Type.DragLeave:
            self.palette.leave()
        elif isinstance(event, QDragMoveEvent):
            self.palette.move(event)
        elif isinstance(event, QDropEvent):
            self.palette.drop(event)
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        at = self.stage.view.mapToScene(event.position().toPoint())
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            return self._moved(event, at)
        if event.button() != Qt.MouseButton.LeftButton or self.stage.view.wants_pan(event):
            return False
        if kind == QEvent.Type.MouseButtonPress:
            self._press(event, at)
            return True
        if kind == QEvent.Type.MouseButtonRelease and (self._pressed_at is not None or self._given_up):
            if self._pressed_at is not None:
                self._release(at)
            self._given_up = False
            return True
        if kind == QEvent.Type.MouseButtonDblClick:
            return self._double(at)
        return False

    def _press(self, event: QMouseEvent, at: QPointF) -> None:
        self.stage.view.setFocus(Qt.FocusReason.MouseFocusReason)
        self.keyboard.hide_ring()
        self._given_up = self.request.active
        if self.request.active:
            self.request.choose(at)
            return
        oid, keys = self.stage.scene.object_at(at) or "", event.modifiers()
        self._pressed_at, self._pressed = event.position().toPoint(), (oid, keys)
        if handle_at(self.stage, at) is not None or link_at(self.stage, at):
            return
        if oid and oid not in self.stage.selection.ids and not adds(keys):
            self.stage.selection.select((oid,))

    def _moved(self, event: QMouseEvent, at: QPointF) -> bool:
        if self.request.active:
            self.request.move(at)
            return True
        if self._pressed_at is None:
            if not event.buttons():
                self._point_at_handle(at)
            return False
        here = event.position().toPoint()
        if self._gesture is None:
            if (here - self._pressed_at).manhattanLength() < QApplication.startDragDistance():
                return True
            self._gesture = self._begin(self.stage.view.mapToScene(self._pressed_at))
            self.stage.view.viewport().setCursor(self._gesture.cursor)
        self._gesture.move(at, event.modifiers())
        return True

    def _begin(self, start: QPointF) -> Gesture:
        """The gesture that a drag from a scene point means."""
        oid, keys = self._pressed
        corner, sized = handle_at(self.stage, start), resizable_item(self.stage)
        if corner is not None and sized is not None:
            return Resize(self.stage, self.marks, start, keys, sized, corner)
        if link_at(self.stage, start):
            return Link(self.stage, self.marks, start, keys, self.hint)
        if not oid:
            return RubberBand(self.stage, self.marks, start, keys)
        if oid not in self.stage.selection.ids:
            self.stage.selection.toggle(oid)
        item = self.stage.item_at(start)
        pod = self.stage.pod(oid)
        if pod is not None and (item is None or item.oid != oid):
            return MovePod(self.stage, self.marks, start, keys, oid, self.hint)
        return Move(self.stage, self.marks, start, keys, item.oid if item is not None else oid, self.hint)

    def _release(self, at: QPointF) -> None:
        gesture, self._pressed_at = self._gesture, None
        if gesture is not None:
            gesture.finish(at)
            self._end()
            return
        oid, keys = self._pressed
        if link_at(self.stage, at):
            self.start_link(self.stage.selection.single or "")
        elif adds(keys):
            if oid:
                self.stage.selection.toggle(oid)
        elif handle_at(self.stage, at) is None:
            self.stage.selection.select((oid,) if oid else ())
            if self.stage.on_toggle(at):
                self.board.toggle((oid,))

    def _end(self) -> None:
        self._gesture, self._pressed_at = None, None
        self.stage.view.viewport().unsetCursor()
        self._show_handles()

    def _double(self, at: QPointF) -> bool:
        oid = self.stage.scene.object_at(at)
        if oid is None or self.request.active:
            return False
        self._pressed_at = None
        if self.stage.on_title(at):
            self.board.toggle((oid,))
        elif not self.rename(oid):
            self.inspectorWanted.emit(oid)
        return True

    # --- marks that stay

    def _point_at_handle(self, at: QPointF) -> None:
        corner = handle_at(self.stage, at)
        viewport = self.stage.view.viewport()
        if corner is not None:
            viewport.setCursor(CURSORS[corner])
        elif link_at(self.stage, at):
            viewport.setCursor(Link.cursor)
        elif viewport.cursor().shape() in (*CURSORS, Link.cursor):
            viewport.unsetCursor()

    def _show_handles(self) -> None:
        self.marks.handles = handles_of(resizable_item(self.stage))
        self.marks.link = link_start(self.stage)
        self.marks.update()

    def _on_selection(self, _ids: object) -> None:
        self._show_handles()

    def _on_shown(self, _difference: object) -> None:
        self._show_handles()
        self.keyboard.forget()
        if self.name_field is not None:
            self.name_field.follow()
        if self._to_name:
            self.name_soon(self._to_name)
