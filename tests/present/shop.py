"""The sample "A shop in three tiers", compiled once, and its answers."""

from __future__ import annotations

from functools import lru_cache

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, TraceResult
from designer.engine.trace.ask import ask
from designer.resources import resource_path
from designer.storage import open_file


@lru_cache
def state_of(name: str = "shop") -> ClusterState:
    opened = open_file(resource_path("samples", f"{name}.cnd")).project
    assert opened is not None
    return compile_project(opened)


def answer(request: Request, name: str = "shop") -> TraceResult:
    result, problems = ask(state_of(name), request)
    assert result is not None, problems
    return result
