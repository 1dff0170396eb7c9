"""What the API server would refuse in kinds that the engine does not check is said at the import, with its line."""

from typing import Any

import pytest

from designer.manifests import read_texts
from designer.model import Problem

WORKLOAD = """\
apiVersion: apps/v1
kind: %s
metadata:
  name: web
spec:
  selector:
    matchLabels: %s
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: c
        ports:
        - containerPort: %s
"""


def problems(text: str) -> tuple[Problem, ...]:
    return read_texts([("a.yaml", text)], assuming=False).problems


def test_a_sound_workload_is_no_problem() -> None:
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        assert problems(WORKLOAD % (kind, "{app: web}", 80)) == ()


@pytest.mark.parametrize(
    ("labels", "port", "field", "line", "words"),
    [
        ("{app: wbe}", 80, "spec.selector", 6, "does not match the labels"),
        ("{}", 80, "spec.selector", 6, "is missing"),
        ("{app: web}", 70000, "spec.template.spec.containers[0].ports[0].containerPort", 15, "from 1 to 65535"),
        ("{app: 'a b'}", 80, "spec.selector.matchLabels.app", 7, "up to 63"),
    ],
)
def test_findings_have_field_line_and_remedy(labels: str, port: Any, field: str, line: int, words: str) -> None:
    found = problems(WORKLOAD % ("Deployment", labels, port))
    problem = next(problem for problem in found if problem.field == field)
    assert (problem.code, problem.severity, problem.file, problem.line) == ("READ-14", "error", "a.yaml", line)
    assert words in problem.title and problem.fix
    # It is read all the same.
    assert read_texts([("a.yaml", WORKLOAD % ("Deployment", labels, port))]).project.get("Deployment:default/web")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: a.b}\n", "metadata.namespace"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a..b}\n", "metadata.name"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {a b: c}}\n", 'metadata.labels.a b'),
        ("apiVersion: v1\nkind: Node\nmetadata: {name: a}\nspec: {podCIDR: 10.0.0.1/24}\n", "spec.podCIDR"),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {a: 'b c'}, ports: [{port: 80}]}\n",
         "spec.selector.a"),
    ],
)  # fmt: skip
def test_names_labels_and_ranges(text: str, field: str) -> None:
    assert [(problem.code, problem.field) for problem in problems(text)] == [("READ-14", field)]


def test_what_the_engine_says_is_not_said_twice_and_what_a_server_holds_is_not_doubted() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 0, protocol: tcp}]}\n"
    assert problems(service) == ()
    stored = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: x, labels: {a: 'b c'}}\n"
    assert problems(stored) == ()


@pytest.mark.parametrize("replicas", [-1, 150_001, 2_000_000_000])
def test_a_number_of_pods_that_no_cluster_holds_is_kept_and_not_made(replicas: int) -> None:
    text = WORKLOAD % ("Deployment", "{app: web}", 80) + f"  replicas: {replicas}\n"
    result = read_texts([("a.yaml", text)])
    assert result.project.get("Deployment:default/web") is None and len(result.project.foreign) == 1
    (problem,) = result.problems
    assert (problem.code, problem.field, problem.line) == ("READ-06", "spec.replicas", 16)
    assert "or more" in problem.title or "150000 or less" in problem.title
