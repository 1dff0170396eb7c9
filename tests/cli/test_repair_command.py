"""The command repair: its forms, its exit statuses, and that what it prints does what it says when it is applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from designer.__main__ import main
from designer.engine.repair import Repair
from designer.present.repair_rows import repair_text
from designer.resources import read_text

Answer = tuple[int, str, str]
Run = Callable[..., Answer]

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db, ports: [{name: pg, containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 80, targetPort: pg}]}
"""
DENY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: str) -> Answer:
        status = main(list(argv))
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def asked(folder: Path, make: str, *more: str, to: str = "db:80") -> tuple[str, ...]:
    return ("repair", str(folder), "--from", "web", "--to", to, "--make", make, *more)


@pytest.mark.parametrize(
    ("make", "denied", "expected"), [("possible", True, "delivered"), ("impossible", False, "denied")]
)
def test_the_yaml_does_what_was_asked_when_it_is_applied(
    run: Run, folder: Path, make: str, denied: bool, expected: str
) -> None:
    if denied:
        (folder / "deny.yaml").write_text(DENY)
    status, out, _ = run(*asked(folder, make, "--output", "yaml"))
    assert status == 0
    assert all(one["kind"] == "NetworkPolicy" for one in yaml.safe_load_all(out))
    (folder / "more.yaml").write_text(out)
    trace = ("trace", str(folder), "--from", "shop/web", "--to", "db:80")
    assert run(*trace, "--expect", expected)[0] == 0
    assert "already" in run(*asked(folder, make))[1]


@pytest.mark.parametrize("make", ["possible", "impossible"])
def test_json_follows_its_schema(run: Run, folder: Path, make: str) -> None:
    schema = json.loads(read_text("schemas", "repair.schema.json"))
    for deny in ("", DENY):
        (folder / "deny.yaml").write_text(deny)
        status, out, _ = run(*asked(folder, make, "--output", "json"))
        assert status == 0
        jsonschema.validate(json.loads(out), schema)


def test_the_port_in_the_policy_is_the_containers(run: Run, folder: Path) -> None:
    (folder / "deny.yaml").write_text(DENY)
    _, out, _ = run(*asked(folder, "possible", "--output", "json"))
    steps = json.loads(out)["options"][0]["steps"]
    specs = [step["after"]["spec"] for step in steps]
    ports = [spec[way][0]["ports"] for spec in specs for way in ("ingress", "egress") if way in spec]
    assert ports == [[{"protocol": "TCP", "port": 5432}]] * 2


def test_text_shows_the_change_line_by_line_with_its_proof(run: Run, folder: Path) -> None:
    (folder / "deny.yaml").write_text(DENY)
    _, out, _ = run(*asked(folder, "possible"))
    assert "+         app: web" in out or "+           app: web" in out
    assert "before: Denied:" in out and "after:  Allowed:" in out
    assert "DNS" in out


def test_what_cannot_be_is_status_1_with_the_reason(run: Run, folder: Path) -> None:
    host = SHOP.replace("spec: {containers: [{name: web", "spec: {hostNetwork: true, containers: [{name: web")
    (folder / "shop.yaml").write_text(host)
    status, out, _ = run(*asked(folder, "impossible"))
    assert status == 1
    assert "Node's network" in out
    assert not [line for line in out.splitlines() if line.endswith("..")]


@pytest.mark.parametrize(("came", "said"), [("no rule matches", "no rule matches."), ("No way.", "No way.")])
def test_a_reason_ends_with_one_full_stop(came: str, said: str) -> None:
    found = Repair("possible", "a", "b", reasons=(came,))
    assert repair_text(found).splitlines()[1] == f"  {said}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--to", "db:81"), "has no port 81"),
        (("--from", "wbe"), "wbe"),
        (("--to", "bd:80"), "bd"),
        (("--make", "perhaps"), "invalid choice"),
        (("--output", "xml"), "invalid choice"),
    ],
)
def test_a_typo_is_status_2_and_says_what_there_is(run: Run, folder: Path, more: tuple[str, ...], said: str) -> None:
    status, out, err = run(*asked(folder, "possible"), *more)
    assert status == 2
    assert said in err and not out
    assert "Traceback" not in err


def test_a_policy_that_the_api_server_refuses_stops_the_answer(run: Run, folder: Path) -> None:
    (folder / "bad.yaml").write_text(DENY.replace("[Ingress, Egress]", "[Inbound]"))
    status, out, err = run(*asked(folder, "possible"))
    assert status == 2 and not out
    assert "bad.yaml" in err


STAGED = """\
apiVersion: projectcalico.org/v3
kind: StagedKubernetesNetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
"""


def test_staged_policies_are_answered_side_by_side(run: Run, folder: Path) -> None:
    (folder / "staged.yaml").write_text(STAGED)
    line = "shop/web[Deployment] => shop/db[Deployment] : all connections"
    assert line in run("connectivity", str(folder))[1].replace("All Connections", "all connections")
    assert line not in run("connectivity", str(folder), "--staged")[1].replace("All Connections", "all connections")
    status, out, _ = run("connectivity", "--diff", str(folder), str(folder), "--staged", "--output", "json")
    closed = [(one["src"], one["dst"]) for one in json.loads(out)["closed"]]
    assert status == 0 and ("shop/web[Deployment]", "shop/db[Deployment]") in closed
    trace = ("trace", str(folder), "--from", "shop/web", "--to", "db:80")
    status, out, _ = run(*trace, "--expect", "delivered", "--output", "json")
    value = json.loads(out)
    jsonschema.validate(value, json.loads(read_text("schemas", "trace.schema.json")))
    assert (status, value["verdict"], value["whenEnforced"]["verdict"]) == (0, "delivered", "denied")
    assert "When the staged policies are enforced:" in run(*trace)[1]
