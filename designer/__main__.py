"""`python -m designer`: the same program as `cluster-designer`; the one place that joins command line and window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from designer.cli.desktop import Desktop


# What shells give to a program that Ctrl+C ended.
STOPPED = 130


def load_desktop() -> Desktop:
    """The window and the painter; imported only when asked for, because Qt takes a while."""
    from designer.ui.app.desktop import QtDesktop

    return QtDesktop()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status.

    The bundle has one executable, so the lab's worker is a hidden command of it; the worker needs nothing else of the
    program, and is started before anything else is.
    """
    if (sys.argv[1:] if argv is None else list(argv)) == ["lab-worker"]:
        from designer.lab.worker.serving import serve

        return serve()
    try:
        from designer.cli.main import run

        return run(argv, load_desktop)
    except KeyboardInterrupt:  # while the program was still loading, or before it knew what to do
        if sys.stderr is not None:
            sys.stderr.write("Stopped.\n")
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
