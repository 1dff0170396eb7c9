"""The entry of the command line: parse, run one command, answer with its exit status. No traceback reaches a user."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from designer.cli import commands, window
from designer.cli.desktop import DesktopLoader
from designer.cli.output import UNUSABLE, complain
from designer.cli.parser import COMMANDS, build_parser

DISPATCH: dict[str, Callable[[Any], int]] = {
    "import": commands.run_import,
    "export": commands.run_export,
    "trace": commands.run_trace,
    "tables": commands.run_tables,
    "connectivity": commands.run_connectivity,
    "check": commands.run_check,
    "doctor": commands.run_doctor,
}


def with_default_command(argv: Sequence[str]) -> list[str]:
    """`argv` with ``gui`` in front when it names no command: ``cluster-designer shop.cnd`` opens the window."""
    words = list(argv)
    if words and words[0] in (*COMMANDS, "-h", "--help", "--version"):
        return words
    return ["gui", *words]


def run(argv: Sequence[str] | None, load_desktop: DesktopLoader) -> int:
    """Run the command line `argv` (default: the process' own) and give its exit status.

    `load_desktop` is called only by the commands that need the window or a picture.
    """
    with contextlib.suppress(AttributeError, ValueError):
        for stream in (sys.stdout, sys.stderr):  # signs such as ✓ must not fail on a terminal of another encoding
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        args = build_parser().parse_args(with_default_command(sys.argv[1:] if argv is None else argv))
    except SystemExit as stop:  # argparse has already said what is wrong
        return stop.code if isinstance(stop.code, int) else UNUSABLE
    try:
        if args.command == "gui":
            return window.run_gui(args, load_desktop)
        if args.command == "render":
            return window.run_render(args, load_desktop)
        return DISPATCH[args.command](args)
    except BrokenPipeError:
        # The reader of our output went away (``| head``); leave quietly, and keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
