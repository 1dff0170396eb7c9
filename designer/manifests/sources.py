"""The files that a project's manifests came from: what changed in them outside, and what goes back into them.

A file is known by the name that messages use for it. Nothing is written that differs from what was read only because it
was read and written: what an export of the project as it was read would change already is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from designer.manifests.export import export, safe_name
from designer.manifests.export_files import replace_file, text_of, unwritable
from designer.manifests.read import files_of
from designer.model import FrozenMap, Problem, Project


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file with its text before and after; None where there is no such file."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """What was opened (`paths`), the files with their texts as read or written last, and the project as it was read."""

    paths: tuple[Path, ...]
    files: FrozenMap[str, Path]
    texts: FrozenMap[str, str]
    project: Project

    @property
    def root(self) -> Path:
        """The folder that new files go below: the one that was opened, else that of the first file."""
        first = self.paths[0]
        return first if first.is_dir() else first.parent


def source_of(paths: Sequence[Path], texts: Mapping[str, str], project: Project) -> Source:
    """The source of a project that was read from `paths` with these texts."""
    whole = tuple(path.absolute() for path in paths)
    return Source(whole, FrozenMap(named_files(whole)), FrozenMap(texts), project)


def named_files(paths: Sequence[Path]) -> dict[str, Path]:
    """The manifest files of these paths by the names that reading gives them."""
    found: dict[str, Path] = {}
    for path in paths:
        for name, file in files_of(path, []):
            found[str(file) if name in found else name] = file
    return found


def changed_outside(source: Source) -> tuple[FileChange, ...]:
    """The files that are no longer as they were read or written last: other texts, new files, files that are gone."""
    files = {**source.files, **named_files(source.paths)}
    now = {name: text_of(path, name) for name, path in files.items()}
    names = sorted({*now, *source.texts})
    changes = (FileChange(name, source.texts.get(name), now.get(name)) for name in names)
    return tuple(change for change in changes if change.before != change.after)


def changes_to_save(source: Source, project: Project) -> tuple[FileChange, ...]:
    """What saving `project` changes in its files: their own texts edited, comments and order kept."""
    by_safe_name = {safe_name(name): name for name in source.texts}
    old, new = dict(export(source.project, source.texts)), dict(export(project, source.texts))
    changes = []
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            known = by_safe_name.get(name, name)
            changes.append(FileChange(known, source.texts.get(known), new.get(name)))
    return tuple(change for change in changes if change.before != change.after)


def save_changes(source: Source, project: Project, changes: Sequence[FileChange]) -> tuple[Source, tuple[Problem, ...]]:
    """The source after writing the changes of `project`, and what could not be written; files without text are removed.

    It stops at the first file that cannot be written; that one is as it was.
    """
    texts, files, problems = dict(source.texts), dict(source.files), []
    for change in changes:
        path = files.get(change.name) or source.root / change.name
        try:
            if change.after is None:
                path.unlink(missing_ok=True)
                texts.pop(change.name, None)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                replace_file(path, change.after.encode("utf-8", "surrogatepass"))
                texts[change.name], files[change.name] = change.after, path
        except (OSError, ValueError) as error:
            problems.append(unwritable(path, error))
            break
    known = source.project if problems else project
    return replace(source, texts=FrozenMap(texts), files=FrozenMap(files), project=known), tuple(problems)
