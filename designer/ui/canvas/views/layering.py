"""Hidden layers: what is on them is not drawn; everything keeps its place, and the engine answers as before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from designer.edits.layers import hidden_layers
from designer.engine.controlplane.state import PodState
from designer.model import Canvas
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import ControllerFacts, Facts, FrameFacts, GroupFacts, PodBoxFacts, owner_of
from designer.ui.canvas.views.edge import Edge, Picture, Slot


def layered_picture(picture: Picture, describer: Describer) -> Picture:
    """The picture without what is on hidden layers; itself when none is hidden.

    Things stay in `things`, because they keep their places, and are named in `hidden` with their layer, as are Pods of
    boxes and Ingresses of cards, which are left out of their facts.
    """
    canvas = describer.state.project.canvas
    layers = frozenset(hidden_layers(canvas))
    if not layers:
        return picture

    def hidden_by(oid: str, owner: str = "") -> str:
        name = canvas.layer_for(owner_of(oid), owner)
        return name if name in layers else ""

    hidden: dict[str, str] = {}
    things: list[tuple[Facts, Slot]] = []
    rows: dict[str, dict[int, int]] = {}
    for facts, slot in picture.things:
        name = hidden_by(facts.oid)
        if name:
            hidden[facts.oid] = name
        elif isinstance(facts, PodBoxFacts):
            facts = _without_pods(facts, describer, hidden)
        elif isinstance(facts, ControllerFacts):
            gone = {row.ingress: on for row in facts.rows if (on := hidden_by(row.ingress))}
            hidden |= gone
            left = [place for place, row in enumerate(facts.rows) if row.ingress not in gone]
            rows[facts.oid] = {old: new for new, old in enumerate(left)}
            facts = replace(facts, rows=tuple(facts.rows[place] for place in left)) if gone else facts
        things.append((facts, slot))
    hidden |= _empty_groups((facts for facts, _slot in things), picture.groups, hidden)
    edges = tuple(edge for known in picture.edges if (edge := _left_of(known, hidden, rows)) is not None)
    return replace(picture, things=tuple(things), edges=edges, hidden=hidden)


class _Known:
    """What was found for one set of layers: by box its Pods with what was found for them, by workload its layer."""

    def __init__(self, canvas: Canvas) -> None:
        self.layers, self.layer_of = canvas.layers, canvas.layer_of
        self.hidden = frozenset(hidden_layers(canvas))
        # Most often whole Namespaces or workloads are put on a layer: then no Pod has to be asked for by its id.
        self.pods = frozenset(oid for oid in canvas.layer_of if oid.startswith("Pod:"))
        self.of_workload: dict[tuple[str | None, str], str] = {}
        self.boxes: dict[str, tuple[tuple[PodState, ...], dict[str, str], tuple[PodState, ...]]] = {}


def _without_pods(facts: PodBoxFacts, describer: Describer, hidden: dict[str, str]) -> PodBoxFacts:
    """The box without its Pods on hidden layers, which are added to `hidden`; worked out once for the same Pods."""
    canvas = describer.state.project.canvas
    known: _Known | None = describer.memo.get("pods on hidden layers")
    if known is None or known.layers is not canvas.layers or known.layer_of is not canvas.layer_of:
        known = describer.memo["pods on hidden layers"] = _Known(canvas)
    found = known.boxes.get(facts.oid)
    if found is None or found[0] is not facts.pods:
        gone: dict[str, str] = {}
        kept: list[PodState] = []
        for pod in facts.pods:
            name = _layer_of_pod(pod, canvas, known)
            if name in known.hidden:
                gone[pod.id] = name
            else:
                kept.append(pod)
        found = known.boxes[facts.oid] = (facts.pods, gone, tuple(kept))
    _pods, gone, left = found
    hidden |= gone
    return replace(facts, pods=left, unseen=len(gone)) if gone else facts


def _layer_of_pod(pod: PodState, canvas: Canvas, known: _Known) -> str:
    """The layer of a Pod; one that was put on none itself is where its workload is: asked once for all of it."""
    if pod.owner is None or (known.pods and pod.id in known.pods):
        return canvas.layer_for(pod.id, pod.owner or "")
    group = (pod.owner, pod.namespace)
    name = known.of_workload.get(group)
    if name is None:
        name = known.of_workload[group] = canvas.layer_for(pod.id, pod.owner)
    return name


def _empty_groups(
    things: Iterable[Facts], groups: Mapping[str, tuple[str, ...]], hidden: Mapping[str, str]
) -> dict[str, str]:
    """Frames and cards of which everything is hidden, with the layer of the first."""
    found: dict[str, str] = {}
    for facts in things:
        members = facts.members if isinstance(facts, FrameFacts) and not facts.is_cluster else ()
        if isinstance(facts, GroupFacts):
            members = groups.get(facts.oid, ())
        if facts.oid not in hidden and members and all(member in hidden for member in members):
            found[facts.oid] = hidden[members[0]]
    return found


def _left_of(edge: Edge, hidden: Mapping[str, str], rows: Mapping[str, Mapping[int, int]]) -> Edge | None:
    """What is left of an edge: None when an end, its Ingress or all Pods behind it are hidden."""
    if edge.source in hidden or edge.target in hidden or edge.via in hidden:
        return None
    if edge.row >= 0:
        row = rows.get(edge.source, {}).get(edge.row, edge.row)
        edge = edge if row == edge.row else replace(edge, row=row)
    if not hidden.keys().isdisjoint(edge.details):
        details = tuple(pod for pod in edge.details if pod not in hidden)
        return replace(edge, details=details) if details else None
    return edge
