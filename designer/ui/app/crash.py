"""What happens when the program itself is wrong: a log for the developers, a plain message for the person."""

from __future__ import annotations

import logging
import os
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from designer import __version__

MOST_LOGS = 20

Report = Callable[[Path | None], None]


def write_log(
    folder: Path, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> Path | None:
    """The file that now holds the traceback, None when it cannot be written. Old logs beyond `MOST_LOGS` go."""
    now = datetime.now().astimezone()
    text = "".join(
        [
            f"Cluster Network Designer {__version__}\n",
            f"Python {platform.python_version()} on {platform.system()} {platform.machine()}\n",
            f"{now.isoformat(timespec='seconds')}\n\n",
            *traceback.format_exception(kind, error, trace),
        ]
    )
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"crash-{now:%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
        path.write_text(text, encoding="utf-8")
        for old in sorted(folder.glob("crash-*.txt"))[:-MOST_LOGS]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


class LogFile(logging.Handler):
    """Writes what the program logs about a defect, such as a broken view, where a crash would be written."""

    def __init__(self, folder: Path) -> None:
        super().__init__(logging.ERROR)
        self._folder = folder

    def emit(self, record: logging.LogRecord) -> None:
        """Nothing; keeps the traceback of a record that has one."""
        if record.exc_info and record.exc_info[0] is not None and record.exc_info[1] is not None:
            kind, error, trace = record.exc_info
            write_log(self._folder, kind, error, trace)


class CrashCatcher:
    """Takes exceptions that nobody caught: writes the log, then calls `report` with its path; never twice at once."""

    def __init__(self, folder: Path, report: Report) -> None:
        self._folder = folder
        self._report = report
        self._reporting = False
        self._log = LogFile(folder)

    def install(self) -> None:
        """Nothing; from now on every exception that nobody catches comes here."""
        sys.excepthook = self.caught
        threading.excepthook = lambda args: self.caught(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )
        logging.getLogger("designer").addHandler(self._log)  # and so not onto the person's terminal

    def remove(self) -> None:
        """Nothing; Python's own way again."""
        logging.getLogger("designer").removeHandler(self._log)
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Nothing; logs and reports one exception. Ctrl+C in the terminal ends the program as usual."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        path = write_log(self._folder, kind, error, trace)
        if self._reporting or threading.current_thread() is not threading.main_thread():
            return
        self._reporting = True
        try:
            self._report(path)
        finally:
            self._reporting = False
