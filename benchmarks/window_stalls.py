"""How long the window's thread stands still: opening, importing and editing large clusters, and the canvas' own work.

Run from the root of the checkout: ``python -m benchmarks.window_stalls [--quick] [--large]``. The window is a real one
(without a display). A clock in its thread ticks every few milliseconds; the longest time between two ticks is the
stall, what a person would feel as a window that does not answer. `total` is from the wish to the last of it.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks import clusters
from benchmarks.measuring import peak_memory
from designer.edits.collapse import collapse
from designer.engine.compile import compile_project
from designer.model import ClusterSettings, Project
from designer.storage import save_file
from designer.ui.app import choosing
from designer.ui.app.collecting import pace_collector, pace_threads
from designer.ui.app.desktop import make_application
from designer.ui.app.settings import Settings
from designer.ui.app.window import MainWindow
from designer.ui.kit.style import apply_theme

TARGET_MS = 100.0
TICK_MS = 2
QUICK, LARGE = clusters.Size(50, 40, 50, 40, 40), clusters.Size(5000, 3000, 50, 2000, 200)
MIDDLE = clusters.Size(500, 300, 50, 300, 100)


class Ticks:
    """The longest time between two ticks of a clock that the window's thread drives."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.gaps: list[float] = []
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now

    def begin(self) -> None:
        """Nothing; counts from now on."""
        self.gaps, self._last = [], time.perf_counter()
        self._timer.start(TICK_MS)

    def end(self) -> list[float]:
        """The gaps in milliseconds, longest first."""
        self._tick()
        self._timer.stop()
        return sorted(self.gaps, reverse=True)


def settle(window: MainWindow, seconds: float = 20.0) -> None:
    """Nothing; waits until the picture is sharp and nothing is left to do."""
    end, calm = time.perf_counter() + seconds, 0
    while time.perf_counter() < end and calm < 20:
        QApplication.processEvents()
        time.sleep(0.005)
        calm = calm + 1 if window.canvas.canvas.resting else 0


def idle() -> None:
    """Nothing; waits until what runs beside the window has ended: the row before must not be in the next one."""
    calm, before = 0, time.process_time()
    while calm < 5:
        for _ in range(5):
            QApplication.processEvents()
            time.sleep(0.01)
        spent, before = time.process_time() - before, time.process_time()
        calm = calm + 1 if spent < 0.01 else 0


def measure(window: MainWindow, name: str, work: Callable[[], object]) -> None:
    """Prints one row."""
    settle(window)
    idle()
    ticks = Ticks()
    profile = cProfile.Profile() if os.environ.get("PROFILE", "\0") in name else None
    ticks.begin()
    begun = time.perf_counter()
    busy = time.process_time()
    if profile:
        profile.enable()
    work()
    done = (time.perf_counter() - begun) * 1000
    settle(window)
    if profile:
        profile.disable()
    gaps = ticks.end()
    spent = (time.process_time() - busy) * 1000
    good = "met" if gaps[0] <= TARGET_MS else "MISSED"
    figures = "".join(f"{figure:>10.0f}" for figure in (gaps[0], gaps[1] if len(gaps) > 1 else 0, done, spent))
    print(f"  {name:<44}{figures}{peak_memory():>9}   ≤ {TARGET_MS:.0f} ms  {good}", flush=True)
    if profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(90)


def write(folder: Path, size: clusters.Size) -> tuple[Path, Path]:
    """The manifests of a cluster of this size as a file, and it as a project file."""
    objects = clusters.manifests(size)
    manifests, saved = folder / "cluster.json", folder / "cluster.cnd"
    manifests.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    project = compile_project(clusters.project(size)).project
    save_file(saved, project)
    return manifests, saved


def table(folder: Path, size: clusters.Size, window: MainWindow) -> None:
    """Prints the rows of one size."""
    manifests, saved = write(folder, size)
    print(f"\n{size}\n  {'':<44}{'stall':>10}{'next':>10}{'total':>10}{'cpu':>10}{'peak MB':>9}   (milliseconds)")
    files, bridge, scene = window.files, window.shell.bridge, window.scene
    measure(window, "open a sample", lambda: files.open_sample("first-steps.cnd"))
    bridge.new(Project(cluster=ClusterSettings.model_validate(clusters.SETTINGS)))
    measure(window, "import manifests into a project", lambda: files.import_paths([manifests]))
    measure(window, "undo the import", lambda: bridge.undo())
    measure(window, "redo the import", lambda: bridge.redo())
    measure(window, "open manifests", lambda: files.open_paths([manifests]))
    measure(window, "open a project file", lambda: files.open_paths([saved]))
    measure(window, "save it", files.save)
    d, s = size.workloads // 2, size.services // 2

    def edit(obj: object, words: str) -> Callable[[], object]:
        from designer.edits.edit import Edit

        return lambda: bridge.apply(Edit(words, bridge.project.with_object(obj)))  # type: ignore[arg-type]

    measure(window, "one more Pod", edit(clusters.deployment(d, size.replicas + 1), "Scale"))
    measure(window, "… undone", bridge.undo)
    measure(window, "one Service edited", edit(clusters.service(s, 1000), "Port"))
    measure(window, "a workload's labels edited", edit(clusters.deployment(d, size.replicas, "mid"), "Label"))
    selection = window.shell.selection
    measure(window, "select a Node", lambda: selection.show("Node:node-7"))
    measure(window, "select a Service", lambda: selection.show(f"Service:ns{s % 20}/app-{s}"))
    measure(window, "select a workload", lambda: selection.show(f"Deployment:ns{d % 20}/app-{d}"))
    measure(window, "select nothing", selection.clear)
    for view in ("namespaces", "traffic", "nodes"):
        measure(window, f"view {view}", partial(scene.set_view, view))
    measure(window, "collapse a Namespace", lambda: bridge.apply(collapse(bridge.project, ["Namespace:ns3"])))
    layers(window)


def layers(window: MainWindow) -> None:
    """Prints the rows about layers."""
    from designer.edits.layers import add_layer, put_on_layer, show_layers

    bridge = window.shell.bridge
    measure(window, "make a layer", lambda: bridge.apply(add_layer(bridge.project, "one")))
    measure(
        window, "put Namespaces on it", lambda: bridge.apply(put_on_layer(bridge.project, ["Namespace:ns5"], "one"))
    )
    measure(window, "hide it", lambda: bridge.apply(show_layers(bridge.project, ["one"], False)))
    measure(window, "show it", lambda: bridge.apply(show_layers(bridge.project, ["one"], True)))


def main(arguments: list[str]) -> None:
    """Prints one table a size."""
    app = make_application()
    apply_theme(app, "light")
    choosing.what_with_changes = lambda *_: "discard"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        window = MainWindow(Settings(folder / "settings.ini"), folder / "journal")
        window.resize(1920, 1080)
        window.show()
        pace_collector(window.shell.bridge)
        pace_threads()
        window.start(None)
        window.make_all()
        sizes = (QUICK,) if "--quick" in arguments else (LARGE,) if "--large" in arguments else (QUICK, MIDDLE)
        for size in sizes:
            table(folder, size, window)
        window.close()


if __name__ == "__main__":
    main(sys.argv[1:])
