"""The row over the matrix: how to group, what to look for, which ports, and how the whole is shown or written."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.present.port_words import read_ports
from designer.ui.kit.buttons import SegmentedControl, tool_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.fields import SearchField
from designer.ui.kit.style import set_property
from designer.ui.panels.matrix_writing import FORMS

VIEWS = (("matrix", "Matrix"), ("exposure", "Exposure"))
ORDERS = (("name", "by name"), ("open", "most open"))
# From this width on everything stands in one row.
ONE_ROW = 980


class MatrixBar(QWidget):
    """`changed` says that rows and columns are to be made anew, `regrouped` that the cells are; the rest are wishes.

    `exportWanted` carries a form of `matrix_writing.FORMS`, `copyWanted` "csv" or "md", `folded` whether everything is
    to be opened.
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
        name_combo(self.groups, "Group by")
        self.groups.setToolTip("How workloads are grouped")
        self.groups.addItem("by namespace", "")
        self.orders = QComboBox()
        name_combo(self.orders, "Sort")
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
        self._finding = QWidget()
        self.only_open = tool_button(
            "filter", "Hide rows and columns in which nothing is open", size=16, checkable=True
        )
        self.open_all = tool_button("zoom-in", "Open every group", size=16)
        self.close_all = tool_button("zoom-out", "Close every group", size=16)
        self.unfocus = tool_button("close", "Show all workloads again", size=16)
        self.unfocus.hide()
        self.copy = self._menu_button("copy", "Copy the connections", self.copyWanted)
        self.save = self._save_button()
        self._build()
        self._connect()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row, self._second = QHBoxLayout(), QHBoxLayout()
        self._row = row
        column.addLayout(row)
        column.addLayout(self._second)
        for field, most in ((self.sources, 190), (self.targets, 190), (self.ports, 170)):
            field.setMinimumWidth(96)
            field.setMaximumWidth(most)
        self.groups.setMinimumWidth(136)
        self.groups.setMaximumWidth(220)
        self.groups.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        row.addWidget(self.views)
        row.addWidget(self.groups, 1)
        self.orders.setMinimumWidth(96)
        row.addWidget(self.orders)
        finding = QHBoxLayout(self._finding)
        finding.setContentsMargins(0, 0, 0, 0)
        for line in (row, self._second, finding):
            line.setSpacing(8)
        for field in (self.sources, self.targets, self.ports):
            finding.addWidget(field, 1)
        self._finding.setMaximumWidth(
            sum(field.maximumWidth() for field in (self.sources, self.targets, self.ports)) + 16
        )
        # In a row of their own until there is room: a row that is too long would widen the window.
        self._second.addWidget(self._finding, 3)
        self._second.addStretch(1)
        for button in (self.only_open, self.open_all, self.close_all, self.unfocus):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.copy)
        row.addWidget(self.save)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Nothing; the fields stand in the row of the choices where there is room, else below it."""
        super().resizeEvent(event)
        wide = self.width() >= ONE_ROW
        if wide != (self._row.indexOf(self._finding) >= 0):
            (self._second if wide else self._row).removeWidget(self._finding)
            if wide:
                self._row.insertWidget(3, self._finding, 3)
            else:
                self._second.insertWidget(0, self._finding, 3)

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

    def _save_button(self) -> QToolButton:
        """Every form of the command line, those that say more than the connections in menus of their own."""
        button = tool_button("download", "Export the connections", size=16)
        menu = QMenu(button)
        inner: dict[str, QMenu] = {"": menu}
        for key, form in FORMS.items():
            if form.group not in inner:
                inner[form.group] = menu.addMenu(form.group)
            words = form.words if form.group else f"Export the connections as {form.words}"
            action = QAction(words, menu)
            action.triggered.connect(lambda _checked=False, key=key: self.exportWanted.emit(key))
            inner[form.group].addAction(action)
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
        for widget in (self.groups, self.orders, self._finding, self.only_open, self.open_all, self.close_all,
                       self.copy):  # fmt: skip
            widget.setVisible(matrix)
