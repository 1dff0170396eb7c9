"""One real drag on a real display: a window manager, the mouse of xdotool, and the program's own drag and drop."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DISPLAY = ":92"
TOOLS = ("Xvfb", "openbox", "xdotool")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)} for a real mouse"),
]

WINDOW = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from designer.edits.create import create
from designer.model import Project
from designer.session import Session
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.gestures.controller import CanvasGestures
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.style import apply_theme
from designer.ui.panels.palette import PalettePanel

app = QApplication([])
apply_theme(app, "light")
session = SessionBridge(Session(create(Project(), "Node", at=(0.0, 0.0)).project))
selection, scene = Selection(), CanvasScene()
scene.show(session.state, session.project)
session.changed.connect(scene.reconcile)
view, palette = CanvasView(scene, selection), PalettePanel()
gestures = CanvasGestures(view, session, selection)
window = QWidget()
row = QHBoxLayout(window)
palette.setFixedWidth(200)
row.addWidget(palette)
row.addWidget(view, 1)
window.setWindowTitle("real drag")
window.setGeometry(60, 60, 1000, 600)

def tell(_change=None):
    button = next(b for b in palette.buttons if b.item.kind == "Pod")
    node = view.mapFromScene(scene.rect_of("Node:node-1").center())
    start = button.mapToGlobal(button.rect().center())
    end = view.viewport().mapToGlobal(node)
    kinds = {kind: [o.name for o in found.values()] for kind, found in session.project.objects.items()}
    pods = [[p.name, p.node] for p in session.state.control.pods.values()]
    print(json.dumps({"start": [start.x(), start.y()], "end": [end.x(), end.y()], "kinds": kinds, "pods": pods}))
    sys.stdout.flush()

session.changed.connect(tell)
window.show()
QTimer.singleShot(500, tell)
QTimer.singleShot(40000, app.quit)
app.exec()
"""


@pytest.fixture
def display() -> Iterator[dict[str, str]]:
    environment = {**os.environ, "DISPLAY": DISPLAY, "QT_QPA_PLATFORM": "xcb"}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", "1280x800x24", "-nolisten", "tcp"], stderr=quiet)
    time.sleep(1.0)
    if server.poll() is not None:
        pytest.skip(f"display {DISPLAY} is in use")
    manager = subprocess.Popen(["openbox"], env=environment, stdout=quiet, stderr=quiet)
    yield environment
    for process in (manager, server):
        process.terminate()
        process.wait(10)


def test_a_pod_dragged_from_the_palette_onto_a_node_runs_there(display: dict[str, str], tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = {**display, "PYTHONPATH": str(root)}
    program = subprocess.Popen(
        [sys.executable, "-c", WINDOW], env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert program.stdout is not None
        first = json.loads(program.stdout.readline())
        assert first["pods"] == []
        drag(display, first["start"], first["end"])
        second = json.loads(program.stdout.readline())
        assert second["pods"] == [["web", "node-1"]]
        assert second["kinds"]["Pod"] == ["web"]
    finally:
        program.terminate()
        program.communicate(timeout=10)


def drag(environment: dict[str, str], start: list[int], end: list[int]) -> None:
    def tool(*words: object) -> None:
        subprocess.run(["xdotool", *(str(word) for word in words)], env=environment, check=True, timeout=10)

    tool("mousemove", *start)
    time.sleep(0.2)
    tool("mousedown", 1)
    steps = 12
    for step in range(1, steps + 1):
        x, y = (round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True))
        tool("mousemove", x, y)
        time.sleep(0.03)
    time.sleep(0.3)
    tool("mouseup", 1)
