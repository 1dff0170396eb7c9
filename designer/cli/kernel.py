"""The command lab: the cluster built of this machine's own network namespaces, real packets, and what differs."""

from __future__ import annotations

import sys
import time
from argparse import Namespace

from designer.cli.commands import open_and_say
from designer.cli.opening import compiled
from designer.cli.output import ANSWERED, FAILED, UNUSABLE, complain, say, say_json
from designer.lab.client import LabError
from designer.lab.run import run_lab

# How often a person at a terminal hears how far it is.
TOLD_SECONDS = 2.0


class Telling:
    """Says on standard error from time to time how far the lab is, where somebody watches."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._watched = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, step: str, done: int, of: int) -> None:
        """Hear of the progress."""
        if self._watched and time.monotonic() - self._last > TOLD_SECONDS:
            self._last = time.monotonic()
            complain(f"{step}: {done} of {of}")


def run_kernel_lab(args: Namespace) -> int:
    """Print what a Linux kernel does with the cluster's requests; status 1 where it differs from the prediction."""
    opened = open_and_say([args.path])
    if opened.project is None:
        return UNUSABLE
    if args.sample is not None and args.sample < 1:
        complain("--sample: give how many requests are tried, at least 1.")
        return UNUSABLE
    state = compiled(opened.project)
    if args.scope == "scenarios" and not state.project.scenarios:
        complain("The project has no saved requests: try --scope services or --scope matrix.")
        return UNUSABLE
    try:
        report = run_lab(state, args.scope, args.sample, args.mode or None, Telling())
    except LabError as error:
        complain(" ".join(text for text in (str(error), error.remedy) if text))
        return UNUSABLE
    if args.output == "json":
        say_json(report.data())
    else:
        say(report.text())
    if report.differs:
        return FAILED
    return ANSWERED if report.connections or not report.rows else UNUSABLE
