"""What an export would take out of a folder: objects in its files that are not in what is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from designer.manifests.cluster_settings import is_settings
from designer.manifests.documents import decode
from designer.manifests.raw_objects import Gathered, RawObject, gather
from designer.manifests.read import Intake, take
from designer.model import Problem, Project

# Group, kind, namespace and name: what makes two documents the same object for an API server.
Identity = tuple[str, str, str, str]


def losses(folder: str | Path, files: Iterable[tuple[str, str]], project: Project | None = None) -> tuple[Problem, ...]:
    """A problem for each object in a file of `folder` that goes when `files` (name, text) are written there.

    An object that `project` knows is none: its text went elsewhere, as that of a staged policy does. Neither are
    settings, which are read into the project's own, and what a controller made. A file that is no text goes as a whole.
    """
    changed: list[tuple[str, str]] = []
    found: list[Problem] = []
    pairs = list(files)
    for name, new in pairs:
        try:
            data = (Path(folder) / name).read_bytes()
        except OSError:
            continue  # there is none; or it cannot be written either, which is told then
        text, unread = decode(data, name)
        if text is None:
            found.append(_lost(f"{name} holds what cannot be read", unread.line if unread else 0, Path(folder) / name))
        elif text != new:
            changed.append((name, text))
    if changed:
        kept = {_identity(raw) for name, text in pairs for raw in _objects(name, text)}
        for name, text in changed:
            found += [
                _lost(f"{raw.shown} in {name} is not in what is written", raw.line, Path(folder) / name)
                for raw in _objects(name, text)
                if _identity(raw) not in kept and not _read_into_other(raw) and not _known(raw, project)
            ]
    return tuple(found)


def _objects(name: str, text: str) -> list[RawObject]:
    gathered = Gathered()
    gather(name, text, gathered)
    return gathered.objects


def _identity(raw: RawObject) -> Identity:
    group = raw.api_version.rpartition("/")[0]
    return group, raw.kind, raw.namespace or "default", raw.name


def _read_into_other(raw: RawObject) -> bool:
    metadata = raw.data.get("metadata")
    return is_settings(raw) or (isinstance(metadata, dict) and bool(metadata.get("ownerReferences")))


def _known(raw: RawObject, project: Project | None) -> bool:
    if project is None:
        return False
    intake = Intake()
    take(raw, intake)
    oid = raw.kept_id
    return any(project.get(known) is not None for known in intake.objects) or any(
        known == oid or known.startswith(oid + "#") for known in project.foreign
    )


def _lost(title: str, line: int, path: Path) -> Problem:
    return Problem(
        "WRITE-02",
        "error",
        title,
        why="Writing the file anew would take it away.",
        fix="Import the file into the project first, choose another folder, or move it out of the way.",
        file=str(path),
        line=line,
    )
