"""Traces of the samples' scenarios, the scenes that show them, and hops made by hand."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.trace import Header, Hop, Request, TraceResult
from designer.engine.trace.ask import ask
from designer.ui.canvas.scene import CanvasScene
from tests.ui.canvas.projects import sample_state


def scene_of(state: ClusterState, view: str = "nodes") -> CanvasScene:
    scene = CanvasScene()
    scene.set_view(view)
    scene.show(state)
    return scene


def traces(sample: str) -> list[TraceResult]:
    state = sample_state(sample)
    asked = (ask(state, Request(s.source, s.destination, method=s.method))[0] for s in state.project.scenarios.values())
    return [result for result in asked if result is not None]


def trace_of(sample: str, number: int) -> TraceResult:
    return traces(sample)[number]


def header(src: str = "10.244.1.5", dst: str = "10.96.0.10", dport: int = 80, **more: str) -> Header:
    return Header("TCP", src, 41822, dst, dport, **more)  # type: ignore[arg-type]


def hop(kind: str, at: str, **more: object) -> Hop:
    values: dict[str, object] = {"direction": "request", "place": at, "what": "", "before": None, "after": None}
    return Hop(kind=kind, at=at, reason="", **{**values, **more})  # type: ignore[arg-type]
