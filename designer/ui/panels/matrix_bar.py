"""The row over the matrix: how to group, what to look for, which ports, and how the whole is shown or written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QWidget

from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.present.port_words import read_ports
from designer.ui.kit.buttons import SegmentedControl, tool_button
from designer.ui.kit.fields import SearchField
from designer.ui.kit.style import set_property

VIEWS = (("matrix", "Matrix"), ("exposure", "Exposure"))
ORDERS = (("name", "by name"), ("open", "most open"))


class MatrixBar(QWidget):
    """`changed` says that rows and columns are to be made anew, `regrouped` that the cells are; the rest are wishes.

    `exportWanted` carries "csv" or "md", `copyWanted` the same, `folded` whether everything is to be opened.
    """

    changed = Signal()
    regrouped = Signal()
    viewWanted = Signal(str)
    folded = Signal(bool)
    copyWanted = Signal(str)
    exportWanted = Signal(str)
    unfocused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wrong = ""
        self.wanted: PortSet = ALL_PORTS
        self.views = SegmentedControl(VIEWS, "What to show")
        self.groups = QComboBox()
        self.groups.setAccessibleName("Group by")
        self.groups.setToolTip("How workloads are grouped")
        self.groups.addItem("by namespace", "")
        self.orders = QComboBox()
        self.orders.setAccessibleName("Sort")
        self.orders.setToolTip("How rows and columns are sorted")
        for key, words in ORDERS:
            self.orders.addItem(words, key)
        self.sources = SearchField("From…")
        self.sources.setToolTip("Rows whose name has these words")
        self.targets = SearchField("To…")
        self.targets.setToolTip("Columns whose name has these words")
        self.ports = SearchField("Port…")
        self.ports.setAccessibleName("Port: only these ports, for example 6379, TCP 6379, 53/udp or 8000-8100")
        self.ports.setToolTip("Only these ports: 6379, TCP 6379, 53/udp, 8000-8100")
        self.only_open = tool_button(
            "filter", "Hide rows and columns in which nothing is open", size=16, checkable=True
        )
        self.open_all = tool_button("zoom-in", "Open every group", size=16)
        self.close_all = tool_button("zoom-out", "Close every group", size=16)
        self.unfocus = tool_button("close", "Show all workloads again", size=16)
        self.unfocus.hide()
        self.copy = self._menu_button("copy", "Copy the connections", self.copyWanted)
        self.save = self._menu_button("download", "Export the connections", self.exportWanted)
        self._build()
        self._connect()

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for field, most in ((self.sources, 190), (self.targets, 190), (self.ports, 170)):
            field.setMinimumWidth(64)
            field.setMaximumWidth(most)
        self.groups.setMinimumWidth(136)
        self.groups.setMaximumWidth(220)
        self.groups.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.addWidget(self.views)
        row.addWidget(self.groups, 1)
        self.orders.setMinimumWidth(96)
        row.addWidget(self.orders)
        for field in (self.sources, self.targets, self.ports):
            row.addWidget(field, 1)
        for button in (self.only_open, self.open_all, self.close_all, self.unfocus):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.save)

    def _connect(self) -> None:
        self.views.changed.connect(self.viewWanted)
        self.groups.activated.connect(lambda _place: self.regrouped.emit())
        self.orders.activated.connect(lambda _place: self.changed.emit())
        self.sources.searched.connect(lambda _text: self.changed.emit())
        self.targets.searched.connect(lambda _text: self.changed.emit())
        self.ports.searched.connect(self._on_ports)
        self.only_open.toggled.connect(lambda _on: self.changed.emit())
        self.open_all.clicked.connect(lambda: self.folded.emit(True))
        self.close_all.clicked.connect(lambda: self.folded.emit(False))
        self.unfocus.clicked.connect(self.unfocused)

    def _menu_button(self, icon_name: str, words: str, wanted: object) -> QToolButton:
        button = tool_button(icon_name, words, size=16)
        menu = QMenu(button)
        for form, text in (("csv", "as CSV"), ("md", "as Markdown")):
            action = QAction(f"{words} {text}", menu)
            action.triggered.connect(lambda _checked=False, form=form: wanted.emit(form))  # type: ignore[attr-defined]
            menu.addAction(action)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _on_ports(self, text: str) -> None:
        wanted, wrong = read_ports(text)
        self.wrong = wrong
        set_property(self.ports, "invalid", bool(wrong))
        self.ports.setAccessibleDescription(wrong)
        if wrong:
            self.regrouped.emit()
        elif wanted != self.wanted:
            self.wanted = wanted
            self.regrouped.emit()
        else:
            self.changed.emit()

    def set_labels(self, keys: Sequence[str]) -> None:
        """Nothing; offers labels to group by; the choice stays where it is still there."""
        chosen = self.label
        known = [self.groups.itemData(place) for place in range(1, self.groups.count())]
        if known == list(keys):
            return
        while self.groups.count() > 1:
            self.groups.removeItem(1)
        for key in keys:
            self.groups.addItem(f"by label {key}", key)
        self.groups.setCurrentIndex(max(0, self.groups.findData(chosen)))

    @property
    def label(self) -> str:
        """The label by which workloads are grouped, "" for their namespaces."""
        return str(self.groups.currentData() or "")

    def show_view(self, view: str) -> None:
        """Nothing; offers only what the view can do."""
        matrix = view == "matrix"
        for widget in (self.groups, self.orders, self.sources, self.targets, self.ports, self.only_open, self.open_all,
                       self.close_all, self.copy, self.save):  # fmt: skip
            widget.setVisible(matrix)
