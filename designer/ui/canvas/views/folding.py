"""Collapsed groups: what is in them gives way to one card, and their edges to sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from designer.edits.collapse import ZONE
from designer.engine.controlplane.state import PodState
from designer.model import split_id
from designer.present.words import count_text
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import (
    NO_BADGE,
    Badge,
    ControllerFacts,
    Facts,
    FrameFacts,
    GroupFacts,
    PodBoxFacts,
    PolicyFacts,
    ServiceFacts,
    UnservedFacts,
)
from designer.ui.canvas.views.edge import Edge, Picture, Slot

# Of the edges that become one, the kind that is drawn: a way in before a backend before a selector.
KINDS = ("entry", "backend", "call", "selector")


def folded_picture(picture: Picture, describer: Describer) -> Picture:
    """The picture in which the collapsed groups of the canvas are cards; itself when none of its groups is."""
    collapsed = [oid for oid in describer.state.project.canvas.collapsed if oid in picture.groups]
    if not collapsed:
        return picture
    hidden = _hidden(picture.groups, collapsed)
    cards = {oid for oid in collapsed if oid not in hidden}
    stand_in = {**hidden, **{oid: oid for oid in cards}}
    inside: dict[str, list[Facts]] = {oid: [] for oid in cards}
    for facts, _slot in picture.things:
        if facts.oid in stand_in:
            inside[stand_in[facts.oid]].append(facts)
    services = _services_of(picture.edges, stand_in)
    things: list[tuple[Facts, Slot]] = []
    done: set[str] = set()
    for facts, slot in picture.things:
        card = stand_in.get(facts.oid)
        if card is None:
            things.append((_without(facts, hidden, cards), slot))
        elif card not in done:
            done.add(card)
            made = _card(card, inside[card], describer, services.get(card, frozenset()))
            things.append((made, _slot_of(card, slot)))
    folded = dict(hidden)
    for card, those in inside.items():
        folded |= {row.ingress: card for f in those if isinstance(f, ControllerFacts | UnservedFacts) for row in f.rows}
    return replace(picture, things=tuple(things), edges=tuple(_summed(picture.edges, stand_in)), folded=folded)


def _hidden(groups: Mapping[str, tuple[str, ...]], collapsed: Iterable[str]) -> dict[str, str]:
    """The card that stands for each hidden thing; a group in another collapsed group is hidden with it."""
    outer = {member: oid for oid in collapsed for member in groups[oid]}
    return {member: outer.get(oid, oid) for member, oid in outer.items()}


def _slot_of(card: str, first: Slot) -> Slot:
    """Where a card goes: a Namespace's into a row of frames, a Node's where the Node was, a zone's among the Nodes."""
    if first.frame.startswith("Namespace:"):
        return Slot("node", card)
    return replace(first, column="node", zone="") if card.startswith(f"{ZONE}:") else first


def _without(facts: Facts, hidden: Mapping[str, str], cards: set[str]) -> Facts:
    """The facts of a frame with the cards that stand in it instead of what they hide."""
    if not isinstance(facts, FrameFacts) or not any(member in hidden for member in facts.members):
        return facts
    members = dict.fromkeys(hidden.get(member, member) for member in facts.members)
    return replace(facts, members=tuple(members))


def _services_of(edges: Iterable[Edge], stand_in: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The Services that have endpoints behind each card."""
    found: dict[str, set[str]] = {}
    for edge in edges:
        if edge.kind == "selector" and edge.target in stand_in:
            found.setdefault(stand_in[edge.target], set()).add(edge.source)
    return {card: frozenset(those) for card, those in found.items()}


def _card(oid: str, inside: list[Facts], describer: Describer, selecting: frozenset[str]) -> GroupFacts:
    """The card of a group: what it is called, its Pods, and what else is in it."""
    kind, _, name = oid.partition(":")
    pods: list[PodState] = [pod for facts in inside if isinstance(facts, PodBoxFacts) for pod in facts.pods]
    ready = sum(pod.ready for pod in pods)
    words = f"{ready} of {count_text(len(pods), 'Pod')} ready" if pods else "no Pods"
    badge = worst_badge(facts.badge for facts in inside)
    if kind == "Namespace":
        services = sum(isinstance(facts, ServiceFacts) for facts in inside)
        policies = sum(isinstance(facts, PolicyFacts) for facts in inside)
        contents = f"{count_text(services, 'Service')} · {count_text(policies, 'policy', 'policies')}"
        return GroupFacts(oid, "namespace", name, words, contents, describer.tints.get(name, 0), badge)
    behind = f"endpoints of {count_text(len(selecting), 'Service')}"
    if kind == ZONE:
        nodes = [facts for facts in inside if isinstance(facts, PodBoxFacts)]
        return GroupFacts(oid, "zone", name, words, f"{count_text(len(nodes), 'Node')} · {behind}", None, badge)
    return GroupFacts(oid, "node", name, words, behind, None, badge)


def worst_badge(badges: Iterable[Badge]) -> Badge:
    """One badge for many: the worst severity, with its title, and how many problems there are in all."""
    found = [badge for badge in badges if badge.severity]
    if not found:
        return NO_BADGE
    worst = next((badge for badge in found if badge.severity == "error"), found[0])
    return Badge(worst.severity, sum(badge.count for badge in found), worst.title, worst.code)


def _summed(edges: Iterable[Edge], stand_in: Mapping[str, str]) -> list[Edge]:
    """The edges with cards at their ends: all between the same two things are one, which says how many they were."""
    kept: list[Edge] = []
    sums: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        source, target = stand_in.get(edge.source, edge.source), stand_in.get(edge.target, edge.target)
        if source == edge.source and target == edge.target and target not in stand_in:
            kept.append(edge)
        elif source != target:
            sums.setdefault((source, target), []).append(edge)
    return [*kept, *(_sum(source, target, those) for (source, target), those in sums.items())]


def _sum(source: str, target: str, edges: list[Edge]) -> Edge:
    kind = next(kind for kind in KINDS if any(edge.kind == kind for edge in edges))
    pods = tuple(dict.fromkeys(pod for edge in edges for pod in edge.details))
    # A line to a box stands for each of the endpoints in it.
    count = sum(max(1, len(edge.details)) for edge in edges)
    one = edges[0] if len(edges) == 1 and split_id(edges[0].source)[0] == split_id(source)[0] else None
    row, via = (one.row, one.via) if one is not None and one.source == source else (-1, "")
    weak = all(edge.weak for edge in edges)
    return Edge(kind, source, target, pods, row, "", weak, "", via, count if count > 1 else 0)
