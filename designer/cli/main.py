"""The entry of the command line: parse, run one command, answer with its exit status. No traceback reaches a user."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.cli.output import UNUSABLE, OutputError, complain
from designer.cli.parser import COMMANDS, build_parser

if TYPE_CHECKING:
    from designer.cli.desktop import DesktopLoader

# Module and function of each command. Imported when the command is asked for: each needs other parts of the program,
# and importing all of them takes longer than most commands do.
DISPATCH: dict[str, tuple[str, str]] = {
    "import": ("commands", "run_import"),
    "export": ("commands", "run_export"),
    "trace": ("tracing", "run_trace"),
    "scenarios": ("tracing", "run_scenarios"),
    "dns": ("naming", "run_dns"),
    "tables": ("commands", "run_tables"),
    "connectivity": ("reaching", "run_connectivity"),
    "repair": ("repairing", "run_repair"),
    "compare": ("comparing", "run_compare"),
    "route": ("routing", "run_route"),
    "migrate": ("migrating", "run_migrate"),
    "addresses": ("addressing", "run_addresses"),
    "check": ("commands", "run_check"),
    "explain": ("explaining", "run_explain"),
    "lab": ("kernel", "run_kernel_lab"),
    "doctor": ("doctor", "run_doctor"),
}
# Those that are given what loads the window.
WINDOWED: dict[str, tuple[str, str]] = {"gui": ("window", "run_gui"), "render": ("window", "run_render")}


def with_default_command(argv: Sequence[str]) -> list[str]:
    """`argv` with ``gui`` in front when it names no command: ``cluster-designer shop.cnd`` opens the window."""
    words = list(argv)
    if words and words[0] in (*COMMANDS, "-h", "--help", "--version"):
        return words
    return ["gui", *words]


def no_command(words: Sequence[str]) -> str:
    """What is said where the first word is neither a command nor an option nor a file that is there, "" otherwise.

    A word with a dot or a slash in it is meant as a path, whose absence the window's command tells.
    """
    word = words[0] if words else ""
    if not word.isidentifier() or word in COMMANDS or os.path.lexists(word):
        return ""
    near = get_close_matches(word, COMMANDS, 1)
    meant = f" Is {near[0]} meant?" if near else ""
    return f"{word} is no command, and no file or folder of this name is here.{meant} --help lists the commands."


def run(argv: Sequence[str] | None, load_desktop: DesktopLoader) -> int:
    """Run the command line `argv` (default: the process' own) and give its exit status.

    `load_desktop` is called only by the commands that need the window or a picture.
    """
    with contextlib.suppress(AttributeError, ValueError):
        for stream in (sys.stdout, sys.stderr):  # signs such as ✓ must not fail on a terminal of another encoding
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    words = list(sys.argv[1:] if argv is None else argv)
    slip = no_command(words)
    if slip:
        complain(slip)
        return UNUSABLE
    try:
        args = build_parser().parse_args(with_default_command(words))
    except SystemExit as stop:  # argparse has already said what is wrong
        return stop.code if isinstance(stop.code, int) else UNUSABLE
    try:
        return answer(args, load_desktop)
    except OutputError as error:
        complain(f"The answer cannot be written: {error}. Send it to another place.")
        return UNUSABLE
    except KeyboardInterrupt:
        complain("Stopped.")
        return 130
    except MemoryError:
        complain("There is not enough memory for this input. Give a part of it, or use a machine with more memory.")
        return UNUSABLE
    except Exception as error:  # the last line of defence: what should not happen is told in one sentence
        complain(breakdown(error))
        return UNUSABLE


def answer(args: Namespace, load_desktop: DesktopLoader) -> int:
    """Run the command of `args`; its exit status."""
    if args.command in WINDOWED:
        return int(_function(*WINDOWED[args.command])(args, load_desktop))
    return int(_function(*DISPATCH[args.command])(args))


def _function(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(importlib.import_module(f"designer.cli.{module}"), name)
    return found


def breakdown(error: Exception) -> str:
    """What a person is told when the program itself is wrong: what they can do, and what a report needs."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}, line {place.lineno}"
    return (
        f"The program made a mistake of its own: {type(error).__name__}: {error} ({where}). "
        "Please report this sentence with the input that led to it; your files are as they were."
    )
