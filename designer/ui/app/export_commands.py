"""Writing what others read: manifests into a folder, the canvas as a picture."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from designer.cli.desktop import RenderOptions
from designer.engine.compile import ClusterState
from designer.model import Problem
from designer.present.words import count_text
from designer.session.exporting import exportable
from designer.ui.app import choosing
from designer.ui.app.busy import while_waiting
from designer.ui.app.canvas_reading import drawn_state, read_canvas, scene_to_read
from designer.ui.app.shell import Shell
from designer.ui.kit.slices import finished
from designer.ui.kit.theme import current_theme

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from designer.ui.canvas.scene import CanvasScene


def replacing(folder: Path, there: Sequence[str], lost: Sequence[Problem]) -> str:
    """The question before files of `folder` are replaced, with the objects in them that nothing else holds."""
    said = f"{count_text(len(there), 'file')} of the same name in {folder.name} will be replaced: {shortened(there)}."
    if not lost:
        return said
    gone = shortened([problem.title for problem in lost])
    return f"{said}\n\nGone after that, unless you import it first: {gone}."


def shortened(names: Sequence[str]) -> str:
    """The first five names, and how many there are besides."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


class ExportCommands:
    """Exports; nothing of the project changes."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def _folder(self) -> Path:
        path = self._shell.bridge.session.path
        return path.parent if path else Path(self._shell.settings.get("files/folder"))

    def manifests(self) -> None:
        """Nothing; asks for a folder and writes the manifests there."""
        window = self._shell.window
        folder = choosing.folder_to_open(window, "Export the manifests into a folder", str(self._folder()))
        if folder is None:
            return
        from designer.manifests import export_for, losses  # late: the first window needs none of it

        state: ClusterState = self._shell.bridge.state

        def made() -> tuple[tuple[tuple[str, str], ...], str, list[str], str]:
            project, left_out = exportable(state)
            files = export_for(project, folder)
            there = [name for name, _text in files if (folder / name).exists()]
            lost = replacing(folder, there, losses(folder, files, state.project)) if there else ""
            return files, left_out, there, lost

        found = while_waiting(window, "Writing the manifests…", made)
        if found is None:
            return
        files, left_out, there, question = found
        if there and not choosing.agrees(window, "Replace files", question, "Replace"):
            return
        self.write_manifests(folder, files, left_out)

    def write_manifests(self, folder: Path, files: tuple[tuple[str, str], ...], left_out: str = "") -> bool:
        """Whether all files were written; what could not be is told, and what was `left_out`."""
        from designer.manifests import write_files

        window = self._shell.window
        words = f"Writing into {folder.name}…"
        # Nobody can stop it half way: a part of the files would be new, the others old.
        done = while_waiting(window, words, lambda: write_files(folder, files), cancel=False)
        problems = done[1] if done is not None else ()
        if problems:
            window.messages.show_problems(problems)
            return False
        window.messages.tell(
            f"Wrote {count_text(len(files), 'file')} into {folder.name}. {left_out}".rstrip(), "success"
        )
        return True

    def picture(self, verified: bool = False) -> None:
        """Nothing; asks for a file and paints the canvas into it, with the trace that is shown.

        `verified` draws the marks of Verify on Linux too.
        """
        window = self._shell.window
        suggested = self._folder() / "cluster.png"
        path = choosing.file_to_save(window, "Export the picture", suggested, ";;".join(choosing.PICTURES), ".png")
        if path is not None:
            self.write_picture(path, verified)

    def print(self) -> None:
        """Nothing; asks for a printer and prints the canvas with the trace that is shown."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # late: few print

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._shell.window)
        dialog.setWindowTitle("Print the canvas")

        def go() -> None:
            self.print_to(printer)

        dialog.accepted.connect(go)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def preview(self) -> None:
        """Nothing; shows the page before it is printed."""
        from designer.ui.app.dialogs.print_preview import PrintPreview
        from designer.ui.canvas.printing import print_steps

        shell, trace = self._shell, self._shell.player.result

        def paint(printer: QPrinter) -> None:
            finished(print_steps(scene_to_read(shell), printer, trace))

        PrintPreview(shell.window, paint, self.print).open()

    def print_to(self, printer: QPrinter) -> bool:
        """Whether the page was printed; a person may stop it, and nothing is printed then, nor is a file changed."""
        from designer.ui.canvas.render import write_whole

        messages, name = self._shell.window.messages, printer.outputFileName()
        with TemporaryDirectory() as aside:
            made = Path(aside) / "page.pdf"
            if name:  # into a file: it takes the place of what is there when it is whole
                printer.setOutputFileName(str(made))
            done = self._printed(printer)
            problems = write_whole(Path(name), made.read_bytes()) if name and done else ()
        if problems:
            messages.show_problems(problems)
        elif done:
            messages.tell(f"Wrote {Path(name).name}." if name else "Sent the canvas to the printer.", "success")
        elif done is None:
            messages.tell("Stopped. Nothing was printed.", "info")
        else:
            messages.tell("The printer takes nothing. Choose another one, or export the picture as PDF.", "error")
        return bool(done) and not problems

    def _printed(self, printer: QPrinter) -> bool | None:
        """Whether the printer took the page, None where a person stopped it."""
        from designer.ui.canvas.printing import print_steps

        trace = self._shell.player.result
        return read_canvas(self._shell, "Printing the canvas…", lambda scene: print_steps(scene, printer, trace))

    def write_picture(self, path: Path, verified: bool = False) -> bool:
        """Whether the picture was written; a person may stop it, and the file is then as it was."""
        from designer.ui.canvas.render import Drawing, marks_on, picture_steps, place_of, refusals, write_whole

        shell, messages = self._shell, self._shell.window.messages
        options = RenderOptions(view=shell.window.scene.current_view, theme=current_theme().name, verified=verified)
        trace = shell.player.result

        def steps(scene: CanvasScene) -> Generator[None, None, bytes]:
            marks = marks_on(scene, drawn_state(shell), options)
            drawing = Drawing(scene, place_of(scene), current_theme(), trace, marks)
            return picture_steps(drawing, path, options)

        problems = refusals(path, options)
        if not problems:
            data = read_canvas(shell, f"Drawing {path.name}…", steps)
            if data is None:
                messages.tell(f"Stopped. {path.name} was not written.", "info")
                return False
            problems = write_whole(path, data)
        if problems:
            messages.show_problems(problems)
            return False
        messages.tell(f"Wrote {path.name}.", "success")
        return True
