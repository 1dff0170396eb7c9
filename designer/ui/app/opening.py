"""Reading what a person wants to open or import, and working it out: plain functions for a thread of their own.

A project file, manifest files, or folders of them; then addresses, the cluster, and the bytes that a journal begins
with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, cast

from designer.engine.reporter import SILENT, CancelledError
from designer.model import WORKLOAD_KINDS, ClusterSettings, Problem, Project, replicas_of
from designer.storage import Encoded, Opened, Recovered, RecoveryInfo

if TYPE_CHECKING:
    from designer.edits.edit import Edit
    from designer.engine.compile import ClusterState
    from designer.engine.reporter import Reporter
    from designer.manifests import ImportResult
    from designer.model.workloads import AnyWorkload
    from designer.ui.canvas.beforehand import Beforehand

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
    """A project with its addresses handed out, its compiled state, how long compiling took, its file's bytes, and what
    the canvas makes of it."""

    project: Project
    state: ClusterState
    took_ms: float
    encoded: Encoded
    drawn: Beforehand


# What a person reads while each pass of the compilation runs.
_STEPS = {
    "allocation": "Checking addresses",
    "control": "Working out Pods and Services",
    "cni": "Setting up the network plugin",
    "policies": "Reading policies",
    "routes": "Reading Ingresses",
    "gateways": "Reading Gateways and routes",
    "problems": "Looking for problems",
}


# The steps before and after the passes of the compilation.
_AROUND = 3


class _Told:
    """A reporter of the compilation that tells its passes in a person's words, among the steps around them."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def step(self, name: str, done: int, total: int) -> None:
        """Take note that a pass begins; raises what the reporter raises."""
        self._reporter.step(_STEPS.get(name, "Working out the cluster"), done + 1, total + _AROUND)


def prepare(project: Project, reporter: Reporter = SILENT) -> Prepared | None:
    """What a session would work out of a project, for a thread of its own; None where that breaks down.

    The session then meets the same defect, and tells it. Raises `CancelledError` where `reporter` does.
    """
    from designer.engine.compile import PASSES, compile_project
    from designer.session.compiler import engine_allocate
    from designer.storage import Encoder
    from designer.ui.canvas.beforehand import beforehand

    try:
        steps = len(PASSES) + _AROUND
        reporter.step("Handing out addresses", 0, steps)
        ledger, _ = engine_allocate(project)
        ready = project if ledger is project.ledger else replace(project, ledger=ledger)
        started = perf_counter()
        state = compile_project(ready, None, _Told(reporter))
        took = (perf_counter() - started) * 1000
        reporter.step("Drawing the cluster", len(PASSES) + 1, steps)
        drawn = beforehand(state)
        reporter.step("Preparing the recovery journal", len(PASSES) + 2, steps)
        encoded = Encoder().encoded(ready)
    except CancelledError:
        raise
    except Exception:  # the same happens in the session, whose words a person reads
        return None
    return Prepared(ready, state, took, encoded, drawn)


def open_prepared(path: Path, reporter: Reporter = SILENT) -> tuple[Opened, Prepared | None]:
    """What a project file holds, and what a session would work out of it; None where nothing could be read or done."""
    from designer.storage import open_file

    opened = open_file(path)
    return opened, None if opened.project is None else prepare(opened.project, reporter)


def recover_prepared(info: RecoveryInfo, reporter: Reporter = SILENT) -> tuple[Recovered, Prepared | None]:
    """What a dead window's journal leads to, and what a session would work out of it."""
    from designer.storage import recover

    found = recover(info.journal)
    return found, None if found.project is None else prepare(found.project, reporter)


def merge_prepared(
    project: Project, other: Project, label: str, reporter: Reporter = SILENT
) -> tuple[Edit, Prepared | None]:
    """The edit that puts everything of `other` into `project`, and what a session would work out after it."""
    from designer.edits.combine import combine

    edit = combine(project, other, label)
    return edit, prepare(edit.project, reporter)


# Objects and Pods of which a session works out the difference in less than a tenth of a second.
FEW = 500


def is_much(project: Project) -> bool:
    """Whether a project brings so much that working it out would make the window stand still."""
    workloads = (cast("AnyWorkload", found) for kind in WORKLOAD_KINDS for found in project.of(kind))
    wanted = sum(map(replicas_of, workloads))
    return sum(map(len, project.objects.values())) + max(wanted, len(project.ledger.pods)) > FEW


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
