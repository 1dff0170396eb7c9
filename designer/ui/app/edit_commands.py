"""The Edit and Insert menus: history, clipboard, deleting, finding, and adding objects."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from designer.edits import clipboard
from designer.edits.create import create
from designer.edits.edit import Edit
from designer.edits.remove import remove
from designer.ui.app.shell import Shell
from designer.ui.kit.table import DataTable

_TEXTS = (QLineEdit, QPlainTextEdit, QTextEdit)


class EditCommands:
    """What changes the project through the selection and the clipboard."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def undo(self) -> None:
        """Nothing; takes the last step back."""
        self._shell.bridge.undo()

    def redo(self) -> None:
        """Nothing; does the undone step again."""
        self._shell.bridge.redo()

    def apply(self, edit: Edit) -> bool:
        """Whether an edit was applied; what it wants selected is selected then."""
        done = self._shell.bridge.apply(edit)
        if done and edit.select:
            self._shell.selection.select(edit.select)
        return done

    # --- clipboard; a field or a table that has the keyboard comes first

    def _focused(self) -> QWidget | None:
        return QApplication.focusWidget()

    def cut(self) -> None:
        """Nothing; copies what is selected, then removes it."""
        focused = self._focused()
        if isinstance(focused, _TEXTS):
            focused.cut()
            return
        if self._shell.selection.ids:
            self._copy_objects()
            self._remove()

    def copy(self) -> None:
        """Nothing; copies the selected text, rows, or objects."""
        focused = self._focused()
        if isinstance(focused, _TEXTS):
            focused.copy()
        elif isinstance(focused, DataTable):
            focused.copy_selection()
        elif self._shell.selection.ids:
            self._copy_objects()

    def _copy_objects(self) -> None:
        QGuiApplication.clipboard().setText(clipboard.copy(self._shell.bridge.project, self._shell.selection.ids))

    def paste(self) -> None:
        """Nothing; adds what the clipboard holds, beside its originals."""
        focused = self._focused()
        if isinstance(focused, _TEXTS):
            focused.paste()
            return
        text = QGuiApplication.clipboard().text()
        edit = clipboard.paste(self._shell.bridge.project, text, self._shell.window.scene.current_view, None)
        # What is no copy of ours may be manifests from an editor or a terminal.
        if edit.ok or not self._shell.window.files.import_text(text):
            self.apply(edit)

    def duplicate(self) -> None:
        """Nothing; a second one of everything that is selected; the clipboard stays as it is."""
        if self._shell.selection.ids:
            project = self._shell.bridge.project
            text = clipboard.copy(project, self._shell.selection.ids)
            self.apply(clipboard.paste(project, text, self._shell.window.scene.current_view, None))

    def delete(self) -> None:
        """Nothing; removes what is selected."""
        if self._shell.selection.ids:
            self._remove()

    def _remove(self) -> None:
        self._shell.bridge.apply(remove(self._shell.bridge.project, self._shell.selection.ids))

    def select_all(self) -> None:
        """Nothing; selects all text in a field, else every object of the view."""
        focused = self._focused()
        if isinstance(focused, _TEXTS):
            focused.selectAll()
        else:
            self._shell.selection.select(self._shell.window.scene.reading_order())

    # --- adding

    def insert(self, kind: str) -> None:
        """Nothing; adds an object of a palette kind: on the selected one when that takes it, else in free sight."""
        project = self._shell.bridge.project
        chosen = self._shell.selection.single
        edit = create(project, kind, namespace=self._namespace(), view=self._view(), target=chosen)
        if not edit.ok:
            edit = create(project, kind, namespace=self._namespace(), view=self._view())
        if self.apply(edit) and edit.select:
            self._shell.selection.reveal.emit(edit.select[0])

    def _namespace(self) -> str:
        """The namespace of what is selected; ``default`` where that has none."""
        oid = self._shell.selection.single or ""
        kind, _, rest = oid.partition(":")
        if kind == "Namespace":
            return rest
        return rest.partition("/")[0] if "/" in rest else "default"

    def _view(self) -> str:
        return self._shell.window.scene.current_view

    # --- finding

    def find(self) -> None:
        """Nothing; asks for a name or an address and shows the object."""
        from designer.ui.app.dialogs.finder import FinderDialog

        FinderDialog(self._shell, with_actions=False, parent=self._shell.window).open()

    def commands(self) -> None:
        """Nothing; asks for an action or an object by its name."""
        from designer.ui.app.dialogs.finder import FinderDialog

        FinderDialog(self._shell, with_actions=True, parent=self._shell.window).open()

    def preferences(self) -> None:
        """Nothing; shows the preferences."""
        from designer.ui.app.dialogs.preferences import PreferencesDialog

        PreferencesDialog(self._shell.settings, self._shell.window).open()
