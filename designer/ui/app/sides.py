"""Where things are in the window: palette, canvas, inspector, panels below; kept between starts."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from designer.ui.app.settings import Settings
from designer.ui.kit.room import scrolled

# First sizes of the sides: a part of the window, between the least and the most that they need.
_PALETTE: Final = (0.2, 150, 192)
_INSPECTOR: Final = (0.25, 240, 320)
_BOTTOM: Final = (0.36, 100, 250)
# Of a large window the panels below take this part; the palette and the form need no more than they have.
_BOTTOM_OF_LARGE: Final = 0.28
_ROWS: Final = [650, 250]
_BESIDE: Final = [700, 700]
# What is left of the canvas while the panels below are large.
CANVAS_LEFT: Final = 200
SIDES: Final = ("palette", "inspector", "bottom")
# The window at its first start, and what a desktop's frame around it takes.
_FIRST: Final = QSize(1600, 1000)
_FRAME: Final = QSize(32, 48)


class Sides(QWidget):
    """The splitters of the window. `shown` and `show_side` know the sides by name."""

    def __init__(
        self, palette: QWidget, canvas: QWidget, inspector: QWidget, bottom: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sides = {"palette": palette, "inspector": inspector, "bottom": bottom}
        self._canvas = canvas
        self.columns = _splitter(Qt.Orientation.Horizontal, "columns")
        self.rows = _splitter(Qt.Orientation.Vertical, "rows")
        self.middle = _splitter(Qt.Orientation.Horizontal, "middle")
        # Together no wider than 640 and no higher than 400: a screen of 1280 × 800 at twice the size.
        palette.setMinimumSize(150, 90)
        inspector.setMinimumSize(220, 90)
        canvas.setMinimumSize(200, 90)
        bottom.setMinimumHeight(100)
        self.middle.addWidget(canvas)
        self.middle.addWidget(inspector)
        self.rows.addWidget(self.middle)
        self.rows.addWidget(bottom)
        self.columns.addWidget(palette)
        self.columns.addWidget(self.rows)
        # What a larger window brings goes to the canvas.
        for splitter, stretched, fixed in ((self.columns, 1, 0), (self.rows, 0, 1), (self.middle, 0, 1)):
            splitter.setStretchFactor(stretched, 1)
            splitter.setStretchFactor(fixed, 0)
        self._rows_before: tuple[int, int] | tuple[()] = ()
        # The splitters whose sizes a person has set, now or the last time; the largest share that a panel asked for.
        self._by_hand: set[str] = set()
        self._share = 0.0
        for splitter in (self.columns, self.rows, self.middle):
            splitter.splitterMoved.connect(partial(self._on_moved, splitter.objectName()))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.columns, 1)

    def arrange(self, settings: Settings) -> None:
        """Nothing; puts palette, inspector and panels where the settings say, each with the size that it has there."""
        self.enlarge(False)
        bottom, beside = self._sides["bottom"], settings.get("window/bottom") == "right" and self.has_room_beside
        turned = beside != (self.rows.orientation() == Qt.Orientation.Horizontal)
        sizes = {id(part): size for part, size in zip((self.middle, bottom), self._rows_sizes(), strict=True)}
        self.columns.insertWidget(1 if settings.get("window/palette") == "right" else 0, self._sides["palette"])
        self.middle.insertWidget(0 if settings.get("window/inspector") == "left" else 1, self._sides["inspector"])
        self.rows.insertWidget(0 if settings.get("window/bottom") == "above" else 1, bottom)
        self.rows.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        if turned:
            self.rows.setSizes(_BESIDE if beside else _ROWS)
        else:
            self.rows.setSizes([sizes[id(self.rows.widget(place))] for place in range(2)])

    @property
    def has_room_beside(self) -> bool:
        """Whether the window is wide enough for the panels beside the canvas: it must not grow over the screen."""
        parts = (self._sides["palette"], self.middle, self._sides["bottom"])
        needed = sum(max(part.minimumSizeHint().width(), part.minimumWidth()) for part in parts)
        return self.window().width() >= needed + 2 * self.rows.handleWidth()

    def _rows_sizes(self) -> tuple[int, int]:
        """The sizes of canvas with inspector, and of the panels, in whichever order they stand."""
        sizes = self.rows.sizes()
        at = self.rows.indexOf(self.middle)
        return sizes[at], sizes[1 - at]

    def _set_rows(self, middle: int, bottom: int) -> None:
        sizes = [middle, bottom]
        self.rows.setSizes(sizes if self.rows.indexOf(self.middle) == 0 else sizes[::-1])

    def set_inspector(self, inspector: QWidget) -> None:
        """Nothing; puts the inspector in the place that was kept for it."""
        place = self._sides["inspector"].layout()
        assert place is not None
        place.addWidget(scrolled(inspector))

    def is_shown(self, name: str) -> bool:
        """Whether a side is there."""
        return not self._sides[name].isHidden()

    def show_side(self, name: str, shown: bool) -> None:
        """Nothing; shows or hides a side."""
        self._sides[name].setVisible(shown)

    @property
    def enlarged(self) -> bool:
        """Whether the panels below have most of the window."""
        return self.is_shown("bottom") and bool(self._rows_before)

    def enlarge(self, large: bool) -> None:
        """Nothing; gives the panels below all but a strip of the canvas, or brings the sizes of before back."""
        if large == self.enlarged:
            return
        if large:
            self.show_side("bottom", True)
            self._rows_before = self._rows_sizes()
            self._set_rows(CANVAS_LEFT, sum(self._rows_before) - CANVAS_LEFT)
        else:
            self._set_rows(*self._rows_before)
            self._rows_before = ()

    def grow_bottom(self, share: float) -> None:
        """Nothing; gives the panels below this share of the height, where nobody has set it and they have less."""
        sizes = self._rows_sizes()
        wanted = round(sum(sizes) * share)
        if self.rows.orientation() == Qt.Orientation.Horizontal:
            return
        self._share = max(self._share, share)
        if "rows" not in self._by_hand and not self.enlarged and self.is_shown("bottom") and sizes[1] < wanted:
            self._set_rows(sum(sizes) - wanted, wanted)

    def _on_moved(self, splitter: str, _place: int, _index: int) -> None:
        if splitter == "rows":
            self._rows_before = ()
        self._by_hand.add(splitter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; in a small window the sides give way to the canvas, where nobody has set their sizes."""
        super().resizeEvent(event)
        self.column.activate()
        palette, inspector = self._sides["palette"], self._sides["inspector"]
        if "columns" not in self._by_hand:
            _give(self.columns, palette, self.rows, _part(self.width(), *_PALETTE))
        if "middle" not in self._by_hand:
            _give(self.middle, inspector, self._canvas, _part(self.width(), *_INSPECTOR))
        if "rows" not in self._by_hand and not self.enlarged and self.rows.orientation() == Qt.Orientation.Vertical:
            wanted = round(self.height() * max(_BOTTOM_OF_LARGE, self._share))
            wanted = max(wanted, _part(self.height(), *_BOTTOM))
            _give(self.rows, self._sides["bottom"], self.middle, wanted)

    def remember(self, settings: Settings) -> None:
        """Nothing; keeps the sizes for the next start, those of before when the panels below are large."""
        self.enlarge(False)
        for name in ("columns", "rows", "middle"):
            settings.set(f"window/{name}", getattr(self, name).saveState())

    def restore(self, settings: Settings) -> None:
        """Nothing; brings back places and sizes of the last time."""
        self.arrange(settings)
        for name in ("columns", "rows", "middle"):
            state = settings.get(f"window/{name}")
            if not state.isEmpty():
                getattr(self, name).restoreState(state)
                self._by_hand.add(name)


def first_size(available: QSize) -> QSize | None:
    """The size of a window that was never opened before, for the free part of a screen; None: maximized."""
    whole = _FIRST + _FRAME
    return _FIRST if whole.width() <= available.width() and whole.height() <= available.height() else None


def _part(whole: int, share: float, least: int, most: int) -> int:
    """A share of a length, between the least and the most."""
    return min(max(round(whole * share), least), most)


def _give(splitter: QSplitter, side: QWidget, rest: QWidget, size: int) -> None:
    """Nothing; gives a side of a splitter its size, and all that is left to the other part."""
    whole = sum(splitter.sizes())
    sizes = {id(side): size, id(rest): max(0, whole - size)}
    splitter.setSizes([sizes[id(splitter.widget(place))] for place in range(splitter.count())])


def _splitter(orientation: Qt.Orientation, name: str) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(5)
    return splitter
