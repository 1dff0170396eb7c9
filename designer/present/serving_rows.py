"""Who serves which Ingress and which route: controllers and Gateways with the class or listener by which they do."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.compile import ClusterState
from designer.engine.l7.gateway.attaching import Attachment
from designer.model import Ingress
from designer.present.gateway_cards import gateway_cards
from designer.present.words import object_text

NOBODY = "✕ nobody"
# Object, who serves it, by what, why (or why not), the object's id.
ServingRow = tuple[str, str, str, str, str]


def serving_rows(state: ClusterState) -> list[ServingRow]:
    """One row for each object and each that serves it; what nobody serves comes first."""
    rows = [*_ingresses(state), *_routes(state)]
    return sorted(rows, key=lambda row: row[1] != NOBODY)


def _ingresses(state: ClusterState) -> Iterator[ServingRow]:
    reasons = {lost.ingress: lost.reason for lost in state.routes.unserved}
    for ingress in state.project.of(Ingress):
        shown, serving = object_text(ingress.id), state.routes.serving(ingress.id)
        given = ingress.spec.ingressClassName
        way = f"class {given}" if given else "no class"
        for controller in serving:
            others = [object_text(other) for other in serving if other != controller]
            why = f"{', '.join(others)} {'serves' if len(others) == 1 else 'serve'} it too" if others else ""
            yield shown, object_text(controller), way, why, ingress.id
        if not serving:
            yield shown, NOBODY, way, reasons.get(ingress.id, "no controller is there that serves it"), ingress.id


def _routes(state: ClusterState) -> Iterator[ServingRow]:
    attached: dict[str, list[Attachment]] = {}
    for one in state.gateways.attachments:
        attached.setdefault(one.state.route.id, []).append(one)
    for card in gateway_cards(state)[0]:
        if not card.kind.endswith("Route"):
            continue
        shown, mine = object_text(card.id), attached.get(card.id, [])
        for one in mine:
            for listener in one.listeners:
                yield shown, f"Gateway {listener.gateway}", f"listener {listener.name}", "", card.id
            if one.refused is not None:
                why = f"{one.refused.text} ({one.refused.reason})"
                yield shown, NOBODY, f"at {one.parent.shown}", why, card.id
        if not mine:
            yield shown, NOBODY, "", card.trouble, card.id


def serving_summary(rows: list[ServingRow]) -> str:
    """How many objects there are, and how many of their ways in nobody serves."""
    lost = sum(row[1] == NOBODY for row in rows)
    if not rows:
        return "There is no Ingress and no route."
    objects = len({row[4] for row in rows})
    text = f"{objects} Ingresses and routes" if objects != 1 else "1 Ingress or route"
    return f"{text}, {lost} not served." if lost else f"{text}, each is served."
