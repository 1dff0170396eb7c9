"""Changing an object of a kind that the program keeps as data: a policy of a plugin, say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from designer.edits.edit import Edit, missing, refusal, refused, spoken
from designer.edits.fields import without_nulls
from designer.edits.paths import MAX_DEPTH, is_too_deep
from designer.model import EMPTY_MAP, ForeignObject, Project, object_id


def replace_kept(project: Project, oid: str, data: Any) -> Edit:
    """The edit that makes a kept object what `data` says; another name or namespace gives it another id.

    apiVersion and kind stay: they say which object it is. Lines of its source are forgotten: they hold no longer.
    """
    found = project.foreign.get(oid)
    label = f"Change {spoken(oid).rpartition('/')[2]}"
    if found is None:
        return missing(label, project, oid)
    wrong = _wrong(found, data)
    if wrong:
        return refused(label, project, refusal("EDIT-03", wrong[0], oid=oid, field=wrong[1], fix=wrong[2]))
    clean = without_nulls(data)
    metadata = clean["metadata"]
    head = oid.partition(":")[0]
    new = object_id(head, str(metadata.get("namespace") or ""), str(metadata["name"]))
    if new != oid and new in project.foreign:
        title = f"{metadata['name']} already exists"
        return refused(
            label, project, refusal("EDIT-05", title, oid=oid, field="metadata.name", fix="Choose another name.")
        )
    origin = project.provenance.get(oid)
    provenance = project.provenance.without(oid)
    if origin is not None:
        provenance = provenance.set(new, origin.model_copy(update={"fieldLines": EMPTY_MAP}))
    foreign = project.foreign.without(oid).set(new, replace(found, id=new, data=clean))
    return Edit(label, replace(project, foreign=foreign, provenance=provenance), select=(new,))


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
