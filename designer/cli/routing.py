"""The command route: what Gateways and Ingress controllers do with requests of a file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from designer.cli.asked_file import AskedRequest, RequestFile, read_requests
from designer.cli.commands import open_and_say
from designer.cli.opening import compiled, standard_input
from designer.cli.output import ANSWERED, UNUSABLE, complain, say, say_json, say_problems
from designer.engine.checks.unknownfields import fields_unknown
from designer.engine.l7.outcome import NO_STATUS, Answer
from designer.engine.l7.targets import Targets
from designer.present.route_rows import routes_json, routes_text

# Problems that bear on routing: those of Gateways, routes, Ingresses and their classes.
TOLD = ("GW-", "ING-")


def run_route(args: Namespace) -> int:
    """Print what becomes of each request; status 2 when the cluster or one of the requests cannot be read."""
    file = asked_requests(args.path, args.requests)
    if file.requests is None:
        return UNUSABLE
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    said = {(problem.code, problem.object, problem.field) for problem in opened.problems}
    say_problems(p for p in state.problems if p.code.startswith(TOLD) and (p.code, p.object, p.field) not in said)
    say_problems(p for p in fields_unknown(state) if p.code.startswith(TOLD))
    targets = Targets(state.project, state.control, state.routes, state.gateways)
    answers = [(one.id, _answer(targets, one)) for one in file.requests]
    if args.output == "json":
        say_json(routes_json(answers, state.gateways))
    else:
        say(routes_text(answers, state.gateways))
    return UNUSABLE if file.wrong else ANSWERED


def _answer(targets: Targets, one: AskedRequest) -> Answer:
    """The answer; a request that cannot be read gets none, in its place."""
    if one.asked is None:
        return Answer(NO_STATUS, f"The request cannot be read: {one.problem}")
    return targets.answer(one.target, one.asked)


def asked_requests(path: str, file: str) -> RequestFile:
    """The requests of `file` (``-`` for standard input), after saying what is wrong with it."""
    if file == "-" and path == "-":
        complain("Standard input can be read once only: give the cluster or the requests as a file.")
        return RequestFile(None)
    try:
        data = standard_input() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        complain(f"--requests {file} cannot be read: {getattr(error, 'strerror', None) or error}.")
        return RequestFile(None)
    found = read_requests(data, "standard input" if file == "-" else file)
    for text in (*found.wrong, *found.notes):
        complain(text)
    return found
