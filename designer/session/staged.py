"""The cluster as it would be with every staged policy enforced, beside the one that is."""

from __future__ import annotations

from designer.edits.staging import enforced, staged_ids
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request, TraceResult


def state_when_enforced(state: ClusterState) -> ClusterState | None:
    """The cluster with every staged policy in force; None where none is staged. It shares nothing with `state`."""
    if not staged_ids(state.project):
        return None
    return compile_project(enforced(state.project)[0])


def trace_when_enforced(state: ClusterState, request: Request) -> TraceResult | None:
    """What becomes of a request then; None where no policy is staged."""
    then = state_when_enforced(state)
    return None if then is None else ask(then, request)[0]
