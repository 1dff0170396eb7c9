"""Two groups of controls beside each other, or one below the other where there is little room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QWidget


class TwoLines(QWidget):
    """Two widgets in one line while both fit as they are, else in two; it asks for no more width than the wider one."""

    def __init__(self, first: QWidget, second: QWidget, spacing: int, stretch: tuple[int, int]) -> None:
        super().__init__()
        self._parts = (first, second)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)
        for part, share in zip(self._parts, stretch, strict=True):
            self._row.addWidget(part, share)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _beside(self) -> int:
        return sum(part.minimumSizeHint().width() for part in self._parts) + self._row.spacing()

    @property
    def folded(self) -> bool:
        """Whether the second stands below the first."""
        return self._row.direction() == QBoxLayout.Direction.TopToBottom

    def fold(self, width: int) -> None:
        """Nothing; stands as fits into a width."""
        way = QBoxLayout.Direction.TopToBottom if width < self._beside() else QBoxLayout.Direction.LeftToRight
        if way != self._row.direction():
            self._row.setDirection(way)
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; folds or unfolds."""
        super().resizeEvent(event)
        self.fold(event.size().width())

    def event(self, event: QEvent) -> bool:
        """Whether the event was taken; parts that need more room at the same width (a verdict came) fold it too."""
        taken = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fold(self.width())
        return taken

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider part."""
        width = max(part.minimumSizeHint().width() for part in self._parts)
        return QSize(width, self._row.minimumSize().height())

    def sizeHint(self) -> QSize:
        """Beside each other, in the height of the moment."""
        return QSize(self._beside(), self._row.sizeHint().height())
