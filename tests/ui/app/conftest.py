"""A whole window for each test, with settings and journal of its own, closed without questions at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.ui.app import choosing
from designer.ui.app.settings import Settings
from designer.ui.app.window import MainWindow
from designer.ui.kit.style import apply_theme
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import LIGHT

MakeWindow = Callable[[], MainWindow]


@pytest.fixture
def make_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWindow]:
    """Makes windows that share one settings file and one journal folder, as starts of the program do."""
    monkeypatch.setattr(choosing, "what_with_changes", lambda parent, name: "discard")
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(Settings(tmp_path / "settings.ini"), tmp_path / "journal")
        window.resize(1280, 800)
        window.show()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    qtbot.wait(1)
    app = QApplication.instance()
    if current_theme() is not LIGHT and isinstance(app, QApplication):
        apply_theme(app, LIGHT)  # the next test begins as the program does where nobody has chosen


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """A window with an empty project."""
    return make_window()


@pytest.fixture
def sample(make_window: MakeWindow) -> MainWindow:
    """A window as the first start shows it."""
    window = make_window()
    window.start(None)
    return window
