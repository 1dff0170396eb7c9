"""PATH arguments → a compiled cluster: a project file, manifest files, folders, or ``-`` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane import allocate
from designer.manifests import read_paths
from designer.manifests.report import ImportReport
from designer.model import Problem, Project
from designer.storage import open_file

PROJECT_SUFFIX = ".cnd"


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened: the project with its addresses, the report of an import (None for a project file), problems.

    `project` is None when nothing could be read.
    """

    project: Project | None
    report: ImportReport | None
    problems: tuple[Problem, ...]


def open_paths(paths: Sequence[str]) -> Opened:
    """The project behind `paths`: one ``.cnd`` file, or any number of manifest files, folders and ``-``."""
    if len(paths) == 1 and paths[0].endswith(PROJECT_SUFFIX):
        opened = open_file(Path(paths[0]))
        return _allocated(Opened(opened.project, None, opened.problems))
    wrong = [path for path in paths if path.endswith(PROJECT_SUFFIX)]
    if wrong:
        return Opened(None, None, (_mixed(wrong[0]),))
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    result = read_paths([path if path == "-" else Path(path) for path in paths], stdin=stdin)
    readable = any(entry.kind in ("read", "folded", "set", "kept") for entry in result.report.entries)
    return _allocated(Opened(result.project if readable else None, result.report, result.problems))


def _allocated(opened: Opened) -> Opened:
    if opened.project is None:
        return opened
    ledger, problems = allocate(opened.project)
    return replace(opened, project=replace(opened.project, ledger=ledger), problems=(*opened.problems, *problems))


def compiled(project: Project) -> ClusterState:
    """The cluster that the project describes."""
    return compile_project(project)


def _mixed(path: str) -> Problem:
    return Problem(
        code="CLI-01",
        severity="error",
        title=f"{path}: a project file cannot be read together with other files",
        why="A project file is a whole cluster; manifests are parts of one.",
        fix=f"Give {path} alone, or export it first: cluster-designer export {path} -o FOLDER",
    )
