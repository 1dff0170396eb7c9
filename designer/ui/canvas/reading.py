"""The canvas as a screen reader meets it: a drawing whose children are its objects, each with name, state and place.

`kit.painted` has what all painted parts share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from designer.ui.kit.painted import PaintedPart, announce_focus, drop, on_screen

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

# The interface of each view that was asked for, by the view's identity. Qt owns what it was given; these keep the
# Python halves alive as long as the view lives.
_views: dict[int, CanvasInterface] = {}


class ObjectInterface(PaintedPart):
    """One object of the canvas: what it is and shows, whether it is selected, where it stands on the screen."""

    def __init__(self, canvas: CanvasInterface, oid: str) -> None:
        super().__init__(canvas)
        self.oid = oid
        self._canvas = canvas

    def isValid(self) -> bool:
        """Whether the object is still drawn."""
        return self._canvas.view.canvas.rect_of(self.oid) is not None

    def text(self, kind: QAccessible.Text) -> str:
        """Its name, with its kind and what it shows; as description its problem, and what the trace does here."""
        view = self._canvas.view
        if kind == QAccessible.Text.Name:
            return view.canvas.name_of(self.oid)
        return view.words_beside(self.oid) if kind == QAccessible.Text.Description else ""

    def rect(self) -> QRect:
        """Where it stands on the screen."""
        view = self._canvas.view
        found = view.canvas.rect_of(self.oid)
        if found is None:
            return QRect()
        return on_screen(view.viewport(), view.mapFromScene(found).boundingRect())

    def role(self) -> QAccessible.Role:
        """An item of a list, so that readers say whether it is selected."""
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        """Whether it can be chosen, is chosen, has the keyboard, and is in sight."""
        state, view = QAccessible.State(), self._canvas.view
        flags: Any = state
        flags.focusable = flags.selectable = True
        flags.selected = self.oid in view.canvas.marks.selected
        flags.focused = view.hasFocus() and view.focused_object == self.oid
        flags.offscreen = not view.viewport().rect().intersects(self._inside())
        flags.invalid = not self.isValid()
        return state

    def _inside(self) -> QRect:
        view = self._canvas.view
        found = view.canvas.rect_of(self.oid)
        return view.mapFromScene(found).boundingRect() if found is not None else QRect()


class CanvasInterface(QAccessibleWidget):
    """The canvas: its children are the widgets on it (view tabs, minimap, …), then the objects in reading order."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view, QAccessible.Role.List, view.accessibleName())
        self.view = view
        self._order: tuple[str, ...] | None = None
        self._places: dict[str, int] = {}
        self._known: dict[str, ObjectInterface] = {}
        view.canvas.shown.connect(self._forget)
        key = id(view)
        view.destroyed.connect(lambda *_: _gone(key))

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of all objects in reading order."""
        if self._order is None:
            self._order = self.view.canvas.reading_order()
            self._places = {oid: place for place, oid in enumerate(self._order)}
        return self._order

    def _forget(self, *_: object) -> None:
        self._order = None
        for oid in [oid for oid, known in self._known.items() if not known.isValid()]:
            drop(self._known.pop(oid))

    def drop_all(self) -> None:
        """Nothing; takes the interfaces of all objects out of Qt's list."""
        for known in self._known.values():
            drop(known)
        self._known.clear()

    def of(self, oid: str) -> ObjectInterface | None:
        """The interface of an object, None where it is not drawn."""
        if not oid or self.index_of(oid) < 0:
            return None
        found = self._known.get(oid)
        if found is None:
            found = self._known[oid] = ObjectInterface(self, oid)
            QAccessible.registerAccessibleInterface(found)
        return found

    def childCount(self) -> int:
        """How many widgets and objects there are."""
        return super().childCount() + len(self.order)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The widget, or the object at a place of the reading order."""
        widgets = super().childCount()
        if index < widgets:
            return super().child(index)
        return self.of(self.order[index - widgets]) if index - widgets < len(self.order) else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """The widget or object at a point of the screen."""
        view = self.view
        over = view.childAt(view.mapFromGlobal(QPoint(x, y)))
        if over is not None and over is not view.viewport():
            return super().childAt(x, y)
        point = view.mapToScene(view.viewport().mapFromGlobal(QPoint(x, y)))
        return self.of(view.canvas.object_at(point) or "")

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """The place of a widget or an object, -1 for what is not here."""
        if not isinstance(child, ObjectInterface):
            return super().indexOfChild(child)
        return self.index_of(child.oid)

    def index_of(self, oid: str) -> int:
        """The place of an object among the children, -1 where it is not drawn."""
        order = self.order
        return super().childCount() + self._places[oid] if order and oid in self._places else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """The object that the keyboard is at, or the widget that has it."""
        return self.of(self.view.focused_object) or super().focusChild()


def interface_for(thing: QObject) -> QAccessibleInterface | None:
    """The interface of a canvas, None for anything else."""
    from designer.ui.canvas.view import CanvasView  # the view makes itself readable: each knows the other

    if not isinstance(thing, CanvasView):
        return None
    made = _views[id(thing)] = CanvasInterface(thing)
    return made


def _gone(key: int) -> None:
    made = _views.pop(key, None)
    if made is not None:
        made.drop_all()


def announce_object(view: CanvasView, oid: str) -> None:
    """Nothing; tells screen readers that the keyboard is at an object now."""
    if not QAccessible.isActive():
        return
    made = QAccessible.queryAccessibleInterface(view)
    if isinstance(made, CanvasInterface) and made.index_of(oid) >= 0:
        announce_focus(view, made.index_of(oid))
