"""The differences in connectivity on the canvas: lines and their legend, as long as a person wants to see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.ui.app.shell import Shell
from designer.ui.bridge.diffing import Diffing

if TYPE_CHECKING:
    from designer.ui.canvas.diff_layer import DiffLayer
    from designer.ui.canvas.diff_note import DiffNote

# The view in which workloads stand as things of their own.
VIEW = "namespaces"


class DiffDisplay(QObject):
    """Makes layer and legend when they are wanted first, and takes them away when a person leaves."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.diffing: Diffing = Diffing(shell.bridge, self)
        self.layer: DiffLayer | None = None
        self.note: DiffNote | None = None
        self._lost = 0
        self.diffing.changed.connect(self._refresh)
        self.diffing.shownChanged.connect(self._on_shown)

    def dialog(self) -> None:
        """Nothing; opens the list of differences."""
        from designer.ui.app.dialogs.connectivity_diff import ConnectivityDiff

        ConnectivityDiff(self._shell, self.diffing, self._shell.window).open()

    def close(self) -> None:
        """Nothing; takes everything off the canvas, as when the window closes."""
        self.diffing.leave()

    def _on_shown(self, shown: bool) -> None:
        from designer.ui.canvas.diff_layer import DiffLayer
        from designer.ui.canvas.diff_note import DiffNote

        window = self._shell.window
        if shown:
            if window.scene.current_view == "nodes":
                window.scene.set_view(VIEW)
            self.layer = DiffLayer(window.scene)
            self.layer.counted.connect(self._on_counted)
            self.note = DiffNote(window.canvas, self.dialog, self.diffing.leave)
            self.note.show()
            self._refresh()
        elif self.layer is not None and self.note is not None:
            self.layer.close()
            self.layer.deleteLater()
            self.note.close_note()
            self.layer = self.note = None

    def _on_counted(self, _drawn: int, lost: int) -> None:
        if lost != self._lost:
            self._lost = lost
            self._say()

    def _refresh(self) -> None:
        found = self.diffing.found
        if self.layer is not None:
            self.layer.show_flows(found.flows if found is not None else (), self.diffing.marked)
            self._say()

    def _say(self) -> None:
        diffing, found = self.diffing, self.diffing.found
        if self.note is None or diffing.base is None:
            return
        words = diffing.problem or ("Comparing…" if found is None else found.summary)
        if found is not None and self._lost:
            words += f" {self._lost} of them have no place in this view: see the list."
        whats = frozenset(flow.what for flow in found.flows) if found is not None else frozenset()
        self.note.say(f"Now, against {diffing.base.words}", words, whats)
