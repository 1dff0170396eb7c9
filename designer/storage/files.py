"""Opening and saving project files without ever losing what was there.

A save writes a temporary file in the same folder, makes sure that it is on the disk, keeps the old file as the one
backup, and renames. Whatever fails on the way leaves the old file as it was.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from designer.model import Problem, Project
from designer.storage.decode import decode
from designer.storage.encode import Encoder
from designer.storage.envelope import MAX_BYTES, file_problem
from designer.storage.parse import is_project

PROJECT_SUFFIX = ".cnd"
BACKUP_SUFFIX = ".bak"
_HEAD = 4096  # bytes that tell JSON from anything else
_BLANK = b"\xef\xbb\xbf \t\r\n"
LEFT_BEHIND = 3600.0  # seconds after which a temporary file belongs to nobody any more


def holds_project(path: str | Path) -> bool:
    """Whether a path leads to a project file, by its name or by what stands in it (a backup, a renamed one).

    A folder is none. A pipe is not looked into: what is read of it is gone.
    """
    named = str(path).lower().endswith(PROJECT_SUFFIX)
    try:
        if not os.path.isfile(path):
            return named and not os.path.isdir(path)
        if named:
            return True
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            return is_project(head + file.read()) if head.lstrip(_BLANK)[:1] == b"{" else False
    except (OSError, ValueError):
        return named


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What a file looked like when it was last read or written; differs when somebody else wrote it since."""

    inode: int
    size: int
    changed: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileStamp:
        """The stamp of a file's status."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened file: `project` is None when it could not be opened."""

    project: Project | None
    problems: tuple[Problem, ...] = ()
    stamp: FileStamp | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A save: `stamp` is that of the file as written, None when `problems` say why there is none."""

    stamp: FileStamp | None
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file was written."""
        return self.stamp is not None


def open_file(path: str | Path) -> Opened:
    """The project in a file, with what is wrong with it."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            # One byte more than allowed is enough to refuse it: a file made to fill the memory is not read.
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return Opened(None, (_cannot("FILE-01", "be opened", path, error),))
    project, problems = decode(data, path.name)
    return Opened(project, problems, FileStamp.of(status))


def save_file(
    path: str | Path,
    project: Project,
    *,
    expected: FileStamp | None = None,
    force: bool = False,
    encoder: Encoder | None = None,
) -> Saved:
    """Write the project; the old file stays as it was when that fails.

    `expected` is the stamp from opening or the last save: when the file on the disk differs from it, somebody else
    changed it and nothing is written, unless `force`. `encoder` is one that was used before: it knows what is the same.
    """
    path = Path(path)
    data = (encoder or Encoder()).encode(project)
    try:
        # A symbolic link stays one: what it points to is replaced.
        target = path.resolve()
        if expected is not None and not force and (problem := _changed_on_disk(target, expected)):
            return Saved(None, (problem,))
        return Saved(_replace(target, data))
    except (OSError, ValueError, RuntimeError) as error:
        return Saved(None, (_cannot("FILE-13", "be saved", path, error),))


def _changed_on_disk(target: Path, expected: FileStamp) -> Problem | None:
    try:
        now = FileStamp.of(target.stat())
    except FileNotFoundError:
        return None  # gone: nothing of anybody's is overwritten
    if now == expected:
        return None
    return file_problem(
        "FILE-12", f"{target.name} was changed by another program since it was opened", file=target.name,
        why="Saving would overwrite these changes.", fix="Save under another name, or overwrite the file on purpose.",
    )  # fmt: skip


def _replace(target: Path, data: bytes) -> FileStamp:
    """Write a temporary file, back up the old one, rename, and see each step to the disk."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}-", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            os.fchmod(file.fileno(), _mode_for(target))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            stamp = FileStamp.of(os.fstat(file.fileno()))
        _back_up(target)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)
    _sweep(target)
    return stamp


def _mode_for(target: Path) -> int:
    """The permissions of the old file; for a new one what the person's umask gives."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _back_up(target: Path) -> None:
    """Let the old file also stand under its backup name, so that at no moment there is none."""
    backup = target.with_name(target.name + BACKUP_SUFFIX)
    # A name of its own: a second window that saves at the same moment must not meet it.
    staged = target.with_name(f".{target.name[:100]}-{secrets.token_hex(6)}{BACKUP_SUFFIX}.tmp")
    try:
        try:
            os.link(target, staged)
        except FileNotFoundError:
            return  # the first save
        except OSError:
            # File systems without hard links (FAT, some network drives): a copy does.
            staged.write_bytes(target.read_bytes())
        os.replace(staged, backup)
    finally:
        # Gone by now, unless something failed, or both names already led to one file: then renaming does nothing.
        with contextlib.suppress(OSError):
            staged.unlink()


def _sweep(target: Path) -> None:
    """Remove what saves of this file left beside it that were killed on the way; one that runs now is younger."""
    prefix, eldest = f".{target.name[:100]}-", time.time() - LEFT_BEHIND
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            if entry.name.startswith(prefix) and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if entry.stat().st_mtime < eldest:
                        os.unlink(entry.path)


def _sync_folder(folder: Path) -> None:
    """See the rename to the disk. The file is whole by now: a file system that cannot do this is not an error."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_REASONS: dict[type[BaseException], tuple[str, str]] = {
    FileNotFoundError: ("it, or its folder, does not exist", "Check the name."),
    PermissionError: ("you have no permission", "Choose a place that you may use, or change its permissions."),
    IsADirectoryError: ("it is a folder", "Name a file."),
    NotADirectoryError: ("a part of its path is a file, not a folder", "Check the name."),
}

_SYSTEM_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "Free some space, then save again. The old file is untouched."),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space, then save again. The old file is untouched."),
    errno.EFBIG: ("a file may not be this large here", "Save it in another place. The old file is untouched."),
    errno.EROFS: ("the disk is read-only", "Save it in another place."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
}


def _cannot(code: str, what: str, path: Path, error: BaseException) -> Problem:
    reason, fix = _REASONS.get(
        type(error), (getattr(error, "strerror", None) or "its name is not valid", "Try another place.")
    )
    reason, fix = _SYSTEM_REASONS.get(getattr(error, "errno", None) or 0, (reason, fix))
    name = path.name or str(path)
    return file_problem(code, f"{name} cannot {what}: {reason}", file=name, fix=fix)
