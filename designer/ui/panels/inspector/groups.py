"""The editor for lists of groups of fields: ports, labels, taints, rules; groups may hold groups."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer.edits.paths import parse_path, read, write
from designer.model import Project
from designer.present.match_notes import MatchNote
from designer.present.port_chain import Chain
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.combo import name_combo
from designer.ui.kit.fonts import SEMIBOLD, SMALL, ui_font
from designer.ui.kit.style import set_property, set_role
from designer.ui.panels.inspector.chain_view import ChainView
from designer.ui.panels.inspector.editors import ChoiceEditor, LineEditor, TickEditor
from designer.ui.panels.inspector.fields import CONVERTERS, Cell, ChainMaker, Data, Group, Note
from designer.ui.panels.inspector.group_focus import focus_at, focused
from designer.ui.panels.inspector.notes import bring, note_label, show_note


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form answers to its groups: the note, and the chain, for a value."""

    note: Callable[[Note, Any], MatchNote]
    chain: Callable[[ChainMaker, Any], Chain]


CellEditor = LineEditor | ChoiceEditor | TickEditor


def make_editor(kind: str, label: str, options: Any, project: Project) -> CellEditor:
    """The editor of a kind: `choice`, `tick`, or one of the converters."""
    if kind == "choice":
        return ChoiceEditor(options(project) if callable(options) else options)
    if kind == "tick":
        return TickEditor(label)
    return LineEditor(CONVERTERS[kind])


class OneGroup(QFrame):
    """The cells of one entry, with its title, its remove button and its note."""

    changed = Signal()
    edited = Signal(object, object)
    reverted = Signal()
    refused = Signal(str)
    removed = Signal(object)

    def __init__(self, group: Group, data: Data, project: Project, ask: Asked, parent: QWidget) -> None:
        super().__init__(parent)
        self.group, self.data, self._ask = group, data, ask
        self._project, self._title, self._named = project, QLabel(), ""
        # Those of the lines that are shown: most of what a filter could have, it has not.
        self.editors: list[tuple[Cell, CellEditor | GroupList, QLabel | None]] = []
        self._note = note_label()
        self._wrong: dict[int, QLabel] = {}
        self._lines: dict[int, QWidget] = {}
        self.chain = ChainView()
        self.chain.hide()
        self.chain.fieldWanted.connect(self.focus_cell)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        self._remove = remove = tool_button("close", f"Remove this {group.noun}", size=14, color_token="muted")
        remove.setFixedSize(QSize(22, 22))
        remove.clicked.connect(lambda: self.removed.emit(self))
        lines = sorted({cell.line for cell in group.cells})
        if group.titled:
            set_role(self, "card")
            column.setContentsMargins(8, 6, 8, 8)
            head = QHBoxLayout()
            self._title.setFont(ui_font(SMALL, SEMIBOLD))
            head.addWidget(self._title, 1)
            head.addWidget(remove)
            column.addLayout(head)
        else:
            column.setContentsMargins(0, 0, 0, 0)
        for line in lines:
            self._lines[line] = QWidget(self)
            column.addWidget(self._lines[line])
        column.addWidget(self._note)
        column.addWidget(self.chain)
        self._show_lines()
        self.show_notes()

    def _show_lines(self) -> None:
        """Nothing; shows the lines that have a cell for what the entry is, and makes those that were never shown."""
        first = next(iter(self._lines), 0)
        for number, line in self._lines.items():
            cells = [cell for cell in self.group.cells if cell.line == number]
            shown = any(cell.when is None or cell.when(self.data) for cell in cells)
            if line.layout() is None and (shown or number == first):
                self._fill(line, cells, first=number == first)
            # The layout shows what is new by itself, all at once.
            if not shown or line.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                line.setVisible(shown)

    def _fill(self, line: QWidget, cells: list[Cell], *, first: bool) -> None:
        grid = QGridLayout(line)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        for place, cell in enumerate(cells):
            editor = self._editor(cell, line)
            note = note_label() if cell.note is not None else None
            self.editors.append((cell, editor, note))
            if self.group.titled and not isinstance(editor, TickEditor):
                label = QLabel(cell.label)
                label.setBuddy(editor)
                label.setFont(ui_font(SMALL))
                set_role(label, "muted")
                grid.addWidget(label, 0, place)
            grid.addWidget(editor, 1, place)
            if note is not None:
                grid.addWidget(note, 2, place)
            grid.setColumnStretch(place, cell.stretch)
        if first and not self.group.titled:
            grid.addWidget(self._remove, 1, len(cells))

    def _editor(self, cell: Cell, line: QWidget) -> CellEditor | GroupList:
        value = read(self.data, parse_path(cell.key))
        if cell.group is not None:
            inner = GroupList(cell.group, self._project, self._ask, cell.label, line)
            inner.set_value(value)
            inner.committed.connect(lambda found: self._set(cell, found))
            inner.edited.connect(lambda typed: self._on_typed(cell, typed))
            inner.refused.connect(self.refused)
            return inner
        editor = make_editor(cell.editor, cell.label, cell.options, self._project)
        self._name(cell, editor)
        editor.setToolTip(cell.label)
        if isinstance(editor, LineEditor):
            editor.setPlaceholderText(cell.placeholder or ("" if self.group.titled else cell.label))
            editor.refused.connect(self.refused)
            editor.edited.connect(lambda typed: self._on_typed(cell, typed))
            editor.reverted.connect(lambda found: self._take_back(cell, found))
        editor.set_value(value)
        editor.committed.connect(lambda found: self._set(cell, found))
        return editor

    def be_entry(self, number: int, of: str) -> None:
        """Nothing; is the entry of that number in the list of that name: no other cell is called as one of its."""
        self._title.setText(self.group.noun.capitalize() + ("" if self.group.single else f" {number}"))
        self._named = f"{of}, {self.group.noun} {number}"
        self.chain.setAccessibleName(f"{self._named}: where it leads")
        self._remove.setAccessibleName(f"{self._named}: remove")
        for cell, editor, _note in self.editors:
            self._name(cell, editor)

    def _name(self, cell: Cell, editor: CellEditor | GroupList) -> None:
        words = f"{self._named}: {cell.label}"
        if isinstance(editor, GroupList):
            editor.be_called(words)
        elif isinstance(editor, ChoiceEditor):
            name_combo(editor, words)
        else:
            editor.setAccessibleName(words)

    def _set(self, cell: Cell, value: Any) -> None:
        write(self.data, parse_path(cell.key), value)
        _prune(self.data, parse_path(cell.key)[:-1])
        if self.group.tidy is not None:
            self.group.tidy(self.data)
            self.settle()
        self.changed.emit()

    def _on_typed(self, cell: Cell, value: Any) -> None:
        """Nothing; shows where the entry would lead with what is being typed, and announces it."""
        self._show_cell_note(cell, value)
        typed = copy.deepcopy(self.data)
        write(typed, parse_path(cell.key), value)
        _prune(typed, parse_path(cell.key)[:-1])
        self._show_entry_notes(typed)
        self.edited.emit(self, typed)

    def _take_back(self, cell: Cell, value: Any) -> None:
        """Nothing; forgets a value that the form refused: the cell shows the one of before, so the entry holds it."""
        write(self.data, parse_path(cell.key), value)
        _prune(self.data, parse_path(cell.key)[:-1])
        self._show_cell_note(cell, value)
        self._show_entry_notes(self.data)
        self.reverted.emit()

    def settle(self) -> None:
        """Nothing; takes what was typed as the value, when the list was taken over."""
        for cell, editor, _note in self.editors:
            editor.set_value(read(self.data, parse_path(cell.key)))
        self._show_lines()
        self.show_notes()

    def show_notes(self) -> None:
        """Nothing; asks again what the entry leads to."""
        for cell, _editor, _note in self.editors:
            self._show_cell_note(cell, read(self.data, parse_path(cell.key)))
        self._show_entry_notes(self.data)

    def _show_entry_notes(self, data: Data) -> None:
        if self.group.note is not None:
            show_note(self._note, self._ask.note(self.group.note, data))
        if self.group.chain is not None:
            self.chain.show_chain(self._ask.chain(self.group.chain, data))

    def _show_cell_note(self, cell: Cell, value: Any) -> None:
        for other, editor, note in self.editors:
            if other is cell and cell.note is not None and note is not None:
                show_note(note, self._ask.note(cell.note, value))
            if other is cell and isinstance(editor, GroupList):
                editor.show_notes()

    def focus_cell(self, key: str) -> None:
        """Nothing; puts the cursor into a cell."""
        for cell, editor, _note in self.editors:
            if cell.key == key:
                editor.setFocus(Qt.FocusReason.TabFocusReason)

    def mark(self, path: str, words: str) -> bool:
        """Whether `words` are shown below the cell whose path in the entry is `path`; "" unmarks all."""
        told: dict[int, str] = {}
        found = False
        for cell, editor, _note in self.editors:
            wrong = bool(words) and (path == cell.key or path.startswith((f"{cell.key}.", f"{cell.key}[")))
            if isinstance(editor, LineEditor | ChoiceEditor):
                if (editor.property("invalid") == "true") != wrong:
                    set_property(editor, "invalid", wrong)
                told |= {cell.line: words} if wrong else {}
            elif isinstance(editor, GroupList):
                found |= editor.mark(path.removeprefix(cell.key) if wrong else "", words if wrong else "")
        for line in dict.fromkeys((*self._wrong, *told)):
            label = self._wrong.get(line) or self._wrong_label(line)
            new = told.get(line, "") not in ("", label.text())
            show_note(label, MatchNote(told.get(line, ""), "error"))
            if new:
                QTimer.singleShot(0, label, lambda shown=label: bring(shown))
        return found or bool(told)

    def _wrong_label(self, line: int) -> QLabel:
        """The words below the cells of a line that say what is wrong with them."""
        label, grid = note_label(), self._lines[line].layout()
        assert isinstance(grid, QGridLayout), "a cell that is marked is there"
        grid.addWidget(label, 3, 0, 1, -1)
        self._wrong[line] = label
        return label


def _prune(data: Data, parts: tuple[Any, ...]) -> None:
    """Take out groups that have become empty on the way to a value that was taken away."""
    while parts:
        if read(data, parts) != {}:
            return
        write(data, parts, None)
        parts = parts[:-1]


class GroupList(QWidget):
    """A list of groups. `committed` carries the whole list (None when it is empty) as soon as one of its cells is.

    A group that was just added is a draft: it counts when something was typed in it. `edited` carries the list as it
    would be with what is being typed; `objectWanted` and `fieldWanted` what a person pressed in a chain.
    """

    committed = Signal(object)
    edited = Signal(object)
    refused = Signal(str)
    objectWanted = Signal(str)
    fieldWanted = Signal(str)

    def __init__(self, group: Group, project: Project, ask: Asked, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group, self._project, self._ask = group, project, ask
        self.groups: list[OneGroup] = []
        self._value, self._told = list[Data](), list[Data]()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6 if group.titled else 4)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(column.spacing())
        column.addLayout(self._rows)
        self._empty = note_label()
        column.addWidget(self._empty)
        self.add_button = push_button(f"Add {group.noun}", self.add, icon_name="add")
        set_property(self.add_button, "link", True)
        self.add_button.setFont(ui_font(SMALL))
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.be_called(name)
        self._say_empty()

    def value(self) -> list[Data] | None:
        """The list that was set last, None when it is empty."""
        return self._value or None

    def set_value(self, value: Any) -> None:
        """Nothing; shows a list. The same list again leaves what is being typed."""
        wanted = list(value or [])
        drafted = self._typed()
        if wanted == self._value and len(drafted) >= len(wanted):
            self.show_notes()
            return
        self._value = copy.deepcopy(wanted)
        self._told = copy.deepcopy(wanted)
        if drafted == wanted:
            # Our own change came back: keep the widgets, so that the cursor stays where it is.
            for one in self.groups:
                one.settle()
            return
        place, gone = focused(self.groups), self.groups
        self.groups = []
        for entry in copy.deepcopy(wanted):
            self._append(entry if isinstance(entry, dict) else {})
        # The keyboard goes over before what had it goes: Qt would pass it on to some field further down.
        focus_at(self.groups, place)
        for one in gone:
            self._rows.removeWidget(one)
            one.hide()
            one.deleteLater()
        self._say_empty()

    def _typed(self) -> list[Data]:
        """What the groups hold now, without untouched drafts."""
        return [one.data for one in self.groups if one.data or self.group.titled]

    def _append(self, data: Data) -> OneGroup:
        one = OneGroup(self.group, data, self._project, self._ask, self)
        one.changed.connect(self._commit)
        one.edited.connect(self._on_edited)
        one.reverted.connect(self._tell)
        one.refused.connect(self.refused)
        one.removed.connect(self._remove)
        one.chain.objectWanted.connect(self.objectWanted)
        one.chain.fieldWanted.connect(self.fieldWanted)
        self.groups.append(one)
        self._rows.addWidget(one)
        one.be_entry(len(self.groups), self.accessibleName())
        return one

    def be_called(self, name: str) -> None:
        """Nothing; takes a name, and its entries and their cells with it."""
        self.setAccessibleName(name)
        self.add_button.setAccessibleName(f"{name}: add {self.group.noun}")
        for number, one in enumerate(self.groups, 1):
            one.be_entry(number, name)

    def _say_empty(self) -> None:
        self._empty.setText(self.group.empty)
        self._empty.setVisible(bool(self.group.empty) and not self.groups)
        self.add_button.setHidden(self.group.single and bool(self.groups))
        set_role(self._empty, "small")

    def add(self) -> None:
        """Nothing; adds a draft and puts the cursor in it. A group that is useful as it is counts at once."""
        fresh = self.group.fresh
        one = self._append(fresh(self._typed()) if callable(fresh) else copy.deepcopy(fresh))
        self._say_empty()
        first = next((editor for _, editor, _ in one.editors if isinstance(editor, LineEditor)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)
        if self.group.fresh or first is None:
            self._commit()

    def _remove(self, one: OneGroup) -> None:
        self.groups.remove(one)
        self._rows.removeWidget(one)
        one.hide()
        one.deleteLater()
        self.be_called(self.accessibleName())
        self._say_empty()
        self._commit()

    def _on_edited(self, changed: OneGroup, typed: Data) -> None:
        held = [typed if one is changed else one.data for one in self.groups]
        self.edited.emit([data for data in held if data or self.group.titled] or None)

    def _commit(self) -> None:
        if self._typed() != self._told:
            self._tell()

    def _tell(self) -> None:
        """Nothing; announces what is typed, also when it is the value again: what was wrong before is right now."""
        self._told = copy.deepcopy(self._typed())
        self.committed.emit(copy.deepcopy(self._told) or None)

    def show_notes(self) -> None:
        """Nothing; asks again what every entry leads to."""
        for one in self.groups:
            one.show_notes()

    def mark(self, path: str, words: str) -> bool:
        """Whether `words` are shown at the cell that a path below the list (``[0].port``) means; "" unmarks all."""
        told = [
            one.mark(path.partition("].")[2], words if path.startswith(f"[{place}].") else "")
            for place, one in enumerate(self.groups)
        ]
        return any(told)
