"""PATH arguments → a compiled cluster: a project file, manifest files, folders, or ``-`` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane import allocate
from designer.engine.controlplane.sources import source_line
from designer.manifests import read_paths, refused_problems, unfollowed_problems, unused_problems
from designer.manifests.report import ImportReport
from designer.model import Problem, Project
from designer.storage import decode, holds_project, is_project, open_file


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened: the project with its addresses, the report of an import (None for a project file), problems.

    `project` is None when nothing could be read.
    """

    project: Project | None
    report: ImportReport | None
    problems: tuple[Problem, ...]


def open_paths(paths: Sequence[str]) -> Opened:
    """The project behind `paths`: one project file, or any number of manifest files, folders and ``-``.

    A project is known by its content, so that a backup (``.cnd.bak``) and a project on standard input open too.
    """
    if "" in paths:
        return Opened(None, None, (_empty_path(),))
    stdin = b""
    if "-" in paths:
        try:
            stdin = standard_input()
        except OSError as error:
            return Opened(None, None, (_no_input(error),))
    projects = [path for path in paths if _holds_project(path, stdin)]
    if projects and len(paths) > 1:
        return Opened(None, None, (_mixed(projects[0]),))
    if projects == ["-"]:
        project, problems = decode(stdin, "standard input")
        return _allocated(_told(Opened(project, None, problems)))
    if projects:
        opened = open_file(Path(projects[0]))
        return _allocated(_told(Opened(opened.project, None, opened.problems)))
    result = read_paths([path if path == "-" else Path(path) for path in paths], stdin=stdin)
    readable = any(entry.kind in ("read", "folded", "set", "kept") for entry in result.report.entries)
    return _allocated(Opened(result.project if readable else None, result.report, result.problems))


def standard_input() -> bytes:
    """Everything on standard input; nothing where it was closed (``<&-``). Raises OSError when it cannot be read."""
    return b"" if sys.stdin is None else sys.stdin.buffer.read()


def _holds_project(path: str, stdin: bytes) -> bool:
    """Whether a path, or ``-`` for what was read of standard input, leads to a project file."""
    return is_project(stdin) if path == "-" else holds_project(path)


def _told(opened: Opened) -> Opened:
    """`opened` with what an import of the project's kept objects had said about them."""
    project = opened.project
    if project is None:
        return opened
    said = {problem.object for problem in opened.problems}
    refused = [p for p in refused_problems(project.foreign, project.provenance) if p.object not in said]
    unused = unused_problems(project.foreign, project.provenance)
    unfollowed = unfollowed_problems(project.foreign, project.provenance)
    return replace(opened, problems=(*opened.problems, *refused, *unused, *unfollowed))


def _allocated(opened: Opened) -> Opened:
    if opened.project is None:
        return opened
    ledger, problems = allocate(opened.project)
    project = replace(opened.project, ledger=ledger)
    return replace(opened, project=project, problems=(*opened.problems, *(_placed(project, p) for p in problems)))


def _placed(project: Project, problem: Problem) -> Problem:
    """A problem of the allocation with the place of its object, as compiling gives it to the same problem."""
    if problem.file or not problem.object:
        return problem
    file, line = source_line(project, problem.object, problem.field)
    return replace(problem, file=file, line=line)


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


def _empty_path() -> Problem:
    return Problem(
        code="CLI-02",
        severity="error",
        title="A path is empty",
        why="An empty path often comes of a variable that is not set.",
        fix="Give a project, a manifest file, a folder, or - for standard input.",
    )


def _no_input(error: OSError) -> Problem:
    return Problem(
        code="CLI-03",
        severity="error",
        title=f"Standard input cannot be read: {error.strerror or error}",
        fix="Give a file or a folder, or send a file: cluster-designer check - < FILE",
    )
