"""The command line as a person or a CI job uses it: answers, exit statuses, messages."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.cli.parser import COMMANDS
from designer.model import VERDICTS
from designer.resources import read_text, resource_path

FIRST_STEPS = str(resource_path("samples", "first-steps.cnd"))
SHOP = str(resource_path("samples", "shop.cnd"))
BROKEN = str(resource_path("samples", "broken.cnd"))

TWO_PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {containers: [{name: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
spec: {containers: [{name: db, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
"""

Answer = tuple[int, str, str]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> object:
    def call(*argv: str) -> Answer:
        status = main(argv)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


class Run:
    """Type of the `run` fixture."""

    def __call__(self, *argv: str) -> Answer:
        raise AssertionError("only a type")


def validate(text: str, name: str) -> object:
    value = json.loads(text)
    jsonschema.validate(value, json.loads(read_text("schemas", f"{name}.schema.json")))
    return value


@pytest.fixture
def manifests(tmp_path: Path) -> str:
    path = tmp_path / "two-pods.yaml"
    path.write_text(TWO_PODS)
    return str(path)


def test_a_trace_is_answered_in_text_and_status_0(run: Run) -> None:
    status, out, _ = run("trace", FIRST_STEPS, "--from", "frontend", "--to", "http://backend")
    assert status == 0
    assert "✓ delivered" in out
    assert "KUBE-SEP-" in out


def test_trace_json_follows_its_schema_and_shares_sum_to_one(run: Run) -> None:
    status, out, _ = run(
        "trace", SHOP, "--from", "Deployment:shop/frontend", "--to", "http://api:8080", "--output", "json"
    )
    assert status == 0
    value = validate(out, "trace")
    assert isinstance(value, dict)
    assert sum(path["probability"] for path in value["paths"]) == pytest.approx(1.0)


def test_an_expectation_that_fails_is_status_1(run: Run) -> None:
    argv = ("trace", SHOP, "--from", "Deployment:shop/frontend", "--to", "db:5432", "--expect")
    assert run(*argv, "denied")[0] == 0
    status, _, err = run(*argv, "delivered")
    assert status == 1
    assert err.strip() == "Expected delivered, got denied by policy."


@pytest.mark.parametrize("source", ["nobody", "", "Pod:default/none", "300.1.1.1"])
def test_a_source_that_is_not_there_is_status_2_with_a_remedy(run: Run, source: str) -> None:
    status, out, err = run("trace", FIRST_STEPS, "--from", source, "--to", "http://backend", "--expect", "cannot-tell")
    assert status == 2
    assert out == ""
    assert "→" in err


@pytest.mark.parametrize("destination", ["", "http://", "backend:99999", "a b", "http://[::1"])
def test_a_destination_that_cannot_be_read_is_status_2(run: Run, destination: str) -> None:
    status, _, err = run("trace", FIRST_STEPS, "--from", "frontend", "--to", destination)
    assert status == 2
    assert "Traceback" not in err


def test_tables_start_with_the_family_and_hold_kube_proxys_chains(run: Run) -> None:
    status, out, _ = run("tables", FIRST_STEPS, "--node", "node-1")
    assert status == 0
    assert out.splitlines()[0] == "#### IPv4"
    # Well-known chain name of default/kubernetes:https or kube-system/kube-dns:dns, see the reference's own README.
    assert "KUBE-SVC-TCOU7JCQXEZGVUNU" in out


def test_tables_of_a_mode_are_those_of_that_mode(run: Run) -> None:
    status, out, err = run("tables", FIRST_STEPS, "--node", "node-1", "--mode", "nftables")
    assert (status, err) == (0, "")
    assert out.splitlines()[:2] == ["#### IPv4", 'add table ip kube-proxy { comment "rules for kube-proxy" ; }']
    assert "service-FY5PMXPG-kube-system/kube-dns/udp/dns" in out  # the name that kube-proxy itself gives it


def test_tables_in_ipvs_mode_have_virtual_servers_sets_and_rules(run: Run) -> None:
    status, out, err = run("tables", FIRST_STEPS, "--node", "node-1", "--mode", "ipvs")
    assert (status, err) == (0, "")
    titles = [line.split()[1] for line in out.splitlines() if line.startswith("## ")]
    assert out.startswith("#### IPv4\n")
    assert titles == ["ipvs", "addresses", "ipset", "iptables"]
    # Every virtual server stands on an address of the dummy device or of the node, and has its member in the set.
    assert "-A -u 10.96.0.10:53 -s rr\n" in out
    assert "\nadd KUBE-CLUSTER-IP 10.96.0.10,udp:53\n" in out


def test_tables_of_an_unknown_node_name_the_nodes(run: Run) -> None:
    status, out, err = run("tables", FIRST_STEPS, "--node", "node-9")
    assert (status, out) == (2, "")
    assert "node-1" in err


def test_connectivity_in_each_form_says_the_same(run: Run, manifests: str) -> None:
    status, out, _ = run("connectivity", manifests, "--output", "json")
    assert status == 0
    value = validate(out, "connectivity")
    assert isinstance(value, dict)
    tcp5432 = [{"protocol": "TCP", "from": 5432, "to": 5432}]
    pairs = {(c["src"], c["dst"]): c["ports"] for c in value["connections"]}
    assert pairs["default/web[Pod]", "default/db[Pod]"] == tcp5432
    assert ("0.0.0.0-255.255.255.255", "default/db[Pod]") not in pairs
    _, table, _ = run("connectivity", manifests, "--output", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == sum(len(ports) for ports in pairs.values())
    _, text, _ = run("connectivity", manifests)
    assert "default/web[Pod] => default/db[Pod] : TCP 5432" in text.splitlines()


def test_an_invalid_policy_is_named_with_its_line_and_status_2(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(TWO_PODS.replace("ports: [{port: 5432}]\n", "ports: [{port: 5432, endPort: 80}]\n"))
    status, _, err = run("connectivity", str(path))
    assert status == 2
    assert "endPort" in err
    assert f"{path.name}:" in err


def test_check_gives_status_1_for_errors_only(run: Run) -> None:
    assert run("check", FIRST_STEPS)[0] == 0
    status, out, _ = run("check", BROKEN, "--output", "json")
    assert status == 1
    value = validate(out, "check")
    assert isinstance(value, dict)
    assert "SVC-01" in {problem["code"] for problem in value["problems"]}


def test_import_then_export_gives_the_objects_back(run: Run, manifests: str, tmp_path: Path) -> None:
    project, folder = tmp_path / "two.cnd", tmp_path / "out"
    status, out, _ = run("import", manifests, "-o", str(project))
    assert status == 0
    assert "Assumed" in out
    assert "two-pods.yaml:" in out
    status, _, _ = run("export", str(project), "-o", str(folder))
    assert status == 0
    before = run("connectivity", manifests)[1]
    assert run("connectivity", str(folder))[1] == before


def test_standard_input_is_read_for_a_dash(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TWO_PODS.encode())))
    status, out, _ = run("trace", "-", "--from", "web", "--to", "db:5432", "--expect", "delivered")
    assert status == 0
    assert "delivered" in out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.yaml", b""),
        ("comment.yaml", b"# nothing\n"),
        ("typo.yaml", b"apiVersion: v1\nkind: Pod\n  metadata: x\n"),
        ("binary.yaml", bytes(range(256))),
        ("broken.cnd", b'{"format": "cluster-network-'),
        ("other.cnd", b"[1, 2]"),
    ],
)
def test_unreadable_input_is_status_2_and_says_what_to_do(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    for argv in (("check", str(path)), ("connectivity", str(path)), ("tables", str(path), "--node", "node-1")):
        status, out, err = run(*argv)
        assert status == 2, argv
        assert out == ""
        assert name in err
        assert "Traceback" not in err


def test_a_failed_import_writes_nothing(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "kept.cnd"
    target.write_text("what was there")
    source = tmp_path / "empty.yaml"
    source.write_text("")
    assert run("import", str(source), "-o", str(target))[0] == 2
    assert target.read_text() == "what was there"


@pytest.mark.parametrize("argv", [("trace",), ("tables", FIRST_STEPS), ("render", FIRST_STEPS), ("check", "a", "b")])
def test_wrong_usage_is_status_2(run: Run, argv: Sequence[str]) -> None:
    status, _, err = run(*argv)
    assert status == 2
    assert "usage:" in err


def test_help_names_every_command_and_verdict(run: Run) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert all(command in out for command in COMMANDS)
    _, out, _ = run("trace", "--help")
    assert all(verdict in out for verdict in VERDICTS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_begins_with_what_it_does(run: Run, command: str) -> None:
    _, listed, _ = run("--help")
    status, out, _ = run(command, "--help")
    assert status == 0
    said = " ".join(out.split("\n\n")[1].split())
    assert said.endswith(".") and said[1:12] in " ".join(listed.split())


def test_doctor_says_what_is_there(run: Run) -> None:
    status, out, _ = run("doctor")
    assert status in (0, 1)
    assert out.splitlines()[0].startswith("✓ cluster-designer")
    assert ("Ready." in out) == (status == 0)


def test_an_expectation_is_not_met_by_input_that_could_not_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two-pods.yaml").write_text(TWO_PODS)
    argv = ("trace", str(tmp_path), "--from", "web", "--to", "db:5432", "--expect", "delivered")
    assert run(*argv)[0] == 0
    (tmp_path / "deny.yaml").write_text(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\tmetadata: {name: deny}\n"
    )
    status, out, err = run(*argv)
    assert status == 2 and "✓ delivered" in out
    assert "deny.yaml, line 3" in err and "could not be read" in err
    assert run(*argv[:-2])[0] == 0
    status, _, err = run("connectivity", str(tmp_path))
    assert status == 0 and "deny.yaml, line 3" in err, "reported and skipped"


def test_an_object_that_a_later_one_replaces_is_told_beside_every_answer(run: Run, tmp_path: Path) -> None:
    """The later one counts, as for `kubectl apply`; who wrote the earlier one must know that it does not."""
    policy = (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}SPEC}\n"
    )
    path = tmp_path / "all.yaml"
    path.write_text(TWO_PODS + policy.replace("SPEC", "") + policy.replace("SPEC", ", ingress: [{}]"))
    for argv in (("connectivity", str(path)), ("trace", str(path), "--from", "web", "--to", "db:5432")):
        status, _, err = run(*argv)
        assert status == 0 and "READ-08" in err and "twice" in err


def test_policies_that_are_not_evaluated_are_told_beside_every_answer(run: Run, tmp_path: Path) -> None:
    policy = "apiVersion: crd.antrea.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {}\n"
    path = tmp_path / "all.yaml"
    path.write_text(TWO_PODS + "---\n" + policy)
    for argv in (("connectivity", str(path)), ("trace", str(path), "--from", "web", "--to", "db:5432")):
        assert "READ-12" in run(*argv)[2]
    assert run("import", str(path), "-o", str(tmp_path / "a.cnd"))[0] == 0
    assert "READ-12" in run("check", str(tmp_path / "a.cnd"))[1]


@pytest.mark.parametrize("name", ["", "-"])
def test_an_import_needs_the_name_of_a_file(run: Run, manifests: str, name: str) -> None:
    status, _, err = run("import", manifests, "-o", name)
    assert status == 2 and "cluster.cnd" in err


def test_a_problem_of_the_allocation_is_listed_once_with_its_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "low.yaml"
    spec = "spec:\n  type: NodePort\n  ports:\n  - port: 80\n    nodePort: 80\n"
    path.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: low}\n" + spec)
    status, out, _ = run("check", str(path), "--output", "json")
    value = validate(out, "check")
    assert status == 1 and isinstance(value, dict)
    (found,) = [p for p in value["problems"] if p["field"] == "spec.ports[0].nodePort"]
    assert (found["file"], found["line"]) == ("low.yaml", 8)
