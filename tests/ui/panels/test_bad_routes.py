"""What can be wrong in Ingresses and routes: its status, its condition, its problem and its message, on the command
line and in the window, and the rest keeps working. The table is `bad_routes`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from designer.__main__ import main
from designer.manifests import read_texts
from designer.model import Project
from designer.ui.panels.problems_panel import ProblemsPanel
from designer.ui.panels.routes_panel import RoutesPanel
from tests.ui.panels.bad_routes import CLUSTER, TABLE, Bad
from tests.ui.panels.conftest import Desk

EACH = pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
GOOD = "http://good.example.com/"


def written(folder: Path, bad: Bad) -> str:
    path = folder / "cluster.yaml"
    path.write_text(CLUSTER + bad.manifest, encoding="utf-8")
    return str(path)


def target(bad: Bad) -> dict[str, Any]:
    return {"gateway": bad.gateway or None, "ingressClass": None if bad.gateway else bad.ingress_class}


@EACH
def test_route_has_its_status_its_reason_and_its_condition(
    bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ingress-gateway.md 2, rows 'Missing Secret', 'Refused host', 'Refused path', and ingress-gateway.md 4, row
    'No endpoint', and ingress-gateway.md 6, rows 'No ready endpoint', 'All backends invalid', 'Route Accepted'."""
    plain = {"method": "GET", "headers": {}}
    asked = [
        {"id": "bad", "url": bad.url, "listenerPort": 443 if bad.url.startswith("https") else 80, **target(bad)},
        {"id": "route", "url": GOOD, "listenerPort": 80, "gateway": "shop/web", "ingressClass": None},
        {"id": "ingress", "url": GOOD, "listenerPort": 80, "gateway": None, "ingressClass": "nginx"},
    ]
    requests = tmp_path / "requests.json"
    requests.write_text(json.dumps([one | plain for one in asked]), encoding="utf-8")
    assert main(["route", written(tmp_path, bad), "--requests", str(requests), "--output", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = {one["id"]: one for one in said["results"]}
    assert found["bad"]["status"] == bad.status
    assert bad.reason in found["bad"]["reason"]
    # The rest keeps working.
    assert [(found[one]["status"], found[one]["backend"]) for one in ("route", "ingress")] == [(200, "shop/cart")] * 2
    kind, name = bad.object.rpartition("/")[0].rpartition("/")[2].partition(":")[0], "shop/bad"
    conditions = {(c["type"], c["status"], c["reason"]) for c in said["conditions"] if c["object"] == f"{kind} {name}"}
    if bad.condition is not None:
        assert bad.condition in conditions
    elif bad.gateway and bad.code != "GW-96":
        assert not conditions, "an object that is not there, or that no controller looks at, has no condition"


@EACH
def test_check_has_its_problem_with_line_field_and_remedy(
    bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, bad)
    main(["check", path, "--output", "json"])
    problems = json.loads(capsys.readouterr().out)["problems"]
    (found,) = [p for p in problems if (p["code"], p["object"], p["field"]) == (bad.code, bad.object, bad.field)]
    assert bad.title in found["title"]
    assert found["fix"].strip()
    lines = (CLUSTER + bad.manifest).splitlines()
    start = 1 + CLUSTER.count("\n")
    assert start <= found["line"] <= len(lines), "the line of the object that is wrong"
    assert found["file"].endswith("cluster.yaml")


def project_of(bad: Bad) -> Project:
    project = read_texts([("cluster.yaml", CLUSTER + bad.manifest)]).project
    assert project is not None
    return project


@EACH
def test_the_problems_panel_has_it_and_leads_to_the_object(bad: Bad, desk_of: Callable[[Project], Desk]) -> None:
    desk = desk_of(project_of(bad))
    panel = desk.panel(ProblemsPanel)
    rows = list(panel.table.rows_model.shown())
    place = next(n for n, row in enumerate(rows) if row[1] == bad.code and row[-1].object == bad.object)
    assert bad.title in rows[place][2]
    panel.table.select_place(place)
    assert desk.selection.single == bad.object


@EACH
def test_the_url_box_says_what_becomes_of_the_request(bad: Bad, desk_of: Callable[[Project], Desk]) -> None:
    panel = desk_of(project_of(bad)).panel(RoutesPanel)

    def asked(url: str) -> str:
        panel.url.setText(url)
        panel.ask()
        rows = [panel.table.rows_model.row(place) for place in range(panel.table.rows_model.rowCount())]
        return " ".join([panel.answer.text(), *(f"{row[1]} {row[4]}" for row in rows)])

    if bad.ingress_class != "gone":
        assert bad.reason in asked(bad.url)
    good = asked(GOOD)
    assert good.count("200 shop/cart") >= 2, "the Gateway and the Ingress controller both answer"


@EACH
def test_the_pages_of_routes_have_it(bad: Bad, desk_of: Callable[[Project], Desk]) -> None:
    """Conditions that are not well stand first; an Ingress or a route that nobody serves is said to be so."""
    panel = desk_of(project_of(bad)).panel(RoutesPanel)
    if bad.condition is not None:
        panel.pages.set_value("conditions")
        table = panel.facts["conditions"].table
        rows = [table.rows_model.row(place) for place in range(table.rows_model.rowCount())]
        kind, status, reason = bad.condition
        shown = [row for row in rows if row[0].endswith("shop/bad") and row[3] == kind and row[5] == reason]
        assert [row[4].split()[-1] for row in shown] == [status]
    if bad.code in ("ING-01", "GW-07", "GW-93"):
        panel.pages.set_value("serving")
        table = panel.facts["serving"].table
        rows = [table.rows_model.row(place) for place in range(table.rows_model.rowCount())]
        (row,) = [row for row in rows if row[0].endswith("shop/bad")]
        assert row[1] == "✕ nobody"
