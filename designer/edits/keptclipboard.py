"""Copy and paste of Gateway API objects, which are kept as data; beside what `clipboard` does for drawn kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from designer.edits.keptreferences import CLUSTER_SCOPED, GROUPS, is_gateway_api, kind_of, renaming, rewritten
from designer.edits.names import kept_names, numbered
from designer.model import ForeignObject, Project, object_id, split_id

# What belongs to one object only: the API server and controllers give it anew.
_OWN_METADATA = ("uid", "creationTimestamp", "deletionTimestamp", "ownerReferences", "resourceVersion", "generation",
                 "managedFields", "selfLink")  # fmt: skip


def kept_of_copy(project: Project, oids: Iterable[str]) -> tuple[ForeignObject, ...]:
    """The Gateway API objects among some ids; other kept kinds are not copied."""
    return tuple(project.foreign[oid] for oid in oids if oid in project.foreign and is_gateway_api(oid))


def kept_of_text(entries: Iterable[Any]) -> tuple[list[ForeignObject], list[Any]]:
    """The Gateway API objects of a copied text, each id once, and all other entries."""
    found: dict[str, ForeignObject] = {}
    others = []
    for entry in entries:
        one = _read(entry)
        if one is None:
            others.append(entry)
        else:
            found[one.id] = one
    return list(found.values()), others


def _read(entry: Any) -> ForeignObject | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("metadata"), dict):
        return None
    api, kind, name = entry.get("apiVersion"), entry.get("kind"), entry["metadata"].get("name")
    namespace = entry["metadata"].get("namespace") or ""
    if not all(isinstance(text, str) and text for text in (api, kind, name)) or not isinstance(namespace, str):
        return None
    if str(api).partition("/")[0] not in GROUPS:
        return None
    return ForeignObject(object_id(f"{api}/{kind}", namespace, str(name)), entry)


def kept_moves(
    project: Project, sources: Iterable[ForeignObject], moves: Mapping[str, str], namespace: str | None
) -> dict[str, str]:
    """The new id of each pasted object; `moves` has those of the Namespaces that are pasted with them."""
    found: dict[str, str] = {}
    for source in sources:
        head, space, name = split_id(source.id)
        kind = kind_of(source.id)
        if kind not in CLUSTER_SCOPED:
            renamed = moves.get(f"Namespace:{space}")
            space = split_id(renamed)[2] if renamed else namespace or space
        given = {split_id(new)[2] for new in found.values() if kind_of(new) == kind and split_id(new)[1] == space}
        new_name = numbered(name, kept_names(project, kind, space) | given)
        found[source.id] = object_id(head, space, new_name)
    return found


def renewed_kept(source: ForeignObject, moves: Mapping[str, str]) -> ForeignObject:
    """The pasted object under its new id; references among the pasted objects follow their new names."""
    new = moves[source.id]
    _, namespace, name = split_id(new)
    data = rewritten(source.id, source.data, renaming(moves))
    metadata = {key: value for key, value in data["metadata"].items() if key not in _OWN_METADATA}
    metadata |= {"name": name, **({"namespace": namespace} if namespace else {})}
    return ForeignObject(new, {**{key: value for key, value in data.items() if key != "status"}, "metadata": metadata})
