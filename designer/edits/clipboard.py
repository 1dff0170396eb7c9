"""Copy and paste as text: objects with their places, named anew where they land.

The text is JSON with a format marker, so that it can pass between windows. YAML manifests are not read here: turning
them into objects is the work of `manifests`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
from pydantic import ValidationError

from designer.edits.arrange import with_placements
from designer.edits.edit import Edit, refusal, refused
from designer.edits.keptclipboard import kept_moves, kept_of_copy, kept_of_text, renewed_kept
from designer.edits.keptreferences import kind_of
from designer.edits.names import POD_MAKERS, ids_in_namespace, kept_in_namespace, names_of, numbered
from designer.edits.outside import CLIENTS, HOSTS, free_address, outside_objects
from designer.edits.paths import is_too_deep
from designer.edits.podkeys import owner_of
from designer.edits.references import follow_own_name, rewrite
from designer.edits.refusals import refused_values
from designer.edits.validation import problems_of
from designer.model import (
    KIND_BY_NAME,
    KubeObject,
    Placement,
    Problem,
    Project,
    object_id,
    split_id,
)

FORMAT = "cluster-network-designer/clipboard"
VERSION = 1
MAX_TEXT = 64 * 1024 * 1024
# How far a copy stands from its original where no place is asked for, in scene units.
OFFSET = 32.0

# What belongs to one object only: the API server, allocators and controllers give it anew.
_OWN_METADATA = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "ownerReferences",
    "resourceVersion",
    "generation",
    "managedFields",
    "selfLink",
)
_OWN_SERVICE_FIELDS = ("healthCheckNodePort", "loadBalancerIP")


def copy(project: Project, oids: Iterable[str]) -> str:
    """The objects as text for the clipboard; a Namespace takes what lives in it, a derived Pod stands for its owner."""
    wanted: dict[str, None] = {}
    for key in oids:
        oid = owner_of(key)
        kind, _, name = split_id(oid)
        wanted[oid] = None
        if kind == "Namespace":
            wanted.update(dict.fromkeys((*ids_in_namespace(project, name), *kept_in_namespace(project, name))))
    found = [obj for oid in wanted if (obj := project.get(oid)) is not None]
    kept = kept_of_copy(project, wanted)
    ids = {*(obj.id for obj in found), *(one.id for one in kept)}
    placements = {
        view: {oid: places[oid].dump() for oid in sorted(ids) if oid in places}
        for view, places in sorted(project.canvas.placements.items())
    }
    data = {
        "format": FORMAT,
        "version": VERSION,
        "objects": [*(obj.dump() for obj in found), *(one.data for one in kept)],
        "placements": placements,
    }
    return orjson.dumps(data, default=str).decode()


def paste(
    project: Project,
    text: str,
    view: str = "nodes",
    at: tuple[float, float] | None = None,
    namespace: str | None = None,
) -> Edit:
    """The edit that adds what `copy` wrote, under free names.

    Labels and selectors stay; references among the pasted objects follow their new names; addresses and ports that
    belong to one object only are left for the allocator. `at` is where the top left corner of the group stands in
    `view`; without it the copies stand a little beside their originals. `namespace` puts them there; without it they
    keep theirs.
    """
    data = _read(text)
    if isinstance(data, Problem):
        return refused("Paste", project, data)
    kept, others = kept_of_text(data["objects"])
    sources, problems = _objects(others)
    if problems:
        return refused("Paste", project, *problems)
    moves = _names(project, sources, namespace)
    moves |= kept_moves(project, kept, moves, namespace)
    pasted: list[KubeObject] = []
    for source in sources:
        obj = _renewed(project.with_objects(pasted), source, moves)
        if refused_names := refused_values(obj.KIND, obj.id, {}, {"metadata": _identity(obj)}):
            return refused("Paste", project, *refused_names)
        pasted.append(obj)
    renewed = [renewed_kept(one, moves) for one in kept]
    for one in renewed:
        if refused_names := refused_values(kind_of(one.id), one.id, {}, {"metadata": one.data["metadata"]}):
            return refused("Paste", project, *refused_names)
    changed = project.with_objects(pasted)
    if renewed:
        changed = replace(changed, foreign=changed.foreign.merged({one.id: one for one in renewed}))
    places = _places(data.get("placements"), view, at, moves)
    changed = replace(changed, canvas=with_placements(changed.canvas, view, places))
    ids = (*(obj.id for obj in pasted), *(one.id for one in renewed))
    count = f"{len(ids)} objects" if len(ids) != 1 else f"{kind_of(ids[0])} {split_id(ids[0])[2]}"
    return Edit(f"Paste {count}", changed, None, ids)


def _read(text: str) -> dict[str, Any] | Problem:
    fix = "Copy objects in this program, or import manifests with File, Import."
    if len(text) > MAX_TEXT:
        return refusal("EDIT-11", "The text on the clipboard is too long to paste", fix=fix)
    try:
        data = orjson.loads(text.encode("utf-8"))
    except ValueError:  # orjson's and the encoder's errors are kinds of it
        return refusal("EDIT-11", "The clipboard holds no objects of this program", fix=fix)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        return refusal("EDIT-11", "The clipboard holds no objects of this program", fix=fix)
    version = data.get("version")
    if not isinstance(version, int) or version > VERSION:
        return refusal("EDIT-11", "A newer version of the program copied this", fix="Update the program to paste it.")
    if not isinstance(data.get("objects"), list) or not data["objects"] or is_too_deep(data):
        return refusal("EDIT-11", "The clipboard holds no objects that can be pasted", fix=fix)
    return data


def _objects(found: list[Any]) -> tuple[list[KubeObject], tuple[Problem, ...]]:
    """The objects of the text, each id once."""
    read: dict[str, KubeObject] = {}
    for entry in found:
        kind = KIND_BY_NAME.get(str(entry.get("kind"))) if isinstance(entry, dict) else None
        if kind is None:
            return [], (refusal("EDIT-11", "The clipboard holds an object of an unknown kind", fix="Copy it again."),)
        try:
            obj = kind.model_validate(entry)
        except ValidationError as error:
            return [], problems_of(error, "EDIT-11")
        read[obj.id] = obj
    return list(read.values()), ()


def _names(project: Project, sources: list[KubeObject], namespace: str | None) -> dict[str, str]:
    """The new id of each pasted object; Namespaces first, as the others move with them."""
    moves: dict[str, str] = {}
    given: dict[tuple[str, str], set[str]] = {}
    for source in sorted(sources, key=lambda obj: obj.KIND != "Namespace"):
        new_namespace = ""
        if source.NAMESPACED:
            renamed = moves.get(f"Namespace:{source.namespace}")
            new_namespace = split_id(renamed)[2] if renamed else namespace or source.namespace
        kinds = POD_MAKERS if source.KIND in POD_MAKERS else (source.KIND,)
        taken = given.setdefault((kinds[0], new_namespace), set())
        existing = names_of(project, kinds, new_namespace)
        if source.KIND == "Namespace":
            existing = set(project.namespaces())
        name = numbered(source.name, existing | taken)
        taken.add(name)
        moves[source.id] = object_id(source.KIND, new_namespace, name)
    return moves


def _renewed(project: Project, source: KubeObject, moves: dict[str, str]) -> KubeObject:
    """The pasted object under its new id, without what belongs to the original alone."""
    data = source.dump()
    _, namespace, name = split_id(moves[source.id])
    rewrite(data, source.KIND, source.namespace, namespace, moves.get)
    metadata = data.setdefault("metadata", {})
    for key in _OWN_METADATA:
        metadata.pop(key, None)
    metadata["name"] = name
    if source.NAMESPACED:
        metadata["namespace"] = namespace
    follow_own_name(data, source.KIND, source.name, name)
    data.pop("status", None)
    spec = data.get("spec", {})
    match source.KIND:
        case "Service":
            _free_service(spec)
        case "Node":
            for key in ("podCIDR", "podCIDRs"):
                spec.pop(key, None)
        case "ExternalClient" | "ExternalHost":
            _renew_outside(project, source.KIND, name, spec)
    return type(source).model_validate(data)


def _identity(obj: KubeObject) -> dict[str, str]:
    """What the ids of a pasted object are made of: texts from outside may hold anything."""
    return {"name": obj.name, "namespace": obj.namespace} if obj.NAMESPACED else {"name": obj.name}


def _free_service(spec: dict[str, Any]) -> None:
    """Take away the addresses and ports that two Services cannot share; ``None`` says headless and stays."""
    if spec.get("clusterIP") != "None":
        spec.pop("clusterIP", None)
        spec.pop("clusterIPs", None)
    for key in _OWN_SERVICE_FIELDS:
        spec.pop(key, None)
    for port in spec.get("ports", []):
        port.pop("nodePort", None)


def _renew_outside(project: Project, kind: str, name: str, spec: dict[str, Any]) -> None:
    """Keep only addresses and DNS names that nothing outside has yet; give free ones where none is left."""
    outside = outside_objects(project)
    taken = {text for obj in outside for text in (*obj.spec.addresses, *obj.spec.names)}
    if spec.get("addresses"):
        free = free_address(project, HOSTS if kind == "ExternalHost" else CLIENTS)
        spec["addresses"] = [text for text in spec["addresses"] if text not in taken] or [free]
    if spec.get("names"):
        spec["names"] = [text for text in spec["names"] if text not in taken] or [f"{name}.example.net"]


def _places(data: Any, view: str, at: tuple[float, float] | None, moves: dict[str, str]) -> dict[str, Placement]:
    """Where the pasted objects stand in `view`: as their originals to each other, the group's corner at `at`."""
    entries = data.get(view) if isinstance(data, dict) else None
    places: dict[str, Placement] = {}
    for oid, entry in entries.items() if isinstance(entries, dict) else ():
        try:
            if oid in moves:
                places[moves[oid]] = Placement.model_validate(entry)
        except ValidationError:
            continue  # it is laid out like any new object
    if not places:
        return (
            {new: Placement(x=at[0], y=at[1], pinned=True) for new in moves.values()} if at and len(moves) == 1 else {}
        )
    left, top = min(p.x for p in places.values()), min(p.y for p in places.values())
    dx, dy = (at[0] - left, at[1] - top) if at else (OFFSET, OFFSET)
    return {oid: p.model_copy(update={"x": p.x + dx, "y": p.y + dy}) for oid, p in places.items()}
