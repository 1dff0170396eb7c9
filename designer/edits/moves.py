"""Giving objects new ids: everything that knows an object by its id or name moves with it.

That is the object itself, references to it, its records, placements and provenance, and scenarios that start there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from designer.edits.keptreferences import is_gateway_api, moved_id, renaming, rewritten
from designer.edits.names import ids_in_namespace, kept_in_namespace
from designer.edits.podkeys import owner_of, split_key
from designer.edits.references import follow_own_name, may_refer, rebuilt, rewrite
from designer.model import Canvas, ForeignObject, FrozenMap, KubeObject, Ledger, PodRecord, Project, object_id, split_id

V = TypeVar("V")
Moves = Mapping[str, str]


def namespace_moves(project: Project, old: str, new: str) -> dict[str, str]:
    """The moves that give namespace `old` the name `new`, with all that lives in it."""
    moves = {f"Namespace:{old}": f"Namespace:{new}"}
    for oid in ids_in_namespace(project, old):
        kind, _, name = split_id(oid)
        moves[oid] = object_id(kind, new, name)
    return moves | {oid: moved_id(oid, new) for oid in kept_in_namespace(project, old)}


def relocate(project: Project, moves: Moves) -> Project:
    """The project in which every object of `moves` has its new id; the new ids must be free."""
    moves = {old: new for old, new in moves.items() if old != new}
    if not moves:
        return project
    return replace(
        project,
        objects=_objects(project, moves),
        ledger=_ledger(project.ledger, moves),
        canvas=_canvas(project.canvas, moves),
        provenance=rekeyed(project.provenance, moves),
        scenarios=_scenarios(project, moves),
        foreign=_foreign(project, moves),
    )


def moved_key(key: str, moves: Moves) -> str:
    """A key after the moves: an id, or the key of a derived Pod (`designer.edits.podkeys`)."""
    owner, mark, rest = split_key(key)
    if mark == "@":
        rest = split_id(moves.get(f"Node:{rest}", f"Node:{rest}"))[2]
    return moves.get(owner, owner) + mark + rest


def rekeyed(found: FrozenMap[str, V], moves: Moves) -> FrozenMap[str, V]:
    """A map by ids or Pod keys after the moves; the very same map when none of them is in it."""
    renamed = {key: new for key in found if (new := moved_key(key, moves)) != key}
    return FrozenMap({renamed.get(key, key): value for key, value in found.items()}) if renamed else found


def _objects(project: Project, moves: Moves) -> FrozenMap[str, FrozenMap[str, KubeObject]]:
    targets = frozenset(split_id(old)[0] for old in moves)
    slices: dict[str, FrozenMap[str, KubeObject]] = {}
    for kind, found in project.objects.items():
        if kind not in targets and not may_refer(kind, targets):
            slices[kind] = found
            continue
        changed = {new.id: new for new in (_moved_object(obj, moves) for obj in found.values())}
        same = len(changed) == len(found) and all(changed.get(oid) is obj for oid, obj in found.items())
        slices[kind] = found if same else FrozenMap(changed)
    return FrozenMap(slices)


def _moved_object(obj: KubeObject, moves: Moves) -> KubeObject:
    """The object under its new id and with its references rewritten; the very same object when nothing changes."""
    new_id = moves.get(obj.id)
    if new_id is None and not may_refer(obj.KIND, frozenset(split_id(old)[0] for old in moves)):
        return obj
    data = obj.dump()
    _, namespace, name = split_id(new_id or obj.id)
    changed = rewrite(data, obj.KIND, obj.namespace, namespace, moves.get)
    if new_id is not None:
        metadata = data.setdefault("metadata", {})
        metadata["name"] = name
        if obj.NAMESPACED and namespace != obj.namespace:
            metadata["namespace"] = namespace
        follow_own_name(data, obj.KIND, obj.name, name)
    return rebuilt(obj, data) if changed or new_id is not None else obj


def _ledger(ledger: Ledger, moves: Moves) -> Ledger:
    nodes = {split_id(o)[2]: split_id(n)[2] for o, n in moves.items() if split_id(o)[0] == "Node"}
    pods = {}
    touched = False
    for key, record in ledger.pods.items():
        changed = _moved_record(key, record, moves, nodes)
        new_key = moved_key(key, moves)
        touched |= changed is not record or new_key != key
        pods[new_key] = changed
    changes: dict[str, Any] = {"pods": FrozenMap(pods)} if touched else {}
    if any(name in nodes for name in ledger.nodes):
        changes["nodes"] = FrozenMap({nodes.get(name, name): record for name, record in ledger.nodes.items()})
    services = rekeyed(ledger.services, moves)
    if services is not ledger.services:
        changes["services"] = services
    implied = rekeyed(ledger.implied, moves)
    if implied is not ledger.implied:
        changes["implied"] = implied
    return ledger.model_copy(update=changes) if changes else ledger


def _moved_record(key: str, record: PodRecord, moves: Moves, nodes: Moves) -> PodRecord:
    """A Pod's record after the moves: its Node's new name, and its own name where that comes from the owner's."""
    changes: dict[str, Any] = {}
    if record.node is not None and record.node in nodes:
        changes["node"] = nodes[record.node]
    owner = owner_of(key)
    if owner in moves:
        old_name, new_name = split_id(owner)[2], split_id(moves[owner])[2]
        if record.name == old_name:
            changes["name"] = new_name
        elif record.name.startswith(f"{old_name}-"):
            changes["name"] = new_name + record.name[len(old_name) :]
    changes = {field: value for field, value in changes.items() if getattr(record, field) != value}
    return record.replace(**changes) if changes else record


def _canvas(canvas: Canvas, moves: Moves) -> Canvas:
    placements = {view: rekeyed(places, moves) for view, places in canvas.placements.items()}
    collapsed = tuple(moved_key(key, moves) for key in canvas.collapsed)
    colours = rekeyed(canvas.colours, moves)
    layer_of = rekeyed(canvas.layer_of, moves)
    if colours is not canvas.colours:
        canvas = canvas.model_copy(update={"colours": colours})
    if layer_of is not canvas.layer_of:
        canvas = canvas.model_copy(update={"layer_of": layer_of})
    if collapsed == canvas.collapsed and all(placements[view] is canvas.placements[view] for view in placements):
        return canvas
    return canvas.model_copy(update={"placements": FrozenMap(placements), "collapsed": collapsed})


def _scenarios(project: Project, moves: Moves) -> Any:
    changed = {
        key: scenario
        if (source := moved_key(scenario.source, moves)) == scenario.source
        else scenario.replace(source=source)
        for key, scenario in project.scenarios.items()
    }
    same = all(changed[key] is project.scenarios[key] for key in changed)
    return project.scenarios if same else FrozenMap(changed)


def _foreign(project: Project, moves: Moves) -> FrozenMap[str, ForeignObject]:
    """Kept objects under their new ids; those of Gateway API with the new names in their references."""
    rename = renaming(moves)
    changed: dict[str, ForeignObject] = {}
    touched = False
    for fid, kept in project.foreign.items():
        data = rewritten(fid, kept.data, rename) if is_gateway_api(fid) else kept.data
        new = moves.get(fid, fid)
        if new != fid:
            data = _renamed_data(data, new)
        if data is not kept.data:
            kept = replace(kept, id=new, data=data)
            touched = True
        changed[new] = kept
    return FrozenMap(changed) if touched else project.foreign


def _renamed_data(data: dict[str, Any], oid: str) -> dict[str, Any]:
    _, namespace, name = split_id(oid)
    metadata = {**data.get("metadata", {}), "name": name}
    return {**data, "metadata": {**metadata, "namespace": namespace} if namespace else metadata}
