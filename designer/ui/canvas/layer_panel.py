"""The list of layers over the canvas: each with a mark whether it is shown, its name, how many objects are on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from designer.present.words import count_text
from designer.ui.canvas.gestures.layer_board import LayerBoard
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.filters import while_alive
from designer.ui.kit.fonts import SEMIBOLD, SMALL, ui_font
from designer.ui.kit.style import set_role
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import RADIUS

WIDTH, ROW, MOST_ROWS = 264, 28, 8
EMPTY = "No layers yet. Select objects and press New: they go on the new layer, which can be hidden and shown."


# Keys that mean the layer while the keyboard is in the list, and the selected object elsewhere.
OWN_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Space)


class LayerPanel(QWidget):
    """Space shows or hides the layer that the keyboard is at, F2 names it, Del deletes it, Esc closes the list."""

    closed = Signal()

    def __init__(self, board: LayerBoard, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("layerPanel")
        self.setAccessibleName("Layers")
        self._board, self._filling = board, False
        self._lines: tuple[tuple[str, int, bool], ...] | None = None
        title = QLabel("Layers")
        title.setFont(ui_font(SMALL, SEMIBOLD))
        close = tool_button("close", "Close the list of layers", size=16)
        close.clicked.connect(lambda: self.closed.emit())
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        self.list = QTreeWidget()
        self.list.setAccessibleName("Layers; Space shows or hides one, F2 names it")
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setEditTriggers(QTreeWidget.EditTrigger.DoubleClicked | QTreeWidget.EditTrigger.EditKeyPressed)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.installEventFilter(self)
        self.list.itemChanged.connect(self._on_changed)
        self.list.currentItemChanged.connect(lambda *_: self._enable())
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setFont(ui_font(SMALL))
        set_role(self.empty, "muted")
        self.new_button = push_button("New", self.make)
        self.new_button.setToolTip("A new layer with what is selected")
        self.put_button = push_button("Put selection on it", self._put)
        self.put_button.setToolTip("Put what is selected on the layer that is marked in the list")
        self.delete_button = tool_button("delete", "Delete the layer; what is on it stays", size=16)
        self.delete_button.clicked.connect(self._remove)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.new_button)
        foot.addWidget(self.put_button, 1)
        foot.addWidget(self.delete_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.empty)
        column.addWidget(self.list)
        column.addLayout(foot)
        self.setFixedWidth(WIDTH)
        self.hide()

    def refresh(self) -> None:
        """Nothing; lists the layers as they are now; the one that was marked stays so."""
        board = self._board
        lines = tuple((name, board.count(name), board.is_hidden(name)) for name in board.names())
        self._enable()
        if lines == self._lines:  # a name may be being typed
            return
        marked, self._filling, self._lines = self.current(), True, lines
        item = self.list.currentItem()
        place = self.list.indexOfTopLevelItem(item) if item is not None else 0
        self.list.clear()
        for name, number, hidden in lines:
            item = QTreeWidgetItem([name, str(number)])
            item.setData(0, Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(0, Qt.CheckState.Unchecked if hidden else Qt.CheckState.Checked)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            words = f"Layer {name}, {'hidden' if hidden else 'shown'}, {count_text(number, 'object')}"
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(0, words)
            self.list.addTopLevelItem(item)
        self._filling = False
        rows = self.list.topLevelItemCount()
        if marked not in (name for name, _number, _hidden in lines):
            marked = lines[min(max(place, 0), rows - 1)][0] if rows else ""
        self.mark(marked)
        self.list.setVisible(rows > 0)
        self.list.setFixedHeight(min(rows, MOST_ROWS) * ROW + 6)
        self.empty.setVisible(rows == 0)
        self._enable()
        # Words that wrap need a height of their own: the size that Qt prefers is that of one line.
        self.resize(WIDTH, self.heightForWidth(WIDTH) if rows == 0 else self.sizeHint().height())

    def current(self) -> str:
        """The name of the layer that is marked in the list, "" for none."""
        item = self.list.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else ""

    def mark(self, name: str) -> None:
        """Nothing; marks a layer in the list."""
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) == name:
                self.list.setCurrentItem(item, 0, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def make(self) -> None:
        """Nothing; makes a layer of what is selected; its name can be typed at once."""
        name = self._board.add()
        if name:
            self.refresh()
            self.mark(name)
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
            item = self.list.currentItem()
            if item is not None:
                self.list.editItem(item, 0)

    def _put(self) -> None:
        self._board.put(self.current())

    def _remove(self) -> None:
        if self.current():
            self._board.remove(self.current())

    def _enable(self) -> None:
        there = bool(self.current())
        self.put_button.setEnabled(there and bool(self._board.chosen()))
        self.delete_button.setEnabled(there)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != 0:
            return
        old, new = str(item.data(0, Qt.ItemDataRole.UserRole)), item.text(0)
        shown = item.checkState(0) == Qt.CheckState.Checked
        if new != old:
            self._filling = True  # what follows is no change by a person
            if self._board.rename(old, new):
                item.setData(0, Qt.ItemDataRole.UserRole, " ".join(new.split()))
                self._filling = False
            else:
                self._lines = None
                self.refresh()
        elif shown == self._board.is_hidden(old):
            self._board.show(old, shown)

    @while_alive
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether a key of the list was taken from the actions of the window, which has the same ones."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in OWN_KEYS
            and not event.modifiers()
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Esc closes, Del deletes the marked layer."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws a card."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), RADIUS, RADIUS)
        painter.end()
