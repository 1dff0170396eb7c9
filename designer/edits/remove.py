"""Taking objects away, with all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from designer.edits.edit import Edit, missing
from designer.edits.gateways import made_for_gateway
from designer.edits.kept import spoken_kept
from designer.edits.keptreferences import is_gateway_api, kind_of
from designer.edits.names import ids_in_namespace, kept_in_namespace
from designer.edits.podkeys import owner_of
from designer.model import Canvas, FrozenMap, Ledger, Project, split_id

V = TypeVar("V")


def remove(project: Project, oids: Iterable[str]) -> Edit:
    """The edit that removes objects (and foreign objects, and notes) with their cascade.

    Placements, provenance and the records of Nodes and Services go with the object; a Namespace takes what lives in it,
    also where only its members say that it exists; a Gateway takes what its controller made for it. Records of Pods
    stay for `engine.controlplane.allocate`, which gives their addresses back in the order that the network plugin
    keeps, and finds Pods of a removed Node another place. Scenarios stay: they show that their source is gone.
    """
    asked = tuple(dict.fromkeys(oids))
    label = f"Delete {spoken_kept(asked[0])}" if len(asked) == 1 else f"Delete {len(asked)} objects"
    unknown = [oid for oid in asked if not _exists(project, oid)]
    if unknown:
        return missing(label, project, unknown[0])
    gone: dict[str, None] = {}
    for oid in asked:
        kind, _, name = split_id(oid)
        gone[oid] = None
        if kind == "Namespace":
            gone.update(dict.fromkeys((*ids_in_namespace(project, name), *kept_in_namespace(project, name))))
        elif oid in project.foreign and is_gateway_api(oid) and kind_of(oid) == "Gateway":
            gone.update(dict.fromkeys(made_for_gateway(project, oid)))
    return Edit(label, without_objects(project, frozenset(gone)))


def _exists(project: Project, oid: str) -> bool:
    kind, _, name = split_id(oid)
    return (
        project.get(oid) is not None
        or oid in project.foreign
        or oid in project.canvas.notes
        or (kind == "Namespace" and name in project.namespaces())
    )


def without_objects(project: Project, gone: frozenset[str]) -> Project:
    """The project without these ids and without what belongs to them alone; scenarios stay."""
    smaller = project.without(*sorted(gone))
    return replace(
        smaller,
        ledger=_ledger(project.ledger, gone),
        canvas=_canvas(project.canvas, gone),
        foreign=project.foreign.without(*gone),
        provenance=_kept(project.provenance, gone),
    )


def _kept(found: FrozenMap[str, V], gone: frozenset[str]) -> FrozenMap[str, V]:
    """A map by ids or Pod keys without those of removed owners; the very same map when it has none."""
    return found.without(*(key for key in found if owner_of(key) in gone))


def _ledger(ledger: Ledger, gone: frozenset[str]) -> Ledger:
    nodes = frozenset(split_id(oid)[2] for oid in gone if split_id(oid)[0] == "Node")
    services = _kept(ledger.services, gone)
    records = ledger.nodes.without(*nodes)
    if services is ledger.services and records is ledger.nodes:
        return ledger
    # No validation: every value was valid before, and the untouched maps stay the very same.
    return ledger.model_copy(update={"services": services, "nodes": records})


def _canvas(canvas: Canvas, gone: frozenset[str]) -> Canvas:
    placements = {view: _kept(places, gone) for view, places in canvas.placements.items()}
    notes = canvas.notes.without(*gone)
    collapsed = tuple(key for key in canvas.collapsed if owner_of(key) not in gone)
    colours = _kept(canvas.colours, gone)
    layer_of = _kept(canvas.layer_of, gone)
    if colours is not canvas.colours:
        canvas = canvas.model_copy(update={"colours": colours})
    if layer_of is not canvas.layer_of:
        canvas = canvas.model_copy(update={"layer_of": layer_of})
    same_places = all(placements[view] is canvas.placements[view] for view in placements)
    if same_places and notes is canvas.notes and collapsed == canvas.collapsed:
        return canvas
    return canvas.model_copy(update={"placements": FrozenMap(placements), "notes": notes, "collapsed": collapsed})
