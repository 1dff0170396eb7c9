"""Frame times of the canvas while panning and zooming, at 2,000 and at 150,000 Pods, beside their targets.

Run: ``python benchmarks/canvas_frame.py [frames]``. Draws at 1920 × 1080 without a display, as a window would.
The column `cpu` is the median of the processor's time: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QApplication

from designer.engine.cni import profile_for
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointPortState,
    EndpointSliceState,
    EndpointState,
    NodeState,
    PodState,
    ServicePortState,
    ServiceState,
)
from designer.model import EMPTY_PROJECT, FrozenMap, Namespace, ObjectMeta, PodSpec, Project
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.fonts import load_fonts
from designer.ui.kit.style import apply_theme

MEDIAN_TARGET, P95_TARGET = 8.0, 16.0
NAMESPACES = ("shop", "payments", "search", "media", "login", "reports", "queue", "edge")


@dataclass(frozen=True)
class Size:
    """How large a cluster is."""

    nodes: int
    pods_each: int
    services: int

    @property
    def pods(self) -> int:
        """All Pods."""
        return self.nodes * self.pods_each


SIZES = (Size(20, 100, 200), Size(5000, 30, 10000))


def cluster(size: Size) -> ClusterState:
    """A state of that size, made directly: the control plane's own time is measured elsewhere."""
    spec, nodes, pods = PodSpec(), {}, {}
    for n in range(size.nodes):
        name = f"node-{n:04d}"
        cidr = f"10.{n // 250}.{n % 250}.0/24"
        nodes[name] = NodeState(name, (f"172.16.{n // 250}.{n % 250 + 1}",), (), (cidr,), zone=f"z{n % 3}")
        for p in range(size.pods_each):
            namespace = NAMESPACES[(n * 7 + p) % len(NAMESPACES)]
            pod = PodState(
                key=f"Deployment:{namespace}/app-{p}#{n}",
                namespace=namespace,
                name=f"app-{p}-7d4f9c-{n:05d}",
                node=name,
                ips=(f"10.{n // 250}.{n % 250}.{p + 2}",),
                labels=FrozenMap({"app": f"app-{p}"}),
                spec=spec,
                owner=f"Deployment:{namespace}/app-{p}",
                ready=(n + p) % 41 != 0,
            )
            pods[pod.id] = pod
    services, slices = _services(size, list(pods.values()))
    control = ControlPlaneState(
        FrozenMap(nodes), FrozenMap(dict(sorted(pods.items()))), FrozenMap(services), FrozenMap(slices)
    )
    project: Project = EMPTY_PROJECT.with_objects([Namespace(metadata=ObjectMeta(name=name)) for name in NAMESPACES])
    empty = compile_project(project)
    return ClusterState(
        project, control, profile_for(project.cluster), empty.policies, empty.routes, empty.gateways, ()
    )


def _services(
    size: Size, pods: list[PodState]
) -> tuple[dict[str, ServiceState], dict[str, tuple[EndpointSliceState, ...]]]:
    services, slices = {}, {}
    for s in range(size.services):
        namespace = NAMESPACES[s % len(NAMESPACES)]
        port = ServicePortState("http", "TCP", 80, 8080)
        service = ServiceState(namespace, f"svc-{s:05d}", "ClusterIP", (f"10.96.{s // 250}.{s % 250 + 1}",), (port,))
        behind = [pods[(s * 97 + e * 31) % len(pods)] for e in range(5)]
        endpoints = tuple(EndpointState(pod.ips, node=pod.node, pod=pod.id) for pod in behind)
        services[service.id] = service
        slices[service.id] = (
            EndpointSliceState(
                namespace,
                f"{service.name}-a",
                service.name,
                "IPv4",
                (EndpointPortState("http", "TCP", 8080),),
                endpoints,
            ),
        )
    return dict(sorted(services.items())), dict(sorted(slices.items()))


def rest(view: CanvasView) -> None:
    """Nothing; waits until the picture is sharp and the tiles round it are there, as when a hand rests."""
    end = time.perf_counter() + 3.0
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.002)
        if view.canvas.resting:
            return


Frame = tuple[float, float]


def frames(view: CanvasView, count: int, move: Callable[[int], None]) -> list[Frame]:
    """Milliseconds on the clock and of the processor that each of `count` frames took, each after one move."""
    times = []
    for frame in range(count):
        start, busy = time.perf_counter(), time.process_time()
        move(frame)
        view.viewport().repaint()
        times.append(((time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000))
        # What is left of a sixtieth of a second is the program's own, as under a hand that moves.
        while time.perf_counter() - start < 1 / 60:
            QApplication.processEvents()
    return times


def row(what: str, times: list[Frame]) -> str:
    """One line of the table."""
    ordered = sorted(clock for clock, _busy in times)
    median, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    busy = statistics.median(busy for _clock, busy in times)
    good = "met" if median <= MEDIAN_TARGET and p95 <= P95_TARGET else "MISSED"
    figures = "".join(f"{figure:>9.1f}" for figure in (median, p95, ordered[-1], busy))
    return f"{what:<34}{figures}   ≤ {MEDIAN_TARGET:.0f} / {P95_TARGET:.0f} ms  {good}"


def measure(app: QApplication, size: Size, count: int) -> None:
    """Prints the table of one size."""
    state = cluster(size)
    scene = CanvasScene()
    view = CanvasView(scene)
    view.resize(1920, 1080)
    view.show()
    start = time.perf_counter()
    scene.show(state)
    shown = (time.perf_counter() - start) * 1000
    app.processEvents()
    view.viewport().repaint()
    print(f"\n{size.nodes} Nodes, {size.pods} Pods, {size.services} Services; first shown in {shown:.0f} ms")
    print(f"{'':<34}{'median':>9}{'p95':>9}{'worst':>9}{'cpu':>9}   target")
    whole = view.whole()
    for zoom in (view.zoom, 0.1, 0.2, 0.35, 0.6, 1.0, 2.0):
        view.zoom_to(zoom)
        view.centre_on(QPointF(whole.right() - whole.width() / 3, whole.center().y()))
        app.processEvents()
        view.viewport().repaint()
        rest(view)
        times = frames(view, count, lambda frame: view.pan(9 if frame // 30 % 2 else -9, 3))
        print(row(f"pan at {zoom * 100:.1f} %", times))
    view.zoom_to_fit(animated=False)
    rest(view)
    factor = (1.5 / view.zoom) ** (1 / count)
    middle = QPointF(whole.right() - whole.width() / 3, whole.center().y())
    print(row("zoom from all to 150 %", frames(view, count, lambda _frame: view.zoom_to(view.zoom * factor, middle))))
    back = 1 / factor
    print(row("zoom back to all", frames(view, count, lambda _frame: view.zoom_to(view.zoom * back, middle))))
    gestures(view, count)
    print(f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    view.close()


def gestures(view: CanvasView, count: int) -> None:
    """Prints the rows about the hand on things: what a mouse that moves, a rubber band and a drag make the scene do."""
    scene, node = view.canvas, "Node:node-0007"
    for zoom in (0.35, 1.0):
        view.zoom_to(zoom)
        view.centre_on(scene.stock.items[node].rect.center())
        QApplication.processEvents()
        rest(view)
        seen = view.mapToScene(view.viewport().rect()).boundingRect()

        def point(frame: int, seen: QRectF = seen) -> QPointF:
            share = frame / count
            return QPointF(seen.left() + seen.width() * share, seen.top() + seen.height() * (share * 5 % 1))

        def hover(frame: int, point: Callable[[int], QPointF] = point) -> None:
            scene.set_marks(hovered=scene.object_at(point(frame)) or "")

        def select(frame: int, point: Callable[[int], QPointF] = point) -> None:
            scene.set_selected(filter(None, [scene.object_at(point(frame))]))

        def band(frame: int, point: Callable[[int], QPointF] = point) -> None:
            scene.set_selected(scene.ids_in(QRectF(point(0), point(frame)).normalized()))

        for name, move in (("hover", hover), ("select one by one", select), ("rubber band", band)):
            print(row(f"{name} at {zoom * 100:.0f} %", frames(view, count, move)))
        scene.set_selected(())
        times = frames(view, count, lambda frame: scene.shift((node,), QPointF(7 if frame // 30 % 2 else -7, 3)))
        print(row(f"drag a Node at {zoom * 100:.0f} %", times))
        scene.restore()


def main() -> None:
    """Prints one table a size."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    app = QApplication([])
    load_fonts()
    apply_theme(app, "light")
    for size in SIZES:
        measure(app, size, count)


if __name__ == "__main__":
    main()
