"""The connections of the matrix as text: to the clipboard or into a file, just as the command line writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from designer.engine.policy.ports import PortSet
from designer.engine.reach import Reach
from designer.present.connectivity_rows import connectivity_csv, connectivity_markdown

if TYPE_CHECKING:
    from designer.ui.panels.matrix_panel import MatrixPanel

KINDS = {"csv": "CSV (*.csv)", "md": "Markdown (*.md)"}
FORMS: dict[str, Callable[[Reach, PortSet], Iterator[str]]] = {
    "csv": lambda found, wanted: connectivity_csv(found, wanted),
    "md": lambda found, wanted: connectivity_markdown(found, wanted=wanted),
}


class MatrixWriting:
    """Writes what a panel shows: with a focus only the lines of that workload, with a port only that port."""

    def __init__(self, panel: MatrixPanel) -> None:
        self._panel = panel

    def text(self, form: str) -> str:
        """Every open connection as the command ``connectivity`` writes it: "csv" or "md"; "" before it is there."""
        table, focus = self._panel.table, self._panel.axes.focus
        if table is None:
            return ""
        found = table.found.focused(focus) if focus else None
        with table.lock:
            return "".join(FORMS[form](found or table.found, table.wanted))

    def copy(self, form: str) -> None:
        """Nothing; puts the text into the clipboard."""
        if text := self.text(form):
            QGuiApplication.clipboard().setText(text)

    def save(self, path: Path, form: str = "csv") -> str:
        """An empty string when the connections were written, else what went wrong, in words."""
        try:
            path.write_text(self.text(form), encoding="utf-8", newline="")
        except OSError as problem:
            return f"The matrix could not be written to {path}: {problem.strerror or problem}. Choose another place."
        return ""

    def choose_and_save(self, form: str) -> None:
        """Nothing; asks for a file and writes into it."""
        panel = self._panel
        chosen, _ = QFileDialog.getSaveFileName(panel, "Export the connections", f"connections.{form}", KINDS[form])
        problem = self.save(Path(chosen), form) if chosen else ""
        if problem:
            panel.banner.show_message(problem, "error")
