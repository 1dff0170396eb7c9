"""The question and its answer: what to change so that a connection becomes possible, or impossible."""

from __future__ import annotations

from dataclasses import replace

from designer.engine.compile import ClusterState
from designer.engine.repair.cutting import cut_pair
from designer.engine.repair.ends import Directory, End, Target, Unclear, find_source, find_target
from designer.engine.repair.flows import flows_of, passing
from designer.engine.repair.opening import allow_only, named_in_vain, open_pair
from designer.engine.repair.proposal import Question, Repair, Wanted
from designer.engine.trace.hops import Request
from designer.engine.trace.request import parse_request
from designer.model import Problem


def repair_request(state: ClusterState, source: str, destination: str, wanted: Wanted, protocol: str = "TCP") -> Repair:
    """The answer to a request as a person types it; what cannot be understood is a problem in it.

    Sources are ``cart``, ``shop/cart[Deployment]``, ``203.0.113.7``; destinations ``redis:6379``, ``10.0.0.1:53/udp``.
    """
    request = Request(source.strip(), destination.strip(), protocol)
    parsed, problems = parse_request(request)
    if parsed is None:
        return _not_understood(wanted, source, destination, problems)
    directory = Directory.of(state)
    try:
        start = find_source(directory, source)
        target = find_target(directory, start, parsed)
    except Unclear as unclear:
        return _not_understood(wanted, source, destination, (unclear.problem,))
    return _answer(state, directory, start, target, wanted, request)


def repair(state: ClusterState, source: str, destination: str, protocol: str, port: int, wanted: Wanted) -> Repair:
    """The answer for two ends and the port of the destination's container, without a request that would be traced.

    The ends are named as the matrix names them, or as a person does.
    """
    directory = Directory.of(state)
    try:
        start = find_source(directory, source)
        end = find_source(directory, destination)
    except Unclear as unclear:
        return _not_understood(wanted, source, destination, (unclear.problem,))
    return _answer(state, directory, start, Target(end, protocol, (port,)), wanted, None)


def _not_understood(wanted: Wanted, source: str, destination: str, problems: tuple[Problem, ...]) -> Repair:
    return Repair(wanted, source, destination, problems=problems)


def _answer(
    state: ClusterState, directory: Directory, source: End, target: Target, wanted: Wanted, request: Request | None
) -> Repair:
    flows = flows_of(state.policies, source, target)
    question = Question(state, source, target, flows, wanted, request)
    answer = Repair(wanted, source.text, target.text, now=question.said())
    why = _no_question(source, target, bool(flows))
    if why:
        return replace(answer, reasons=(why,))
    now = passing(state.policies, flows)
    if all(one is question.open for one in now) and not (question.open and named_in_vain(question)):
        against = question.contradiction(state)
        only = allow_only(question, directory) if question.open and not against else None
        return replace(answer, already=not against, reasons=(against,) if against else (), only=only)
    solve = open_pair if question.open else cut_pair
    options, reasons = solve(question, directory)
    return replace(answer, options=options, reasons=() if options else reasons)


def _no_question(source: End, target: Target, any_flow: bool) -> str:
    """Why no policy has a say in this connection at all, "" where one may."""
    if not source.pods and not target.end.pods:
        return "Neither end is a Pod of this cluster: its policies do not see this connection"
    if not any_flow and source.pods and target.end.pods:
        return "It is one Pod: a Pod can always reach itself, no policy is asked"
    if not any_flow:
        return "The two ends have no IP version in common"
    return ""
