"""The command migrate: Ingresses as Gateway API manifests, what is lost, and a proof of the rest."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from designer.cli.commands import hides_objects, lost_by, open_and_say
from designer.cli.opening import Opened
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_json, say_problems
from designer.engine.compile import compile_project
from designer.engine.migration import Comparison, Migration, compare, migrate, prepared, with_gateways
from designer.manifests import losses, write_files
from designer.present.migration_rows import (
    comparison_json,
    comparison_text,
    manifest_files,
    manifest_text,
    migration_json,
    migration_text,
)

FORMS = ("text", "json", "yaml")


def run_migrate(args: Namespace) -> int:
    """Print or write a migration; status 1 when a request is answered otherwise, 2 when the input cannot be read."""
    if args.check:
        return run_check(args)
    if not args.path:
        complain("migrate needs a PATH, or --check OLD NEW.")
        return UNUSABLE
    if args.output.endswith((".yaml", ".yml", ".json")) and not Path(args.output).is_dir():
        form = "json" if args.output.endswith(".json") else "yaml"
        complain(f"--output takes a folder, and {args.output} looks like a file: write --output {form} > {args.output}")
        return UNUSABLE
    if not _is_form_or_folder(args.output):
        forms = ", ".join(FORMS)
        complain(
            f"--output {args.output} is none of {forms}, and no folder of this name is there. For the manifests in a "
            f"new folder write --output ./{args.output}"
        )
        return UNUSABLE
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    found = migrate(opened.project)
    if not found.ingresses and not found.losses:
        complain(f"There is no Ingress in {args.path}: nothing to migrate.")
        return UNUSABLE
    new = compile_project(prepared(with_gateways(found.old.project, found.objects)).project)
    comparison = compare(found.old, new, found.losses, found.pairs)
    if args.output == "json":
        say_json(migration_json(found, comparison))
    elif args.output == "yaml":
        say(manifest_text(found).rstrip())
        complain_about(found, comparison)
    elif args.output == "text":
        say(migration_text(found, comparison))
    elif not _write(args.output, found, args.force):
        return UNUSABLE
    else:
        say(migration_text(found, comparison))
    return _status(comparison, [opened])


def _is_form_or_folder(output: str) -> bool:
    """Whether it names a form or a folder: a plain word is one only where it is there, so that no slip makes one."""
    return output in FORMS or "/" in output or os.sep in output or output in (".", "..") or Path(output).is_dir()


def _status(comparison: Comparison, sides: list[Opened]) -> int:
    """The exit status: sameness is not sure where a part of the input could not be read."""
    if comparison.differences:
        return FAILED
    if any(hides_objects(side) for side in sides):
        complain("Not sure, because a part of the input could not be read (above).")
        return UNUSABLE
    return ANSWERED


def complain_about(found: Migration, comparison: Comparison) -> None:
    """Losses and outcome on standard error, where standard output is for the manifests."""
    for line in migration_text(found, comparison).splitlines():
        complain(line)


def _write(folder: str, found: Migration, force: bool) -> bool:
    """Write the manifests into a folder; False, after saying why, where that fails or would take objects away."""
    files = manifest_files(found)
    if not force and lost_by(losses(folder, files)):
        return False
    written, problems = write_files(folder, files)
    for path in written:
        say(f"Wrote {path}")
    say_problems(problems)
    return not problems


def run_check(args: Namespace) -> int:
    """Hold two sets of manifests against each other."""
    sides: list[Opened] = [open_and_say([path]) for path in args.check]
    if any(side.project is None for side in sides):
        return UNUSABLE
    if args.output not in ("text", "json"):
        complain("--check prints text or json.")
        return UNUSABLE
    ready = [prepared(side.project) for side in sides if side.project is not None]
    for path, one in zip(args.check, ready, strict=True):
        for note in one.notes:
            complain(f"{path}: {note}")
    old, new = (compile_project(one.project) for one in ready)
    for side in sides:
        say_problems(problem for problem in side.problems if problem.severity == "error")
    comparison = compare(old, new)
    say_json(comparison_json(comparison)) if args.output == "json" else say(comparison_text(comparison))
    return _status(comparison, sides)
