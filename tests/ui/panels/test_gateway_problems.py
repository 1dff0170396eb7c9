"""What is wrong with Gateways and routes stands in the Problems panel, and each row leads to its object.

The codes are those of `domain/pitfalls.md`, "Ingress and Gateway", and of the engine's own for what has none there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from designer.edits.kept import change_field
from designer.model import Project
from designer.ui.panels.inspector.panel import InspectorPanel
from designer.ui.panels.problems_panel import ProblemsPanel
from tests.present.gateway_cluster import CART, CLOSED, EDGE, FAR, LOST, gateway_project
from tests.ui.panels.conftest import Desk

SECRET = [{"name": "https", "port": 443, "protocol": "HTTPS", "tls": {"certificateRefs": [{"name": "gone"}]}}]
REGEX = [{"matches": [{"path": {"type": "RegularExpression", "value": "/(a"}}]}]


def changed(oid: str, path: str, value: Any) -> Project:
    edit = change_field(gateway_project(), oid, path, value)
    assert edit.ok
    return edit.project


@pytest.mark.parametrize(
    ("project", "code", "oid", "words"),
    [
        (gateway_project(), "GW-93", LOST, "does not exist, or no controller acts for it"),
        (gateway_project(), "GW-01", CLOSED, "NotAllowedByListeners"),
        (gateway_project(), "GW-03", FAR, "no ReferenceGrant in namespace far"),
        (changed(EDGE, "spec.gatewayClassName", "gone"), "GW-07", EDGE, "GatewayClass gone does not exist"),
        (changed(EDGE, "spec.listeners", SECRET), "GW-95", EDGE, "Secret infra/gone is not there"),
        (changed(CART, "spec.rules", REGEX), "GW-91", CART, "spec.rules[0].matches[0].path"),
        (changed(CART, "spec.hostnames", ["a.example.com:80"]), "GW-90", CART, "spec.hostnames[0]"),
    ],
    ids=["no-parent", "not-allowed", "no-grant", "no-class", "no-secret", "regex", "refused"],
)
def test_a_problem_leads_to_its_object(
    desk_of: Callable[[Project], Desk], project: Project, code: str, oid: str, words: str
) -> None:
    desk = desk_of(project)
    panel = desk.panel(ProblemsPanel)
    rows = list(panel.table.rows_model.shown())
    place = next(n for n, row in enumerate(rows) if row[1] == code and row[-1].object == oid)
    assert words in rows[place][2]
    panel.table.select_place(place)
    assert desk.selection.single == oid and desk.revealed[-1] == oid
    inspector = desk.panel(InspectorPanel, 360, 800)
    assert inspector.header.name.text() == oid.rpartition("/")[2]


def test_a_backend_without_endpoints_is_told_at_its_service(desk_of: Callable[[Project], Desk]) -> None:
    desk = desk_of(gateway_project())
    panel = desk.panel(ProblemsPanel)
    assert "Service:shop/cart-new" in {row[-1].object for row in panel.table.rows_model.shown()}


def test_the_rest_keeps_working_beside_a_broken_route(desk_of: Callable[[Project], Desk]) -> None:
    desk = desk_of(replace(changed(CART, "spec.hostnames", ["a.example.com:80"])))
    table = desk.session.state.gateways
    assert [one.route.id for one in table.routes] == [CLOSED, FAR, LOST]
    assert {one.listener: one.attached for one in table.listeners} == {"http": 1, "inner": 0}
