"""The view: the scene in a window, with the switch between the three views, the minimap and the empty state."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from designer.ui.bridge.selection import Selection
from designer.ui.canvas.crumbs import Crumbs
from designer.ui.canvas.foot import Foot
from designer.ui.canvas.glide import Glide
from designer.ui.canvas.minimap import Minimap
from designer.ui.canvas.reading import interface_for
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.stock import Difference
from designer.ui.canvas.view_tabs import ViewTabs
from designer.ui.canvas.zoom_view import ZoomView
from designer.ui.canvas.zooming import clamp
from designer.ui.kit.messages import COVERED, EmptyState
from designer.ui.kit.painted import make_readable
from designer.ui.kit.theme import theme_changed


class CanvasView(ZoomView):
    """Shows a `CanvasScene`. Selection goes in and out through `Selection`; the gestures decide what a click means.

    `beginSample`, `beginOpen` and `beginNode` are the three ways to begin from an empty canvas.
    """

    beginSample = Signal()
    beginOpen = Signal()
    beginNode = Signal()
    top_inset = 40.0

    def __init__(self, scene: CanvasScene, selection: Selection | None = None, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.canvas = scene
        self._fitted = False
        self._at_fit = False
        self._minimap_wanted = True
        self._inviting = True
        self.focused_object = ""
        # What else there is to say of an object: each gives a sentence for an id, "" for nothing.
        self.tellers: list[Callable[[str], str]] = []
        make_readable(interface_for)
        self.tabs = ViewTabs(self)
        self.tabs.chosen.connect(self.show_view)
        self.crumbs = Crumbs(scene, selection, self) if selection is not None else None
        self.glide = Glide(self, scene)
        self.foot = Foot(self)
        self.minimap = Minimap(scene, self)
        self.minimap.wanted.connect(self.centre_on)
        self.lying_over = (self.minimap,)
        self.empty = EmptyState(
            "add",
            "Begin with a sample, with manifests, or drag a Node here.",
            (
                ("Open a sample", self.beginSample.emit),
                ("Open manifests…", self.beginOpen.emit),
                ("Add a Node", self.beginNode.emit),
            ),
            parent=self,
        )
        scene.shown.connect(self._on_shown)
        scene.viewChanged.connect(self._on_view_changed)
        self.zoomed.connect(self._on_zoomed)
        theme_changed.connect(self._on_theme)
        if selection is not None:
            selection.changed.connect(scene.set_selected)
            selection.reveal.connect(self.reveal)
            selection.hint.connect(scene.set_hinted)
            scene.set_selected(selection.ids)
        self._on_theme()
        self._on_shown(None)

    def whole(self) -> QRectF:
        """The rectangle round everything that is drawn."""
        return self.canvas.stock.extent()

    def zoom_to_fit(self, *, animated: bool = True) -> None:
        """Nothing; shows everything, not larger than 150 %.

        The place of the world outside, all that an empty project draws, is no drawing yet: its first object is fitted.
        """
        self._fitted = self._at_fit = not self.whole().isEmpty() and not self.canvas.is_empty
        self.show_rect(self.whole(), most=1.5, animated=animated)

    def keep_free(self, bottom: float) -> None:
        """Nothing; leaves so many pixels at the bottom free of what is shown whole: something lies over them."""
        if bottom != self.bottom_inset:
            self.bottom_inset = bottom
            self.setProperty(COVERED, round(bottom))
            self._place_minimap()
            if self._at_fit:
                self.zoom_to_fit()

    def zoom_to_selection(self, ids: Iterable[str] | None = None) -> None:
        """Nothing; shows the selected things (or `ids`), not larger than 150 %; everything when there are none."""
        whole = QRectF()
        for oid in ids if ids is not None else self.canvas.marks.selected:
            whole = whole.united(self.canvas.rect_of(oid) or QRectF())
        if whole.isEmpty():
            self.zoom_to_fit()
        else:
            self._at_fit = False
            self.show_rect(whole, most=1.5)

    def reveal(self, oid: str) -> None:
        """Nothing; brings an object to the middle, near enough to read it; stays when it is well in sight."""
        rect = self.canvas.rect_of(oid) or self.canvas.owned.whole(self.canvas.state, oid)
        if rect is None:
            return
        seen = self.seen()
        inner = seen.adjusted(seen.width() * 0.08, seen.height() * 0.12, -seen.width() * 0.08, -seen.height() * 0.08)
        if inner.contains(rect) and self.zoom >= 0.5:
            return
        self._at_fit = False
        zoom = self.zoom if self.zoom >= 0.6 else min(1.0, self._fit_zoom(rect))
        self._move.start(clamp(zoom), rect.center())

    def keep_in_sight(self, point: QPointF) -> None:
        """Nothing; moves to a scene point that cannot be seen, at the same zoom; a hand on the mouse comes first."""
        seen = self.seen()
        inner = seen.adjusted(seen.width() * 0.04, seen.height() * 0.06, -seen.width() * 0.04, -seen.height() * 0.06)
        if not inner.contains(point) and QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self._at_fit = False
            self._move.start(self.zoom, point)

    def zoom_to(self, zoom: float, at: QPointF | None = None, *, animated: bool = False) -> None:
        """Nothing; as in `ZoomView`; a person chose this zoom, so a resize no longer fits everything."""
        self._at_fit = False
        super().zoom_to(zoom, at, animated=animated)

    def pan(self, dx: float, dy: float) -> None:
        """Nothing; as in `ZoomView`; a person chose this place."""
        self._at_fit = False
        super().pan(dx, dy)

    def centre_on(self, point: QPointF) -> None:
        """Nothing; as in `ZoomView`; a person chose this place."""
        self._at_fit = False
        super().centre_on(point)

    def words_beside(self, oid: str) -> str:
        """What there is to say of an object besides its name: its worst problem, and what the tellers know."""
        item = self.canvas.stock.items.get(oid)
        badge = item.facts.badge if item is not None else None
        found = [f"{badge.severity.capitalize()}: {badge.title}"] if badge is not None and badge.severity else []
        found += [words for tell in self.tellers if (words := tell(oid))]
        return ". ".join(words.rstrip(".") for words in found)

    # --- what is shown

    def show_minimap(self, shown: bool) -> None:
        """Nothing; shows or hides the minimap."""
        self._minimap_wanted = shown
        self._on_zoomed(self.zoom)

    def show_view(self, name: str) -> None:
        """Nothing; shows one of the three views, all of it."""
        self.canvas.set_view(name)

    def _on_view_changed(self, name: str) -> None:
        self.tabs.show_view(name)

    def invite(self, *, inviting: bool) -> None:
        """Nothing; whether an empty canvas says how to begin: not while a file is being opened."""
        self._inviting = inviting
        self.empty.setVisible(inviting and self.canvas.is_empty)

    def _on_shown(self, difference: Difference | None) -> None:
        empty = self.canvas.is_empty
        self.empty.setVisible(empty and self._inviting)
        self.tabs.setVisible(not empty)
        begun = difference is not None and difference.whole
        if (begun or not self._fitted) and not empty and self.isVisible():
            self.zoom_to_fit(animated=False)
        self.glide.arrive()
        self._seen_changed()

    def _on_theme(self, _theme: object = None) -> None:
        self.setBackgroundBrush(self.canvas.theme.color("canvas"))
        self.minimap.forget()

    def _on_zoomed(self, _zoom: float) -> None:
        seen = self.seen()
        self.minimap.set_seen(seen)
        # A map of what is all in sight anyway would only cover a part of it.
        whole = self.canvas.stock.extent()
        useful = not self.canvas.is_empty and not whole.isEmpty() and not seen.contains(whole)
        self.minimap.setVisible(self._minimap_wanted and useful)

    # --- events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; marks what is under the mouse."""
        if not event.buttons():
            self.canvas.set_marks(hovered=self.canvas.object_at(self.mapToScene(event.position().toPoint())) or "")
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Whether the event was used; nothing is under a mouse that has left."""
        if event.type() == QEvent.Type.Leave:
            self.canvas.set_marks(hovered="")
        elif event.type() == QEvent.Type.ToolTip:
            return self._show_tip(event)
        return super().viewportEvent(event)

    def _show_tip(self, event: QEvent) -> bool:
        assert isinstance(event, QHelpEvent)
        text = self.canvas.tip_at(self.mapToScene(event.pos()))
        if text:
            QToolTip.showText(event.globalPos(), text, self.viewport())
        else:
            QToolTip.hideText()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; the corner widgets keep their corners."""
        super().resizeEvent(event)
        self.tabs.move(8, 0)
        if self.crumbs is not None:
            left = self.tabs.geometry().right() + 8
            self.crumbs.move(left, 0)
            self.crumbs.set_room(max(0, self.width() - left - 12))
        self.foot.arrange()
        self._place_minimap()
        self.empty.setGeometry(self.rect())
        if self._at_fit:
            self.zoom_to_fit(animated=False)
        self._seen_changed()

    def _place_minimap(self) -> None:
        self.minimap.move(16, self.height() - round(self.bottom_inset) - self.minimap.height() - 16)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing; the first time everything is shown."""
        super().showEvent(event)
        if not self._fitted:
            self.zoom_to_fit(animated=False)
            self.setFocus()
