"""A line of words beside the cursor while something is dragged: what a drop would do, or why it cannot be done."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel

from designer.ui.canvas.view import CanvasView
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.theme import current_theme

BESIDE = QPoint(16, 20)


class Hint(QLabel):
    """The label; a child of the view, so that it comes and goes with it."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.setObjectName("canvasHint")
        self.setAccessibleName("What a drop would do")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(ui_font(SMALL))
        self.setMargin(6)
        self.hide()

    def show_at(self, point: QPointF, words: str, *, ok: bool = True) -> None:
        """Nothing; shows words beside a scene point; nothing to say hides it."""
        self.show_on(self._view.mapFromScene(point), words, ok=ok)

    def show_on(self, at: QPoint, words: str, *, ok: bool = True) -> None:
        """Nothing; shows words beside a point of the viewport, within the view."""
        if not words:
            self.hide()
            return
        theme = current_theme()
        line = theme.value("accent" if ok else "error")
        text = theme.value("text" if ok else "error")
        self.setStyleSheet(
            f"QLabel {{ background: {theme.value('panel')}; color: {text}; border: 1px solid {line};"
            " border-radius: 6px; }"
        )
        self.setText(words)
        self.adjustSize()
        corner = at + BESIDE
        corner.setX(max(4, min(corner.x(), self._view.width() - self.width() - 4)))
        if corner.y() + self.height() > self._view.height() - 4:
            corner.setY(at.y() - self.height() - 8)
        self.move(corner)
        self.show()
        self.raise_()
