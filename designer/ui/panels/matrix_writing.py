"""The connections of the matrix as text: to the clipboard or into a file, just as the command line writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.engine.reach import Reach, explanations, exposures, undecided
from designer.manifests.export_files import replace_file
from designer.present.connectivity_pictures import connectivity_dot, connectivity_svg
from designer.present.connectivity_rows import (
    connectivity_csv,
    connectivity_json,
    connectivity_markdown,
    connectivity_text,
    explanations_csv,
)
from designer.present.words import count_text
from designer.ui.bridge.jobs import Jobs

if TYPE_CHECKING:
    from designer.ui.panels.matrix_panel import MatrixPanel

Write = Callable[[Reach, PortSet], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the command ``connectivity``: its words, the ending of its file, and who writes it.

    `by_ports` says that it can hold some ports alone, `group` under which words of the menu it stands.
    """

    words: str
    ending: str
    write: Write
    by_ports: bool = False
    group: str = ""


EVIDENCE, EXPOSURE = "With the evidence of each pair", "With the exposure of each workload"
FORMS: Final[dict[str, Form]] = {
    "csv": Form("CSV", "csv", lambda found, wanted: connectivity_csv(found, wanted), by_ports=True),
    "md": Form("Markdown", "md", lambda found, wanted: connectivity_markdown(found, wanted=wanted), by_ports=True),
    "json": Form("JSON", "json", lambda found, _wanted: connectivity_json(found)),
    "text": Form("Text", "txt", lambda found, _wanted: connectivity_text(found)),
    "svg": Form("SVG picture", "svg", lambda found, _wanted: connectivity_svg(found)),
    "dot": Form("DOT graph", "dot", lambda found, _wanted: connectivity_dot(found)),
    "csv-why": Form("CSV", "csv", lambda found, _wanted: explanations_csv(explanations(found)), group=EVIDENCE),
    "md-why": Form("Markdown", "md", lambda found, _wanted: connectivity_markdown(found, explanations(found)),
                   group=EVIDENCE),
    "json-why": Form("JSON", "json", lambda found, _wanted: connectivity_json(found, explanations(found)),
                     group=EVIDENCE),
    "text-why": Form("Text", "txt", lambda found, _wanted: connectivity_text(found, explanations(found)),
                     group=EVIDENCE),
    "md-exposure": Form("Markdown", "md", lambda found, _wanted: connectivity_markdown(found, None, exposures(found)),
                        group=EXPOSURE),
    "json-exposure": Form("JSON", "json", lambda found, _wanted: connectivity_json(found, None, exposures(found)),
                          group=EXPOSURE),
    "text-exposure": Form("Text", "txt", lambda found, _wanted: connectivity_text(found, None, exposures(found)),
                          group=EXPOSURE),
}  # fmt: skip


class MatrixWriting:
    """Writes what a panel shows: with a focus only the lines of that workload, with a port only that port."""

    def __init__(self, panel: MatrixPanel) -> None:
        self._panel = panel
        self.jobs = Jobs(panel)
        self.jobs.finished.connect(self._written)

    def pieces(self, form: str) -> Iterator[str]:
        """The connections as the command ``connectivity`` writes them in a form, piece by piece; from any thread."""
        table, focus = self._panel.table, self._panel.axes.focus
        if table is None:
            return
        found = (table.found.focused(focus) if focus else None) or table.found
        lines = FORMS[form].write(found, table.wanted)
        while True:
            with table.lock:  # for each piece alone: whoever looks at cells meanwhile does not wait for the whole
                piece = next(lines, None)
            if piece is None:
                return
            yield piece

    def text(self, form: str) -> str:
        """Everything that `pieces` gives; "" before it is there."""
        return "".join(self.pieces(form))

    def copy(self, form: str) -> None:
        """Nothing; puts the text into the clipboard."""
        if text := self.text(form):
            QGuiApplication.clipboard().setText(text)

    def save(self, path: Path, form: str = "csv") -> str:
        """An empty string when the connections were written, else what went wrong, in words."""
        try:
            replace_file(path, self.text(form).encode())
        except OSError as problem:
            return f"The matrix could not be written to {path}: {problem.strerror or problem}. Choose another place."
        return ""

    def lacks(self, form: str) -> str:
        """Why a form cannot be written now, "" where it can: most forms hold all ports."""
        table = self._panel.table
        if table is None or table.wanted == ALL_PORTS or FORMS[form].by_ports:
            return ""
        return "This form holds all ports: take the port out of the field Port, or choose CSV or Markdown."

    def choose_and_save(self, form: str) -> None:
        """Nothing; asks for a file and writes into it, in the background."""
        panel, chosen_form = self._panel, FORMS[form]
        wrong = self.lacks(form)
        if wrong:
            panel.banner.show_message(wrong, "error")
            return
        kind = f"{chosen_form.words} (*.{chosen_form.ending})"
        name = f"connections.{chosen_form.ending}"
        chosen, _ = QFileDialog.getSaveFileName(panel, "Export the connections", name, kind)
        if chosen:
            self.start(Path(chosen), form)

    def start(self, path: Path, form: str) -> None:
        """Nothing; writes in the background, then says so."""
        self.jobs.start(lambda: (self.save(path, form), path.name, self._left_out(form)))

    def _left_out(self, form: str) -> int:
        """How many lines a form leaves out since they cannot be told; others say them."""
        table = self._panel.table
        if form != "csv" or table is None:
            return 0
        with table.lock:
            return sum(1 for _ in undecided(table.found))

    def _written(self, done: tuple[str, str, int]) -> None:
        problem, name, left_out = done
        if problem:
            self._panel.banner.show_message(problem, "error")
        elif left_out:
            lines = count_text(left_out, "line")
            words = f"Wrote {name}. {lines} cannot be told and are left out of CSV: the other forms have the reasons."
            self._panel.banner.show_message(words, "warning")
        else:
            self._panel.banner.show_message(f"Wrote {name}.", "success")
