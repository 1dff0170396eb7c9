"""Lists, JSON, templates, kustomizations and partial YAML."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from designer.manifests import read_texts
from designer.manifests.read import ImportResult


def read(text: str, name: str = "f.yaml") -> ImportResult:
    return read_texts([(name, text)], assuming=False)


def ids(result: ImportResult) -> list[str]:
    return [obj.id for obj in result.project.all()]


POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


def test_list_and_typed_list() -> None:
    text = """
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: ns}}
- null
- apiVersion: v1
  kind: PodList
  items:
  - metadata: {name: b, namespace: ns}
  - metadata: {name: a, namespace: ns}
"""
    result = read(text)
    assert ids(result) == ["Namespace:ns", "Pod:ns/a", "Pod:ns/b"]
    assert result.project.provenance["Pod:ns/b"].line == 10
    assert not result.problems


def test_a_kind_that_ends_in_list_is_no_list() -> None:
    result = read("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n")
    assert list(result.project.foreign) == ["example.com/v1/AllowList:a"]


def test_list_without_items_is_nothing() -> None:
    result = read("apiVersion: v1\nkind: List\nitems: null\n")
    assert result.empty and not result.problems


def test_json_object_list_and_stream() -> None:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD]}, indent=2)
    assert ids(read(listed, "a.json")) == ["Pod:default/a"]
    stream = json.dumps(POD) + "\n" + json.dumps({**POD, "metadata": {"name": "b"}})
    assert ids(read(stream, "-")) == ["Pod:default/a", "Pod:default/b"]
    assert ids(read(json.dumps(POD), "odd-name.txt")) == ["Pod:default/a"]


def test_json_objects_have_lines() -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [POD]}, indent=2)
    assert read(text, "a.json").project.provenance["Pod:default/a"].line == 5


def test_json_with_tabs_is_read() -> None:
    assert ids(read(json.dumps(POD, indent="\t"), "a.json")) == ["Pod:default/a"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('{"a": 1,\n "b" 2}', 2, "delimiter"),
        ('{"a": 1, "a": 2}', 1, "stands twice"),
        ('{"a": NaN}', 1, "not readable"),
        ('{"a": ' + "[" * 3000 + "]" * 3000 + "}", 1, ""),
        ('{"a": ' + "[" * 500 + "]" * 500 + "}", 1, "nested"),
    ],
)
def test_broken_json_names_the_place(text: str, line: int, words: str) -> None:
    result = read(text, "a.json")
    (problem,) = result.problems
    assert (problem.code, problem.severity, problem.line) == ("READ-02", "error", line)
    assert words in problem.title


def test_yaml_flow_mapping_is_no_json_error() -> None:
    assert ids(read("{apiVersion: v1, kind: Pod, metadata: {name: a}}")) == ["Pod:default/a"]
    assert ids(read('{"apiVersion": v1, "kind": Pod, metadata: {name: a}}')) == ["Pod:default/a"]


@pytest.mark.parametrize(
    "text",
    [
        "kind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n",
        'apiVersion: v1\nkind: Pod\nmetadata:\n  name: "{{ .Values.name }}-x"\n',
        "{{- if .Values.on }}\nkind: Pod\n{{- end }}\n",
        'kind: Pod\nmetadata:\n  labels:\n    {{- include "x" . | nindent 4 }}\n',
    ],
)
def test_helm_templates_are_recognised(text: str) -> None:
    for name in ("a.yaml", "-"):
        (problem,) = read(text, name).problems
        assert problem.code == "READ-03" and "helm template" in problem.fix


def test_template_text_in_data_is_no_template() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: '{{ .Values.x }}'\n"
    result = read(text)
    assert not result.problems and list(result.project.foreign) == ["v1/ConfigMap:a"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("k/kustomization.yaml", "resources: [a.yaml]\n"),
        ("x.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n"),
        ("x.yaml", "resources:\n- a.yaml\n"),
        ("charts/Chart.yaml", "apiVersion: v2\nname: x\n"),
    ],
)
def test_kustomizations_and_charts_are_skipped_with_a_hint(name: str, text: str) -> None:
    result = read(text, name)
    (entry,) = result.report.entries
    assert entry.kind == "skipped" and ("kubectl kustomize" in entry.text or "helm template" in entry.text)
    assert not result.problems


def test_partial_yaml_as_people_paste_it() -> None:
    result = read("kind: NetworkPolicy\nmetadata:\n  name: a\nspec:\n  podSelector:\n    matchLabels:\n")
    assert ids(result) == ["NetworkPolicy:default/a"]
    (problem,) = result.problems
    assert problem.severity == "warning" and "networking.k8s.io/v1" in problem.fix


@pytest.mark.parametrize(
    "text", ["just a text\n", "42\n", "- 1\n- 2\n", "spec: {}\n", "metadata: {name: a}\n", "kind: 5\n", "kind: ''\n"]
)
def test_what_is_no_object_is_named(text: str) -> None:
    result = read(text)
    (problem,) = result.problems
    assert problem.code == "READ-04" and problem.line == 1 and result.empty


@pytest.mark.parametrize(
    "text", ["replicaCount: 2\nimage: {tag: v1}\n", '{"name": "app", "version": "1"}', "services: {}\n"]
)
def test_files_of_other_programs_are_skipped(text: str) -> None:
    result = read(text)
    assert result.problems == () and [entry.kind for entry in result.report.entries] == ["skipped"]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_raise(data: bytes) -> None:
    from designer.manifests.documents import decode

    text, problem = decode(data, "f")
    assert (text is None) == (problem is not None)
    if text is not None:
        result = read(text)
        assert result.project is not None


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("metadata", "spec", "status", "data", "items", "name", "namespace", "labels", "ownerReferences", "selector"),
        *(
            "template",
            "ports",
            "containers",
            "rules",
            "ingress",
            "egress",
            "from",
            "to",
            "podSelector",
            "http",
            "paths",
        ),
        *("backend", "serviceName", "tls", "endpoints", "topology", "networking", "extraArgs", "controllerManager"),
        *("detectLocal", "mode", "addresses", "cidr"),
    ]
)
SHAPES = st.recursive(JSONISH, lambda inner: st.dictionaries(FIELDS, inner, max_size=4), max_leaves=12)
KINDS = st.sampled_from(
    [
        ("v1", "Pod"),
        ("v1", "Service"),
        ("v1", "Node"),
        ("v1", "Secret"),
        ("v1", "ConfigMap"),
        ("v1", "List"),
        ("v1", "PodList"),
        ("apps/v1", "Deployment"),
        ("extensions/v1beta1", "Deployment"),
        ("extensions/v1beta1", "Ingress"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("discovery.k8s.io/v1beta1", "EndpointSlice"),
        ("batch/v1", "CronJob"),
        ("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration"),
        ("kubeadm.k8s.io/v1beta3", "ClusterConfiguration"),
        ("crd.projectcalico.org/v1", "IPPool"),
        ("metallb.io/v1beta1", "IPAddressPool"),
        ("design.cluster-network-designer/v1", "ClusterSettings"),
        ("design.cluster-network-designer/v1", "SecretReference"),
    ]
)
NAMES = st.sampled_from(["a", "kube-proxy", "kubeadm-config", "kube-flannel-cfg", "calico-node"])


@given(KINDS, st.dictionaries(FIELDS, SHAPES, max_size=5), NAMES)
@example(("v1", "Service"), {"spec": {"template": []}}, "a")
@example(("batch/v1", "CronJob"), {"spec": {"template": []}}, "a")
@settings(max_examples=120, deadline=None)
def test_objects_of_any_shape_never_raise(kind: tuple[str, str], fields: dict[str, object], name: str) -> None:
    metadata = {"name": name, "namespace": "kube-system"}
    text = json.dumps({"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, **fields})
    result = read_texts([("f.yaml", text)])
    for problem in result.problems:
        assert problem.title and problem.file in ("f.yaml", "")
