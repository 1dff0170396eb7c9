"""Facts of Gateways and routes, and what hangs on what, for the views; worked out once for each state of Gateways."""

from __future__ import annotations

from designer.present.gateway_asides import Aside, gateway_asides
from designer.present.gateway_cards import GatewayCard, Link, gateway_cards
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import AsideFacts, GatewayFacts, RuleRow


def gateway_facts(describer: Describer) -> tuple[GatewayFacts, ...]:
    """Gateways, ListenerSets and routes, by id."""
    return tuple(
        GatewayFacts(
            one.id,
            one.kind,
            one.name,
            one.namespace,
            describer.tints.get(one.namespace, 0),
            one.line,
            tuple(RuleRow("", row.text, row.service, row.doubt) for row in one.rows),
            one.trouble,
            describer.badge(one.id),
        )
        for one in _cards(describer)[0]
    )


def aside_facts(describer: Describer) -> tuple[AsideFacts, ...]:
    """GatewayClasses, ReferenceGrants and BackendTLSPolicies, by id."""
    state = describer.state
    reads = (state.gateways, state.project.foreign)
    known = describer.memo.get("gateway asides")
    if known is None or any(new is not old for new, old in zip(reads, known[0], strict=True)):
        known = describer.memo["gateway asides"] = (reads, gateway_asides(state))
    found: tuple[Aside, ...] = known[1]
    return tuple(
        AsideFacts(
            one.id,
            one.kind,
            one.name,
            one.namespace,
            describer.tints.get(one.namespace, 0),
            one.line,
            one.trouble,
            describer.badge(one.id),
        )
        for one in found
    )


def gateway_links(describer: Describer) -> tuple[Link, ...]:
    """Which routes and ListenerSets hang on which parents, and which do not though they name them."""
    return _cards(describer)[1]


def _cards(describer: Describer) -> tuple[tuple[GatewayCard, ...], tuple[Link, ...]]:
    """The cards; those of the last time where nothing that they come from differs."""
    state = describer.state
    reads = (state.gateways, state.project.foreign, state.control.services)
    known = describer.memo.get("gateways")
    if known is None or any(new is not old for new, old in zip(reads, known[0], strict=True)):
        known = describer.memo["gateways"] = (reads, gateway_cards(state))
    found: tuple[tuple[GatewayCard, ...], tuple[Link, ...]] = known[1]
    return found
