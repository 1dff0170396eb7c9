"""The Tables panel: kube-proxy's rules of one Node as it would hold them, those of the current hop lit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from designer.model import replaces_kube_proxy
from designer.present.rule_rows import chain_of, hit_lines, is_rule, jumps_to, looked_up, service_lines, virtual_lines
from designer.present.rules_csv import rules_csv_steps
from designer.present.table_changes import changed_parts
from designer.present.table_rows import TableLine, lowered_texts, matching_lines
from designer.present.words import count_text, short_name
from designer.ui.bridge.jobs import Jobs
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import tool_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.fields import SearchField
from designer.ui.kit.messages import EmptyState, InlineBanner
from designer.ui.kit.slices import in_slices
from designer.ui.kit.style import set_role
from designer.ui.panels.chain_choice import ChainChoice
from designer.ui.panels.live import LivePanel
from designer.ui.panels.rule_menu import RuleMenu
from designer.ui.panels.rule_view import RuleView
from designer.ui.panels.table_reading import Tables, Wanted, read_tables

MODES = ("iptables", "nftables", "ipvs")
# How wide the name of a Service may stand beside its check box.
MOST_SERVICE = 130


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    name_combo(combo, name)
    combo.setToolTip(name)
    return combo


def _hop_node(player: Player) -> str:
    """The Node whose rules or lookup table the current hop asked, "" where it asked none."""
    hop = player.hops[player.index] if player.index < len(player.hops) else None
    return hop.node if hop is not None and (hop.rules or hop.kind == "lookup") else ""


class TablesPanel(LivePanel):
    """Rules of one Node. It goes where the player goes: to the Node of the hop, its lit rules in view."""

    NAME: ClassVar[str] = "Tables"

    def __init__(
        self, session: SessionBridge, selection: Selection, player: Player, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, selection, player, parent)
        self.tables: Tables | None = None
        self.view = RuleView()
        self.nodes = _combo("Node")
        self.modes = _combo("Mode")
        self.families = _combo("Family")
        self.chains = ChainChoice()
        self.only_service = QCheckBox("One Service")
        self.only_service.setToolTip("Shows only the rules of the Service that is selected")
        self.only_changes = QCheckBox("Changes")
        self.only_changes.setToolTip("Shows only the rules that the last edit took away (-) and brought (+)")
        self.search = SearchField("Find in the rules")
        self.found = QLabel()
        set_role(self.found, "small")
        self.banner = InlineBanner()
        self._found_lines: tuple[int, ...] = ()
        self._found_at = -1
        self._lowered: tuple[Sequence[TableLine], Sequence[str]] = ((), ())
        self._wanted_mode = ""
        self._known: tuple[Tables, ...] = ()
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState("tables", "No Node yet. Add a Node to the canvas to see the rules on it."))
        self._stack.addWidget(self.view)
        self._stack.addWidget(EmptyState("tables", "The last edit changed no rule on this Node."))
        self._stack.addWidget(EmptyState("tables", "No edit yet. Change something to see which rules it changes."))
        self.column.addWidget(self._bar())
        self.column.addWidget(self.banner)
        self.column.addWidget(self._stack, 1)
        self._jobs = Jobs(self)
        self._jobs.finished.connect(self._show)
        self._jobs.crashed.connect(self._crashed)
        self._connect()
        self.rule_menu = RuleMenu(self.view, self.selection, self.session)
        self._on_selection()

    def _bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        # A list too long for its place is read in full when it is opened: narrow windows keep the whole bar.
        for combo, width in ((self.nodes, 96), (self.modes, 92), (self.families, 84)):
            combo.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            combo.setMinimumWidth(width)
        self.chains.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.chains.setMinimumWidth(80)
        self.chains.setMaximumWidth(220)
        self.search.setMinimumWidth(90)
        self.search.setMaximumWidth(220)
        previous = tool_button("chevron-up", "Previous place", size=14)
        following = tool_button("expand", "Next place", size=14)
        copy = tool_button("copy", "Copy all shown rules", size=16)
        save = tool_button("save", "Save the rules as text or CSV", size=16)
        previous.clicked.connect(lambda: self.find_next(-1))
        following.clicked.connect(lambda: self.find_next(1))
        copy.clicked.connect(lambda: self.copy_all())
        save.clicked.connect(lambda: self._choose_and_save())
        for choice in (self.nodes, self.modes, self.families, self.chains, self.only_service, self.only_changes):
            row.addWidget(choice, 2 if choice is self.chains else 0)
        row.addStretch(1)
        for widget in (self.found, self.search, previous, following, copy, save):
            row.addWidget(widget)
        return bar

    def _connect(self) -> None:
        for mode in MODES:
            self.modes.addItem(mode)
        self.families.addItems(["IPv4, IPv6", "IPv4", "IPv6"])
        self.nodes.activated.connect(lambda _place: self._read())
        self.modes.activated.connect(lambda _place: self._choose_mode())
        self.families.activated.connect(lambda _place: self._show_lines())
        self.chains.chosen.connect(self._go_to_chain)
        self.view.activated.connect(self._follow_jump)
        self.only_service.toggled.connect(lambda _on: self._show_lines())
        self.only_changes.toggled.connect(lambda _on: self._read())
        self.search.searched.connect(self._search)
        self.search.returnPressed.connect(lambda: self.find_next(1))
        self.selection.changed.connect(lambda _ids: self._on_selection())
        self.player.stepped.connect(lambda _index: self._follow_player())

    def show_service(self, service: str) -> None:
        """Nothing; selects a Service and shows only its rules."""
        self.selection.select((service,))
        self.only_service.setChecked(True)

    def refresh(self) -> None:
        """Nothing; offers the Nodes that there are and reads the rules of the chosen one in the background."""
        state = self.state
        names = list(state.control.nodes) if state else []
        chosen = self.nodes.currentText()
        if [self.nodes.itemText(n) for n in range(self.nodes.count())] != names:
            self.nodes.clear()
            self.nodes.addItems(names)
            self.nodes.setCurrentText(chosen if chosen in names else "")
            if self.nodes.currentIndex() < 0 and names:
                self.nodes.setCurrentIndex(0)
        instead = replaces_kube_proxy(self.session.project.cluster)
        self.modes.setEnabled(not instead)
        self.modes.setToolTip(f"{instead} answers for Services: kube-proxy does not run" if instead else "Mode")
        self.modes.setCurrentText(self._wanted_mode or self.session.project.cluster.kubeProxy.mode)
        hop_node = _hop_node(self.player)
        if hop_node in names:
            self.nodes.setCurrentText(hop_node)
        self._read()

    def wait(self) -> bool:
        """Whether the reading that runs ended in time; for closing and tests."""
        return self._jobs.wait()

    def _choose_mode(self) -> None:
        self._wanted_mode = self.modes.currentText()
        self._read()

    def _read(self) -> None:
        state, node, mode = self.state, self.nodes.currentText(), self.modes.currentText()
        if state is None or not node:
            self.tables = None
            self.banner.hide()
            self._stack.setCurrentIndex(0)
            return
        before = self.session.state_before if self.only_changes.isChecked() else None
        wanted = Wanted(state, node, mode, before, self._known)
        self._jobs.start(lambda: read_tables(wanted))

    def _crashed(self, error: Exception) -> None:
        self.banner.show_message(f"The rules could not be made ({type(error).__name__}). Choose another Node.", "error")

    def _show(self, tables: Tables) -> None:
        if self.tables is not None and self.tables.control is not tables.control:
            self._known = (self.tables,)  # most likely what the next question about changes is about
        self._known = (tables, *(old for old in self._known if old.control is not tables.control))[:2]
        self.tables = tables
        self._stack.setCurrentIndex(1)
        if tables.problems:
            problem = tables.problems[0]
            self.banner.show_message(f"{problem.title}. {problem.fix}", "warning")
        else:
            self.banner.hide()
        self.families.setVisible(any(line.family == "IPv6" for line in tables.lines))
        self.chains.set_chains(tables.chains)
        self._show_lines()

    def _service(self) -> str:
        single = self.selection.single or ""
        return single if single.startswith("Service:") else ""

    def _on_selection(self) -> None:
        service = self._service()
        self.only_service.setEnabled(bool(service) or self.only_service.isChecked())
        words = f"Only {short_name(service)}" if service else "One Service"
        metrics = self.only_service.fontMetrics()
        self.only_service.setText(metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, MOST_SERVICE))
        if self.only_service.isChecked():
            self._show_lines()

    def _brought(self) -> tuple[str, ...]:
        """The Service's lines where they do not name it."""
        if self.tables is None or self.tables.mode != "ipvs" or self.state is None:
            return ()
        return virtual_lines(self.state.control, self.state.project.cluster, self._service(), self.tables.node)

    def _show_lines(self) -> None:
        lines: tuple[TableLine, ...] = self.tables.lines if self.tables else ()
        if self.only_changes.isChecked():
            lines = (self.tables.changes if self.tables else None) or ()
        family = self.families.currentText()
        if self.families.currentIndex() > 0 and any(line.family == "IPv6" for line in lines):
            lines = tuple(line for line in lines if line.family == family)
        if self.only_service.isChecked() and self._service():
            lines = service_lines(lines, self._service(), self._brought())
        edited = bool(self.session.session.undo_label)
        self._stack.setCurrentIndex(1 if lines or not self.only_changes.isChecked() else 2 if edited else 3)
        self.view.set_lines(lines, changed_parts(lines) if self.only_changes.isChecked() else ())
        self._search(self.search.text())
        self._light()

    def _follow_player(self) -> None:
        node = _hop_node(self.player)
        if node and node != self.nodes.currentText() and self.nodes.findText(node) >= 0:
            self.make_stale()  # goes there now, or when the panel is next seen
        else:
            self._light()

    def _light(self) -> None:
        """Light the rules that the current hop hit, where they stand in this Node's text."""
        hops = self.player.hops
        numbers: tuple[int, ...] = ()
        if self.tables and self.player.index < len(hops):
            hop = hops[self.player.index]
            if hop.node == self.tables.node:
                header = hop.before or hop.after
                family = "IPv6" if header is not None and ":" in header.dst else "IPv4"
                numbers = hit_lines(self.tables.lines, family, hop.rules) or looked_up(self.tables.lines, family, hop)
        self.view.light(numbers)

    def _search(self, text: str) -> None:
        words = text.strip()
        self.view.needle = words
        lines = self.view.rules.lines
        if words and self._lowered[0] is not lines:
            self._lowered = (lines, lowered_texts(lines))
        found = matching_lines(lines, words, self._lowered[1]) if words else ()
        self._found_lines = tuple(line.number for line in found)
        self._found_at = -1
        self.found.setText(count_text(len(self._found_lines), "line") if words else self._size_text())
        self.view.viewport().update()
        if self._found_lines:
            self.find_next(1)

    def _size_text(self) -> str:
        lines = self.view.rules.lines
        if self.only_changes.isChecked():
            label = self.session.session.undo_label
            changed = count_text(sum(bool(line.sign) for line in lines), "changed line")
            self.found.setToolTip(f"By the edit: {label}" if label else "")
            return changed if label else "No edit yet"
        return count_text(len(lines), "line") if lines else ""

    def find_next(self, by: int) -> None:
        """Nothing; goes to the next (1) or previous (-1) line that holds the words, round the end."""
        if not self._found_lines:
            return
        first = self._found_at < 0
        self._found_at = (0 if by > 0 else -1) if first else self._found_at + by
        self._found_at %= len(self._found_lines)
        self.view.go_to_line(self._found_lines[self._found_at], select=True)
        self.found.setText(f"{self._found_at + 1} of {count_text(len(self._found_lines), 'line')}")

    def _follow_jump(self, index: QModelIndex) -> None:
        """Nothing; goes to the chain that a rule leads to, on a double click or Enter."""
        chain = jumps_to(self.view.rules.lines[index.row()], self.chains.chains()) if index.isValid() else ""
        if chain:
            self._go_to_chain(chain)

    def _go_to_chain(self, chain: str) -> None:
        lines = [line for line in self.view.rules.lines if chain in line.text and chain_of(line) == chain]
        rules = [line for line in lines if is_rule(line)]
        for line in (rules or lines)[:1]:
            self.view.go_to_line(line.number, select=True)

    def shown_text(self) -> str:
        """The rules shown, one a line."""
        return "".join(f"{line.text}\n" for line in self.view.rules.lines)

    def copy_all(self) -> None:
        """Nothing; puts all shown rules on the clipboard."""
        if self.view.rules.lines:
            QGuiApplication.clipboard().setText(self.shown_text())

    def save_to(self, path: Path) -> str:
        """An empty string when the shown rules were written, as CSV where the name says so, else what went wrong."""
        from designer.manifests.export_files import replace_file  # late: the first window needs none of it

        lines = self.view.rules.lines
        as_table = path.suffix.lower() == ".csv"
        text = in_slices(self, f"Writing {path.name}…", rules_csv_steps(lines)) if as_table else self.shown_text()
        if text is None:
            return ""
        try:
            replace_file(path, text.encode())
        except OSError as problem:
            return f"The rules could not be written to {path}: {problem.strerror or problem}. Choose another place."
        return ""

    def _choose_and_save(self) -> None:
        name = f"{self.nodes.currentText()}-{self.modes.currentText()}.rules"
        kinds = "Rules as the Node holds them (*.rules);;Table of rules (*.csv)"
        chosen, _kind = QFileDialog.getSaveFileName(self, "Save the rules", name, kinds)
        problem = self.save_to(Path(chosen)) if chosen else ""
        if problem:
            self.banner.show_message(problem, "error")
