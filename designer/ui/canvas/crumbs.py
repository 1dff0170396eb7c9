"""The way to what is selected, above the canvas: cluster › namespace › workload › Pod; each step can be pressed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from designer.present.crumbs import Crumb, crumbs_of
from designer.ui.bridge.selection import Selection
from designer.ui.canvas.quiet_ground import paint_quiet_ground
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.fonts import REGULAR, SEMIBOLD, SMALL, ui_font
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme

LONGEST = 26


class _Step(QPushButton):
    """One step: its words, underlined while the keyboard is at it."""

    def __init__(self, crumb: Crumb, last: bool) -> None:
        words = crumb.words if len(crumb.words) <= LONGEST else f"{crumb.words[: LONGEST - 9]}…{crumb.words[-8:]}"
        super().__init__(words)
        self.crumb, self._last = crumb, last
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFont(ui_font(SMALL, SEMIBOLD if last else REGULAR))
        kind = crumb.oid.partition(":")[0] or "Cluster"
        self.setAccessibleName(f"Selected: {kind} {crumb.words}" if last else f"Select {kind} {crumb.words}")
        self.setToolTip(f"{kind} {crumb.words}")
        self.setFixedSize(self.fontMetrics().horizontalAdvance(words) + 8, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the words."""
        painter, theme = QPainter(self), current_theme()
        painter.setFont(self.font())
        lit = self._last or self.underMouse() or self.hasFocus()
        painter.setPen(theme.color("text" if lit else "muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            painter.fillRect(4, self.height() - 3, self.width() - 8, 2, theme.color("accent"))
        painter.end()


class Crumbs(QWidget):
    """Shows the way while one thing is selected and there is room for it; the nearest steps stay longest."""

    def __init__(self, scene: CanvasScene, selection: Selection, parent: QWidget) -> None:
        super().__init__(parent)
        self._scene, self._selection = scene, selection
        self._room = 400
        self._shown: tuple[Crumb, ...] = ()
        self.steps: list[QPushButton] = []
        self.setObjectName("crumbs")
        self.setAccessibleName("Where the selection is")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 8, 6, 4)
        self._row.setSpacing(0)
        selection.changed.connect(self.refresh)
        scene.shown.connect(self.refresh)
        self.hide()

    def set_room(self, width: int) -> None:
        """Nothing; says how wide the way may be."""
        if width != self._room:
            self._room, self._shown = width, ()
            self.refresh()

    def refresh(self, _what: object = None) -> None:
        """Nothing; shows the way to what is selected now."""
        state, oid = self._scene.state, self._selection.single
        way = crumbs_of(state, oid) if state is not None and oid else ()
        if way == self._shown:
            return
        self._shown = way
        self._clear()
        if len(way) > 1:
            self._fill(way)
        self.setVisible(len(way) > 1 and bool(self.steps))

    def _clear(self) -> None:
        self.steps = []
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _fill(self, way: tuple[Crumb, ...]) -> None:
        steps: list[_Step] = []
        width = 40
        for crumb in reversed(way):
            step = _Step(crumb, crumb is way[-1])
            width += step.width() + 14
            if width > self._room:
                step.deleteLater()
                break
            steps.insert(0, step)
        # What joins a parent that is already seen stays hidden until the next turn, and counts for nothing till then.
        for place, step in enumerate(steps):
            if place or len(steps) < len(way):
                between = QLabel("›" if place else "… ›")
                set_role(between, "muted")
                between.setFixedWidth(14 if place else 28)
                between.setAlignment(Qt.AlignmentFlag.AlignCenter)
                self._row.addWidget(between)
                between.show()
            step.clicked.connect(self._on_clicked)
            self._row.addWidget(step)
            step.show()
        self.steps = list(steps)
        self._row.activate()
        self.adjustSize()

    def _on_clicked(self) -> None:
        step = self.sender()
        if not isinstance(step, _Step):
            return
        if step.crumb.oid:
            self._selection.show(step.crumb.oid)
        else:
            self._selection.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; a quiet ground, so that the words can be read over the picture."""
        paint_quiet_ground(self)
