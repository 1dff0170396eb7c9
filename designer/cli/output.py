"""How the command line answers: exit statuses, JSON on standard output, messages on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import orjson

from designer.model import Problem
from designer.present.problem_rows import problem_text

ANSWERED = 0
FAILED = 1
UNUSABLE = 2


def say(text: str) -> None:
    """Print `text` to standard output."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def complain(text: str) -> None:
    """Print `text` to standard error."""
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
