"""The command connectivity: its options, forms and conventions, as issue 5 words them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text

Answer = tuple[int, str, str]
Run = Callable[..., Answer]
Pairs = dict[tuple[str, str], list[tuple[str, int, int]]]

EVERYWHERE = "0.0.0.0-255.255.255.255"
ALL = [("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)]

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}, {containerPort: 9090}]}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  replicas: 0
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: job-x
  namespace: batch
  ownerReferences: [{apiVersion: example.com/v1, kind: Runner, name: nightly, uid: "1", controller: true}]
spec: {containers: [{name: main, image: job}]}
"""
DB_POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*argv: str) -> Answer:
        status = main(["connectivity", *argv])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., str]:
    def write(text: str, name: str = "all.yaml") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def answer(run: Run, *argv: str) -> dict[str, Any]:
    """The JSON answer, held against its schema."""
    status, out, err = run(*argv, "--output", "json")
    assert status == 0, err
    value: dict[str, Any] = json.loads(out)
    schema = "connectivity-diff" if "--diff" in argv else "connectivity"
    jsonschema.validate(value, json.loads(read_text("schemas", f"{schema}.schema.json")))
    return value


def ports_of(entries: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(e["protocol"], e["from"], e["to"]) for e in entries]


def pairs(run: Run, *argv: str) -> Pairs:
    return {(c["src"], c["dst"]): ports_of(c["ports"]) for c in answer(run, *argv)["connections"]}


def test_peers_are_named_by_their_workloads(run: Run, put: Callable[..., str]) -> None:
    """A Pod of a controlling owner that is not in the input has the owner's name; assumed objects do not appear."""
    found = pairs(run, put(SHOP + DB_POLICY))
    ends = {"batch/nightly[Runner]", "shop/web[Deployment]", "shop/db[StatefulSet]", EVERYWHERE}
    assert {end for pair in found for end in pair} == ends
    assert found["shop/web[Deployment]", "shop/db[StatefulSet]"] == [("TCP", 5432, 5432)]
    assert ("batch/nightly[Runner]", "shop/db[StatefulSet]") not in found
    assert found["shop/db[StatefulSet]", "shop/web[Deployment]"] == ALL, "ports of containers do not limit it"
    assert not [pair for pair in found if pair[0] == pair[1]], "no line from a workload to itself"
    assert (EVERYWHERE, EVERYWHERE) not in found


def test_ranges_are_cut_at_the_blocks(run: Run, put: Callable[..., str]) -> None:
    block = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.64.0.0/16]}}"
    found = pairs(run, put(SHOP + DB_POLICY.replace("{podSelector: {matchLabels: {app: web}}}", block)))
    into = [src for src, dst in found if dst == "shop/db[StatefulSet]" and "[" not in src]
    assert into == ["10.0.0.0-10.63.255.255", "10.65.0.0-10.255.255.255"]
    out = [dst for src, dst in found if src == "shop/web[Deployment]" and "[" not in dst]
    assert out == [
        "0.0.0.0-9.255.255.255", "10.0.0.0-10.63.255.255", "10.64.0.0-10.64.255.255",
        "10.65.0.0-10.255.255.255", "11.0.0.0-255.255.255.255",
    ]  # fmt: skip


def test_an_ip_block_means_pods_or_only_the_outside(run: Run, put: Callable[..., str]) -> None:
    path = put(SHOP + DB_POLICY.replace("{podSelector: {matchLabels: {app: web}}}", "{ipBlock: {cidr: 0.0.0.0/0}}"))
    edge = ("shop/web[Deployment]", "shop/db[StatefulSet]")
    assert pairs(run, path, "--ipblock", "pods")[edge] == [("TCP", 5432, 5432)]
    outside = pairs(run, path, "--ipblock", "outside")
    assert edge not in outside
    assert outside[EVERYWHERE, "shop/db[StatefulSet]"] == [("TCP", 5432, 5432)]


def test_a_namespace_without_manifest_has_its_name_label_only(run: Run, put: Callable[..., str]) -> None:
    by_name = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: batch}}}"
    other = "{namespaceSelector: {matchLabels: {team: batch}}}"
    edge = ("batch/nightly[Runner]", "shop/db[StatefulSet]")
    old = "{podSelector: {matchLabels: {app: web}}}"
    assert edge in pairs(run, put(SHOP + DB_POLICY.replace(old, by_name)))
    assert edge not in pairs(run, put(SHOP + DB_POLICY.replace(old, other)))


def test_pods_of_one_owner_with_different_labels_are_told_apart(run: Run, put: Callable[..., str]) -> None:
    pod = """\
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: a
  labels: {labels}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: "1", controller: true}}]
spec: {{containers: [{{name: main, image: web}}]}}
"""
    text = pod.format(name="web-x", labels="{app: web}") + pod.format(name="web-y", labels="{app: web, track: canary}")
    found = pairs(run, put(text + pod.format(name="web-z", labels="{app: web}")))
    names = {end for pair in found for end in pair} - {EVERYWHERE}
    assert names == {"a/web-1[ReplicaSet]{}", "a/web-1[ReplicaSet]{track=canary}"}
    assert found["a/web-1[ReplicaSet]{}", "a/web-1[ReplicaSet]{track=canary}"] == ALL


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ("from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]", "both ipBlock and another peer"),
        ("ports: [{port: 80, endPort: 70}]", "endPort"),
        ("from: [{podSelector: {matchExpressions: [{key: a, operator: Is, values: [b]}]}}]", "operator"),
        ("from: [{}]", "must specify a peer"),
        ("from: {podSelector: {}}", "must be a list"),
        ("ports: [{port: 80, protocol: ICMP}]", "protocol"),
    ],
)
def test_an_invalid_policy_is_an_error_with_file_and_line(
    run: Run, put: Callable[..., str], rule: str, word: str
) -> None:
    text = DB_POLICY.partition("  ingress:")[0] + f"  ingress:\n  - {rule}\n"
    status, out, err = run(put(SHOP + text, "bad.yaml"))
    line = (SHOP + text).splitlines().index(f"  - {rule}") + 1
    assert (status, out) == (2, "")
    assert word in err and f"bad.yaml:{line}" in err


def test_an_unreadable_document_is_reported_and_skipped(run: Run, put: Callable[..., str], tmp_path: Path) -> None:
    put(SHOP + DB_POLICY)
    put("apiVersion: v1\nkind: Pod\n\tmetadata: {name: x}\n", "broken.yaml")
    status, out, err = run(str(tmp_path))
    assert status == 0 and "broken.yaml, line 3" in err
    assert "shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432" in out


def test_every_form_says_the_same(run: Run, put: Callable[..., str]) -> None:
    path = put(SHOP + DB_POLICY)
    found = pairs(run, path)
    table = list(csv.DictReader(io.StringIO(run(path, "--output", "csv")[1])))
    assert [(row["source"], row["destination"]) for row in table if row["protocol"] == "TCP"] == list(found)
    assert len(table) == sum(len(ports) for ports in found.values())
    text = run(path)[1].splitlines()
    assert len([line for line in text if " => " in line]) == len(found)
    rows = [line for line in run(path, "--output", "md")[1].splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(found) and "| shop/web[Deployment] | shop/db[StatefulSet] | TCP 5432 |" in rows
    dot = run(path, "--output", "dot")[1]
    assert dot.startswith("digraph") and dot.count(" -> ") == len(found)
    assert '  "shop/web[Deployment]" -> "shop/db[StatefulSet]" [label="TCP 5432"];' in dot.splitlines()


def test_the_picture_is_a_grid_with_a_cell_for_each_pair(run: Run, put: Callable[..., str]) -> None:
    status, out, _ = run(put(SHOP + DB_POLICY), "--output", "svg")
    assert status == 0
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.fromstring(out)
    titles = [cell.findtext(f"{space}title") for cell in root.iter(f"{space}rect") if cell.get("class") == "some"]
    assert "shop/web[Deployment] => shop/db[StatefulSet] : TCP 5432" in titles
    words = [text.text for text in root.iter(f"{space}text")]
    assert words.count("shop/web[Deployment]") == 2, "a row and a column"


def test_focus_keeps_the_lines_of_one_workload(run: Run, put: Callable[..., str]) -> None:
    path = put(SHOP + DB_POLICY)
    whole = pairs(run, path)
    for name in ("shop/db[StatefulSet]", "shop/db", "db"):
        assert pairs(run, path, "--focus", name) == {k: v for k, v in whole.items() if "shop/db[StatefulSet]" in k}
    assert set(pairs(run, path, "--focus", EVERYWHERE)) == {pair for pair in whole if EVERYWHERE in pair}
    status, out, err = run(path, "--focus", "shop/cache")
    assert (status, out) == (2, "")
    assert "shop/web[Deployment]" in err


def test_explanations_name_the_policies_of_both_ends(run: Run, put: Callable[..., str]) -> None:
    found = answer(run, put(SHOP + DB_POLICY), "--explain", "--focus", "db")["explanations"]
    policy, nobody = ["NetworkPolicy shop/db"], {"verdict": "default", "policies": []}
    mine = [e for e in found if (e["src"], e["dst"]) == ("shop/web[Deployment]", "shop/db[StatefulSet]")]
    assert [(e["allowed"], e["egress"], e["ingress"]) for e in mine] == [
        (True, nobody, {"verdict": "allow", "policies": policy}),
        (False, nobody, {"verdict": "deny", "policies": policy}),
    ]
    assert ports_of(mine[0]["ports"]) == [("TCP", 5432, 5432)]
    assert ports_of(mine[1]["ports"]) == [("TCP", 1, 5431), ("TCP", 5433, 65535), *ALL[1:]]
    out = [e for e in found if e["src"] == "shop/db[StatefulSet]" and e["dst"] == EVERYWHERE]
    assert [(e["allowed"], e["egress"], e["ingress"]) for e in out] == [(True, nobody, nobody)]
    text = run(put(SHOP + DB_POLICY), "--explain", "--focus", "db")[1]
    line = (SHOP + DB_POLICY).splitlines().index("  - from: [{podSelector: {matchLabels: {app: web}}}]") + 1
    assert f"    ingress: allowed by NetworkPolicy shop/db (all.yaml:{line})" in text.splitlines()
    rows = list(csv.DictReader(io.StringIO(run(put(SHOP + DB_POLICY), "--explain", "--output", "csv")[1])))
    assert {row["ingress policies"] for row in rows if row["ingress"] == "deny"} == {"NetworkPolicy shop/db"}


def test_exposure_is_what_is_open_to_workloads_outside_the_input(run: Run, put: Callable[..., str]) -> None:
    value = answer(run, put(SHOP + DB_POLICY), "--exposure", "--focus", "db")
    found = {e["direction"]: e for e in value["exposure"]}
    assert {e["workload"] for e in value["exposure"]} == {"shop/db[StatefulSet]"}
    assert found["egress"]["protected"] is False
    assert ports_of(found["egress"]["peers"][0]["ports"]) == ALL
    anybody, same = found["ingress"]["peers"]
    assert found["ingress"]["protected"] is True and anybody["ports"] == []
    assert same["peer"] == "namespace shop AND app=web"
    assert ports_of(same["ports"]) == [("TCP", 5432, 5432)]
    assert "takes TCP 5432 from namespace shop AND app=web" in run(put(SHOP + DB_POLICY), "--exposure")[1]
    assert "| shop/db[StatefulSet] | ingress | yes |" in run(put(SHOP + DB_POLICY), "--exposure", "--output", "md")[1]


def test_a_difference_has_what_is_opened_closed_and_changed(run: Run, put: Callable[..., str]) -> None:
    old = put(SHOP + DB_POLICY, "old.yaml")
    rule = "  - from: [{ipBlock: {cidr: 10.0.0.0/8}}]\n"
    new = put(
        SHOP + DB_POLICY.replace("ports: [{port: 5432}]", "ports: [{port: 5432}, {port: 5433}]") + rule, "new.yaml"
    )
    value = answer(run, "--diff", old, new, "--ipblock", "outside")
    web, db = "shop/web[Deployment]", "shop/db[StatefulSet]"
    assert value["opened"] == [
        {"src": "10.0.0.0-10.255.255.255", "dst": db,
         "ports": [{"protocol": p, "from": low, "to": high} for p, low, high in ALL]}
    ]  # fmt: skip
    assert value["closed"] == []
    (changed,) = value["changed"]
    assert (changed["src"], changed["dst"]) == (web, db)
    assert ports_of(changed["before"]) == [("TCP", 5432, 5432)]
    assert ports_of(changed["after"]) == [("TCP", 5432, 5433)]
    back = answer(run, "--diff", new, old, "--ipblock", "outside")
    assert back["closed"] == value["opened"] and back["opened"] == []
    argv = ("--diff", old, new, "--ipblock", "outside")
    assert f"changed: {web} => {db} : TCP 5432 -> TCP 5432-5433" in run(*argv)[1].splitlines()
    assert f"| changed | {web} | {db} | TCP 5432 | TCP 5432-5433 |" in run(*argv, "--output", "md")[1]
    rows = list(csv.DictReader(io.StringIO(run(*argv, "--output", "csv")[1])))
    assert [row["change"] for row in rows] == ["opened", "changed"]
    assert f'  "{web}" -> "{db}" [label="changed: TCP 5432 -> TCP 5432-5433"' in run(*argv, "--output", "dot")[1]
    assert "Nobody can reach more or less than before." in run("--diff", old, old)[1]


def test_workloads_that_come_and_go_are_named(run: Run, put: Callable[..., str]) -> None:
    old, new = put(SHOP, "old.yaml"), put(SHOP.partition("---\napiVersion: v1\n")[0], "new.yaml")
    value = answer(run, "--diff", old, new)
    assert value["workloads"] == {"added": [], "removed": ["batch/nightly[Runner]"]}
    assert {"batch/nightly[Runner]"} <= {end for e in value["closed"] for end in (e["src"], e["dst"])}


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("a.yaml", "--diff", "a.yaml", "a.yaml"),
        ("--diff", "-", "-"),
        ("--diff", "a.yaml", "a.yaml", "--output", "svg"),
        ("--diff", "a.yaml", "a.yaml", "--explain"),
        ("a.yaml", "--explain", "--output", "dot"),
        ("a.yaml", "--exposure", "--output", "csv"),
    ],
)
def test_options_that_do_not_fit_are_status_2(run: Run, argv: tuple[str, ...]) -> None:
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert "--" in err


def test_a_cluster_too_full_for_its_nodes_is_no_matter_of_connectivity(run: Run, put: Callable[..., str]) -> None:
    status, out, err = run(put(SHOP.replace("replicas: 2", "replicas: 900")))
    assert (status, err) == (0, "")
    assert "shop/web[Deployment] => batch/nightly[Runner] : all connections" in out


UNTOLD = {
    "apiVersion": "projectcalico.org/v3",
    "kind": "NetworkPolicy",
    "metadata": {"name": "by-request", "namespace": "shop"},
    "spec": {
        "selector": "app == 'db'",
        "ingress": [
            {"action": "Allow", "protocol": "TCP", "http": {"methods": ["GET"]}, "destination": {"ports": [5432]}},
            {"action": "Deny", "protocol": "UDP"},
        ],
    },
}


def test_what_cannot_be_told_stands_in_no_line_and_has_its_reason(run: Run, put: Callable[..., str]) -> None:
    """A rule about requests may match or not: port 5432 is open or closed, everything else is closed for sure."""
    path = put(f"{SHOP}---\n{json.dumps(UNTOLD)}\n")
    value = answer(run, path, "--explain")
    web, db = "shop/web[Deployment]", "shop/db[StatefulSet]"
    assert not [line for line in value["connections"] if line["dst"] == db]
    (entry,) = [one for one in value["undecided"] if (one["src"], one["dst"]) == (web, db)]
    assert ports_of(entry["ports"]) == [("TCP", 5432, 5432)]
    assert entry["policies"] == ["NetworkPolicy shop/by-request"] and "requests" in entry["reason"]
    told = [one for one in value["explanations"] if (one["src"], one["dst"]) == (web, db)]
    assert {one["allowed"] for one in told} == {False}
    assert all(("TCP", 5432, 5432) not in ports_of(one["ports"]) for one in told)
    _, text, _ = run(path)
    assert any(
        line.startswith(f"{web} => {db} : TCP 5432 (ingress: ")
        for line in text.partition("Cannot tell:")[2].splitlines()
    )
    assert f"| {web} | {db} | TCP 5432 | ingress: " in run(path, "--output", "md")[1].partition("## Cannot tell")[2]
    assert f'"{web}" -> "{db}" [label="cannot tell: TCP 5432", style=dashed]' in run(path, "--output", "dot")[1]
    assert f"{web} =&gt; {db} : cannot tell TCP 5432" in run(path, "--output", "svg")[1]
    _, table, err = run(path, "--output", "csv")
    assert db not in [row["destination"] for row in csv.DictReader(io.StringIO(table))]
    assert "cannot be told" in err
    rows = list(csv.DictReader(io.StringIO(run(path, "--output", "csv", "--explain")[1])))
    assert [
        row["from"] for row in rows if (row["source"], row["destination"], row["allowed"]) == (web, db, "cannot tell")
    ] == ["5432"]
    focused = answer(run, path, "--focus", "nightly")
    assert {one["src"] for one in focused["undecided"]} == {"batch/nightly[Runner]"}


def test_a_difference_to_what_cannot_be_told_is_neither_opened_nor_closed(run: Run, put: Callable[..., str]) -> None:
    old, new = put(SHOP, "old.yaml"), put(f"{SHOP}---\n{json.dumps(UNTOLD)}\n", "new.yaml")
    value = answer(run, "--diff", old, new)
    web, db = "shop/web[Deployment]", "shop/db[StatefulSet]"
    assert value["opened"] == []
    closed = next(one for one in value["closed"] if (one["src"], one["dst"]) == (web, db))
    assert ports_of(closed["ports"]) == [("TCP", 1, 5431), ("TCP", 5433, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)]
    (unclear,) = [one for one in value["unclear"] if (one["src"], one["dst"]) == (web, db)]
    assert ports_of(unclear["before"]) == ports_of(unclear["after"]) == [("TCP", 5432, 5432)]
    assert f"unclear: {web} => {db} : perhaps TCP 5432" in run("--diff", old, new)[1]
    assert "unclear" not in answer(run, "--diff", new, new)


def test_exposure_knows_policies_of_other_kinds(run: Run, put: Callable[..., str]) -> None:
    guard = {"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": {"name": "guard"},
             "spec": {"selector": "app == 'db'", "types": ["Ingress"], "ingress": [
                 {"action": "Allow", "protocol": "TCP", "source": {"selector": "app == 'backup'"},
                  "destination": {"ports": [5432]}}]}}  # fmt: skip
    path = put(f"{SHOP}---\n{json.dumps(guard)}\n")
    found = {e["direction"]: e for e in answer(run, path, "--exposure", "--focus", "db")["exposure"]}
    assert (found["ingress"]["protected"], found["egress"]["protected"]) == (True, False)
    anybody, backup = found["ingress"]["peers"]
    assert anybody["ports"] == [] and ports_of(backup["ports"]) == [("TCP", 5432, 5432)]
    assert backup["peer"] == "selector app == 'backup'"
