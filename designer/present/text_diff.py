"""The difference of two texts as lines with signs, a few unchanged lines round each change."""

from __future__ import annotations

from difflib import unified_diff

# Unchanged lines that are shown round a change.
CONTEXT = 3


def diff_lines(before: str | None, after: str | None) -> tuple[str, ...]:
    """The lines of a unified diff without its two header lines; None is a file that is not there."""
    old, new = (before or "").splitlines(), (after or "").splitlines()
    return tuple(unified_diff(old, new, lineterm="", n=CONTEXT))[2:]


def diff_counts(before: str | None, after: str | None) -> tuple[int, int]:
    """How many lines come and how many go."""
    lines = diff_lines(before, after)
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
