"""The paragraph *Conventions* of issue 5, and what it says of documents that cannot be read: a test for each sentence.

Through the command line on manifests of its own; every JSON answer is held against its schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text

Lines = dict[tuple[str, str], list[tuple[str, int, int]]]
Ask = Callable[..., tuple[int, str, str]]

EVERYWHERE = "0.0.0.0-255.255.255.255"
ALL = [("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)]
CONTROLLER = "{ingress-controller}"

TEMPLATE = (
    "{metadata: {labels: {app: NAME}}, spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}}"
)
WORKLOAD = """\
---
apiVersion: API
kind: KIND
metadata: {name: NAME, namespace: shop}
spec: SPEC
"""
SPECS = {
    "Deployment": ("apps/v1", "{selector: {matchLabels: {app: NAME}}, template: TEMPLATE}"),
    "StatefulSet": ("apps/v1", "{serviceName: s, selector: {matchLabels: {app: NAME}}, template: TEMPLATE}"),
    "DaemonSet": ("apps/v1", "{selector: {matchLabels: {app: NAME}}, template: TEMPLATE}"),
    "ReplicaSet": ("apps/v1", "{selector: {matchLabels: {app: NAME}}, template: TEMPLATE}"),
    "ReplicationController": ("v1", "{selector: {app: NAME}, template: TEMPLATE}"),
    "Job": ("batch/v1", "{template: JOB}"),
    "CronJob": ("batch/v1", '{schedule: "0 0 * * *", jobTemplate: {spec: {template: JOB}}}'),
    "Pod": ("v1", "{containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}"),
}
POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop, labels: LABELSOWNER}
spec: {containers: [{name: c, image: i}]}
"""
OWNER = ", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: u, controller: true}]"
POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: SPEC
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
NGINX = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: nginx, namespace: edge}
spec:
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      containers:
      - name: c
        image: registry.k8s.io/ingress-nginx/controller:v1.12.0
        args: ["--watch-ingress-without-class=true"]
"""


def workload(kind: str, name: str) -> str:
    api, spec = SPECS[kind]
    job = TEMPLATE.replace("spec: {", "spec: {restartPolicy: Never, ")
    spec = spec.replace("TEMPLATE", TEMPLATE).replace("JOB", job)
    found = WORKLOAD.replace("API", api).replace("KIND", kind).replace("SPEC", spec).replace("NAME", name)
    return found.replace("namespace: shop}", f"namespace: shop, labels: {{app: {name}}}}}") if kind == "Pod" else found


def pod(name: str, labels: str = "{}", owner: str = "") -> str:
    return POD.replace("NAME", name).replace("LABELS", labels).replace("OWNER", owner)


def policy(spec: str) -> str:
    return POLICY.replace("SPEC", spec)


WEB = workload("Deployment", "web")
DB = workload("StatefulSet", "db")
BETWEEN = ("shop/web[Deployment]", "shop/db[StatefulSet]")


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def call(text: str, *options: str) -> tuple[int, str, str]:
        (tmp_path / "all.yaml").write_text(text)
        status = main(["connectivity", str(tmp_path), "--output", "json", *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def answer(ask: Ask, text: str, *options: str) -> dict[str, Any]:
    status, out, err = ask(text, *options)
    assert status == 0, err
    value: dict[str, Any] = json.loads(out)
    jsonschema.validate(value, json.loads(read_text("schemas", "connectivity.schema.json")))
    return value


def ports(entries: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(one["protocol"], one["from"], one["to"]) for one in entries]


def lines(ask: Ask, text: str, *options: str) -> Lines:
    return {(one["src"], one["dst"]): ports(one["ports"]) for one in answer(ask, text, *options)["connections"]}


def ends(found: Lines) -> set[str]:
    return {end for pair in found for end in pair}


@pytest.mark.parametrize("kind", SPECS)
def test_a_workload_stands_under_its_own_kind(ask: Ask, kind: str) -> None:
    assert ends(lines(ask, workload(kind, "one"))) == {f"shop/one[{kind}]", EVERYWHERE}


@pytest.mark.parametrize("kind", SPECS)
def test_policies_see_the_labels_of_the_pod_template(ask: Ask, kind: str) -> None:
    chosen = policy("{podSelector: {matchLabels: {app: one}}, policyTypes: [Ingress]}")
    found = lines(ask, workload(kind, "one") + workload("Deployment", "two") + chosen)
    assert ("shop/two[Deployment]", f"shop/one[{kind}]") not in found
    assert found[f"shop/one[{kind}]", "shop/two[Deployment]"] == ALL


def test_pods_appear_as_their_controlling_owner(ask: Ask) -> None:
    found = lines(ask, pod("rs-a", owner=OWNER) + pod("rs-b", owner=OWNER) + pod("alone"))
    assert ends(found) == {"shop/rs[ReplicaSet]", "shop/alone[Pod]", EVERYWHERE}


def test_an_owner_that_does_not_control_counts_for_nothing(ask: Ask) -> None:
    assert "shop/p[Pod]" in ends(lines(ask, pod("p", owner=OWNER.replace("true", "false"))))


def test_pods_of_one_owner_with_different_labels_are_told_apart(ask: Ask) -> None:
    both = pod("rs-a", "{app: x, role: a}", OWNER) + pod("rs-b", "{app: x, role: b}", OWNER)
    found = lines(ask, both + policy("{podSelector: {matchLabels: {role: b}}, policyTypes: [Ingress]}"))
    a, b = "shop/rs[ReplicaSet]{role=a}", "shop/rs[ReplicaSet]{role=b}"
    assert ends(found) == {a, b, EVERYWHERE}
    assert found[b, a] == ALL
    assert (a, b) not in found


THREE = DB.replace("serviceName: s,", "serviceName: s, replicas: 3,")


def test_labels_that_a_controller_generates_make_no_other_workload(ask: Ask) -> None:
    """Each Pod of a StatefulSet has its own name and index as labels; its template is one, and so is the workload."""
    assert ends(lines(ask, THREE)) == {"shop/db[StatefulSet]", EVERYWHERE}
    hashes = pod("rs-a", "{app: x, pod-template-hash: one}", OWNER) + pod(
        "rs-b", "{app: x, pod-template-hash: two}", OWNER
    )
    assert ends(lines(ask, hashes)) == {"shop/rs[ReplicaSet]", EVERYWHERE}


def test_a_generated_label_that_a_policy_asks_for_tells_pods_apart(ask: Ask) -> None:
    first = '{podSelector: {matchLabels: {apps.kubernetes.io/pod-index: "0"}}, policyTypes: [Ingress]}'
    found = lines(ask, THREE + policy(first))
    names = [f"shop/db[StatefulSet]{{apps.kubernetes.io/pod-index={number}}}" for number in range(3)]
    assert ends(found) == {*names, EVERYWHERE}
    assert {dst for _, dst in found} == {*names[1:], EVERYWHERE}


def test_no_line_from_a_workload_to_itself_or_from_address_to_address(ask: Ask) -> None:
    block = policy("{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}")
    found = lines(ask, WEB + DB + block, "--ipblock", "outside")
    assert not [pair for pair in found if pair[0] == pair[1]]
    ranges = {end for end in ends(found) if "[" not in end}
    assert ranges == {"0.0.0.0-9.255.255.255", "10.0.0.0-10.255.255.255", "11.0.0.0-255.255.255.255"}
    assert not [pair for pair in found if set(pair) <= ranges]


def test_no_line_for_an_empty_set_of_ports(ask: Ask) -> None:
    found = lines(ask, WEB + DB + policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress]}"))
    assert set(found) == {(EVERYWHERE, BETWEEN[0]), (BETWEEN[0], EVERYWHERE)}


def test_all_connections_are_tcp_udp_and_sctp_whatever_containers_declare(ask: Ask) -> None:
    """The containers declare 8080/TCP alone; SCTP and every other port are in the line all the same."""
    assert lines(ask, WEB + DB)[BETWEEN] == ALL


def test_a_protocol_without_port_is_all_of_its_ports(ask: Ask) -> None:
    found = lines(
        ask, WEB + DB + policy("{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{protocol: UDP}]}]}")
    )
    assert found[BETWEEN] == [("UDP", 1, 65535)]


@pytest.mark.parametrize(
    ("labels", "opened"), [("{kubernetes.io/metadata.name: shop}", True), ("{team: a}", False), ("{name: shop}", False)]
)
def test_a_namespace_without_manifest_has_its_name_label_only(ask: Ask, labels: str, opened: bool) -> None:
    rule = f"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {labels}}}}}]}}]}}"
    assert (BETWEEN in lines(ask, WEB + DB + policy(rule))) is opened


def test_a_namespace_without_manifest_has_no_other_label(ask: Ask) -> None:
    keys = "[{key: kubernetes.io/metadata.name, operator: Exists}, {key: team, operator: DoesNotExist}]"
    rule = f"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{matchExpressions: {keys}}}}}]}}]}}"
    assert lines(ask, WEB + DB + policy(rule))[BETWEEN] == ALL


def test_what_the_program_assumed_does_not_appear(ask: Ask) -> None:
    """No Node, no kube-system and no cluster DNS is in the input."""
    assert ends(lines(ask, WEB)) == {"shop/web[Deployment]", EVERYWHERE}


def test_an_ingress_gives_a_line_on_the_container_port_behind_the_target_port(ask: Ask) -> None:
    found = lines(ask, WEB + SERVICE)
    assert found[CONTROLLER, "shop/web[Deployment]"] == [("TCP", 8080, 8080)]
    assert CONTROLLER not in ends(lines(ask, DB + SERVICE)), "the selector matches no workload"


def test_a_service_may_ask_for_the_label_of_one_pod(ask: Ask) -> None:
    """The Service of the second Pod alone leads to the workload that it is one of."""
    second = SERVICE.replace("selector: {app: web}", "selector: {statefulset.kubernetes.io/pod-name: db-1}")
    assert lines(ask, THREE + second)[CONTROLLER, "shop/db[StatefulSet]"] == [("TCP", 8080, 8080)]


UNNAMED = SERVICE.replace("{port: 80, targetPort: 8080}", "{port: 80, targetPort: 8080}, {port: 81, targetPort: 8081}")
UNTYPED = SERVICE.replace(
    "defaultBackend: {service: {name: web, port: {number: 80}}}",
    "rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]",
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (UNNAMED, "Ingress shop/web leads to Service shop/web, which the API server refuses"),
        (UNTYPED, "Ingress shop/web is refused by the API server"),
        (SERVICE.replace("selector: {app: web}, ", ""), "Service shop/web, which has no selector"),
        ("---" + SERVICE.split("---")[2], "Service shop/web, which is not in the input"),
    ],
    ids=["several ports without names", "a path without pathType", "no selector", "no Service"],
)
def test_what_an_ingress_does_not_lead_to_is_said(ask: Ask, text: str, said: str) -> None:
    """services.md: names are required where a Service has several ports; ingress-gateway.md: pathType is required."""
    status, out, err = ask(WEB + text)
    assert status == 0
    assert CONTROLLER not in out
    assert said in err


@pytest.mark.parametrize(
    ("peer", "reached"),
    [
        ("{namespaceSelector: {}}", True),
        ("{podSelector: {}}", False),
        ("{namespaceSelector: {matchLabels: {team: edge}}}", False),
        ("{namespaceSelector: {}, podSelector: {matchLabels: {app: nginx}}}", False),
    ],
)
def test_less_what_policies_deny_to_an_unlabelled_pod_of_an_unlabelled_foreign_namespace(
    ask: Ask, peer: str, reached: bool
) -> None:
    found = lines(ask, WEB + SERVICE + policy(f"{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}"))
    assert (found.get((CONTROLLER, "shop/web[Deployment]")) == [("TCP", 8080, 8080)]) is reached
    assert ((CONTROLLER, "shop/web[Deployment]") in found) is reached


def test_a_controller_of_the_input_has_lines_of_its_own(ask: Ask) -> None:
    found = lines(ask, WEB + SERVICE + NGINX)
    assert CONTROLLER not in ends(found)
    assert found["edge/nginx[Deployment]", "shop/web[Deployment]"] == ALL


def test_a_document_that_cannot_be_read_is_reported_and_skipped(ask: Ask) -> None:
    broken = "---\nkind: Deployment\nmetadata: {name: [\n"
    status, out, err = ask(WEB + DB + broken)
    assert status == 0
    assert "all.yaml" in err
    assert BETWEEN in {(one["src"], one["dst"]) for one in json.loads(out)["connections"]}


SELECTING = "ingress: [{from: [{podSelector: {matchExpressions: [EXPRESSION]}}]}]"
INVALID = {
    "an ipBlock beside selectors": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
    "endPort below port": "ingress: [{ports: [{protocol: TCP, port: 90, endPort: 80}]}]",
    "endPort without port": "ingress: [{ports: [{protocol: TCP, endPort: 80}]}]",
    "endPort beside a name": "ingress: [{ports: [{port: http, endPort: 80}]}]",
    "an unknown operator": SELECTING.replace("EXPRESSION", "{key: a, operator: Like, values: [b]}"),
    "In without values": SELECTING.replace("EXPRESSION", "{key: a, operator: In}"),
    "Exists with values": SELECTING.replace("EXPRESSION", "{key: a, operator: Exists, values: [b]}"),
    "no address": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.300/8}}]}]",
    "an exception outside": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]",
    "a port beyond 65535": "ingress: [{ports: [{port: 70000}]}]",
    "an unknown protocol": "ingress: [{ports: [{protocol: ICMP, port: 8}]}]",
    "an empty peer": "ingress: [{from: [{}]}]",
    "an unknown policy type": "policyTypes: [Inwards]",
}


@pytest.mark.parametrize("what", INVALID)
def test_an_invalid_policy_is_an_error_with_file_and_line(ask: Ask, what: str) -> None:
    """What the API server refuses (`domain/policies.md`, validation): exit status 2, and no answer."""
    text = WEB + DB
    status, out, err = ask(text + policy(f"{{podSelector: {{}}, {INVALID[what]}}}"))
    assert status == 2
    assert out == ""
    first = text.count("\n") + 1
    places = [f"all.yaml:{line}" for line in range(first, first + 6)]
    assert any(place in err for place in places), err
    assert "Traceback" not in err


def test_explain_has_the_shape_of_the_issue(ask: Ask) -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}"
    into = policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}")
    found = answer(ask, WEB + DB + into, "--explain")
    here = [one for one in found["explanations"] if (one["src"], one["dst"]) == BETWEEN]
    free, by = {"verdict": "default", "policies": []}, ["NetworkPolicy shop/p"]
    assert [(ports(one["ports"]), one["allowed"]) for one in here] == [
        ([("TCP", 5432, 5432)], True),
        ([("TCP", 1, 5431), ("TCP", 5433, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535)], False),
    ]
    for one, verdict in zip(here, ("allow", "deny"), strict=True):
        assert {key: one["egress"][key] for key in free} == free
        assert {key: one["ingress"][key] for key in free} == {"verdict": verdict, "policies": by}
    assert "explanations" not in answer(ask, WEB + DB)


DUAL = """\
---
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: shop, uid: u-NAME}
spec: {containers: [{name: c, image: i}]}
status: {phase: Running, podIP: 10.1.0.NUMBER, podIPs: [{ip: 10.1.0.NUMBER}, {ip: "fd00:1::NUMBER"}]}
"""
OUT_OVER_FOUR = "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"
INTO_OVER_SIX = '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: "::/0"}}]}]}'


def test_dual_stack_pods_have_a_line_only_where_both_families_agree(ask: Ask) -> None:
    """IPv4 passes at the source and IPv6 does not: neither open nor closed; with the other end turned round, closed."""
    pods = "".join(DUAL.replace("NAME", name).replace("NUMBER", number) for name, number in (("a", "1"), ("b", "2")))
    pair = ("shop/a[Pod]", "shop/b[Pod]")
    found = answer(ask, pods + policy(OUT_OVER_FOUR), "--ipblock", "pods", "--explain")
    assert pair not in {(one["src"], one["dst"]) for one in found["connections"]}
    assert pair not in {(one["src"], one["dst"]) for one in found["explanations"]}
    (open_one,) = [one for one in found["undecided"] if (one["src"], one["dst"]) == pair]
    assert ports(open_one["ports"]) == ALL
    assert "over IPv4" in json.dumps(open_one)
    both = policy(OUT_OVER_FOUR) + policy(INTO_OVER_SIX).replace("name: p,", "name: q,")
    found = answer(ask, pods + both, "--ipblock", "pods", "--explain")
    assert "undecided" not in found
    assert [one["allowed"] for one in found["explanations"] if (one["src"], one["dst"]) == pair] == [False]


def test_an_end_that_cannot_be_told_is_named_so_where_the_other_denies(ask: Ask) -> None:
    """Whether the Calico policy selects anybody hangs on labels of a service account that is not in the input."""
    guard = """\
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: guard}
spec: {selector: all(), serviceAccountSelector: team == 'x', types: [Egress], egress: [{action: Deny}]}
"""
    closed = policy("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}")
    web = WEB.replace("spec: {containers", "spec: {serviceAccountName: robot, containers")
    found = answer(ask, web + DB + closed + guard, "--explain")
    (why,) = [one for one in found["explanations"] if (one["src"], one["dst"]) == BETWEEN]
    assert (why["allowed"], why["ingress"]["verdict"]) == (False, "deny")
    assert why["egress"] == {"verdict": "cannot-tell", "policies": []}
