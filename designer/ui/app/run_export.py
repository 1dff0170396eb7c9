"""Writing a run for others: CSV, HTML, Mermaid, pcapng, an animation, a series of pictures."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QImage

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.ui.app import choosing
from designer.ui.app.busy import while_watched
from designer.ui.app.canvas_reading import read_canvas
from designer.ui.app.shell import Shell
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import THEMES, Theme

if TYPE_CHECKING:
    from designer.ui.canvas.run_pictures import RunPictures

# Form → title of the dialog, filter, ending.
FORMS: Final[dict[str, tuple[str, str, str]]] = {
    "csv": ("Export the event list", "CSV (*.csv)", ".csv"),
    "html": ("Export a page with every step", "HTML page (*.html)", ".html"),
    "mermaid": ("Export a sequence diagram", "Mermaid (*.mmd)", ".mmd"),
    "pcapng": ("Export the packets", "Capture for Wireshark (*.pcapng)", ".pcapng"),
    "gif": ("Export the animation", "Animated GIF (*.gif)", ".gif"),
    "png": ("Export one picture a step", "PNG pictures (*.png)", ".png"),
}


class RunExport:
    """Writes the trace that the player shows; nothing of the project changes."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def ask(self, form: str) -> None:
        """Nothing; asks for a file and writes the run in this form."""
        if self._shell.player.result is None:
            return
        title, filters, suffix = FORMS[form]
        folder = self._shell.bridge.session.path
        base = folder.parent if folder else Path(self._shell.settings.get("files/folder"))
        path = choosing.file_to_save(self._shell.window, title, base / f"trace{suffix}", filters, suffix)
        if path is not None:
            self.write(form, path)

    def write(self, form: str, path: Path) -> bool:
        """Whether the run was written; what went wrong is told."""
        result, state = self._shell.player.result, self._shell.bridge.state
        if result is None:
            return False
        if form == "png":
            return self._series(path)
        data = self._data(form, result, state)
        if data is None:  # the person stopped it, or there is nothing to draw (which was told)
            return False
        from designer.manifests.export_files import replace_file  # late: the first window needs none of it

        try:
            replace_file(path, data)
        except OSError as error:
            self._tell(f"{path.name} could not be written: {error.strerror or error}. Choose another place.", "error")
            return False
        self._tell(f"Wrote {path.name}.", "success")
        return True

    def _tell(self, words: str, kind: str) -> None:
        self._shell.window.messages.tell(words, kind)

    def _data(self, form: str, result: TraceResult, state: ClusterState) -> bytes | None:
        from designer.present.pcapng import trace_pcapng
        from designer.present.trace_csv import trace_csv
        from designer.present.trace_mermaid import trace_mermaid

        makers: dict[str, Callable[[], bytes | None]] = {
            "csv": lambda: trace_csv(result).encode(),
            "html": lambda: self._page(result),
            "mermaid": lambda: trace_mermaid(result).encode(),
            "pcapng": lambda: trace_pcapng(result, state, self._shell.player.path_index),
            "gif": self._animation,
        }
        return makers[form]()

    def _pictures(self, result: TraceResult, theme: Theme) -> RunPictures | None:
        """The pictures of the way that is shown in the view that is shown; None where the person stopped it."""
        from designer.ui.canvas.run_pictures import RunPictures

        way = self._shell.player.path_index
        return read_canvas(
            self._shell,
            "Drawing the canvas…",
            lambda scene: RunPictures(scene, theme, result, way).ground_steps(scene),
        )

    def _of_the_run(self) -> RunPictures | None:
        """The same in the theme of the window; None, and told, where this view shows nothing of the way."""
        result = self._shell.player.result
        pictures = self._pictures(result, current_theme()) if result is not None else None
        if pictures is not None and not pictures.visible:
            self._tell("This view of the canvas shows nothing of the run. Choose another view (Ctrl+1).", "warning")
            return None
        return pictures

    def _page(self, result: TraceResult) -> bytes | None:
        from designer.present.trace_html import trace_html

        pictures = self._pictures(result, THEMES["light"])
        if pictures is None:
            return None
        last = float(len(pictures.path.hops) - 1)
        picture = _data_address(pictures.picture(last)) if pictures.visible else ""
        return trace_html(result, picture).encode()

    def _animation(self) -> bytes | None:
        from designer.ui.canvas.run_pictures import animation_of

        pictures = self._of_the_run()
        if pictures is None:
            return None
        words = "Drawing the animation…"
        return while_watched(self._shell.window, words, lambda watch: animation_of(pictures, watch))

    def _series(self, first: Path) -> bool:
        from designer.ui.canvas.run_pictures import series_of, write_pictures

        pictures = self._of_the_run()
        if pictures is None:
            return False
        words = "Drawing the pictures…"
        found: tuple[tuple[Path, bytes], ...] | None = while_watched(
            self._shell.window, words, lambda watch: series_of(pictures, first, watch)
        )
        if found is None:
            return False
        written, problems = write_pictures(found)
        if problems:
            self._shell.window.messages.show_problems(problems)
            return False
        self._tell(f"Wrote {len(written)} pictures, {written[0].name} to {written[-1].name}.", "success")
        return True


def _data_address(image: QImage) -> str:
    from designer.ui.canvas.run_pictures import png_of

    return f"data:image/png;base64,{base64.b64encode(png_of(image)).decode()}"
