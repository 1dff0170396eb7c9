"""What an edit changed, as plain data: paths into the project file's sections and their new values.

Found by identity, so that the cost is that of the change. Applying the changes of each edit in turn to the sections of
the first project gives the sections of the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from designer.model import Canvas, FrozenMap, FrozenModel, Ledger, Project

Path = list[str]
# A path and the value that stands there now; a missing value says that the path is gone.
Change = tuple[Path, Any] | tuple[Path]

_KEYED: dict[type[FrozenModel], dict[str, int]] = {
    # Fields that are maps of many values, and how many levels of keys they have.
    Ledger: {"pods": 1, "nodes": 1, "services": 1},
    Canvas: {"placements": 2, "notes": 1},
}


def changes_between(before: Project, after: Project) -> list[Change]:
    """The changes that make `after` of `before`, in a fixed order."""
    found: list[Change] = []
    if before.cluster is not after.cluster:
        found.append((["cluster"], after.cluster.dump()))
    _model_changes(before.ledger, after.ledger, "ledger", found)
    _model_changes(before.canvas, after.canvas, "canvas", found)
    _map_changes(_flat(before, after), _flat(after, before), ["objects"], 1, _dumped, found)
    _map_changes(before.scenarios, after.scenarios, ["scenarios"], 1, _dumped, found)
    _map_changes(before.provenance, after.provenance, ["provenance"], 1, _dumped, found)
    _map_changes(before.foreign, after.foreign, ["foreign"], 1, _foreign, found)
    if before.verification is not after.verification:
        kept = after.verification
        found.append((["verification"], kept.dump()) if kept is not None else (["verification"],))
    return found


def _dumped(value: Any) -> Any:
    return value.dump()


def _foreign(value: Any) -> Any:
    return {"data": value.data, "reason": value.reason}


def _flat(project: Project, other: Project) -> dict[str, Any]:
    """The objects of the slices that differ between two projects, by id."""
    return {
        oid: obj
        for kind, found in project.objects.items()
        if other.objects.get(kind) is not found
        for oid, obj in found.items()
    }


def _model_changes(before: FrozenModel, after: FrozenModel, section: str, found: list[Change]) -> None:
    """Changes of the ledger or the canvas: map by map where both have it, field by field elsewhere."""
    if before is after:
        return
    old, new = before.model_fields_set, after.model_fields_set
    keyed = _KEYED[type(after)]
    for name in sorted({*old, *new, *(before.model_extra or {}), *(after.model_extra or {})}):
        was, now = getattr(before, name, None), getattr(after, name, None)
        if name not in new and name not in (after.model_extra or {}):
            found.append(([section, name],))
        elif name in keyed and name in old:
            _map_changes(was, now, [section, name], keyed[name], _dumped, found)
        elif was is not now or name not in old:
            found.append(([section, name], _field(after, name)))


def _field(model: FrozenModel, name: str) -> Any:
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True, include={name}).get(name)


def _map_changes(
    before: Any, after: Any, path: Path, levels: int, dump: Callable[[Any], Any], found: list[Change]
) -> None:
    if before is after:
        return
    if isinstance(before, FrozenMap) and isinstance(after, FrozenMap):
        gone, changed = after.differing(before)
    else:
        gone = [key for key in before if key not in after]
        changed = [key for key, value in after.items() if before.get(key) is not value]
    found.extend(([*path, key],) for key in sorted(gone))
    for key in sorted(changed):
        value = after[key]
        if levels > 1 and key in before:
            _map_changes(before[key], value, [*path, key], levels - 1, dump, found)
        elif levels > 1:
            found.append(([*path, key], {inner: dump(entry) for inner, entry in value.items()}))
        else:
            found.append(([*path, key], dump(value)))


def apply_changes(sections: dict[str, Any], changes: Any) -> bool:
    """Apply one edit's changes to the sections in place; False where they do not fit (a damaged journal)."""
    if not isinstance(changes, list):
        return False
    for change in changes:
        if not (isinstance(change, list) and 1 <= len(change) <= 2 and isinstance(change[0], list) and change[0]):
            return False
        path: list[Any] = change[0]
        target: Any = sections
        for key in path[:-1]:
            target = target.setdefault(key, {}) if isinstance(target, dict) else None
        if not isinstance(target, dict) or not all(isinstance(key, str) for key in path):
            return False
        if len(change) == 1:
            target.pop(path[-1], None)
        else:
            target[path[-1]] = change[1]
    return True
