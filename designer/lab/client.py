"""The worker as the program sees it: started, asked, ended. Whatever happens here, nothing of it stays."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# What the bundle's own executable is told to be the worker.
HIDDEN_COMMAND = "lab-worker"
ROOT = Path(__file__).resolve().parents[2]
ANSWER_SECONDS = 1800
READY_SECONDS = 30
Cancel = Callable[[], bool]


class LabError(Exception):
    """The lab cannot go on; the message says why, `remedy` what to do about it ("" where nothing is known)."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class CancelledError(Exception):
    """The one who asked wants no answer any more."""


def never() -> bool:
    """A `Cancel` that never wants to stop."""
    return False


def worker_command() -> list[str]:
    """How the worker is started: from the source by Python, in a bundle by the program itself.

    -P: what lies in the folder that somebody happens to stand in is none of its modules.
    """
    if getattr(sys, "_MEIPASS", None) is not None:
        return [sys.executable, HIDDEN_COMMAND]
    return [sys.executable, "-P", "-S", "-m", "designer.lab.worker"]


def encoded(command: dict[str, Any]) -> bytes:
    """A command as the line that the worker reads.

    Lists are written item by item: a plan has megabytes, and one call would hold up a window in another thread.
    """
    texts = (
        f"[{','.join(map(_written, value))}]" if isinstance(value, list) else _written(value)
        for value in command.values()
    )
    return f"{{{','.join(f'{_written(key)}:{text}' for key, text in zip(command, texts, strict=True))}}}\n".encode()


def _written(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


class Worker:
    """A running worker. Use it as a context: at its end the process is gone, and with it everything it built."""

    def __init__(self, cancel: Cancel = never) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._cancel = cancel
        self._rest = b""
        try:
            self._process = subprocess.Popen(
                worker_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
            )
        except OSError as error:
            raise LabError(f"The lab's worker cannot be started: {error}.") from error

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process' number."""
        return self._process.pid

    def close(self) -> None:
        """End the worker at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def first_word(self) -> dict[str, Any]:
        """What the worker says when it has started: ``ready``, or what the kernel ``refused``."""
        return self._line(READY_SECONDS)

    def ask(self, command: dict[str, Any], last: str = "") -> Iterator[dict[str, Any]]:
        """The answers to a command up to the one that ends it. Raises LabError where it fails, and when cancelled.

        The last answer says ``done``, or has the key `last` for commands that are answered in one line.
        """
        data = encoded(command)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise self._gone() from error
        while True:
            answer = self._line(ANSWER_SECONDS)
            if "failed" in answer:
                raise LabError(f"The lab could not be built: {answer['failed']}.")
            yield answer
            if "done" in answer or (last and last in answer):
                return

    def _line(self, seconds: float) -> dict[str, Any]:
        """The next line, waited for so long. Raises LabError where none comes, CancelledError when cancelled."""
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while b"\n" not in self._rest:
            if self._cancel():
                raise CancelledError
            if time.monotonic() > end:
                raise LabError("The lab's worker does not answer any more.")
            if select.select([self._process.stdout], [], [], 0.1)[0]:
                data = os.read(self._process.stdout.fileno(), 1 << 20)
                if not data:
                    raise self._gone()
                self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _gone(self) -> LabError:
        assert self._process.stderr is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        said = self._process.stderr.read().decode(errors="replace").strip() if self._process.poll() is not None else ""
        return LabError(f"The lab's worker has ended. {said.splitlines()[-1] if said else ''}".strip())
