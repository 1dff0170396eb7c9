"""Frames under a hand: real mouse events in a real window, each until what it changed is painted.

Run from the root of the checkout: ``python -m benchmarks.hand_frames [--quick | --large] [FRAMES]``. A frame is one
event of the mouse (a sixtieth of a second apart) and all that the window's thread does for it, panels included.
`processor` is that thread's own time: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks import clusters
from benchmarks.window_stalls import settle
from designer.engine.compile import compile_project
from designer.engine.trace import Request, trace
from designer.ui.app import choosing
from designer.ui.app.collecting import pace_collector, pace_threads
from designer.ui.app.desktop import make_application
from designer.ui.app.settings import Settings
from designer.ui.app.window import MainWindow
from designer.ui.bridge.overlays import MOST
from designer.ui.canvas import stream_layer
from designer.ui.kit.style import apply_theme

MEDIAN_TARGET, P95_TARGET, FRAME_S = 8.0, 16.0, 1 / 60
SMALL, LARGE = clusters.Size(20, 20, 100, 200, 200), clusters.Size(5000, 3000, 50, 2000, 200)
NODE = "Node:node-7"
Button = Qt.MouseButton
Move = QEvent.Type.MouseMove
Timed = tuple[float, float]


def send(
    target: QWidget, kind: QEvent.Type, at: QPoint, button: Button = Button.NoButton, held: Button = Button.NoButton
) -> None:
    """Nothing; one event of the mouse at a place of a widget."""
    there = QPointF(target.mapToGlobal(at))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QMouseEvent(kind, QPointF(at), there, button, held, keys))


def frames(acts: Sequence[Callable[[], object]]) -> list[Timed]:
    """Milliseconds on the clock and of the window's thread for each act, until what it changed is painted."""
    found = []
    for act in acts:
        begin, busy = time.perf_counter(), time.thread_time()
        act()
        QApplication.processEvents()
        found.append(((time.perf_counter() - begin) * 1000, (time.thread_time() - busy) * 1000))
        while time.perf_counter() - begin < FRAME_S:
            QApplication.processEvents()
    return found


def row(name: str, times: list[Timed], after: float = 0.0) -> None:
    """Print one line of the table; `after` is what letting the button go took."""
    clock, busy = (sorted(column) for column in zip(*times, strict=True))
    last = int(len(times) * 0.95)
    good = "met" if statistics.median(busy) <= MEDIAN_TARGET and busy[last] <= P95_TARGET else "MISSED"
    figures = "".join(f"{f:>8.1f}" for f in (statistics.median(busy), busy[last], busy[-1]))
    figures += "".join(f"{f:>8.1f}" for f in (statistics.median(clock), clock[last], clock[-1]))
    print(f"  {name:<34}{figures}{after:>9.0f}   ≤ {MEDIAN_TARGET:.0f} / {P95_TARGET:.0f} ms  {good}", flush=True)


class Hand:
    """A hand on the canvas of a window."""

    def __init__(self, window: MainWindow, count: int) -> None:
        self.window, self.view, self.count = window, window.canvas, count
        self.port = window.canvas.viewport()

    def measure(
        self, name: str, acts: Sequence[Callable[[], object]], release: Callable[[], object] | None = None
    ) -> None:
        """Print one line about these acts."""
        settle(self.window)
        profile = cProfile.Profile() if os.environ.get("PROFILE", "\0") in name else None
        if profile:
            profile.enable()
        times = frames(acts)
        after = frames([release])[0][1] if release is not None else 0.0
        if profile:
            profile.disable()
        row(name, times, after)
        if profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)

    def over(self, name: str) -> None:
        """The mouse goes to and fro over things."""
        places = [self._diagonal(n * 7 % self.count / self.count) for n in range(self.count)]
        self.measure(name, [lambda at=at: send(self.port, Move, at) for at in places])  # type: ignore[misc]

    def drag(self, name: str, start: QPoint, places: Sequence[QPoint], button: Button = Button.LeftButton) -> None:
        """A press, a move through places, and the button let go."""
        settle(self.window)
        send(self.port, QEvent.Type.MouseButtonPress, start, button, button)
        moves = [lambda at=at: send(self.port, Move, at, held=button) for at in places]
        self.measure(name, moves, lambda: send(self.port, QEvent.Type.MouseButtonRelease, places[-1], button))

    def band(self, name: str) -> None:
        """A rubber band from free ground over most of what is seen."""
        free = (QPoint(x, y) for y in range(50, self.port.height(), 9) for x in range(10, self.port.width(), 13))
        start = next((at for at in free if self.view.canvas.object_at(self.view.mapToScene(at)) is None), None)
        if start is None:
            print(f"  {name:<34}no free ground in sight")
            return
        end = QPoint(self.port.width() - 20, self.port.height() - 20)
        self.drag(name, start, [start + (end - start) * (n / self.count) for n in range(1, self.count + 1)])
        self.window.shell.selection.clear()

    def wheel(self, name: str, steps: int) -> None:
        """The wheel, notch by notch, over the middle."""
        at = QPointF(self.port.rect().center())
        there = QPointF(self.port.mapToGlobal(at.toPoint()))

        def turn() -> None:
            keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
            event = QWheelEvent(at, there, QPoint(), QPoint(0, steps), Button.NoButton, keys, phase, False)
            QApplication.sendEvent(self.port, event)

        self.measure(name, [turn] * self.count)

    def minimap(self, name: str) -> None:
        """The frame of the minimap dragged over it."""
        small = self.view.minimap
        if not small.isVisible():
            print(f"  {name:<34}no minimap at this zoom")
            return
        width, height = small.width() - 8, small.height() - 8
        places = [QPoint(4 + width * n // self.count, 4 + height * n // self.count) for n in range(self.count)]
        held = Button.LeftButton
        self.measure(name, [lambda at=at: send(small, Move, at, held=held) for at in places])  # type: ignore[misc]

    def playing(self, name: str) -> None:
        """A trace that is played, its token on the way."""
        state, player = self.window.shell.bridge.state, self.window.shell.player
        address = state.control.services["Service:ns1/app-1"].cluster_ips[0]
        player.load(trace(state, Request("Deployment:ns0/app-0", f"{address}:80")))
        settle(self.window)
        player.play()
        self.measure(name, [lambda: None] * self.count)
        player.load(None)

    def streaming(self) -> None:
        """The picture panned under eight drawn requests, without and with the packets that stream along them.

        They leave so near to each other here that there are as many under way as there ever can be.
        """
        state, shell = self.window.shell.bridge.state, self.window.shell
        services = [each for each in state.control.services.values() if each.cluster_ips][:MOST]
        asked = [(each.name, f"{each.cluster_ips[0]}:80") for each in services]
        found = [(name, trace(state, Request("Deployment:ns0/app-0", to)).trace.paths()) for name, to in asked]
        shell.overlays.show([(name, paths[0]) for name, paths in found if paths])
        middle = self.port.rect().center()
        ways = [middle + QPoint(3 * min(n, self.count - n), n) for n in range(1, self.count + 1)]
        self.drag("pan under eight requests", middle, ways, Button.MiddleButton)
        layer = self.window.stream_layer
        assert layer is not None
        with patch.object(stream_layer, "GAP", 1.0):
            shell.stream.run(True)
            shell.stream.gone = 1e6
            settle(self.window)
            under_way = sum(len(crowd.points) for crowd in layer.crowds())
            self.drag(f"… with {under_way} packets on top", middle, ways, Button.MiddleButton)
            self.measure(f"{under_way} packets, a picture that rests", [lambda: shell.stream.advance(16)] * self.count)
        shell.stream.run(False)
        shell.overlays.clear()

    def _diagonal(self, share: float) -> QPoint:
        width, height = self.port.width() - 80, self.port.height() - 160
        return QPoint(40 + round(width * share), 60 + round(height * share))


def table(hand: Hand, size: clusters.Size) -> None:
    """Print the rows of one size."""
    window, view, count = hand.window, hand.view, hand.count
    window.shell.bridge.new(compile_project(clusters.project(size)).project)
    settle(window)
    window.resize(window.width() + 1920 - hand.port.width(), window.height() + 1080 - hand.port.height())
    QApplication.processEvents()
    print(f"\n{size}; canvas of {hand.port.width()} × {hand.port.height()}")
    print(f"  {'':<34}{'processor: median, p95, worst':>24}{'clock: the same':>22}{'release':>11}   target")
    node = QRectF(view.canvas.stock.items[NODE].rect)
    for zoom in (0.0, 0.35, 1.0):
        if zoom:
            view.zoom_to(zoom)
            view.centre_on(node.center())
        else:
            view.zoom_to_fit(animated=False)
        at = f"at {view.zoom * 100:.0f} %" if view.zoom >= 0.1 else f"at {view.zoom * 100:.1f} %"
        hand.over(f"hover {at}")
        hand.band(f"rubber band {at}")
        header = view.mapFromScene(node.topLeft() + QPointF(node.width() * 0.7, 14))
        to_and_fro = [header + QPoint(4 * min(n, count - n), 2 * n) for n in range(1, count + 1)]
        hand.drag(f"drag a Node {at}", header, to_and_fro)
        assert window.shell.bridge.session.undo_label.startswith("Move Node"), "the drag did something else"
        window.shell.bridge.undo()
        middle = hand.port.rect().center()
        ways = [middle + QPoint(9 * min(n, count - n), 3 * n) for n in range(1, count + 1)]
        hand.drag(f"pan with the middle button {at}", middle, ways, Button.MiddleButton)
        hand.minimap(f"drag in the minimap {at}")
    view.zoom_to_fit(animated=False)
    hand.wheel("zoom in with the wheel", 20)
    hand.wheel("zoom out with the wheel", -20)
    view.zoom_to_fit(animated=False)
    hand.playing("play a trace")
    view.zoom_to_fit(animated=False)
    hand.streaming()
    for name in ("namespaces", "traffic", "nodes"):
        window.scene.set_view(name)
        times = frames([lambda: None] * 20)  # the picture glides to its new places
        row(f"glide to the view {name}", times)


def main(arguments: list[str]) -> None:
    """Print one table a size."""
    numbers = [int(found) for found in arguments if found.isdigit()]
    app = make_application()
    apply_theme(app, "light")
    choosing.what_with_changes = lambda *_: "discard"
    sizes = (SMALL,) if "--quick" in arguments else (LARGE,) if "--large" in arguments else (SMALL, LARGE)
    with tempfile.TemporaryDirectory() as made:
        window = MainWindow(Settings(Path(made) / "settings.ini"), Path(made) / "journal")
        window.resize(1920, 1080)
        window.show()
        pace_collector(window.shell.bridge)
        pace_threads()
        window.start(None)
        window.make_all()
        for size in sizes:
            table(Hand(window, numbers[0] if numbers else 100), size)
        window.close()


if __name__ == "__main__":
    main(sys.argv[1:])
