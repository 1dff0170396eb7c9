"""Changing an object of a kind that the program keeps as data: a policy of a plugin, or an object of Gateway API."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from designer.edits.edit import Edit, missing, refusal, refused, spoken
from designer.edits.fields import set_field, without_nulls, write_field
from designer.edits.keptreferences import is_gateway_api, kind_of, moved_id, name_of
from designer.edits.moves import relocate
from designer.edits.names import kept_names
from designer.edits.paths import MAX_DEPTH, is_too_deep
from designer.edits.proxyports import follow_listeners
from designer.edits.refusals import refused_values
from designer.model import EMPTY_MAP, ForeignObject, Problem, Project, object_id, split_id

IDENTITY = ("metadata.name", "metadata.namespace")


def replace_kept(project: Project, oid: str, data: Any) -> Edit:
    """The edit that makes a kept object what `data` says; another name or namespace moves what belongs to it.

    apiVersion and kind stay: they say which object it is. Lines of its source are forgotten: they hold no longer.
    """
    found = project.foreign.get(oid)
    label = f"Change {spoken_kept(oid)}"
    if found is None:
        return missing(label, project, oid)
    wrong = _wrong(found, data)
    if wrong:
        return refused(label, project, refusal("EDIT-03", wrong[0], oid=oid, field=wrong[1], fix=wrong[2]))
    clean = without_nulls(data)
    metadata = clean["metadata"]
    head = oid.partition(":")[0]
    new = object_id(head, str(metadata.get("namespace") or ""), str(metadata["name"]))
    if new == oid and clean == found.data:
        return Edit(label, project, select=(oid,))
    problems = _refused_names(project, oid, new, clean)
    if problems:
        return refused(label, project, *problems)
    origin = project.provenance.get(oid)
    provenance = project.provenance
    if origin is not None:
        provenance = provenance.set(oid, origin.model_copy(update={"fieldLines": EMPTY_MAP}))
    # First what else changed under the old id, then the move, so that the object's own references follow too.
    staged = {**clean, "metadata": {**metadata, **_identity(found.data)}}
    if "namespace" not in _identity(found.data):
        staged["metadata"].pop("namespace", None)
    changed = replace(project, foreign=project.foreign.set(oid, replace(found, data=staged)), provenance=provenance)
    moved = relocate(changed, {oid: new})
    return Edit(label, follow_listeners(project, moved, oid) if new == oid else moved, select=(new,))


def _identity(data: dict[str, Any]) -> dict[str, str]:
    metadata = data.get("metadata")
    return (
        {key: metadata[key] for key in ("name", "namespace") if key in metadata} if isinstance(metadata, dict) else {}
    )


def spoken_kept(oid: str) -> str:
    """A kept object's id in words, without the API of its kind: ``HTTPRoute cart``."""
    return spoken(oid).rpartition("/")[2]


def _refused_names(project: Project, oid: str, new: str, data: dict[str, Any]) -> tuple[Problem, ...]:
    """Why an object cannot have its new id: another one has it, or no object may be called so."""
    if new == oid:
        return ()
    name = split_id(new)[2]
    taken = new in project.foreign
    if is_gateway_api(oid) and name_of(new) != name_of(oid):
        taken = taken or name in kept_names(project, kind_of(oid), split_id(new)[1])
    if taken:
        return (refusal("EDIT-05", f"{name} already exists", oid=oid, field=IDENTITY[0], fix="Choose another name."),)
    metadata = {key: value for key, value in data["metadata"].items() if key in ("name", "namespace")}
    return refused_values(kind_of(oid), oid, {}, {"metadata": metadata}) if is_gateway_api(oid) else ()


def change_field(project: Project, oid: str, path: str, value: Any) -> Edit:
    """The edit that puts `value` at `path` of an object of any kind, drawn or kept; None takes the field away."""
    kept = project.foreign.get(oid)
    if kept is None:
        return set_field(project, oid, path, value)
    label = f"Change {path} of {spoken_kept(oid)}"
    data = deepcopy(kept.data)
    written = write_field(data, oid, path, value)
    if isinstance(written, Problem):
        return refused(label, project, written)
    edit = replace_kept(project, oid, data)
    if path == IDENTITY[0]:
        label = f"Rename {spoken_kept(oid)} to {value}"
    return replace(edit, label=label, merge_key=written.merge_key)


def rename_any(project: Project, oid: str, name: str) -> Edit:
    """The edit that gives an object of any kind another name; references to it follow."""
    return change_field(project, oid, IDENTITY[0], name)


def move_kept(project: Project, oid: str, namespace: str) -> Edit:
    """The edit that lets a kept object live in another namespace."""
    edit = change_field(project, oid, IDENTITY[1], namespace)
    made = edit.select or (moved_id(oid, namespace),)
    return replace(edit, label=f"Move {spoken_kept(oid)} to namespace {namespace}", select=made)


def _wrong(found: ForeignObject, data: Any) -> tuple[str, str, str] | None:
    """What is wrong with new data: title, field, what to do; None where nothing is."""
    if not isinstance(data, dict):
        return "An object must be a group of fields", "", "Start with apiVersion and kind."
    if is_too_deep(data):
        return f"The object is nested more than {MAX_DEPTH} levels deep", "", "Remove what nests so deeply."
    for key in ("apiVersion", "kind"):
        if data.get(key) != found.data.get(key):
            return (
                f"{key} cannot change from {found.data.get(key)} to {data.get(key)}",
                key,
                "Make a new object instead.",
            )
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        return "The object has no name", "metadata.name", "Write metadata.name."
    return None
