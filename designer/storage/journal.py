"""The recovery journal: every applied edit is on the disk before the next one begins.

One file per window in the journal folder. The first record holds the whole project, each further one what an edit
changed. The window that writes a journal holds a lock on it; a journal without a lock was left by a window that died.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from designer.model import Problem, Project
from designer.storage.changes import apply_changes, changes_between
from designer.storage.decode import decode
from designer.storage.encode import Encoder, canonical
from designer.storage.envelope import file_problem
from designer.storage.framing import MAGIC, framed, records
from designer.storage.parse import loads_exact

JOURNAL_SUFFIX = ".journal"
# A journal that grew beyond this, and beyond four times its first record, begins anew.
COMPACT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RecoveryInfo:
    """Work that a dead window left: the journal, the project file that it was about ("" when never saved).

    `edits` counts the edits since the last save, `last` is the label of the newest, `changed` its time (seconds since
    1970).
    """

    journal: Path
    path: str
    edits: int
    last: str
    changed: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came out of a journal; `project` is None when nothing could be read."""

    project: Project | None
    path: str = ""
    edits: int = 0
    problems: tuple[Problem, ...] = ()


def _lock(file: BinaryIO) -> bool:
    """Take the lock of a journal; False when a living window holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Journal:
    """The journal that one window writes. Errors of the disk come back as problems: editing goes on without."""

    def __init__(self, folder: str | Path, encoder: Encoder | None = None) -> None:
        self.folder = Path(folder)
        self.file_path: Path | None = None
        self._file: BinaryIO | None = None
        self._size = 0
        self._first = 0
        self._broken = False
        self._project_path = ""
        self._encoder = encoder or Encoder()

    def start(self, project: Project, path: str | Path | None = None) -> tuple[Problem, ...]:
        """Begin anew with `project`, which is what `path` holds: called for a new, an opened and a saved project."""
        self._project_path = str(path) if path else ""
        return self._begin(project, [])

    def append(self, before: Project, after: Project, label: str) -> tuple[Problem, ...]:
        """Write down one edit and see it to the disk."""
        if self._file is None or self._broken:
            # The disk was full or gone: the next edit tries again with the whole project.
            return self._begin(before, [(before, after, label)])
        if self._encoder.expects(after):
            # A large import, whose bytes were made while a person waited: to find out what differs would take longer.
            return self._begin(after, [(after, after, label)])
        try:
            self._write(framed(_edit(before, after, label)))
        except OSError as error:
            return (self._lost(error),)
        if self._size > max(COMPACT_BYTES, 4 * self._first):
            # The last label stands for all edits that are now in the first record.
            return self._begin(after, [(after, after, label)])
        return ()

    def close(self, *, discard: bool = True) -> None:
        """Let go of the journal; `discard` also removes it, as nothing needs to be recovered after an orderly end."""
        if self._file is None:
            return
        if discard and self.file_path is not None:
            with contextlib.suppress(OSError):
                self.file_path.unlink()
        self._file.close()
        self._file = None

    def _begin(self, project: Project, edits: list[tuple[Project, Project, str]]) -> tuple[Problem, ...]:
        """Write a new file beside the old one and rename it over: at no moment is there no whole journal."""
        staged: Path | None = None
        file: BinaryIO | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            target = self.file_path or self.folder / f"{os.getpid()}-{secrets.token_hex(4)}{JOURNAL_SUFFIX}"
            staged = target.with_suffix(".new")
            file = open(staged, "wb+", opener=_private)  # noqa: SIM115 - it stays open, with its lock
            _lock(file)
            head = canonical({"path": self._project_path, "pid": os.getpid()})
            first = MAGIC + framed(head) + framed(self._encoder.encode(project))
            data = first + b"".join(framed(_edit(*edit)) for edit in edits)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.replace(staged, target)
        except OSError as error:
            if file is not None:
                file.close()
            if staged is not None:
                with contextlib.suppress(OSError):
                    staged.unlink()
            return (self._lost(error),)
        if self._file is not None:
            self._file.close()
        self.file_path, self._file, self._size, self._first = target, file, len(data), len(first)
        self._broken = False
        return ()

    def _write(self, data: bytes) -> None:
        """Append at the end of what is whole; what a failed write left there is cut off first."""
        assert self._file is not None
        self._file.seek(self._size)
        self._file.truncate()
        self._file.write(data)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._size += len(data)

    def _lost(self, error: OSError) -> Problem:
        """Note that the file cannot be written. What is in it stays, with its lock, until a new one takes its place."""
        self._broken = True
        return file_problem(
            "FILE-14", f"The recovery journal cannot be written: {error.strerror or error}", file=str(self.folder),
            severity="warning", why="Edits from now on would be lost in a crash.", fix="Free some space and save.",
        )  # fmt: skip


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _edit(before: Project, after: Project, label: str) -> bytes:
    data: dict[str, Any] = {"label": label, "changes": changes_between(before, after)}
    try:
        return orjson.dumps(data)
    except TypeError:
        return canonical(data)


def recoverable(folder: str | Path) -> list[RecoveryInfo]:
    """Work that dead windows left in a journal folder, newest first; journals of living windows are not among it."""
    found: list[RecoveryInfo] = []
    with contextlib.suppress(OSError):
        for path in sorted(Path(folder).glob(f"*{JOURNAL_SUFFIX}")):
            with contextlib.suppress(OSError), path.open("rb+") as file:
                if _lock(file):
                    info = _info(path, file.read(), os.fstat(file.fileno()).st_mtime)
                    if info is not None:
                        found.append(info)
    return sorted(found, key=lambda info: (-info.changed, info.journal.name))


def _info(path: Path, data: bytes, changed: float) -> RecoveryInfo | None:
    whole = [payload for payload, _ in records(data)]
    if len(whole) < 3:
        return None  # nothing was edited
    return RecoveryInfo(path, _head(whole[0]), len(whole) - 2, _label(whole[-1]), changed)


def _head(payload: bytes) -> str:
    try:
        path = orjson.loads(payload)["path"]
    except (ValueError, KeyError, TypeError):
        return ""
    return path if isinstance(path, str) else ""


def _label(payload: bytes) -> str:
    try:
        label = orjson.loads(payload)["label"]
    except (ValueError, KeyError, TypeError):
        return ""
    return label if isinstance(label, str) else ""


def recover(journal: str | Path) -> Recovered:
    """The project as it was after the last whole record of a journal; the journal stays until `discard`."""
    journal = Path(journal)
    try:
        with journal.open("rb+") as file:
            if not _lock(file):
                title = "Another window is working on this project"
                return Recovered(None, problems=(_unreadable(journal, title, "Go on in that window."),))
            data = file.read()
    except OSError as error:
        title = f"The journal {journal.name} cannot be read: {error.strerror or error}"
        return Recovered(None, problems=(_unreadable(journal, title, "Open the project file instead."),))
    return replay(data, journal.name)


def replay(data: bytes, name: str) -> Recovered:
    """The project that a journal's bytes lead to. A record that a crash cut off is no loss: nobody saw its edit."""
    whole = [payload for payload, _ in records(data)]
    if len(whole) < 2:
        title = f"The journal {name} is damaged at its beginning"
        return Recovered(None, problems=(_unreadable(Path(name), title, "Open the project file instead."),))
    path = _head(whole[0])
    try:
        sections = loads_exact(whole[1])
    except (ValueError, RecursionError):
        sections = None
    applied = 0
    for payload in whole[2:]:
        if not isinstance(sections, dict) or not _apply(sections, payload):
            break
        applied += 1
    # Through the one reader of project files: a journal cannot bring in what a file could not.
    project, problems = decode(canonical(sections) + b"\n" if applied else whole[1], name)
    if applied < len(whole) - 2:
        title = f"The journal {name} is damaged: {applied} of {len(whole) - 2} edits were recovered"
        problems = (*problems, _unreadable(Path(name), title, "Check the last edits.", "warning"))
    return Recovered(project, path, applied, problems)


def _apply(sections: dict[str, Any], payload: bytes) -> bool:
    try:
        return apply_changes(sections, loads_exact(payload)["changes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _unreadable(journal: Path, title: str, fix: str, severity: Any = "error") -> Problem:
    return file_problem("FILE-15", title, file=journal.name, fix=fix, severity=severity)


def discard(journal: str | Path) -> None:
    """Remove a journal whose work was recovered or is not wanted; one that a living window holds stays."""
    with contextlib.suppress(OSError), Path(journal).open("rb+") as file:
        if _lock(file):
            Path(journal).unlink()
