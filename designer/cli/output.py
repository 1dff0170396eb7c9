"""How the command line answers: exit statuses, JSON on standard output, messages on standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from typing import Any

import orjson

from designer.model import Problem
from designer.present.problem_rows import problem_text

ANSWERED = 0
FAILED = 1
UNUSABLE = 2


class OutputError(Exception):
    """Standard output does not take the answer; the message says why."""


def say(text: str) -> None:
    """Print `text` to standard output.

    A reader that went away (``| head``) has what it wanted: the command carries on, so that its work is done and its
    exit status is the answer. Raises OutputError when the output cannot be written for any other reason.
    """
    say_pieces((text if text.endswith("\n") else text + "\n",))


def say_pieces(pieces: Iterable[str]) -> None:
    """Print `pieces` as they are, one after another, in the same way: a big answer is never whole in memory."""
    if sys.stdout is None:  # closed before the program started (``>&-``)
        raise OutputError("standard output is closed")
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        raise OutputError(error.strerror or str(error)) from None


def say_bytes(data: bytes) -> None:
    """Send `data` to standard output as it is. Raises OutputError where nothing takes it."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        raise OutputError("standard output takes no bytes")
    try:
        sys.stdout.flush()
        stream.write(data)
        stream.flush()
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        raise OutputError(error.strerror or str(error)) from None


def drop_output() -> None:
    """Let everything that still goes to standard output vanish, what Python itself writes at exit included."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def complain(text: str) -> None:
    """Print `text` to standard error; where nobody takes it, the exit status has to speak alone."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text + "\n")


def say_json(value: Any) -> None:
    """Print `value` as JSON with sorted keys, two spaces of indent and a final newline."""
    say(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode())


def say_problems(problems: Iterable[Problem], *, least: str = "warning") -> None:
    """Print problems of at least this severity to standard error, errors first."""
    order = ("error", "warning", "info")
    for problem in sorted(problems, key=lambda found: found.sort_key):
        if order.index(problem.severity) <= order.index(least):
            complain(problem_text(problem))
