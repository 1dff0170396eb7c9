"""The Edit and Insert menus: history, clipboard, deleting, finding, and adding objects."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from designer.edits.create import create
from designer.edits.edit import Edit
from designer.edits.notes import add_note
from designer.edits.templates import PREFIX, add_template
from designer.engine.trace.hops import TraceResult
from designer.session.cluster_dns import add_cluster_dns, has_cluster_dns
from designer.ui.app.shell import Shell
from designer.ui.canvas.gestures.board import Board
from designer.ui.canvas.gestures.stage import on_grid
from designer.ui.kit.table import DataTable

_TEXTS = (QLineEdit, QPlainTextEdit, QTextEdit)


class EditCommands:
    """What changes the project through the selection and the clipboard."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def undo(self) -> None:
        """Nothing; takes the last step back."""
        self._shell.window.messages.outdate()
        self._shell.bridge.undo()

    def redo(self) -> None:
        """Nothing; does the undone step again."""
        self._shell.window.messages.outdate()
        self._shell.bridge.redo()

    def apply(self, edit: Edit) -> bool:
        """Whether an edit was applied; what it wants selected is selected then."""
        done = self._shell.bridge.apply(edit)
        if done and edit.select:
            self._shell.selection.select(edit.select)
        return done

    # --- clipboard; a field or a table that has the keyboard comes first

    def _field(self) -> QLineEdit | QPlainTextEdit | QTextEdit | None:
        focused = QApplication.focusWidget()
        return focused if isinstance(focused, _TEXTS) else None

    @property
    def _board(self) -> Board:
        return self._shell.window.gestures.board

    def cut(self) -> None:
        """Nothing; copies what is selected, then removes it."""
        field = self._field()
        if field is not None:
            field.cut()
        else:
            self._board.cut()

    def copy(self) -> None:
        """Nothing; copies the selected text, rows, or objects."""
        focused, field = QApplication.focusWidget(), self._field()
        if field is not None:
            field.copy()
        elif isinstance(focused, DataTable):
            focused.copy_selection()
        else:
            self._board.copy()

    def paste(self) -> None:
        """Nothing; adds the objects or manifests that the clipboard holds."""
        field = self._field()
        if field is not None:
            field.paste()
        else:
            self._board.paste()

    def duplicate(self) -> None:
        """Nothing; a second one of everything that is selected; the clipboard stays as it is."""
        self._board.duplicate()

    def delete(self) -> None:
        """Nothing; removes what is selected."""
        self._board.delete()

    def align(self, line: str) -> None:
        """Nothing; brings what is selected to one line."""
        self._board.align(line)

    def colour(self, name: str) -> None:
        """Nothing; marks what is selected with a colour, none with ""."""
        self._board.colour(name)

    def distribute(self, way: str) -> None:
        """Nothing; puts the same distance between what is selected."""
        self._board.distribute(way)

    def select_all(self) -> None:
        """Nothing; selects all text in a field, else every object of the view."""
        field = self._field()
        if field is not None:
            field.selectAll()
        else:
            self._board.select_all()

    # --- adding

    def insert(self, kind: str) -> None:
        """Nothing; adds an object of a palette kind: on the selected one when that takes it, else in free sight.

        A `Note` goes into the middle of what is seen.
        """
        if kind.startswith(PREFIX):
            self.template(kind.removeprefix(PREFIX))
            return
        project, window = self._shell.bridge.project, self._shell.window
        if kind == "Note":
            at = window.canvas.seen().center()
            edit = add_note(project, "Note", on_grid(at.x()), on_grid(at.y()))
        else:
            chosen = self._shell.selection.single
            edit = create(project, kind, namespace=self._namespace(), view=self._view(), target=chosen)
        if not edit.ok:
            edit = create(project, kind, namespace=self._namespace(), view=self._view())
        if self.apply(edit) and edit.select:
            window.gestures.name_soon(edit.select[0])

    def template(self, name: str) -> None:
        """Nothing; adds a whole small design, and shows it."""
        if self.apply(add_template(self._shell.bridge.project, name)):
            self._shell.window.canvas.zoom_to_fit()

    def insert_dns(self) -> None:
        """Nothing; adds what answers names in a cluster."""
        self.apply(add_cluster_dns(self._shell.bridge.project))

    def offer_dns(self, result: TraceResult | None) -> None:
        """Nothing; where a request failed because a drawn cluster has nobody to ask for names, offers to add it."""
        nameless = result is not None and not has_cluster_dns(self._shell.bridge.project)
        paths = result.trace.paths() if result is not None and nameless else ()
        asking = [path.hops[-1] for path in paths if path.verdict == "cannot-tell" and path.hops]
        # Who asks outside the cluster asks public DNS, a Node its own resolver: the cluster's is nothing to them.
        if any(hop.kind == "resolve" and hop.at.startswith("Pod:") for hop in asking):
            words = "This cluster has no DNS yet, so its Pods have nobody to ask for a name."
            self._shell.window.messages.invite(words, "Add cluster DNS", self.insert_dns)

    def _namespace(self) -> str:
        """The namespace of what is selected; ``default`` where that has none."""
        oid = self._shell.selection.single or ""
        kind, _, rest = oid.partition(":")
        if kind == "Namespace":
            return rest
        if kind == "IngressController":  # it lives apart from what it serves
            return "default"
        return rest.partition("/")[0] if "/" in rest else "default"

    def _view(self) -> str:
        return self._shell.window.scene.current_view

    def connect(self) -> None:
        """Nothing; asks what the selected object should be connected to."""
        from designer.ui.app.dialogs.connecting import ConnectDialog

        self._shell.window.gestures.cancel()
        ConnectDialog(self._shell, self._shell.selection.single or "", self._shell.window).open()

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
