"""Status conditions of Gateway API objects as rows: as the specification words them, with who says so and why."""

from __future__ import annotations

from collections.abc import Iterable

from designer.engine.compile import ClusterState
from designer.engine.l7.gateway import Condition
from designer.engine.l7.gateway.objects import is_gateway_object
from designer.model import split_id
from designer.present.route_rows import is_bad

GOOD, BAD, OPEN = "✓", "✕", "?"
# Object, listener, parent, type, status, reason, message, the object's id.
ConditionRow = tuple[str, str, str, str, str, str, str, str]


def shown_ids(state: ClusterState) -> dict[str, str]:
    """The ids of Gateway API objects by how conditions call them: ``HTTPRoute shop/cart``."""
    found = {}
    for oid in state.project.foreign:
        if is_gateway_object(oid):
            head, namespace, name = split_id(oid)
            kind = head.rpartition("/")[2]
            key = name if kind == "GatewayClass" else f"{namespace or 'default'}/{name}"
            found[f"{kind} {key}"] = oid
    return found


def conditions_of(state: ClusterState, oid: str) -> tuple[Condition, ...]:
    """The conditions of one object, in the order of the table."""
    shown = next((words for words, found in shown_ids(state).items() if found == oid), "")
    return tuple(one for one in state.gateways.conditions if shown and one.object == shown)


def status_text(one: Condition) -> str:
    """Sign and status of a condition: ``✓ True``; the sign says whether it is as it should be."""
    sign = OPEN if one.status == "Unknown" else BAD if is_bad(one) else GOOD
    return f"{sign} {one.status}"


def condition_rows(state: ClusterState) -> list[ConditionRow]:
    """All conditions, those that need attention first."""
    ids = shown_ids(state)
    return [
        (one.object, one.listener, one.parent, one.type, status_text(one), one.reason, one.message,
         ids.get(one.object, ""))
        for one in sorted(state.gateways.conditions, key=lambda one: not is_bad(one))
    ]  # fmt: skip


def condition_summary(rows: Iterable[ConditionRow]) -> str:
    """How many there are, and how many are not as they should be."""
    found = list(rows)
    bad = sum(not row[4].startswith(GOOD) for row in found)
    if not found:
        return "No object of Gateway API has conditions: there is none, or no controller acts for it."
    return f"{len(found)} conditions, {bad} of them need attention." if bad else f"{len(found)} conditions, all good."
