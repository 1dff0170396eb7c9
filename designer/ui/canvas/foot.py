"""What stands at the foot of a view, one above the other: legends and notes, with no picture behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from designer.ui.canvas.view import CanvasView

EDGE: Final = 8
BELOW_TABS: Final = 44
# The share of the view that is kept free at most: a picture that nobody can read would be worse than a covered strip.
MOST: Final = 0.3


class Foot:
    """Places its widgets from the bottom up, as they came, and keeps the picture off their strip.

    A widget gives itself its size and says when that changes (`arrange`); `right` puts it into the right corner.
    """

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._standing: list[tuple[QWidget, bool]] = []

    def add(self, widget: QWidget, *, right: bool) -> None:
        """Nothing; a widget stands there from now on, as long as it is shown."""
        self._standing.append((widget, right))
        self.arrange()

    def take(self, widget: QWidget) -> None:
        """Nothing; a widget stands there no more."""
        self._standing = [each for each in self._standing if each[0] is not widget]
        self.arrange()

    def arrange(self) -> None:
        """Nothing; puts all that is shown in its place and says how much of the view it takes."""
        bottom = self._view.height()
        for widget, right in self._standing:
            if widget.isHidden():
                continue
            x = self._view.width() - widget.width() - EDGE if right else EDGE
            bottom = bottom - EDGE - widget.height()
            widget.move(max(EDGE, x), max(BELOW_TABS, bottom))
            widget.raise_()
        self._view.keep_free(max(0, min(self._view.height() - bottom, round(self._view.height() * MOST))))
