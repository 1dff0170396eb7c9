"""The canvas as a screen reader meets it: a drawing whose children are its objects, each with name, state and place.

Qt knows nothing of what is painted here. An interface of every object is made when somebody asks for it; where no
screen reader runs, nobody does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface, QColor, QWindow
from PySide6.QtWidgets import QAccessibleWidget

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

# The interface of each view that was asked for, by the view's identity. Qt owns what it was given; these keep the
# Python halves alive as long as the view lives.
_views: dict[int, CanvasInterface] = {}
_installed: list[Callable[[str, QObject], QAccessibleInterface | None]] = []


class ObjectInterface(QAccessibleInterface):
    """One object of the canvas: what it is and shows, whether it is selected, where it stands on the screen."""

    def __init__(self, canvas: CanvasInterface, oid: str) -> None:
        super().__init__()
        self.oid = oid
        self._canvas = canvas

    def isValid(self) -> bool:
        """Whether the object is still drawn."""
        return self._canvas.view.canvas.rect_of(self.oid) is not None

    def object(self) -> QObject | None:  # type: ignore[override]
        """None: it is painted, it is no QObject."""
        return None

    def window(self) -> QWindow | None:  # type: ignore[override]
        """None: its parent says."""
        return None

    def relations(self, match: Any = None) -> list[Any]:
        """Nothing to tell."""
        return []

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        """None: it has no children."""
        return None

    def parent(self) -> QAccessibleInterface:
        """The canvas."""
        return self._canvas

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None: the list of objects is flat."""
        return None

    def childCount(self) -> int:
        """None."""
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        """None."""
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Never there."""
        return -1

    def text(self, kind: QAccessible.Text) -> str:
        """Its name, with its kind and what it shows; as description its problem, and what the trace does here."""
        view = self._canvas.view
        if kind == QAccessible.Text.Name:
            return view.canvas.name_of(self.oid)
        return view.words_beside(self.oid) if kind == QAccessible.Text.Description else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nothing: names are changed by F2 or in the form."""

    def rect(self) -> QRect:
        """Where it stands on the screen."""
        view = self._canvas.view
        found = view.canvas.rect_of(self.oid)
        if found is None:
            return QRect()
        inside = view.mapFromScene(found).boundingRect()
        return QRect(view.viewport().mapToGlobal(inside.topLeft()), inside.size())

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

    def foregroundColor(self) -> QColor:
        """The colour of words."""
        return self._canvas.view.canvas.theme.color("text")

    def backgroundColor(self) -> QColor:
        """The colour behind them."""
        return self._canvas.view.canvas.theme.color("canvas")


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
            _drop(self._known.pop(oid))

    def drop_all(self) -> None:
        """Nothing; takes the interfaces of all objects out of Qt's list."""
        for known in self._known.values():
            _drop(known)
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


def make_readable() -> None:
    """Nothing; from now on Qt asks here for the interface of a canvas. Once a process."""
    if not _installed:
        _installed.append(_interface_for)
        QAccessible.installFactory(_interface_for)


def _interface_for(_name: str, thing: QObject) -> QAccessibleInterface | None:
    from designer.ui.canvas.view import CanvasView  # the view makes itself readable: each knows the other

    if not isinstance(thing, CanvasView):
        return None
    made = _views[id(thing)] = CanvasInterface(thing)
    return made


def _gone(key: int) -> None:
    made = _views.pop(key, None)
    if made is not None:
        made.drop_all()


def _drop(known: ObjectInterface) -> None:
    QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(known))


def announce_focus(view: CanvasView, oid: str) -> None:
    """Nothing; tells screen readers that the keyboard is at an object now."""
    if not QAccessible.isActive():
        return
    made = QAccessible.queryAccessibleInterface(view)
    if isinstance(made, CanvasInterface) and made.index_of(oid) >= 0:
        event = QAccessibleEvent(view, QAccessible.Event.Focus)
        event.setChild(made.index_of(oid))
        QAccessible.updateAccessibility(event)
