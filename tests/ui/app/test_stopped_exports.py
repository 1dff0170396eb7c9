"""What a person stops half way leaves files and project as they were; what goes on to its end is written as a whole."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QProgressDialog, QPushButton, QWidget

from designer.cli.desktop import RenderOptions
from designer.engine.reporter import CancelledError
from designer.ui.app import busy, canvas_reading
from designer.ui.app.window import MainWindow
from designer.ui.canvas import printing, render, run_pictures
from designer.ui.canvas.render import paint_canvas
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit import slices, table_csv
from designer.ui.kit import table as table_module
from designer.ui.kit.slices import finished, in_slices
from designer.ui.kit.table import DataTable
from designer.ui.kit.table_model import Column

OLD = b"as it was"


class Clicking:
    """Presses Cancel in the dialog of long work as soon as it is there."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)

    def __enter__(self) -> Clicking:
        self._timer.start(10)
        return self

    def __exit__(self, *_anything: object) -> None:
        self._timer.stop()

    def _look(self) -> None:
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QProgressDialog) and dialog.isVisible():
                self.seen.append(dialog.labelText())
                dialog.findChildren(QPushButton)[0].click()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialog of long work is there at once."""
    monkeypatch.setattr(slices, "SHOWN_AFTER_MS", 0)
    monkeypatch.setattr(slices, "SLICE_MS", 0)
    monkeypatch.setattr(busy, "SHOWN_AFTER_MS", 0)


def lingering(work: Generator[None, None, Any], steps: int, ends: list[str]) -> Generator[None, None, Any]:
    """The work, which stays in its middle for a while."""
    try:
        for _ in range(steps):
            next(work)
            yield
        for _ in range(400):
            time.sleep(0.002)
            yield
        ends.append("went on")
        return (yield from work)
    finally:
        work.close()
        ends.append("closed")


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf", ".drawio"])
def test_a_picture_that_is_stopped_leaves_the_file_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    folder, ends = tmp_path / "out", list[str]()
    folder.mkdir()
    (folder / f"a{ending}").write_bytes(OLD)
    bridge, real = sample.shell.bridge, render.picture_steps
    before = bridge.project, bridge.state, sample.scene.marks
    with monkeypatch.context() as patch, Clicking() as clicking:
        patch.setattr(render, "picture_steps", lambda *given: lingering(real(*given), 3, ends))
        assert not sample.commands.export.write_picture(folder / f"a{ending}")
    assert clicking.seen == [f"Drawing a{ending}…"] and ends == ["closed"]
    assert left(folder) == {f"a{ending}": OLD}
    assert (bridge.project, bridge.state, sample.scene.marks) == before
    # And to its end: the picture that the command line makes of the same cluster.
    assert sample.commands.export.write_picture(folder / f"a{ending}")
    options = RenderOptions(view=sample.scene.current_view)
    assert paint_canvas(bridge.state, tmp_path / f"b{ending}", sample.shell.player.result, options) == ()
    if ending != ".pdf":  # which has the time in it
        assert left(folder) == {f"a{ending}": (tmp_path / f"b{ending}").read_bytes()}


def test_a_picture_is_of_the_cluster_as_it_is_when_it_is_finished(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, real, changed = sample.shell.bridge, render.picture_steps, list[object]()

    def meanwhile(*given: Any) -> Generator[None, None, bytes]:
        work = real(*given)
        next(work)
        if not changed:
            changed.append(bridge.state)
            sample.scene.shown.emit(None)
        return (yield from work)

    monkeypatch.setattr(render, "picture_steps", meanwhile)
    assert sample.commands.export.write_picture(tmp_path / "a.svg")
    assert changed and paint_canvas(bridge.state, tmp_path / "b.svg", sample.shell.player.result, RenderOptions()) == ()
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_an_animation_or_a_series_that_is_stopped_writes_nothing(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, runs = tmp_path / "out", sample.commands.simulate._runs
    folder.mkdir()
    (folder / "trace.gif").write_bytes(OLD)
    (folder / "trace-01.png").write_bytes(OLD)
    assert sample.shell.player.result is not None
    real = run_pictures.RunPictures.picture
    for form, name in (("gif", "trace.gif"), ("png", "trace.png")):
        painted: list[float] = []

        def slowly(pictures: run_pictures.RunPictures, at: float, painted: list[float] = painted) -> Any:
            painted.append(at)
            time.sleep(0.1)
            return real(pictures, at)

        with monkeypatch.context() as patch, Clicking() as clicking:
            patch.setattr(run_pictures.RunPictures, "picture", slowly)
            assert not runs.write(form, folder / name)
            assert clicking.seen and len(painted) < len(sample.shell.player.result.trace.paths()[0].hops)
            time.sleep(0.15)
        assert left(folder) == {"trace.gif": OLD, "trace-01.png": OLD}
    assert runs.write("gif", folder / "trace.gif") and runs.write("png", folder / "trace.png")
    found = left(folder)
    assert found["trace.gif"].startswith(b"GIF89a")
    hops = len(sample.shell.player.result.trace.paths()[0].hops)
    series = [data for name, data in found.items() if name.startswith("trace-") and data != OLD]
    assert len(series) == hops and all(data.startswith(b"\x89PNG") for data in series)


def test_a_page_that_is_stopped_leaves_the_file_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, ends, real = tmp_path / "out", list[str](), printing.print_steps
    folder.mkdir()
    path = folder / "page.pdf"
    path.write_bytes(OLD)

    def printer() -> QPrinter:
        made = QPrinter(QPrinter.PrinterMode.ScreenResolution)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(path))
        return made

    with monkeypatch.context() as patch, Clicking() as clicking:
        patch.setattr(printing, "print_steps", lambda *given: lingering(real(*given), 3, ends))
        assert not sample.commands.export.print_to(printer())
    assert clicking.seen == ["Printing the canvas…"] and ends == ["closed"]
    assert "Nothing was printed" in sample.messages.toast.message()
    assert left(folder) == {"page.pdf": OLD}
    assert sample.commands.export.print_to(printer())
    assert left(folder)["page.pdf"].startswith(b"%PDF")


@pytest.mark.parametrize("form", ["gif", "html"])
def test_a_run_is_painted_from_the_canvas_that_is_there(sample: MainWindow, tmp_path: Path, form: str) -> None:
    """Another scene of a large cluster would hold the window up for seconds; what is painted is the same."""
    runs, scene = sample.commands.simulate._runs, sample.scene
    assert sample.shell.player.result is not None
    sample.scene.set_marks(hovered="Node:node-1")  # what the mouse points at is in no export
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "shown_scene", lambda *_given: pytest.fail("another scene was made"))
        assert runs.write(form, tmp_path / "here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas_reading, "scene_to_read", canvas_reading.own_scene)
        assert runs.write(form, tmp_path / "anew")
    assert (tmp_path / "here").read_bytes() == (tmp_path / "anew").read_bytes()
    assert sample.scene is scene and scene.marks.hovered == "Node:node-1"


def test_a_run_is_painted_once_more_where_the_canvas_changed_meanwhile(sample: MainWindow, tmp_path: Path) -> None:
    runs, made = sample.commands.simulate._runs, list[object]()
    real = run_pictures.RunPictures.ground_steps

    def meanwhile(pictures: run_pictures.RunPictures, scene: CanvasScene) -> Generator[None, None, Any]:
        made.append(scene)
        if len(made) == 1:
            sample.scene.shown.emit(None)
        return (yield from real(pictures, scene))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_pictures.RunPictures, "ground_steps", meanwhile)
        assert runs.write("gif", tmp_path / "a.gif")
    assert len(made) == 2 and made[0] is sample.scene and made[1] is not sample.scene


def test_a_table_that_is_stopped_leaves_the_file_as_it_was(
    sample: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = DataTable([Column("Number"), Column("Twice")], "Numbers", parent=sample)
    table.set_rows([(str(n), str(2 * n)) for n in range(3500)])
    path, ends = tmp_path / "numbers.csv", list[str]()
    path.write_bytes(OLD)
    real = table_csv.csv_steps
    with monkeypatch.context() as patch, Clicking() as clicking:
        patch.setattr(table_module, "csv_steps", lambda *given: lingering(real(*given), 2, ends))
        assert table.export_csv(path) == ""
    assert clicking.seen == ["Writing numbers.csv…"] and ends == ["closed"] and path.read_bytes() == OLD
    assert table.export_csv(path) == ""
    lines = path.read_bytes().decode().split("\r\n")
    assert lines == ["Number,Twice", *(f"{n},{2 * n}" for n in range(3500)), ""]
    assert "could not be written" in table.export_csv(tmp_path / "none" / "a.csv")


def test_what_must_be_done_as_a_whole_has_no_way_to_stop_it(sample: MainWindow) -> None:
    buttons: list[int] = []

    def slowly() -> int:
        time.sleep(0.2)
        return 7

    def look() -> None:
        for dialog in QApplication.topLevelWidgets():
            if isinstance(dialog, QProgressDialog) and dialog.isVisible():
                buttons.append(sum(button.isVisible() for button in dialog.findChildren(QPushButton)))
                dialog.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(10)
    assert busy.while_waiting(sample, "Writing…", slowly, cancel=False) == 7
    assert buttons and set(buttons) == {0}


def test_slices_give_the_result_or_what_went_wrong(qapp: QApplication) -> None:
    def work(fails: bool) -> Generator[None, None, int]:
        for _ in range(5):
            yield
        if fails:
            raise CancelledError
        return 5

    parent = QWidget()
    assert in_slices(parent, "Counting…", work(False)) == 5 == finished(work(False))
    with pytest.raises(CancelledError):
        in_slices(parent, "Counting…", work(True))
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog) and w.isVisible()]
