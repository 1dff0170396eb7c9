"""What the panels' tests share: real sessions, and each panel built as the window builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.engine.trace import Request, trace
from designer.model import EMPTY_PROJECT, Problem, Project
from designer.resources import resource_path
from designer.session import Session
from designer.storage import open_file
from designer.ui.bridge.player import Player
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.kit.style import apply_theme
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import LIGHT
from designer.ui.panels.live import LivePanel


@dataclass
class Desk:
    """A session with the objects that panels share, and what was announced on them."""

    session: SessionBridge
    selection: Selection
    player: Player
    qtbot: QtBot
    failed: list[tuple[Problem, ...]] = field(default_factory=list)
    revealed: list[str] = field(default_factory=list)

    @property
    def project(self) -> Project:
        return self.session.project

    def panel(self, kind: type[LivePanel], width: int = 1280, height: int = 230) -> Any:
        """A panel on the screen, its background work done."""
        made = kind(self.session, self.selection, self.player)
        self.qtbot.addWidget(made)
        made.resize(width, height)
        made.show()
        self.settle(made)
        return made

    def settle(self, panel: Any) -> None:
        """Wait for the panel's background work and for its result to arrive."""
        if hasattr(panel, "wait"):
            assert panel.wait()
            # The result arrives as an event of its own.
            self.qtbot.waitUntil(lambda: not panel._jobs.busy)
        QApplication.processEvents()

    def ask(self, source: str, destination: str) -> None:
        self.player.load(trace(self.session.state, Request(source, destination)))


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    # Dressing the application is slow: only when another test left it otherwise.
    if current_theme() is not LIGHT or not qapp.styleSheet():
        apply_theme(qapp, "light")
    yield qapp


@pytest.fixture
def desk_of(qtbot: QtBot) -> Callable[[Project], Desk]:
    def make(project: Project) -> Desk:
        desk = Desk(SessionBridge(Session(project)), Selection(), Player(), qtbot)
        desk.session.failed.connect(desk.failed.append)
        desk.selection.reveal.connect(desk.revealed.append)
        return desk

    return make


@lru_cache
def sample(name: str) -> Project:
    opened = open_file(resource_path("samples", f"{name}.cnd")).project
    assert opened is not None
    return opened


@pytest.fixture
def shop(desk_of: Callable[[Project], Desk]) -> Desk:
    """The three-tier shop: policies, a NodePort, a headless Service."""
    return desk_of(sample("shop"))


@pytest.fixture
def broken(desk_of: Callable[[Project], Desk]) -> Desk:
    """The cluster with faults to find."""
    return desk_of(sample("broken"))


@pytest.fixture
def empty(desk_of: Callable[[Project], Desk]) -> Desk:
    """A project without any object."""
    return desk_of(EMPTY_PROJECT)
