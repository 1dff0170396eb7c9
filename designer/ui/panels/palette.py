"""The palette: what can be put on the canvas, by group, to drag there or to add with Enter."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from designer.edits.palette import PALETTE, PaletteItem
from designer.edits.templates import PREFIX, TEMPLATES
from designer.ui.kit.fields import SearchField
from designer.ui.kit.fonts import SMALL, ui_font
from designer.ui.kit.icons import icon, kind_icon
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_property, set_role

MIME_KIND = "application/x-cnd-kind"


class PaletteButton(QPushButton):
    """One kind: drag it to the canvas, or press it to add one. Up and Down go to the neighbours.

    A template (`whole`) is pressed only.
    """

    def __init__(self, item: PaletteItem, parent: QWidget | None = None) -> None:
        drawn = icon("layout") if item.kind.startswith(PREFIX) else kind_icon(item.kind)
        super().__init__(drawn, f" {item.label}", parent)
        self.item = item
        self.setObjectName(f"palette-{item.kind}")
        self.setIconSize(QSize(18, 18))
        self.setAccessibleName(f"Add {item.label}")
        self.setAccessibleDescription(item.description)
        self.whole = item.kind.startswith(PREFIX)
        how = "Press it to add it in one step." if self.whole else "Drag it onto the canvas, or press Enter to add it."
        self.setToolTip(f"{item.description}\n{how}")
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.whole else Qt.CursorShape.OpenHandCursor)
        set_property(self, "kindButton", True)
        # As wide as the palette, so that no button runs out of it on the right.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._pressed_at: QPoint | None = None

    def mime(self) -> QMimeData:
        """What a drag of this button carries: the kind's name."""
        data = QMimeData()
        data.setData(MIME_KIND, self.item.kind.encode())
        return data

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Nothing; remembers where a drag may begin."""
        self._pressed_at = event.position().toPoint() if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Nothing; begins the drag once the mouse has gone far enough."""
        if self.whole or self._pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed_at).manhattanLength() < QApplication.startDragDistance():
            return
        self._pressed_at = None
        self.setDown(False)
        drag = QDrag(self)
        drag.setMimeData(self.mime())
        drag.setPixmap(self.icon().pixmap(QSize(32, 32)))
        drag.setHotSpot(QPoint(16, 16))
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Enter adds, Up and Down move on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)


class PalettePanel(QWidget):
    """All kinds in their groups, with a search. `wanted` carries the kind that a person wants to have added."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAccessibleName("Palette")
        self.search = SearchField("Find a kind")
        self.search.setMinimumWidth(60)
        self.search.textChanged.connect(self.filter)
        self.search.returnPressed.connect(self._first_wanted)
        self.buttons: list[PaletteButton] = []
        self._groups: dict[str, tuple[SectionHeader, list[PaletteButton]]] = {}
        self._nothing = QLabel("Nothing of that name.")
        self._nothing.setWordWrap(True)
        self._nothing.hide()
        set_role(self._nothing, "small")
        inside = QWidget()
        column = QVBoxLayout(inside)
        # Beside the scroll bar there is room for the frame of the button with the keys.
        column.setContentsMargins(12, 0, 4, 12)
        column.setSpacing(4)
        for item in PALETTE:
            self._add(item, column)
        for found in TEMPLATES.values():
            self._add(PaletteItem(found.kind, found.label, "Templates", found.description), column)
        column.addWidget(self._nothing)
        column.addStretch(1)
        scroll = ScrollArea()
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 10, 0, 0)
        outer.setSpacing(2)
        top = QVBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self.search)
        outer.addLayout(top)
        outer.addWidget(scroll, 1)
        if self.buttons:
            self.search.next_widget = self.buttons[0]

    def _add(self, item: PaletteItem, column: QVBoxLayout) -> None:
        if item.group not in self._groups:
            header = SectionHeader(item.group)
            column.addWidget(header)
            self._groups[item.group] = (header, [])
        button = PaletteButton(item)
        button.setFont(ui_font(SMALL + 1))
        button.clicked.connect(self._on_clicked)
        self._groups[item.group][1].append(button)
        self.buttons.append(button)
        column.addWidget(button)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, PaletteButton):
            self.wanted.emit(button.item.kind)

    def _first_wanted(self) -> None:
        shown = [button for button in self.buttons if not button.isHidden()]
        if shown and self.search.text().strip():
            self.wanted.emit(shown[0].item.kind)

    def filter(self, text: str) -> None:
        """Nothing; shows only the kinds whose words contain `text`."""
        needle = text.strip().lower()
        found = False
        for header, buttons in self._groups.values():
            for button in buttons:
                words = f"{button.item.label} {button.item.kind} {button.item.group}".lower()
                button.setVisible(needle in words)
            some = any(not button.isHidden() for button in buttons)
            header.setVisible(some)
            found = found or some
        self._nothing.setVisible(not found)
