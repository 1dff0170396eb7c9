"""The commands trace and scenarios: one request in every form, and all saved ones against what is expected of them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson

from designer.cli.asked_file import TOKEN
from designer.cli.commands import hides_objects, open_and_say, say_refused
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_bytes, say_json, say_pieces, say_problems
from designer.engine.compile import ClusterState
from designer.engine.trace.ask import ask
from designer.engine.trace.expectations import answer_scenarios
from designer.engine.trace.hops import Request, TraceResult
from designer.model import VERDICTS
from designer.present.pcapng import trace_pcapng
from designer.present.scenario_rows import scenarios_json, scenarios_text
from designer.present.trace_csv import trace_csv
from designer.present.trace_html import trace_html
from designer.present.trace_mermaid import trace_mermaid
from designer.present.trace_rows import trace_json, trace_text
from designer.session.staged import trace_when_enforced

Form = Callable[[TraceResult, ClusterState], "str | bytes"]


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


# What --output may be, and what makes it.
FORMS: Final[dict[str, Form]] = {
    "text": lambda result, state: trace_text(result, trace_when_enforced(state, result.request)) + "\n",
    "json": lambda result, state: _json(trace_json(result, trace_when_enforced(state, result.request))),
    "csv": lambda result, _state: trace_csv(result),
    "html": lambda result, _state: trace_html(result),
    "mermaid": lambda result, _state: trace_mermaid(result),
    "pcapng": trace_pcapng,
}


def run_trace(args: Namespace) -> int:
    """Follow one request; status 1 when its verdict is not the expected one, 2 when the input may hide another."""
    if args.output == "pcapng" and not args.out and sys.stdout is not None and sys.stdout.isatty():
        complain("A capture is no text: give -o FILE.pcapng, or send standard output to a file.")
        return UNUSABLE
    headers = _headers(args)
    if headers is None:
        return UNUSABLE
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    say_refused(opened, state)
    request = Request(args.source, args.destination, args.protocol.upper(), method=args.method.upper(), headers=headers)
    result, problems = ask(state, request)
    if result is None:
        say_problems(problems)
        return UNUSABLE
    if not _given(FORMS[args.output](result, state), args.out):
        return UNUSABLE
    if args.expect and (result.verdict != args.expect or result.mixed):
        got = VERDICTS[result.verdict] + (" on some ways only" if result.mixed else "")
        complain(f"Expected {VERDICTS[args.expect]}, got {got}.")
        return FAILED
    if args.expect and hides_objects(opened):
        complain(f"Expected {VERDICTS[args.expect]}: not sure, because a part of the input could not be read (above).")
        return UNUSABLE
    return ANSWERED


def _given(answer: str | bytes, out: str | None) -> bool:
    """Whether the answer went to the file `out`, or to standard output where that is None."""
    data = answer.encode() if isinstance(answer, str) else answer
    if out in (None, "-"):
        if isinstance(answer, str):
            say_pieces((answer,))
        else:
            say_bytes(answer)
        return True
    try:
        Path(out or "").write_bytes(data)
    except OSError as error:
        complain(f"{out} could not be written: {error.strerror or error}. Choose a file that you may write to.")
        return False
    complain(f"Wrote {out}.")
    return True


def _headers(args: Namespace) -> tuple[tuple[str, str], ...] | None:
    """The headers that are given; None, after saying why, where one has no form of a header."""
    found: list[tuple[str, str]] = []
    for text in args.header:
        name, colon, value = text.partition(":")
        if not colon or not TOKEN.fullmatch(name.strip()):
            complain(f"--header {text!r}: write NAME:VALUE, for example --header 'X-Canary: always'.")
            return None
        found.append((name.strip(), value.strip()))
    return tuple(found)


def run_scenarios(args: Namespace) -> int:
    """Ask every saved request; status 1 when one ends otherwise than expected, 2 when the input may hide that."""
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    state = compiled(opened.project)
    say_refused(opened, state)
    if not state.project.scenarios:
        complain(
            "The project has no saved requests: save some in the window (Ctrl+Alt+S), with what you expect of them."
        )
        return UNUSABLE
    answers = answer_scenarios(state)
    if args.output == "json":
        say_json(scenarios_json(answers))
    else:
        say(scenarios_text(answers))
    if not all(each.good for each in answers):
        return FAILED
    if hides_objects(opened):
        complain("Not sure, because a part of the input could not be read (above).")
        return UNUSABLE
    return ANSWERED
