"""Bytes → `Project`. Never raises: what cannot be read is told with file, line, object and field.

A damaged envelope or section refuses the file. A single object that cannot be read does not: it is kept as it is among
the foreign objects and written back.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import ValidationError

from designer.edits.validation import problems_of
from designer.model import (
    KIND_BY_NAME,
    Canvas,
    ClusterSettings,
    ForeignObject,
    FrozenMap,
    FrozenModel,
    KubeObject,
    Ledger,
    Placement,
    Problem,
    Project,
    Provenance,
    Scenario,
    Verification,
    split_id,
)
from designer.model.collector import collector_paused
from designer.storage.envelope import FORMAT, MAX_COORDINATE, SECTIONS, VERSION, file_problem
from designer.storage.migrations import migrate
from designer.storage.parse import line_of, not_a_project, parse_json

M = TypeVar("M", bound=FrozenModel)
Places = FrozenMap[str, FrozenMap[str, Placement]]


@collector_paused()
def decode(data: bytes, name: str = "") -> tuple[Project | None, tuple[Problem, ...]]:
    """The project of a file's bytes and what is wrong with it; None when it cannot be opened.

    `name` is the file's name in messages. Problems beside a project are about single objects, which are kept.
    """
    name = name or "The file"
    data = data.removeprefix(codecs.BOM_UTF8)  # some editors put it there
    value, problems = parse_json(data, name)
    if problems:
        return None, problems
    value, problem = _envelope(value, name, data)
    if problem is not None:
        return None, (problem,)
    return _Reader(value, name, data).project()


def _envelope(value: Any, name: str, data: bytes) -> tuple[dict[str, Any], Problem | None]:
    """The sections as the current version has them, or why there are none."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        return {}, not_a_project(value, name)
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        title = f"{name} does not say which version of the file format it has"
        return {}, file_problem("FILE-07", title, file=name, line=line_of(data, "version"), field="version")
    if version > VERSION:
        title = (
            f"{name} was written by a newer version of the program (file format {version}, this one reads {VERSION})"
        )
        return {}, file_problem("FILE-05", title, file=name, field="version", fix="Update the program to open it.")
    migrated = migrate(value, version)
    if migrated is None:
        title = f"{name} has file format {version}, which was never in use"
        return {}, file_problem("FILE-07", title, file=name, field="version", fix="Check the line with the version.")
    for section in SECTIONS:
        if not isinstance(migrated.get(section, {}), dict):
            line = line_of(data, section)
            title = f"{name}: {section} must be a group of fields"
            return {}, file_problem("FILE-07", title, file=name, line=line, field=section, fix="Restore the backup.")
    return migrated, None


class _Reader:
    """Reads the sections of one file and collects what is wrong with them."""

    def __init__(self, value: dict[str, Any], name: str, data: bytes) -> None:
        self.value = value
        self.name = name
        self.data = data
        self.fatal: list[Problem] = []
        self.found: list[Problem] = []
        self.foreign: dict[str, ForeignObject] = {}

    def project(self) -> tuple[Project | None, tuple[Problem, ...]]:
        """The project, or None and the problems of the sections that cannot be read."""
        cluster = self._section("cluster", ClusterSettings)
        ledger = self._section("ledger", Ledger)
        canvas = self._section("canvas", Canvas)
        self._read_foreign()
        objects = self._objects()
        scenarios = self._models("scenarios", Scenario)
        provenance = self._models("provenance", Provenance)
        if self.fatal or cluster is None or ledger is None or canvas is None:
            return None, tuple(self.fatal)
        project = Project(
            cluster=cluster,
            objects=objects,
            ledger=ledger,
            canvas=self._sound(canvas),
            scenarios=FrozenMap(scenarios),
            foreign=FrozenMap(self.foreign),
            provenance=FrozenMap(provenance),
            verification=self._verification(),
        )
        return project, tuple(sorted(self.found, key=lambda p: p.sort_key))

    def _section(self, section: str, model: type[M]) -> M | None:
        try:
            return model.model_validate(self.value.get(section, {}))
        except ValidationError as error:
            self.fatal += self._wrong(error, section)
            return None

    def _verification(self) -> Verification | None:
        """What the lab found last. What cannot be read is no loss that refuses a file: the lab can run again."""
        kept = self.value.get("verification")
        if kept is None:
            return None
        try:
            return Verification.model_validate(kept)
        except ValidationError as error:
            field = problems_of(error, "FILE-16")[0].field
            title = f"{self.name}: the kept result of Verify on Linux cannot be read"
            self.found.append(
                file_problem(
                    "FILE-16", title, file=self.name, line=line_of(self.data, "verification"), field=field,
                    severity="warning", fix="Run Verify on Linux again.",
                )
            )  # fmt: skip
            return None

    def _models(self, section: str, model: type[M]) -> dict[str, M]:
        read: dict[str, M] = {}
        for key, value in self.value.get(section, {}).items():
            try:
                read[key] = model.model_validate(value)
            except ValidationError as error:
                self.fatal += self._wrong(error, key)
        return read

    def _wrong(self, error: ValidationError, key: str) -> Iterator[Problem]:
        line = line_of(self.data, key)
        for problem in problems_of(error, "FILE-07", file=self.name, line=line):
            yield file_problem(
                "FILE-07", f"{self.name}: {key}: {problem.title}", file=self.name, line=line, field=problem.field,
                why=problem.why, fix="Correct the value, or restore the backup beside the file.",
            )  # fmt: skip

    def _read_foreign(self) -> None:
        for fid, entry in self.value.get("foreign", {}).items():
            if not isinstance(entry, dict) or not isinstance(entry.get("data"), dict):
                title = f"{self.name}: foreign object {fid} has no data"
                self.fatal.append(file_problem("FILE-07", title, file=self.name, line=line_of(self.data, fid), oid=fid))
                continue
            reason = entry.get("reason")
            self.foreign[fid] = ForeignObject(fid, entry["data"], reason if isinstance(reason, str) else "unknown kind")

    def _objects(self) -> FrozenMap[str, FrozenMap[str, KubeObject]]:
        slices: dict[str, dict[str, KubeObject]] = {}
        # Objects that stand under their own id come first: another that claims it is the wrong one.
        misplaced: list[tuple[str, KubeObject]] = []
        for key, value in self.value.get("objects", {}).items():
            obj = self._object(key, value)
            if obj is None:
                continue
            if obj.id == key:
                slices.setdefault(obj.KIND, {})[key] = obj
            else:
                misplaced.append((key, obj))
        for key, obj in misplaced:
            self._misplaced(key, obj, slices)
        return FrozenMap({kind: FrozenMap(found) for kind, found in slices.items()})

    def _object(self, key: str, value: Any) -> KubeObject | None:
        kind = KIND_BY_NAME.get(split_id(key)[0])
        if not isinstance(value, dict):
            title = f"{self.name}: {key} must be a group of fields"
            self.fatal.append(file_problem("FILE-07", title, file=self.name, line=line_of(self.data, key), oid=key))
            return None
        if kind is None or value.get("kind", kind.KIND) != kind.KIND:
            self._keep(key, value, "unknown kind", f"{key} is of a kind that the program does not know")
            return None
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            texts = [problem.title for problem in problems_of(error, "FILE-09")]
            self._keep(key, value, f"unreadable: {texts[0]}", f"{key} cannot be read: {'; '.join(texts)}")
            return None

    def _keep(self, key: str, value: dict[str, Any], reason: str, title: str) -> None:
        self.foreign[key] = ForeignObject(key, value, reason)
        problem = file_problem(
            "FILE-09", title, file=self.name, line=line_of(self.data, key), oid=key, severity="warning",
            why="It takes no part in the simulation. It is kept and written back as it is.",
            fix="Correct it in the file and open it again.",
        )  # fmt: skip
        self.found.append(problem)

    def _misplaced(self, key: str, obj: KubeObject, slices: dict[str, dict[str, KubeObject]]) -> None:
        same_kind = slices.setdefault(obj.KIND, {})
        if not obj.name or obj.id in same_kind:
            self._keep(
                key, self.value["objects"][key], "duplicate id", f"{key} says that it is {obj.id}, which is taken"
            )
            return
        same_kind[obj.id] = obj
        title = f"{self.name}: {key} says that it is {obj.id} and is read as that"
        line = line_of(self.data, key)
        self.found.append(file_problem("FILE-10", title, file=self.name, line=line, oid=obj.id, severity="warning"))

    def _sound(self, canvas: Canvas) -> Canvas:
        """The canvas without shapes at places where nobody would ever find them."""
        found = {name: self._sound_places(getattr(canvas, name)) for name in ("placements", "remembered")}
        changed = {name: places for name, places in found.items() if places is not getattr(canvas, name)}
        return canvas.model_copy(update=changed) if changed else canvas

    def _sound_places(self, known: Places) -> Places:
        views = {}
        for view, places in known.items():
            # `not <=` rather than `>`: it also catches what is no number.
            lost = [k for k, p in places.items() if not max(abs(p.x), abs(p.y), abs(p.w), abs(p.h)) <= MAX_COORDINATE]
            lost += [k for k, p in places.items() if any(v != v for v in (p.x, p.y, p.w, p.h)) and k not in lost]
            for key in lost:
                title = f"{self.name}: the place of {key} on the canvas is no place; it is laid out anew"
                line = line_of(self.data, key)
                self.found.append(
                    file_problem("FILE-11", title, file=self.name, line=line, oid=key, severity="warning")
                )
            views[view] = places.without(*lost)
        return known if all(views[view] is known[view] for view in views) else FrozenMap(views)
