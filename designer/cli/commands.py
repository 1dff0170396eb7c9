"""The commands that need no window: import, export, tables, check."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from designer.cli.opening import Opened, compiled, open_paths
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_json, say_problems
from designer.engine.checks import check
from designer.engine.checks.unknownfields import fields_unknown
from designer.engine.compile import ClusterState
from designer.engine.kubeproxy import tables_text
from designer.engine.policy.compiled import REFUSED
from designer.manifests import export_for, losses, write_files
from designer.model import Problem, Project
from designer.present.problem_rows import problem_json, problems_text, refused_objects
from designer.present.report_text import report_text
from designer.session.exporting import exportable
from designer.storage import save_file

# Warnings of an import that bear on every answer, so that they stand beside each.
TOLD = frozenset(("READ-08", "READ-11", "READ-12", "READ-13", "READ-15", "READ-16"))
# Errors of an import behind which an object may hide that would change the answer. (READ-06 is none of them: what
# Kubernetes refuses is not in the cluster.)
HIDING = frozenset(("READ-00", "READ-01", "READ-02", "READ-03"))


def opened_or_none(paths: list[str]) -> Project | None:
    """The project behind `paths`; what could not be read is said on standard error, None when nothing could."""
    return open_and_say(paths).project


def open_and_say(paths: list[str]) -> Opened:
    """What `paths` hold; on standard error what could not be read and what bears on every answer."""
    opened = open_paths(paths)
    say_problems(p for p in opened.problems if p.severity == "error" or (p.severity == "warning" and p.code in TOLD))
    if opened.project is None:
        complain(f"Nothing could be read from {', '.join(paths)}.")
    return opened


def say_refused(opened: Opened, state: ClusterState) -> None:
    """Say what is not in the cluster because the API server refuses it, and fields that no such object has."""
    if opened.project is not None:
        say_problems(refused_objects(state.problems, opened.project, opened.problems))
        kept = opened.project.foreign
        say_problems(p for p in state.problems if p.code == REFUSED and p.object in kept)
    say_problems(fields_unknown(state))


def run_import(args: Namespace) -> int:
    """Read manifests, write a project file, print the report."""
    if args.out in ("", "-"):
        complain(f"-o {args.out or repr('')}: give the name of a file, such as cluster.cnd.")
        return UNUSABLE
    opened: Opened = open_paths(args.paths)
    say_problems(opened.problems)
    if opened.project is None:
        complain(f"Nothing could be read from {', '.join(args.paths)}; {args.out} was not written.")
        return UNUSABLE
    say_problems(refused_objects(compiled(opened.project).problems, opened.project, opened.problems))
    saved = save_file(Path(args.out), opened.project, force=True)
    if not saved.ok:
        say_problems(saved.problems)
        return UNUSABLE
    if opened.report is not None:
        say(report_text(opened.report, details=not args.quiet))
    say(f"Wrote {args.out}.")
    return ANSWERED


def run_export(args: Namespace) -> int:
    """Write a project's manifests into a folder; comments of files that are there already stay.

    Nothing is written, with status 2, where a file holds an object that the project does not have, but with --force.
    """
    project = opened_or_none([args.path])
    if project is None:
        return UNUSABLE
    if not args.out:
        complain("-o: give the name of a folder.")
        return UNUSABLE
    out, left_out = exportable(compiled(project))
    files = export_for(out, args.out)
    if not args.force and lost_by(losses(args.out, files, project)):
        return UNUSABLE
    written, problems = write_files(args.out, files)
    for path in written:
        say(f"Wrote {path}")
    if left_out:
        say(left_out)
    say_problems(problems)
    return UNUSABLE if problems else ANSWERED


def lost_by(lost: Sequence[Problem]) -> bool:
    """Whether writing would take something away, which is said with the way to do it all the same."""
    say_problems(lost)
    if lost:
        complain("Nothing was written. With --force the files are written all the same.")
    return bool(lost)


def hides_objects(opened: Opened) -> bool:
    """Whether a part of the input could not be read, so that an object in it may change the answer."""
    return any(problem.code in HIDING for problem in opened.problems)


def run_tables(args: Namespace) -> int:
    """Print the rule text of one Node."""
    project = opened_or_none([args.path])
    if project is None:
        return UNUSABLE
    state = compiled(project)
    if args.node not in state.control.nodes:
        known = ", ".join(state.control.nodes) or "none"
        complain(f"There is no Node {args.node}. Nodes of this cluster: {known}.")
        return UNUSABLE
    mode = args.mode or project.cluster.kubeProxy.mode
    text, problems = tables_text(state.control, project.cluster, args.node, mode)
    say_problems(problems)
    if any(problem.severity == "error" for problem in problems):
        return UNUSABLE
    say(text)
    return ANSWERED


def run_check(args: Namespace) -> int:
    """List the problems of import, allocation, compile and checks; status 1 when there is an error."""
    opened = open_paths([args.path])
    if opened.project is None:
        say_problems(opened.problems)
        complain(f"Nothing could be read from {args.path}.")
        return UNUSABLE
    state = compiled(opened.project)
    problems = _distinct((*opened.problems, *state.problems, *check(state)))
    if args.output == "json":
        say_json({"problems": [problem_json(p) for p in sorted(problems, key=lambda p: p.sort_key)]})
    else:
        say(problems_text(problems))
    return FAILED if any(problem.severity == "error" for problem in problems) else ANSWERED


def _distinct(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
