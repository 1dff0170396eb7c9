"""A request followed through a cluster: every hop of it and of its reply, each with what decided and why."""

from designer.engine.trace.hops import (
    HOP_KINDS,
    Branch,
    Evidence,
    Header,
    Hop,
    Path,
    Request,
    Trace,
    TraceResult,
)
from designer.engine.trace.request import Parsed, parse_request
from designer.engine.trace.tracer import trace

__all__ = [
    "HOP_KINDS",
    "Branch",
    "Evidence",
    "Header",
    "Hop",
    "Parsed",
    "Path",
    "Request",
    "Trace",
    "TraceResult",
    "parse_request",
    "trace",
]
