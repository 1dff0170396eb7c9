"""A problem: one finding, with where it is, why it matters and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding of import, load, allocation or the checker.

    `code` is stable (``SVC-01``, ``FILE-03``); `object` an object id or ""; `field` a path such as
    ``spec.ports[0].targetPort``; `title` says object and fact; `why` the rule behind it; `fix` what to do; `file` and
    `line` (1-based) where the input has them, "" and 0 elsewhere.
    """

    code: str
    severity: Severity
    title: str
    object: str = ""
    field: str = ""
    why: str = ""
    fix: str = ""
    file: str = ""
    line: int = 0

    @property
    def sort_key(self) -> tuple[int, str, str, str, str, int]:
        """Errors first, then by code, object and field."""
        return (SEVERITIES.index(self.severity), self.code, self.object, self.field, self.file, self.line)
