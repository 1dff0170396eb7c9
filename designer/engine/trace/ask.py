"""A request as a person gives it: traced when it can be understood, else the problem that says what to mend."""

from __future__ import annotations

from designer.engine.compile import ClusterState
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Request, TraceResult
from designer.engine.trace.origin import find_origin
from designer.engine.trace.request import parse_request
from designer.engine.trace.tracer import trace
from designer.model import Problem, Scenario


def ask(state: ClusterState, request: Request) -> tuple[TraceResult | None, tuple[Problem, ...]]:
    """The trace of `request`; None with problems when its source or destination cannot be understood.

    A destination that can be read but does not exist is no problem here: what becomes of it is the trace's answer.
    """
    _, problems = parse_request(request)
    if problems:
        return None, problems
    found = find_origin(Ground.of(state), request.source)
    if found.origin is None:
        fix = "Give a Pod, a workload, a Node, an external client or an address, such as default/web or node-1."
        return None, (Problem("REQ-02", "error", f"The source {request.source} is not clear", why=found.note, fix=fix),)
    return trace(state, request), ()


def scenario_request(scenario: Scenario) -> Request:
    """The request that a saved scenario stands for."""
    return Request(
        scenario.source, scenario.destination, method=scenario.method, headers=tuple(scenario.headers.items())
    )
