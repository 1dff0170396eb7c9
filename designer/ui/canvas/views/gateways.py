"""Where Gateways and routes stand: Gateways beside Ingress controllers, routes between them and the Services."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from designer.ui.canvas.facts import Facts, GatewayFacts
from designer.ui.canvas.views.edge import Edge, Slot


def gateway_things(
    facts: Iterable[GatewayFacts], frame_of: Callable[[str], str], edges: Iterable[Edge]
) -> list[tuple[Facts, Slot]]:
    """The cards with their slots; `frame_of` says in which frame those of a namespace are.

    A route stands level with the Services that it leads to.
    """
    leads: dict[str, list[str]] = {}
    for edge in edges:
        if edge.kind == "backend":
            leads.setdefault(edge.source, []).append(edge.target)
    return [
        (one, Slot("route", frame_of(one.namespace), tuple(leads.get(one.oid, ()))))
        if one.is_route
        else (one, Slot("ingress", frame_of(one.namespace)))
        for one in facts
    ]
