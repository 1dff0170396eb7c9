"""The commands that need the window's packages: gui and render; and what ``gui`` does where there is no display."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from pathlib import Path

from designer.cli.commands import opened_or_none
from designer.cli.desktop import DesktopLoader, RenderOptions
from designer.cli.doctor import has_display
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, UNUSABLE, complain, say, say_problems
from designer.engine.compile import ClusterState
from designer.engine.trace.ask import ask, scenario_request
from designer.engine.trace.hops import Request, TraceResult
from designer.model import Project
from designer.present.trace_rows import trace_text
from designer.resources import resource_path
from designer.storage import fingerprint

FIRST_SAMPLE = ("samples", "first-steps.cnd")
PICTURE_SUFFIXES = (".png", ".svg", ".pdf", ".drawio")


def run_gui(args: Namespace, load_desktop: DesktopLoader) -> int:
    """Open the window; without a display do its first job in text and as a picture."""
    if not has_display():
        return run_headless(args, load_desktop)
    if args.path == "-":
        complain("The window cannot read standard input. Import it first: cluster-designer import - -o FILE.cnd")
        return UNUSABLE
    if args.path is not None and not Path(args.path).exists():
        complain(f"{args.path}: no such file or folder.")
        return UNUSABLE
    return load_desktop().run_window(Path(args.path) if args.path else None)


def run_headless(args: Namespace, load_desktop: DesktopLoader) -> int:
    """What the window would show first: the trace of the first scenario as text, the canvas as a picture."""
    complain("No display here: printing the trace and painting the canvas into a file instead of opening a window.")
    path = args.path or str(resource_path(*FIRST_SAMPLE))
    project = opened_or_none([path])
    if project is None:
        return UNUSABLE
    state = compiled(project)
    result = first_scenario(state)
    say(trace_text(result) if result else "This project has no saved scenario; ask one with: cluster-designer trace")
    return _render(state, Path(args.out or "cluster-designer.png"), result, RenderOptions(), load_desktop)


def first_scenario(state: ClusterState) -> TraceResult | None:
    """The trace of the project's first saved scenario (by name), None when it has none or it cannot be understood."""
    scenarios = state.project.scenarios
    for name in sorted(scenarios):
        scenario = scenarios[name]
        result, _ = ask(state, scenario_request(scenario))
        if result is not None:
            return result
    return None


def run_render(args: Namespace, load_desktop: DesktopLoader) -> int:
    """Paint the canvas of PATH, with the path of a request on it when asked."""
    out = Path(args.out)
    if out.suffix.lower() not in PICTURE_SUFFIXES:
        complain(f"{out}: the file name must end in {', '.join(PICTURE_SUFFIXES)}.")
        return UNUSABLE
    size = re.fullmatch(r"(\d{2,5})x(\d{2,5})", args.size)
    if size is None:
        complain(f"--size {args.size}: give width and height in pixels, for example 1600x1000.")
        return UNUSABLE
    project = opened_or_none([args.path])
    if project is None:
        return UNUSABLE
    missing = _unverified(project) if args.verified else ""
    if missing:
        complain(missing)
        return UNUSABLE
    state = compiled(project)
    result = None
    if args.trace:
        result, problems = ask(state, Request(args.trace[0], args.trace[1]))
        if result is None:
            say_problems(problems)
            return UNUSABLE
    options = RenderOptions(args.view, args.theme, int(size[1]), int(size[2]), args.verified)
    return _render(state, out, result, options, load_desktop)


def _unverified(project: Project) -> str:
    """Why a picture cannot have the marks of Verify on Linux; "" where it can."""
    if project.verification is None:
        return "--verified: the project keeps no result of Verify on Linux. Run it in the window and save the project."
    if project.verification.tested != fingerprint(project):
        return "--verified: the cluster was changed since Verify on Linux ran. Run it again and save the project."
    return ""


def _render(
    state: ClusterState, out: Path, result: TraceResult | None, options: RenderOptions, load_desktop: DesktopLoader
) -> int:
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    problems = load_desktop().render(state, out, result, options)
    if problems:
        say_problems(problems)
        return UNUSABLE
    say(f"Wrote {out}.")
    return ANSWERED
