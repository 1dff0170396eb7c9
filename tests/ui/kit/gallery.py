"""Every widget of the kit on two pages, in each theme: `python tests/ui/kit/gallery.py FOLDER` writes the pictures."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QProgressBar,
    QRadioButton,
    QSplitter,
    QTabWidget,
    QToolBar,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from designer.resources import resource_path
from designer.ui.kit import icons, widgets
from designer.ui.kit.fonts import mono_font, ui_font
from designer.ui.kit.style import apply_theme, set_role
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import THEMES
from designer.ui.kit.verdict import draw_shield, draw_trace_line, draw_verdict
from designer.ui.kit.verdict_names import VERDICTS

TRACE_ROWS = [
    (
        1,
        "frontend-7d4f9 · resolv.conf",
        "cart.default → cart.default.svc.cluster.local",
        "A? 10.96.0.10:53",
        "delivered",
    ),
    (2, "frontend-7d4f9 · eth0", "sent", "10.244.1.5:41822 → 10.96.0.41:7070", "delivered"),
    (3, "node-1 · prerouting", "Service found", "10.244.1.5:41822 → 10.96.0.41:7070", "delivered"),
    (4, "node-1 · prerouting", "endpoint 1 of 2 chosen", "→ 10.244.2.8:7070", "delivered"),
    (5, "node-2 · policy ingress", "no rule allows it", "10.244.1.5 → 10.244.2.8:7070", "denied"),
    (6, "node-1 · vxlan.calico", "encapsulated, MTU 1450", "192.168.10.11 → 192.168.10.12 VXLAN 4096", None),
    (7, "node-3 · forward", "REJECT", "--dport 7070 != 8080", "connection-refused"),
    (8, "node-3 · forward", "the implementation decides", "10.244.1.5 → 10.244.2.8:7070", "cannot-tell"),
]
TRACE_COLUMNS = (
    Column("#", 40, align="right"),
    Column("Place", 200),
    Column("What happened", 260),
    Column("Packet", 300, mono=True),
    Column("Verdict", 160, verdict=True),
)


class VerdictSheet(QWidget):
    """All verdict shapes at several sizes, and the trace lines that lead to them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(560, 25 * len(VERDICTS) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = current_theme()
        painter.fillRect(self.rect(), theme.color("canvas"))
        painter.setFont(ui_font(11))
        for place, verdict in enumerate(VERDICTS):
            y = 25 * place + 16
            for size, x in ((12, 10), (16, 34), (22, 62)):
                draw_verdict(painter, QRectF(x, y - size / 2, size, size), verdict)
            painter.setPen(theme.color("text"))
            painter.drawText(100, y + 4, verdict)
            path = QPainterPath()
            path.moveTo(230, y + 4)
            path.cubicTo(300, y + 4, 300, y - 4, 510, y - 4)
            draw_trace_line(painter, path, verdict)
            draw_verdict(painter, QRectF(520, y - 13, 18, 18), verdict, fill=theme.color("canvas"))
        painter.end()


class Swatches(QWidget):
    """The namespace tints and the icons of kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(560, 100)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        for place in range(8):
            box = QRectF(place * 66 + 2, 4, 58, 34)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("chip"))
            painter.drawRoundedRect(box, 6, 6)
            painter.fillRect(QRectF(box.left(), box.top() + 2, 4, box.height() - 4), theme.tint(place))
            painter.setPen(theme.color("text"))
            painter.setFont(ui_font(10, 600))
            painter.drawText(box.adjusted(10, 4, 0, 0), Qt.AlignmentFlag.AlignTop, f"pod-{place}")
            painter.setFont(mono_font(10))
            painter.setPen(theme.color("muted"))
            painter.drawText(box.adjusted(10, 17, 0, 0), Qt.AlignmentFlag.AlignTop, "10.2.1.5")
        for place, verdict in enumerate(("", "delivered", "denied", "cannot-tell")):
            draw_shield(painter, QRectF(place * 30 + 2, 80, 18, 18), verdict)
        folder = resource_path("icons", "kinds")
        for place, name in enumerate(sorted(path.stem for path in folder.glob("*.svg"))):
            color = theme.value("accent_text")
            icons.paint_icon(painter, QRectF(place * 29 + 2, 54, 22, 22), name, color, icons.KINDS)
        painter.end()


def _words() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(10)
    column.addWidget(widgets.SectionHeader("Infrastructure"))
    pills = QHBoxLayout()
    pills.addWidget(widgets.Pill("kube-proxy"))
    pills.addWidget(widgets.Pill("not ready", "warning", strong=True))
    pills.addWidget(widgets.Pill("10.244.1.0/24", mono=True))
    pills.addStretch(1)
    column.addLayout(pills)
    badges = QGridLayout()
    for place, verdict in enumerate(VERDICTS):
        badges.addWidget(widgets.VerdictBadge(verdict), place // 3, place % 3, Qt.AlignmentFlag.AlignLeft)
    column.addLayout(badges)
    column.addWidget(VerdictSheet())
    column.addWidget(Swatches())
    for kind, words, action in (
        ("info", "3 Nodes were assumed, because the files hold none.", "See the report"),
        ("success", "Exported 42 objects.", ""),
        ("warning", "Service cart selects no Pod. Check its selector or the Pods' labels.", "Show"),
        ("error", "shop.yaml, line 12: port 70700 is above 65535. Give a port from 1 to 65535.", "Open file"),
    ):
        banner = widgets.InlineBanner()
        banner.show_message(words, kind, action)
        column.addWidget(banner)
    column.addStretch(1)
    return page


def _add_switches(column: QVBoxLayout) -> None:
    checks = QHBoxLayout()
    for state, words in ((Qt.CheckState.Checked, "Ready"), (Qt.CheckState.Unchecked, "Pinned")):
        box = QCheckBox(words)
        box.setCheckState(state)
        checks.addWidget(box)
    radio = QRadioButton("Local")
    radio.setChecked(True)
    checks.addWidget(radio)
    checks.addWidget(QRadioButton("Cluster"))
    checks.addStretch(1)
    column.addLayout(checks)
    buttons = QHBoxLayout()
    buttons.addWidget(widgets.push_button("Trace", primary=True))
    buttons.addWidget(widgets.push_button("Cancel"))
    off = widgets.push_button("Not now")
    off.setEnabled(False)
    buttons.addWidget(off)
    buttons.addStretch(1)
    column.addLayout(buttons)


def _form() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(8)
    head = QHBoxLayout()
    title = QLabel("cart")
    title.setFont(ui_font(18, 600))
    head.addWidget(title)
    head.addStretch(1)
    head.addWidget(widgets.SegmentedControl([("form", "Form"), ("yaml", "YAML")], "View"))
    column.addLayout(head)
    combo = QComboBox()
    combo.addItems(["ClusterIP", "NodePort", "LoadBalancer"])
    column.addWidget(widgets.FieldRow("Type", combo))
    address = QLineEdit("10.96.0.41")
    address.setFont(mono_font(12.5))
    column.addWidget(widgets.FieldRow("Cluster IP", address))
    wrong = QLineEdit("app = carts")
    row = widgets.FieldRow("Selector", wrong)
    row.set_warning("Matches no Pod. The nearest label is app = cart.")
    column.addWidget(row)
    port = widgets.SpinBox(1, 65535, 7070)
    row = widgets.FieldRow("Port", port)
    row.set_error("Port 7070 is used twice. Give each port of a Service its own number.")
    column.addWidget(row)
    disabled = QLineEdit("None")
    disabled.setEnabled(False)
    column.addWidget(widgets.FieldRow("Session affinity", disabled, "Nothing to choose for a headless Service."))
    column.addWidget(widgets.SearchField("Search objects", "Ctrl+F"))
    _add_switches(column)
    column.addWidget(widgets.SectionHeader("Endpoints"))
    column.addWidget(widgets.CopyableLabel("10.244.2.8:7070", "endpoint"))
    card = widgets.Card("DNAT")
    card.add(widgets.CopyableLabel("10.96.0.41:7070 → 10.244.2.8:7070", "change"))
    column.addWidget(card)
    yaml = QPlainTextEdit("apiVersion: v1\nkind: Service\nmetadata:\n  name: cart\n")
    yaml.setFont(mono_font(12))
    yaml.setFixedHeight(96)
    column.addWidget(yaml)
    progress = QProgressBar()
    progress.setTextVisible(False)
    progress.setValue(40)
    column.addWidget(progress)
    column.addStretch(1)
    return page


def _bottom() -> QWidget:
    tabs = QTabWidget()
    table = DataTable(TRACE_COLUMNS, "Trace")
    table.set_rows(TRACE_ROWS)
    table.select_place(3)
    tabs.addTab(table, "Trace")
    for title in ("Tables", "Matrix", "Problems 2", "Addresses", "DNS", "Load"):
        tabs.addTab(QWidget(), title)
    return tabs


def _tree() -> QTreeView:
    model = QStandardItemModel()
    model.setHorizontalHeaderLabels(["Object", "Address"])
    for node in ("node-1", "node-2"):
        parent = QStandardItem(icons.kind_icon("Node"), node)
        for pod in ("cart-6b7c9", "frontend-7d4f9"):
            parent.appendRow([QStandardItem(icons.kind_icon("Pod"), pod), QStandardItem("10.244.2.8")])
        model.appendRow([parent, QStandardItem("192.168.10.11")])
    tree = QTreeView()
    tree.setModel(model)
    model.setParent(tree)
    tree.setColumnWidth(0, 220)
    tree.expand(model.index(0, 0))
    tree.setCurrentIndex(model.index(0, 0, model.index(0, 0)))
    return tree


def _tool_bar() -> QToolBar:
    bar = QToolBar()
    bar.setMovable(False)
    bar.addWidget(widgets.tool_button("undo", "Undo", shortcut="Ctrl+Z"))
    redo = widgets.tool_button("redo", "Redo", shortcut="Ctrl+Shift+Z")
    redo.setEnabled(False)
    bar.addWidget(redo)
    source = QLineEdit("frontend-7d4f9 · default")
    source.setFixedWidth(200)
    bar.addWidget(source)
    target = QLineEdit("http://cart.default:7070/items")
    target.setFont(mono_font(12.5))
    target.setFixedWidth(260)
    bar.addWidget(target)
    bar.addWidget(widgets.push_button("Trace", primary=True))
    player = widgets.PlayerButtons()
    player.set_position(7, 12)
    bar.addWidget(player)
    slider = widgets.PlayerSlider()
    slider.set_trace(12, "delivered", marks=(4, 6, 9))
    slider.setValue(7)
    bar.addWidget(slider)
    bar.addWidget(widgets.VerdictBadge("delivered"))
    return bar


def build() -> QMainWindow:
    """A window with all widgets of the kit."""
    window = QMainWindow()
    window.setWindowTitle("Kit")
    for title in ("&File", "&Edit", "&View", "&Insert", "&Simulate", "&Analyze", "&Help"):
        menu = window.menuBar().addMenu(title)
        menu.addAction(icons.icon("open"), "Open…")
    window.addToolBar(_tool_bar())
    sides = QSplitter()
    sides.addWidget(_words())
    left = QSplitter(Qt.Orientation.Vertical)
    left.addWidget(_tree())
    left.addWidget(
        widgets.EmptyState(
            "route",
            "Nothing is on the canvas yet.",
            [("Open the sample", lambda: None), ("Open manifests…", lambda: None), ("Add a Node", lambda: None)],
        )
    )
    sides.addWidget(left)
    sides.addWidget(_form())
    sides.setSizes([590, 430, 300])
    window.setCentralWidget(sides)
    dock = QDockWidget("Results")
    dock.setWidget(_bottom())
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    status = QLabel("compiled in 4 ms · saved")
    window.statusBar().showMessage("3 Nodes · 9 Pods · 4 Services · 5 policies")
    window.statusBar().addPermanentWidget(status)
    window.resize(1420, 1120)
    return window


def build_dialog() -> QWidget:
    """A small form that uses a default button, for the picture of a dialog."""
    page = QWidget()
    form = QFormLayout(page)
    label = QLabel("small words")
    set_role(label, "small")
    form.addRow("Name", QLineEdit())
    form.addRow("", label)
    return page


def main(folder: Path) -> None:
    """Nothing; writes one picture a theme into the folder."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    folder.mkdir(parents=True, exist_ok=True)
    apply_theme(app, "light")
    window = build()
    window.show()
    toast = widgets.Toast(window)
    for name in THEMES:
        apply_theme(app, name)
        toast.show_message("Deleted 3 objects.", "info", "Undo")
        for _ in range(30):
            app.processEvents()
        toast.dismiss()
        toast.show()
        window.grab().save(str(folder / f"kit-{name}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
