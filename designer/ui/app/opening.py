"""Reading what a person wants to open or import: a project file, manifest files, or folders of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from designer.model import ClusterSettings, Problem, Project

if TYPE_CHECKING:
    from designer.engine.compile import ClusterState
    from designer.manifests import ImportResult

_UNDERSTOOD = ("read", "folded", "set", "kept")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of manifests: `result` is None when nothing could be taken from them; `problems` then say why."""

    result: ImportResult | None
    problems: tuple[Problem, ...]


def read_manifests(paths: Sequence[Path], into: ClusterSettings | None = None) -> Reading:
    """What the manifests hold; `into` are the settings of a project that they are to become part of."""
    from designer.manifests import read_paths  # late: the first window needs none of it

    if into is None:
        result = read_paths(list(paths))
    else:
        result = read_paths(list(paths), base=into, assuming=False)
    if any(entry.kind in _UNDERSTOOD for entry in result.report.entries):
        return Reading(result, result.problems)
    return Reading(None, result.problems or (_nothing(paths),))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A project with its addresses handed out, its compiled state, and how long compiling took."""

    project: Project
    state: ClusterState
    took_ms: float


def prepare(project: Project) -> Prepared | None:
    """What a session would work out of a project, for a thread of its own; None where that breaks down.

    The session then meets the same defect, and tells it.
    """
    from designer.session.compiler import engine_allocate, engine_compile

    try:
        ledger, _ = engine_allocate(project)
        ready = project if ledger is project.ledger else replace(project, ledger=ledger)
        started = perf_counter()
        state = engine_compile(ready, None)
    except Exception:  # the same happens in the session, whose words a person reads
        return None
    return Prepared(ready, state, (perf_counter() - started) * 1000)


def read_manifest_text(text: str, into: ClusterSettings) -> Reading:
    """What a text of manifests holds, to become part of a project with these settings."""
    from designer.manifests import read_texts

    result = read_texts([("clipboard", text)], base=into, assuming=False)
    if any(entry.kind in _UNDERSTOOD for entry in result.report.entries):
        return Reading(result, result.problems)
    return Reading(None, result.problems)


def _nothing(paths: Sequence[Path]) -> Problem:
    names = ", ".join(path.name for path in paths[:3])
    return Problem(
        "OPEN-01",
        "error",
        f"There is no Kubernetes object in {names}",
        why="The program opens projects (.cnd) and manifests (.yaml, .yml, .json), single files or folders of them.",
        fix="Choose another file or folder.",
    )
