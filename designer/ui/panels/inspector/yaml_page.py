"""The YAML tab: the whole object as text, applied as one step; what is wrong is said with its line and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from designer.edits.fields import replace_object
from designer.edits.kept import replace_kept
from designer.manifests import field_line, parse_kept, parse_object, to_yaml
from designer.model import Problem
from designer.session import Change
from designer.session.admission import admitted
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.buttons import push_button
from designer.ui.kit.messages import InlineBanner
from designer.ui.panels.inspector.yaml_editor import YamlEditor


class YamlPage(QWidget):
    """Text of one object. Edits from elsewhere show at once, unless a person has typed here and not applied."""

    renamed = Signal(str)

    def __init__(self, session: SessionBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.oid = ""
        self._shown = ""
        self.editor = YamlEditor()
        self.banner = InlineBanner()
        # In a narrow panel the words need more lines than the banner's own policy gives them.
        self.banner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.apply_button = push_button("Apply", self.apply, primary=True)
        self.apply_button.setToolTip("Apply (Ctrl+Return)")
        self.revert_button = push_button("Revert", self.revert)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.editor, 1)
        column.addWidget(self.banner)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.revert_button)
        row.addWidget(self.apply_button)
        column.addLayout(row)
        key = QShortcut(QKeySequence("Ctrl+Return"), self.editor)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self.apply)
        self.editor.textChanged.connect(self._on_text)
        self._drafts: dict[str, str] = {}
        session.changed.connect(self._on_change)
        self._on_text()

    @property
    def pending(self) -> bool:
        """Whether something is typed that was not applied."""
        return self.editor.toPlainText() != self._shown

    def show_object(self, oid: str) -> None:
        """Nothing; shows an object, with what was typed for it and not applied; that of the one before is kept."""
        if oid == self.oid:
            self.refresh()
            return
        if self.pending:
            self._drafts[self.oid] = self.editor.toPlainText()
        self.oid = oid
        self.revert()
        draft = self._drafts.pop(oid, "")
        if draft and draft != self._shown:
            self.editor.setPlainText(draft)
            self.banner.show_message("What you typed here was not applied yet.", "info")

    def _on_change(self, change: Change) -> None:
        if change.replaced:  # what was typed was about objects of another project
            self._drafts.clear()
            self._shown = self.editor.toPlainText()

    def refresh(self) -> None:
        """Nothing; shows what the object is now, unless something typed is waiting."""
        text = self._text()
        if text == self._shown:
            return
        if not self.pending:
            self._set(text)
        else:
            self.banner.show_message(
                "The object was changed elsewhere. Apply keeps your text, Revert shows the change.", "warning"
            )

    def revert(self) -> None:
        """Nothing; shows the object as it is and forgets what was typed."""
        self._set(self._text())
        self.banner.hide()
        self.editor.mark_error(0)

    def show_field(self, path: str) -> None:
        """Nothing; brings a field into view and marks its line, as far as it is in the text."""
        line = field_line(self.editor.toPlainText(), path)
        if line:
            self.editor.show_line(line)

    def _text(self) -> str:
        project = self.session.project
        obj, kept = project.get(self.oid), project.foreign.get(self.oid)
        return to_yaml(obj.dump()) if obj is not None else to_yaml(kept.data) if kept is not None else ""

    def _set(self, text: str) -> None:
        self._shown = text
        self.editor.setPlainText(text)
        self._on_text()

    def _on_text(self) -> None:
        pending = self.pending
        self.apply_button.setEnabled(pending)
        self.revert_button.setEnabled(pending)
        if self.editor.error_line:
            self.editor.mark_error(0)

    def apply(self) -> None:
        """Nothing; makes the object what the text says, or says what is wrong with it."""
        if not self.pending:
            return
        project, text = self.session.project, self.editor.toPlainText()
        kept = self.oid in project.foreign
        data, problems = parse_kept(text) if kept else parse_object(text)
        errors = tuple(problem for problem in problems if problem.severity == "error")
        if data is None or errors:
            self._refuse((*errors, *problems)[0])
            return
        changed = replace_kept(project, self.oid, data) if kept else replace_object(project, self.oid, data)
        edit = admitted(project, changed, self.oid)
        errors = tuple(problem for problem in edit.problems if problem.severity == "error")
        if errors:
            self._refuse(errors[0])
            return
        self._shown = self.editor.toPlainText()
        if edit.project is not self.session.project:
            self.session.apply(edit)
        new = edit.select[0] if edit.select else self.oid
        if new != self.oid:
            self.renamed.emit(new)
        else:
            self.revert()
        if problems:
            self.banner.show_message(f"{problems[0].title}. {problems[0].fix}".strip(), "warning")

    def _refuse(self, problem: Problem) -> None:
        line = problem.line or _line_of(self.editor.toPlainText(), problem.field)
        where = f"Line {line}: " if line and not problem.title.startswith("Line ") else ""
        fix = f" {problem.fix}" if problem.fix else ""
        self.banner.show_message(f"{where}{problem.title}.{fix}", "error")
        self.editor.mark_error(line)


def _line_of(text: str, field: str) -> int:
    """The line of the last key of a field's path, 0 where it cannot be told: the key stands there more than once."""
    key = field.rsplit(".", 1)[-1].partition("[")[0]
    if not key:
        return 0
    found = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().lstrip("- ").startswith(f"{key}:")]
    return found[0] if len(found) == 1 else 0
