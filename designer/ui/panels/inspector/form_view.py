"""A form: the fields of one object, or of the cluster, built from the table; each commit is one Edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.edits.edit import Edit
from designer.edits.fields import get_field
from designer.edits.kept import change_field
from designer.edits.keptreferences import name_of
from designer.edits.settings import set_cluster, use_cni
from designer.engine.compile import ClusterState
from designer.model import KubeObject, Problem, Project
from designer.present.help_topics import topic
from designer.present.label_effects import effects_text
from designer.present.match_notes import MatchNote
from designer.present.port_chain import Chain
from designer.present.problem_rows import beside_field
from designer.session.admission import admitted
from designer.session.preview import TOO_MANY, previewed, too_large
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.fields import FieldRow, SpinBox
from designer.ui.kit.labels import SectionHeader
from designer.ui.panels.inspector.editors import ChoiceEditor, LineEditor, TickEditor
from designer.ui.panels.inspector.fields import ChainMaker, Data, Field, Note, Section
from designer.ui.panels.inspector.groups import Asked, GroupList, make_editor
from designer.ui.panels.inspector.notes import note_label, show_note

PAUSE_MS = 150
NOTHING_WRONG = ("", "", "")
Editor = LineEditor | ChoiceEditor | TickEditor | GroupList | SpinBox


class _Row(QWidget):
    """One field: label, editor, message, and the note computed for it. `helpWanted` carries the code of its problem."""

    helpWanted = Signal(str)

    def __init__(self, field: Field, editor: Editor) -> None:
        super().__init__()
        self.field, self.editor = field, editor
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        # A tick says its own words; a label over it would say them twice.
        self.row = FieldRow("" if isinstance(editor, TickEditor) else field.label, editor, field.hint)
        if isinstance(editor, TickEditor):
            editor.setAccessibleName(field.label)
            self.row.findChildren(QLabel)[0].hide()
        self.note = note_label()
        column.addWidget(self.row)
        column.addWidget(self.note)
        self._typed: tuple[str, str, str] = NOTHING_WRONG
        self._standing: tuple[str, str, str] = NOTHING_WRONG
        self.row.whyWanted.connect(lambda: self.helpWanted.emit(self.code()))

    def say(self, words: str, path: str = "", code: str = "") -> None:
        """Nothing; shows what is wrong with what is being typed; "" takes it back. `path` is the wrong field."""
        self._typed = (words, path, code)
        self._show()

    def say_standing(self, words: str, path: str, code: str) -> None:
        """Nothing; shows what is wrong with what the object holds, wherever nothing else is wrong."""
        if (words, path, code) != self._standing:
            self._standing = (words, path, code)
            self._show()

    def code(self) -> str:
        """The code of the problem that is shown, "" for none."""
        return (self._typed if self._typed[0] else self._standing)[2]

    def help_key(self) -> str:
        """What F1 explains while the keyboard is here: the problem that is shown."""
        return self.code()

    def _show(self) -> None:
        words, path, code = self._typed if self._typed[0] else self._standing
        self.row.offer_why(bool(words) and topic(code) is not None)
        below = path.removeprefix(self.field.path)
        if self.field.editor == "object":
            below = f"[0]{below}"
        told = isinstance(self.editor, GroupList) and self.editor.mark(below, words)
        self.row.set_error(words, told=told)

    def shown_value(self, value: Any) -> None:
        """Nothing; puts a value of the object into the editor."""
        if self.field.editor == "map":
            pairs = (value or {}).items()
            value = [{"key": key, **({"value": text} if text else {})} for key, text in pairs]
        if self.field.editor == "object":
            value = [value] if isinstance(value, dict) else []
        if isinstance(self.editor, SpinBox):
            if not self.editor.hasFocus() or value != self.editor.value():
                self.editor.blockSignals(True)
                self.editor.setValue(int(value) if isinstance(value, int) else self.field.least)
                self.editor.blockSignals(False)
            return
        self.editor.set_value(value)

    def typed_value(self, value: Any) -> Any:
        """What an editor gives, as the object holds it."""
        if self.field.editor == "map":
            found = {entry.get("key", ""): entry.get("value") or "" for entry in value or [] if entry}
            return found or None
        if self.field.editor == "tick":
            return value or None
        if self.field.editor == "object":
            return value[0] if value else None
        return value


class FormView(QWidget):
    """The form of the object `oid`, of the cluster settings with "". `renamed` carries an object's new id.

    `objectWanted` and `fieldWanted` carry what a person pressed in a chain, `helpWanted` the code of a problem.
    """

    renamed = Signal(str)
    objectWanted = Signal(str)
    fieldWanted = Signal(str)
    helpWanted = Signal(str)

    def __init__(
        self, session: SessionBridge, sections: tuple[Section, ...], oid: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session, self.oid = session, oid
        self.rows: dict[str, _Row] = {}
        self._headers: list[tuple[SectionHeader, list[_Row]]] = []
        # What labels would change is compiled when the typing rests, not at each key.
        self._previewed: tuple[_Row, Any] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._show_effects)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for section in sections:
            header = SectionHeader(section.title)
            if section.title:
                column.addWidget(header)
            rows = [self._row(field) for field in section.fields]
            for row in rows:
                column.addWidget(row)
            self._headers.append((header, rows))
        self.refresh()

    @property
    def _project(self) -> Project:
        return self.session.project

    def _object(self) -> KubeObject | None:
        return self._project.get(self.oid) if self.oid else None

    def data(self) -> Data:
        """The object, or the settings, as plain data."""
        if not self.oid:
            return self._project.cluster.dump()
        obj, kept = self._object(), self._project.foreign.get(self.oid)
        return obj.dump() if obj is not None else kept.data if kept is not None else {}

    def _namespace(self) -> str:
        obj = self._object()
        return obj.namespace if obj is not None else name_of(self.oid)[2] if self.oid else ""

    def _row(self, field: Field) -> _Row:
        editor: Editor
        if field.group is not None:
            editor = GroupList(field.group, self._project, Asked(self._ask, self._ask_chain), field.label)
            editor.objectWanted.connect(self.objectWanted)
            editor.fieldWanted.connect(self.fieldWanted)
        elif field.editor == "number":
            editor = SpinBox(field.least, field.most, field.least)
            editor.setKeyboardTracking(False)
        else:
            editor = make_editor(field.editor, field.label, field.options, self._project)
        row = _Row(field, editor)
        row.helpWanted.connect(self.helpWanted)
        if isinstance(editor, SpinBox):
            editor.valueChanged.connect(lambda value: self._commit(row, value))
        else:
            editor.committed.connect(lambda value: self._commit(row, value))
        if isinstance(editor, LineEditor):
            editor.setPlaceholderText(field.placeholder)
            editor.reverted.connect(lambda value: self._check(row, value))
        if isinstance(editor, LineEditor | GroupList):
            editor.edited.connect(lambda value: self._check(row, value))
            editor.refused.connect(row.say)
        self.rows[field.path] = row
        return row

    def _ask(self, note: Note, value: Any) -> MatchNote:
        state: ClusterState | None = self.session.state
        if state is None:
            return MatchNote("")
        return note(state, self._namespace(), self.data(), value)

    def _ask_chain(self, chain: ChainMaker, value: Any) -> Chain:
        state: ClusterState | None = self.session.state
        obj = self._object()
        return chain(state, obj.namespace, self.data(), value) if state is not None and obj is not None else ()

    def focus_field(self, path: str) -> None:
        """Nothing; puts the cursor into a field of this form."""
        if path in self.rows:
            self.rows[path].editor.setFocus(Qt.FocusReason.TabFocusReason)

    def refresh(self) -> None:
        """Nothing; shows the values as they are now. What is being typed stays."""
        data = self.data()
        # What is only kept is plain data itself.
        target = self._object() or data if self.oid else self._project.cluster
        if not target:
            return
        for row in self.rows.values():
            field = row.field
            if isinstance(row.editor, ChoiceEditor) and callable(field.options):
                row.editor.set_options(field.options(self._project))
            value = get_field(target, field.path)
            if value is None and field.unset is not None:
                value = field.unset
            row.shown_value(_or_none(value) if field.editor in ("choice", "selector", "equality") else value)
            state: ClusterState | None = self.session.state
            if field.given is not None and isinstance(row.editor, LineEditor) and state is not None:
                row.editor.setPlaceholderText(field.given(state, self.oid))
            _show(row, field.when is None or field.when(data))
            self._show_note(row, value)
            if field.path.endswith("metadata.labels"):
                show_note(row.note, MatchNote(""))
        self._show_standing()
        for header, rows in self._headers:
            _show(header, bool(header.text()) and any(not row.isHidden() for row in rows))

    def _show_standing(self) -> None:
        """Say beside its field why the API server refuses the object as it is."""
        state: ClusterState | None = self.session.state
        found = [p for p in state.problems if p.object == self.oid and p.severity == "error"] if state else []
        for row in self.rows.values():
            problem = next((p for p in found if _is_below(p.field, row.field.path)), None)
            wrong = (beside_field(problem), problem.field, problem.code) if problem is not None else NOTHING_WRONG
            row.say_standing(*wrong)

    def _show_note(self, row: _Row, value: Any) -> None:
        if row.field.note is not None:
            chosen = _or_none(value) if row.field.editor == "equality" else value
            show_note(row.note, self._ask(row.field.note, chosen))

    def _edit(self, row: _Row, value: Any) -> Edit:
        path, found = row.field.path, row.typed_value(value)
        if not self.oid:
            # A plugin brings its own backend: both change in one step.
            return (
                use_cni(self._project, str(found)) if path == "cni.plugin" else set_cluster(self._project, path, found)
            )
        return admitted(self._project, change_field(self._project, self.oid, path, found), self.oid, path)

    def _check(self, row: _Row, value: Any) -> None:
        edit = self._edit(row, value)
        self._say(row, edit.problems)
        self._show_note(row, value)
        if row.field.path.endswith("metadata.labels"):
            self._previewed = (row, value)
            # What is taken back has no effect: nothing needs to be compiled to say so.
            self._show_effects() if edit.project is self._project else self._pause.start()

    def _show_effects(self) -> None:
        """Say which Services, routes and policies would lose or gain Pods with the labels that are being typed."""
        if self._previewed is None:
            return
        self._pause.stop()
        (row, value), self._previewed = self._previewed, None
        state: ClusterState | None = self.session.state
        edit = self._edit(row, value)
        after = previewed(state, edit) if state is not None else None
        words = effects_text(state, after) if state is not None and after is not None else ""
        if state is not None and edit.ok and edit.project is not self._project and too_large(state):
            words = TOO_MANY
        show_note(row.note, MatchNote(words, "warning" if " loses " in words else "ok"))

    def _say(self, row: _Row, problems: tuple[Problem, ...]) -> bool:
        """Show what is wrong beside the field; whether nothing stops the edit."""
        errors = [problem for problem in problems if problem.severity == "error"]
        wrong = (beside_field(errors[0], row.field.path), errors[0].field, errors[0].code) if errors else NOTHING_WRONG
        row.say(*wrong)
        return not errors

    def _commit(self, row: _Row, value: Any) -> None:
        edit = self._edit(row, value)
        if row.field.path.endswith("metadata.labels"):
            self._pause.stop()
            show_note(row.note, MatchNote(""))
        if not self._say(row, edit.problems) or edit.project is self._project:
            return
        # Every commit is a step of its own; only the steps of a number's arrows are one.
        self.session.apply(edit if isinstance(row.editor, SpinBox) else replace(edit, merge_key=None))
        if self.oid and edit.select and edit.select[0] != self.oid:
            self.renamed.emit(edit.select[0])


def _show(widget: QWidget, shown: bool) -> None:
    """Nothing; shows or hides a widget. Of one that is as it should be nothing is asked: each asking lays it out."""
    if widget.isHidden() == shown:
        widget.setVisible(shown)


def _is_below(field: str, path: str) -> bool:
    """Whether a problem's field is the one at `path`, or a part of it; ``spec.clusterIPs`` is told at its singular."""
    return field.startswith(path) and field[len(path) : len(path) + 1] in ("", ".", "[", "s")


def _or_none(value: Any) -> Any:
    """An empty list counts as not set: the model's default for lists that an object does not have."""
    return None if value == [] else value
