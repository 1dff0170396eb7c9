"""Taking over what changed in the manifests outside: object by object, without losing what was edited here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from designer.edits.edit import Edit
from designer.edits.podkeys import owner_of
from designer.model import FrozenMap, KubeObject, Ledger, Project


@dataclass(frozen=True, slots=True)
class Takeover:
    """The edit, the ids of what it takes from outside, and of what changed on both sides and stays as it is here."""

    edit: Edit
    taken: tuple[str, ...]
    kept: tuple[str, ...]


def take_over(project: Project, base: Project, theirs: Project) -> Takeover:
    """The edit that brings what differs between `base` and `theirs` into `project`, which began as `base` itself.

    An object that was changed here as well stays as it is here, and is named. Settings are taken where nobody changed
    them here. Canvas and scenarios stay.
    """
    mine, old, new = _objects(project), _objects(base), _objects(theirs)
    changed = [oid for oid in sorted({*old, *new}) if old.get(oid) != new.get(oid)]
    kept = tuple(oid for oid in changed if mine.get(oid) != old.get(oid) and mine.get(oid) != new.get(oid))
    taken = tuple(oid for oid in changed if oid not in kept and mine.get(oid) != new.get(oid))
    gone = [oid for oid in taken if oid not in new]
    found = project.without(*(oid for oid in gone if oid in mine)).with_objects(
        [new[oid] for oid in taken if oid in new]
    )
    cluster = theirs.cluster if project.cluster == base.cluster else project.cluster
    places = {oid: place for oid, place in theirs.provenance.items() if oid not in kept}
    origin = project.provenance.without(*(oid for oid in gone if oid in project.provenance)).merged(places)
    foreign = FrozenMap(_merged(project.foreign, base.foreign, theirs.foreign))
    result = replace(
        found,
        cluster=cluster,
        provenance=origin,
        foreign=project.foreign if foreign == project.foreign else foreign,
        ledger=_ledger(project.ledger, theirs.ledger, frozenset(taken)),
    )
    nothing = not taken and cluster == project.cluster and result.foreign is project.foreign
    return Takeover(Edit("Reload manifests", project if nothing else result), taken, kept)


def _objects(project: Project) -> dict[str, KubeObject]:
    return {oid: obj for found in project.objects.values() for oid, obj in found.items()}


def _merged(mine: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Kept objects of other kinds: theirs where nobody changed them here."""
    found = dict(mine)
    for oid in sorted({*old, *new}):
        if old.get(oid) != new.get(oid) and mine.get(oid) == old.get(oid):
            found.pop(oid, None)
            if oid in new:
                found[oid] = new[oid]
    return found


def _ledger(mine: Ledger, theirs: Ledger, taken: frozenset[str]) -> Ledger:
    """The records of what is taken, as the manifests say it; all others as they are here."""
    pods = {key: record for key, record in theirs.pods.items() if owner_of(key) in taken}
    services = {key: record for key, record in theirs.services.items() if key in taken}
    nodes = {name: record for name, record in theirs.nodes.items() if f"Node:{name}" in taken}
    if not (pods or services or nodes):
        return mine
    update = {
        "pods": mine.pods.merged(pods),
        "services": mine.services.merged(services),
        "nodes": mine.nodes.merged(nodes),
    }
    return mine.model_copy(update=update)
