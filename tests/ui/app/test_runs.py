"""Runs in a whole window: exported in every form, predicted before they are played, saved and drawn at once."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImageReader
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.scenarios import expect_of_scenario
from designer.engine.trace.hops import Path as Way
from designer.present.run_forms import RUN_FORMS
from designer.resources import resource_path
from designer.ui.app import choosing
from designer.ui.app.conditions import why_not
from designer.ui.app.run_export import FORMS
from designer.ui.app.window import MainWindow
from designer.ui.kit import motion
from designer.ui.panels.requests_panel import RequestsPanel
from designer.ui.panels.trace_panel import TracePanel
from tests.present.pcapng_reader import read
from tests.present.test_trace_exports import Page, read_mermaid

DENIED = "4. The web tier must not reach the data"
WEB = "2. The web tier calls the logic"


@pytest.fixture
def shop(sample: MainWindow) -> MainWindow:
    sample.files.open_paths([resource_path("samples", "shop.cnd")])
    sample.make_all()
    return sample


def trigger(window: MainWindow, action: str) -> None:
    assert window.action_set.actions[action].isEnabled()
    window.action_set.actions[action].trigger()


def run(window: MainWindow, name: str) -> None:
    assert window.tracing.ask_scenario(window.shell.bridge.project.scenarios[name])


def is_asking(window: MainWindow) -> bool:
    return window.shell.prediction.asking


def shown_verdict(window: MainWindow) -> str:
    result = window.shell.player.result
    return result.verdict if result is not None else ""


def drawn(window: MainWindow) -> list[str]:
    return [each.name for each in window.shell.overlays.shown]


def asked_for(window: MainWindow) -> str:
    held = window.shell.prediction.held
    return held.request.destination if held is not None else ""


def courses(window: MainWindow) -> int:
    assert window.overlay_layer is not None
    return len(window.overlay_layer.courses)


def exported(window: MainWindow, form: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(choosing, "file_to_save", lambda *_args: path)
    window.action_set.refresh()
    trigger(window, f"sim.export.{form}")
    return path


def test_every_form_of_the_menu_can_be_written() -> None:
    assert [form for form, _words, _tip in RUN_FORMS] == list(FORMS)


def test_texts_and_packets_are_those_of_the_run(
    shop: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(shop, DENIED)
    assert read_mermaid(exported(shop, "mermaid", tmp_path / "a.mmd", monkeypatch).read_text("utf-8"))
    assert len(read(exported(shop, "pcapng", tmp_path / "a.pcapng", monkeypatch).read_bytes())[1]) == 2
    assert exported(shop, "csv", tmp_path / "a.csv", monkeypatch).read_text("utf-8").count("denied by policy,") == 7
    page = Page(exported(shop, "html", tmp_path / "a.html", monkeypatch).read_text("utf-8"))
    (image,) = [attrs for tag, attrs in page.tags if tag == "img"]
    assert str(image["src"]).startswith("data:image/png;base64,iVBOR")


def test_pictures_are_one_a_step(shop: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(shop, DENIED)
    exported(shop, "png", tmp_path / "run.png", monkeypatch)
    hops = len(shop.shell.player.hops)
    assert sorted(path.name for path in tmp_path.glob("run-*.png")) == [f"run-{at}.png" for at in range(1, hops + 1)]
    first, last = (QImageReader(str(tmp_path / f"run-{at}.png")).read() for at in (1, hops))
    assert first.size() == last.size() == QSize(960, 600)
    assert first != last


def test_the_animation_moves_and_ends(shop: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if b"gif" not in [bytes(each.data()) for each in QImageReader.supportedImageFormats()]:
        pytest.skip("this Qt has no GIF reader")
    run(shop, DENIED)
    reader = QImageReader(str(exported(shop, "gif", tmp_path / "run.gif", monkeypatch)))
    assert reader.imageCount() > len(shop.shell.player.hops)
    pictures = [reader.read() for _ in range(reader.imageCount())]
    assert all(picture.size() == QSize(960, 600) for picture in pictures)
    assert pictures[0] != pictures[-1]


def test_a_file_that_cannot_be_written_is_told(
    shop: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(shop, DENIED)
    exported(shop, "csv", tmp_path / "no" / "a.csv", monkeypatch)
    assert "could not be written" in shop.messages.toast.message()


def test_a_guess_comes_before_the_trace_and_nothing_tells_the_answer(shop: MainWindow) -> None:
    shop.commands.simulate.clear()
    shop.shell.overlays.show([(WEB, _path(shop, WEB))])
    trigger(shop, "sim.predict")
    run(shop, DENIED)
    player = shop.shell.player
    assert is_asking(shop) and shown_verdict(shop) == ""
    assert shop.trace_layer is not None and shop.trace_layer.course is None
    assert not shop.request_bar.playing.badge.isVisible()
    assert drawn(shop) == [] and len(shop.shell.overlays.wanted) == 1
    assert shop.request_bar.request().destination == "db:5432"
    panel = cast("TracePanel", shop.bottom.panel("trace"))
    panel.predict.buttons["denied"].setChecked(True)
    panel.predict.see.click()
    assert panel.focusWidget() is panel.table
    assert shown_verdict(shop) == "denied" and player.playing and not is_asking(shop)
    assert panel.judged.message().startswith("✓ Right.")
    assert drawn(shop) == [WEB]
    run(shop, WEB)
    assert is_asking(shop)
    trigger(shop, "sim.predict")  # leaves
    assert shown_verdict(shop) == "delivered"
    run(shop, DENIED)
    assert not is_asking(shop)


def _path(window: MainWindow, name: str) -> Way:
    run(window, name)
    found = window.shell.player.paths[0]
    window.commands.simulate.clear()
    return found


def test_with_reduced_motion_nothing_plays_by_itself(shop: MainWindow) -> None:
    motion.set_reduced_motion(True)
    try:
        trigger(shop, "sim.predict")
        run(shop, DENIED)
        shop.shell.prediction.leave()
        assert shop.shell.player.result is not None and not shop.shell.player.playing
    finally:
        motion.set_reduced_motion(False)


def test_an_edit_while_a_guess_is_asked_changes_the_answer_unseen(shop: MainWindow) -> None:
    trigger(shop, "sim.predict")
    run(shop, DENIED)
    held = shop.shell.prediction.held
    shop.shell.selection.select(("NetworkPolicy:shop/frontend",))
    trigger(shop, "edit.delete")
    shop.shell.selection.select(("NetworkPolicy:shop/default-deny",))
    trigger(shop, "edit.delete")
    assert is_asking(shop) and shop.shell.player.result is None
    assert shop.shell.prediction.held is not None and shop.shell.prediction.held != held
    shop.files.open_paths([resource_path("samples", "first-steps.cnd")])
    assert asked_for(shop) != "db:5432"


def test_all_saved_requests_are_run_and_the_red_ones_counted(shop: MainWindow) -> None:
    shop.shell.bridge.apply(expect_of_scenario(shop.shell.bridge.project, DENIED, "delivered"))
    trigger(shop, "sim.requests")
    panel = cast("RequestsPanel", shop.bottom.panel("requests"))
    assert panel.wait()
    QApplication.processEvents()
    assert shop.bottom.is_in_front("requests")
    assert shop.bottom.tabText(shop.bottom.currentIndex()) == "Saved requests 1"
    panel.traced.emit(shop.shell.bridge.project.scenarios[DENIED])
    assert shop.bottom.is_in_front("trace")
    assert shop.shell.player.result is not None and shop.shell.player.result.verdict == "denied"


def test_two_saved_requests_are_compared_side_by_side(shop: MainWindow) -> None:
    scenarios = shop.shell.bridge.project.scenarios
    panel = cast("RequestsPanel", shop.bottom.panel("requests"))
    panel.compared.emit(scenarios[DENIED], scenarios["3. The logic calls the data"])
    trace = cast("TracePanel", shop.bottom.panel("trace"))
    assert trace.beside.isChecked() and shop.bottom.is_in_front("trace")
    assert "3. The logic calls the data" in trace.side.words.text()
    trigger(shop, "sim.beside")
    assert not trace.beside.isChecked()


def test_requests_on_the_canvas_go_with_their_project(shop: MainWindow) -> None:
    shop.shell.overlays.show([(WEB, _path(shop, WEB))])
    assert courses(shop) == 1
    shop.action_set.refresh()
    trigger(shop, "sim.off")
    assert courses(shop) == 0
    shop.shell.overlays.show([(WEB, _path(shop, WEB))])
    shop.files.open_paths([resource_path("samples", "first-steps.cnd")])
    assert shop.shell.overlays.wanted == ()


def test_select_all_and_copy_in_a_list_are_about_its_rows(shop: MainWindow) -> None:
    run(shop, DENIED)
    shop.activateWindow()
    panel = cast("TracePanel", shop.bottom.show_panel("trace"))
    shop.shell.selection.select(("Node:node-1",))
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(panel.table.selected_places()) == len(shop.shell.player.hops)
    assert shop.shell.selection.ids == ("Node:node-1",)
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == len(shop.shell.player.hops) and "frontend" in lines[0]


def loops(window: MainWindow) -> tuple[bool, bool]:
    return window.shell.player.loop, bool(window.shell.settings.get("trace/loop"))


def test_playing_again_and_again_is_chosen_in_the_bar(shop: MainWindow) -> None:
    bar, player = shop.request_bar.playing, shop.shell.player
    assert loops(shop) == (False, False)
    bar.speed.menu().aboutToShow.emit()
    bar.loop.trigger()
    assert loops(shop) == (True, True)
    bar.speed.menu().aboutToShow.emit()
    assert bar.loop.isChecked()
    run(shop, DENIED)
    player.play()
    player.seek(float(len(player.hops) - 1))
    player.advance(1_000)
    assert player.playing and player.index == 0  # begun again
    player.pause()
    bar.loop.trigger()
    assert loops(shop) == (False, False)


def streaming(window: MainWindow) -> int:
    assert window.stream_layer is not None
    return sum(len(crowd.points) for crowd in window.stream_layer.crowds())


def test_packets_stream_until_the_same_key_ends_it(shop: MainWindow, qtbot: QtBot) -> None:
    trigger(shop, "sim.clear")
    assert not shop.action_set.actions["sim.stream"].isEnabled()
    assert why_not(shop.shell, "ways") == "Trace a request first (Ctrl+T)."
    run(shop, WEB)
    shop.canvas.setFocus()
    QTest.keyClick(shop.canvas, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: streaming(shop) > 1)
    assert shop.action_set.actions["sim.stream"].isChecked()
    assert "Shift+F5" in shop.messages.toast.message()
    QTest.keyClick(shop.canvas, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert not streaming(shop)
    assert not shop.action_set.actions["sim.stream"].isChecked()


def test_with_reduced_motion_nothing_streams_and_the_message_says_so(shop: MainWindow, qtbot: QtBot) -> None:
    run(shop, WEB)
    trigger(shop, "sim.stream")
    qtbot.waitUntil(lambda: streaming(shop) > 0)
    shop.shell.settings.set("view/reducedMotion", True)
    assert not streaming(shop)
    trigger(shop, "sim.stream")
    assert not streaming(shop)
    assert "motion is reduced" in shop.messages.toast.message()
    shop.shell.settings.set("view/reducedMotion", False)


def test_a_stream_does_not_tell_what_a_person_is_asked(shop: MainWindow, qtbot: QtBot) -> None:
    run(shop, WEB)
    trigger(shop, "sim.stream")
    qtbot.waitUntil(lambda: streaming(shop) > 0)
    trigger(shop, "sim.predict")
    run(shop, DENIED)
    assert is_asking(shop)
    assert not streaming(shop)
