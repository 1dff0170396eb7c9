"""What does not fit its kind: message, field, line, remedy; the rest opens. The API server refuses the same."""

import pytest

from designer.manifests import field_line, parse_object, read_texts
from designer.model import NetworkPolicy, Problem, Service

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: %s
  template:
    spec:
      containers:
      - name: c
        ports:
        - containerPort: %s
        env: %s
"""


def problems(text: str) -> tuple[Problem, ...]:
    return read_texts([("f.yaml", text)], assuming=False).problems


def test_wrong_type_names_field_finding_and_line() -> None:
    (problem,) = problems(DEPLOYMENT % ("three", 80, "[]"))
    assert problem.title == 'Deployment web: `spec.replicas` must be a whole number, found "three"'
    assert (problem.code, problem.file, problem.line, problem.field) == ("READ-06", "f.yaml", 6, "spec.replicas")
    assert problem.object == "Deployment:default/web"


def test_quoted_number_is_refused_as_the_api_server_does() -> None:
    (problem,) = problems(DEPLOYMENT % (1, '"80"', "[]"))
    assert problem.field == "spec.template.spec.containers[0].ports[0].containerPort"
    assert problem.line == 12 and problem.fix == "Remove the quotes: 80."


def test_unquoted_yes_in_env_is_explained() -> None:
    (problem,) = problems(DEPLOYMENT % (1, 80, "[{name: A, value: yes}]"))
    assert "must be text, found true" in problem.title and "quotes" in problem.fix


def test_unquoted_number_in_env_and_label() -> None:
    (problem,) = problems(DEPLOYMENT % (1, 80, "[{name: A, value: 8080}]"))
    assert problem.fix == 'Put the value in quotes: "8080".'
    (label,) = problems("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    v: 1.5\n")
    assert (label.field, label.line) == ("metadata.labels.v", 6)


def test_mapping_where_a_list_belongs() -> None:
    (problem,) = problems("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n    port: 80\n")
    assert problem.title == "Service a: `spec.ports` must be a list, found a mapping" and problem.line == 5


def test_missing_required_field() -> None:
    (problem,) = problems("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - name: x\n")
    assert problem.title == "Service a: `spec.ports[0].port` is missing" and problem.line == 6


def test_int_or_text_is_named_once() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80, targetPort: [1]}]\n"
    (problem,) = problems(text)
    assert "`spec.ports[0].targetPort` must be a whole number or text, found a list" in problem.title


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ("{}", "metadata.name"),
        ("{name: 5}", "metadata.name"),
        ("{name: Web}", "metadata.name"),
        ("{name: a/b}", "metadata.name"),
        ("{name: a, namespace: 'x y'}", "metadata.namespace"),
        (f"{{name: {'a' * 254}}}", "metadata.name"),
        ("5", "metadata.name"),
    ],
)
def test_names_that_kubernetes_refuses(metadata: str, field: str) -> None:
    result = read_texts([("f.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n")], assuming=False)
    (problem,) = result.problems
    assert problem.field == field and problem.severity == "error"
    assert not result.project.objects and len(result.project.foreign) == 1


def test_invalid_object_is_kept_and_the_rest_opens() -> None:
    text = DEPLOYMENT % ("x", 80, "[]") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: ok}\n"
    result = read_texts([("f.yaml", text)], assuming=False)
    assert [obj.id for obj in result.project.all()] == ["Service:default/ok"]
    (kept,) = result.project.foreign.values()
    assert kept.id == "apps/v1/Deployment:web" and kept.data["spec"]["replicas"] == "x"
    assert [entry.object for entry in result.report.of("kept")] == [kept.id]


def test_unknown_fields_and_kinds_are_kept() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, x: 1}\nspec: {w: [1], ports: [{port: 1, z: {}}]}\n"
    text += "---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t, namespace: ns}\nspec: {q: yes}\n"
    result = read_texts([("f.yaml", text)], assuming=False)
    service = result.project.find(Service, "Service:default/a")
    assert service is not None
    dumped = service.dump()
    assert dumped["metadata"]["x"] == 1 and dumped["spec"] == {"w": [1], "ports": [{"port": 1, "z": {}}]}
    assert result.project.foreign["example.com/v1/Thing:ns/t"].data["spec"] == {"q": True}
    assert not result.problems


def test_null_in_a_list_is_the_zero_value() -> None:
    # Go decodes `ingress: [null]` into one empty rule, which allows everything.
    text = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"
    text += "spec:\n  podSelector:\n  ingress:\n  -\n"
    result = read_texts([("f.yaml", text)], assuming=False)
    policy = result.project.find(NetworkPolicy, "NetworkPolicy:default/a")
    assert policy is not None and not result.problems
    assert len(policy.spec.ingress) == 1 and policy.spec.ingress[0].from_ == ()


def test_parse_object_gives_data_or_lines() -> None:
    data, found = parse_object("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a, labels: }\n")
    assert data == {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"}}
    assert found == ()
    data, found = parse_object("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: 5\n")
    assert data is None and [(p.line, p.field) for p in found] == [(5, "spec.ports")]
    data, found = parse_object("kind: [\n")
    assert data is None and found[0].title.startswith("Line 2") and found[0].line == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no object"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n",
            "2 objects",
        ),
        ("apiVersion: v9\nkind: Pod\nmetadata: {name: a}\n", "v9"),
        ("apiVersion: v1\nkind: Thing\nmetadata: {name: a}\n", "Thing"),
        ("hello", "no object"),
        ("{{ .Values }}", "template"),
    ],
)
def test_parse_object_refuses_the_rest(text: str, words: str) -> None:
    data, found = parse_object(text)
    assert data is None
    assert any(problem.severity == "error" for problem in found)
    assert words in " ".join(problem.title for problem in found)


def test_a_name_that_is_too_long_is_said_as_such_and_shown_in_short() -> None:
    (problem,) = read_texts([("f.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {'a' * 254}}}\n")]).problems
    assert "253 characters at most" in problem.title and len(problem.title) < 200


def test_a_template_in_quotes_gets_the_remedy_of_a_template() -> None:
    port = "spec: {ports: [{port: '{{ .Values.port }}'}]}"
    (problem,) = read_texts([("f.yaml", f"apiVersion: v1\nkind: Service\nmetadata: {{name: a}}\n{port}\n")]).problems
    assert problem.code == "READ-06" and "helm template" in problem.fix


def test_the_line_of_a_field_is_that_of_what_holds_it() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - port: 80\n  - port: 81\n"
    lines = {path: field_line(text, path) for path in ("spec", "spec.ports[1]", "spec.ports[1].port", "status.x", "")}
    assert lines == {"spec": 4, "spec.ports[1]": 7, "spec.ports[1].port": 7, "status.x": 0, "": 0}
    assert field_line("no: object", "spec") == 0
