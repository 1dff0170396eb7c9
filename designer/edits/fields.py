"""Reading and changing one field of an object, and replacing an object as a whole (which also renames it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from designer.edits.edit import Edit, missing, refusal, refused, spoken
from designer.edits.moves import namespace_moves, relocate
from designer.edits.paths import MAX_DEPTH, Insert, PathError, is_too_deep, parse_path, path_text, write
from designer.edits.refusals import refused_values
from designer.edits.servicechanges import change_problems, settled
from designer.edits.validation import problems_of
from designer.model import FrozenModel, KubeObject, Problem, Project, Service


def get_field(obj: FrozenModel | Mapping[str, Any], path: str) -> Any:
    """The value at `path` as plain data, the default where the field was never set, None where there is none."""
    try:
        parts = parse_path(path)
    except PathError:
        return None
    value: Any = obj
    for part in parts:
        value = _step(value, part)
        if value is None:
            return None
    return plain(value)


def _step(value: Any, part: Any) -> Any:
    if isinstance(value, FrozenModel) and isinstance(part, str):
        for name, info in type(value).model_fields.items():
            if part == (info.alias or name):
                return getattr(value, name)
        return (value.model_extra or {}).get(part)
    if isinstance(value, Mapping) and isinstance(part, str):
        return value.get(part)
    if isinstance(value, tuple | list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def plain(value: Any) -> Any:
    """A value of the model as JSON data: groups as dict, lists as list; fields that were never set are left out."""
    if isinstance(value, FrozenModel):
        return value.dump()
    if isinstance(value, Mapping):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [plain(entry) for entry in value]
    return value


def without_nulls(value: Any) -> Any:
    """Plain data without nulls: in the API a null means absent."""
    if isinstance(value, dict):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [without_nulls(entry) for entry in value if entry is not None]
    return value


def set_field(project: Project, oid: str, path: str, value: Any) -> Edit:
    """The edit that puts `value` at `path` of an object; None takes the field or list element away.

    ``spec.ports[+]`` adds an element at the end, ``spec.ports[+1]`` before element 1. Changing ``metadata.name`` or
    ``metadata.namespace`` renames or moves the object as `replace_object` does.
    """
    label = f"Change {path} of {spoken(oid)}"
    obj = project.get(oid)
    if obj is None:
        return missing(label, project, oid)
    data = obj.dump()
    written = write_field(data, oid, path, value)
    if isinstance(written, Problem):
        return refused(label, project, written)
    return _changed(project, obj, data, label, written.merge_key, written.path)


@dataclass(frozen=True, slots=True)
class WrittenField:
    """A field as it was written: its path, and by which key typing in it is one step of Undo (None: a step each)."""

    path: str
    merge_key: str | None


def write_field(data: dict[str, Any], oid: str, path: str, value: Any) -> WrittenField | Problem:
    """What was written at `path` into an object's data (in place), or why it could not be; None takes the field away.

    Changing a list's length, or a name, is a step of its own.
    """
    try:
        parts = parse_path(path)
        if is_too_deep(value):
            raise PathError(f"The value of {path} is nested too deeply.")
        write(data, parts, without_nulls(plain(value)))
    except PathError as error:
        return refusal("EDIT-02", str(error), oid=oid, field=path, fix="Name a field that the object has.")
    structural = any(isinstance(part, Insert) for part in parts) or (value is None and isinstance(parts[-1], int))
    where = path_text(parts)
    return WrittenField(where, None if structural or where in _IDENTITY else f"{oid}:{where}")


_IDENTITY = frozenset({"metadata.name", "metadata.namespace", "metadata"})


def replace_object(project: Project, oid: str, data: Any) -> Edit:
    """The edit that makes the object `oid` what `data` says; a new name or namespace moves all that belongs to it."""
    label = f"Change {spoken(oid)}"
    obj = project.get(oid)
    if obj is None:
        return missing(label, project, oid)
    if not isinstance(data, dict):
        problem = refusal(
            "EDIT-03", "An object must be a group of fields", oid=oid, fix="Start with apiVersion and kind."
        )
        return refused(label, project, problem)
    # Data that nests too deeply is not walked: `validated` refuses it.
    return _changed(project, obj, data if is_too_deep(data) else without_nulls(data), label, None)


def rename(project: Project, oid: str, name: str) -> Edit:
    """The edit that gives an object another name."""
    return set_field(project, oid, "metadata.name", name)


def validated(obj: KubeObject, data: dict[str, Any]) -> tuple[KubeObject | None, tuple[Problem, ...]]:
    """The object that `data` describes, of the same kind as `obj`, or why there is none."""
    if is_too_deep(data):
        title = f"{spoken(obj.id)} is nested more than {MAX_DEPTH} levels deep"
        return None, (refusal("EDIT-03", title, oid=obj.id, fix="Remove what nests so deeply."),)
    for key, wanted in (("kind", obj.KIND), ("apiVersion", obj.apiVersion)):
        if data.get(key, wanted) != wanted:
            title = f"{key} of {spoken(obj.id)} cannot change from {wanted} to {data[key]}"
            return None, (refusal("EDIT-04", title, oid=obj.id, field=key, fix="Create a new object instead."),)
    try:
        changed = type(obj).model_validate(data)
    except ValidationError as error:
        return None, problems_of(error, "EDIT-03", obj.id)
    before, after = obj.dump(), changed.dump()
    problems = refused_values(obj.KIND, obj.id, before, after)
    if not changed.name:
        problems = (*problems, refusal("EDIT-03", "metadata.name is required", oid=obj.id, field="metadata.name"))
    return (None, problems) if problems else (changed, ())


def _changed(
    project: Project,
    obj: KubeObject,
    data: dict[str, Any],
    label: str,
    merge_key: str | None,
    path: str | None = None,
) -> Edit:
    """The edit that puts `data` in the place of an object; `path` is the field that it changes, None for the whole."""
    changed, problems = validated(obj, data)
    if isinstance(obj, Service) and isinstance(changed, Service):
        changed = settled(obj, changed)
        problems = change_problems(project, obj, changed, path)
    if changed is None or problems:
        return refused(label, project, *problems)
    if changed.id == obj.id:
        same = changed.dump() == obj.dump()
        return Edit(label, project if same else project.with_object(changed), merge_key, (obj.id,))
    return _renamed(project, obj, changed)


def _renamed(project: Project, obj: KubeObject, changed: KubeObject) -> Edit:
    """The object under its new id with what else changed, and everything that belongs to it moved along."""
    label = f"Rename {spoken(obj.id)} to {changed.name}"
    if obj.name == changed.name:
        label = f"Move {spoken(obj.id)} to namespace {changed.namespace}"
    taken = project.get(changed.id) is not None
    if obj.KIND == "Namespace":
        taken = taken or changed.name in project.namespaces()
    if taken:
        title = f"{changed.KIND} {changed.name} already exists" + (
            f" in {changed.namespace}" if changed.namespace else ""
        )
        field = "metadata.name" if obj.name != changed.name else "metadata.namespace"
        return refused(label, project, refusal("EDIT-05", title, oid=obj.id, field=field, fix="Choose another name."))
    if obj.KIND == "Namespace":
        moves = namespace_moves(project, obj.name, changed.name)
    else:
        moves = {obj.id: changed.id}
    # First what else changed under the old id, then the move, so that the object's own references follow too.
    data = changed.dump()
    data["metadata"] = {**data["metadata"], "name": obj.name}
    if obj.metadata.namespace is None:
        data["metadata"].pop("namespace", None)
    else:
        data["metadata"]["namespace"] = obj.metadata.namespace
    staged = project.with_object(type(obj).model_validate(data))
    return Edit(label, relocate(staged, moves), None, (changed.id,))
