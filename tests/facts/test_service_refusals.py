"""What the API server refuses of a Service is refused alike wherever it comes from: a manifest, the editor, a form."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from designer.edits.fields import replace_object, set_field
from designer.engine.compile import compile_project
from designer.manifests import read_texts
from designer.model import ClusterSettings, Project, Service, ServiceCIDR
from tests.facts.service_cases import REFUSED, TAKEN, Case, Data, ports

OID = "Service:default/web"


def cluster(version: str) -> ClusterSettings:
    both = {"podCIDRs": ["10.244.0.0/16", "fd00:244::/48"], "serviceCIDRs": ["10.96.0.0/12", "fd00::/112"]}
    return ClusterSettings.model_validate({"kubernetesVersion": version, **both})


def drawn(version: str = "1.36", spec: Data | None = None, **metadata: str) -> Project:
    """A project with the Service `web`."""
    data = {
        "metadata": {"name": "web", "namespace": "default", **metadata},
        "spec": spec or {"ports": [{"port": 8080}]},
    }
    return Project(cluster=cluster(version)).with_object(Service.model_validate(data))


def imported(case: Case) -> Project:
    """The project that the manifest of a case makes, in a cluster of its version."""
    read = read_texts([("web.yaml", json.dumps(case.document()))], assuming=False)
    assert read.project.find(Service, f"Service:default/{case.name}") is not None, (
        "what is refused is read all the same"
    )
    return replace(read.project, cluster=cluster(case.version))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_a_manifest_is_refused(case: Case) -> None:
    state = compile_project(imported(case))
    told = [p for p in state.problems if p.object == f"Service:default/{case.name}" and p.severity == "error"]
    assert [p.field for p in told] == [case.path]
    assert case.words in told[0].title and told[0].fix
    assert f"Service:default/{case.name}" not in state.control.services


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_the_editor_refuses_it(case: Case) -> None:
    project = drawn(case.version)
    edit = replace_object(project, OID, case.document())
    assert not edit.ok and edit.project is project
    (told,) = edit.problems
    assert told.field == case.path and told.fix
    # A value that is wrong by itself is said in words that say what to write.
    assert case.words in told.title or "must be" in told.title


@pytest.mark.parametrize("case", TAKEN, ids=lambda case: case.id)
def test_it_is_taken(case: Case) -> None:
    oid = f"Service:default/{case.name}"
    state = compile_project(imported(case))
    assert [p.title for p in state.problems if p.object == oid and p.severity == "error"] == []
    assert oid in state.control.services
    edit = replace_object(drawn(case.version), OID, case.document())
    assert edit.ok, edit.problems


@pytest.mark.parametrize("path", ["spec.ports", "spec.type"])
def test_a_form_is_filled_in_field_by_field(path: str) -> None:
    """services.md 7, rows '2 a port', '11 ExternalName': a form comes to what is missing elsewhere next."""
    value: dict[str, object] = {"spec.ports": None, "spec.type": "ExternalName"}
    edit = set_field(drawn(), OID, path, value[path])
    assert edit.ok == (path == "spec.type")
    if edit.ok:
        told = [p.title for p in compile_project(edit.project).problems if p.field == "spec.externalName"]
        assert len(told) == 1 and "Required value" in told[0]


def test_a_name_that_no_object_may_have_is_told_and_not_read() -> None:
    """services.md 7, row '1 name': capitals and underscores are in no name at all."""
    read = read_texts([("web.yaml", json.dumps(Case("", "", {}).document("Web_1")))], assuming=False)
    assert [(p.severity, p.field) for p in read.problems] == [("error", "metadata.name")]
    assert not set_field(drawn(), OID, "metadata.name", "Web_1").ok


def test_what_was_wrong_before_does_not_stop_another_edit() -> None:
    wrong = drawn(spec=ports({"port": 80, "nodePort": 30001}))
    assert set_field(wrong, OID, "spec.internalTrafficPolicy", "Local").ok
    worse = set_field(wrong, OID, "spec.externalTrafficPolicy", "Local")
    assert [p.field for p in worse.problems] == ["spec.externalTrafficPolicy"]
    assert set_field(wrong, OID, "spec.ports[0].nodePort", None).ok


# Changes of a Service that an API server holds: it has a uid.
HELD: Data = {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ipFamilies": ["IPv4"],
              "ipFamilyPolicy": "SingleStack", "ports": [{"port": 80}]}  # fmt: skip
BOTH: Data = {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9", "fd00::9"], "ipFamilies": ["IPv4", "IPv6"],
              "ipFamilyPolicy": "PreferDualStack", "ports": [{"port": 80}]}  # fmt: skip
BALANCED: Data = {**HELD, "type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30009,
                  "loadBalancerClass": "a.b/c", "allocateLoadBalancerNodePorts": True,
                  "ports": [{"port": 80, "nodePort": 30080}]}  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "path", "value", "field", "words"),
    [
        pytest.param(HELD, "spec.clusterIP", "10.96.0.8", "spec.clusterIPs[0]", "may not change once set",
                     id="services.md 7, row '13 ClusterIP changes': another"),
        pytest.param(HELD, "spec.clusterIP", None, "spec.clusterIPs[0]", "primary clusterIP can not be unset",
                     id="services.md 7, row '13 ClusterIP changes': none"),
        pytest.param(HELD, "spec.clusterIP", "None", "spec.clusterIPs[0]", "may not change once set",
                     id="services.md 7, row '13 ClusterIP changes': headless"),
        pytest.param(BOTH, "spec.clusterIPs", ["10.96.0.9"], "spec.ipFamilyPolicy",
                     "must be set to 'SingleStack' when releasing the secondary clusterIP",
                     id="services.md 7, row '13 ClusterIP changes': the second goes"),
        pytest.param(BOTH, "spec.ipFamilies", ["IPv6", "IPv4"], "spec.clusterIPs[0]", "expected an IPv6 value",
                     id="services.md 7, row '13 ClusterIP changes': families swapped"),
        pytest.param(BALANCED, "spec.loadBalancerClass", "a.b/d", "spec.loadBalancerClass", "may not change once set",
                     id="services.md 5, row 'loadBalancerClass'"),
        pytest.param(BALANCED, "spec.healthCheckNodePort", 30010, "spec.healthCheckNodePort", "field is immutable",
                     id="services.md 7, row '18 healthCheckNodePort': another"),
    ],
)  # fmt: skip
def test_what_cannot_change(spec: Data, path: str, value: object, field: str, words: str) -> None:
    """Upstream: validateUpgradeDowngradeClusterIPs, validateLoadBalancerClassField and their kin.

    A drawn Service is a manifest that nobody has applied: there everything may change.
    """
    held = set_field(drawn(spec=spec, uid="u"), OID, path, value)
    assert not held.ok and held.problems[0].field == field and words in held.problems[0].title
    if words != "expected an IPv6 value" and value != ["10.96.0.9"]:
        assert set_field(drawn(spec=spec), OID, path, value).ok


def test_a_second_family_comes_and_goes_with_the_policy() -> None:
    """services.md 7, row '13 ClusterIP changes': upstream alloc.go, initIPFamilyFields, and its two messages."""
    less = set_field(drawn(spec=BOTH, uid="u"), OID, "spec.ipFamilyPolicy", "SingleStack")
    assert less.ok
    spec = less.project.find(Service, OID).spec  # type: ignore[union-attr]
    assert (spec.clusterIPs, spec.ipFamilies) == (("10.96.0.9",), ("IPv4",))
    assert set_field(drawn(spec=HELD, uid="u"), OID, "spec.ipFamilyPolicy", "PreferDualStack").ok


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"),
        ("spec.ipFamilies", ["IPv6"], "IPv6: not configured on this cluster"),
    ],
)
def test_families_that_the_cluster_has_not(path: str, value: object, words: str) -> None:
    """services.md 7, row '12 clusterIPs'; upstream: alloc.go, initIPFamilyFields."""
    single = ClusterSettings.model_validate({"serviceCIDRs": ["10.96.0.0/12"]})
    refused = set_field(replace(drawn(), cluster=single), OID, path, value)
    assert [(p.field, words in p.title) for p in refused.problems] == [(path, True)]
    assert set_field(drawn(), OID, path, value).ok, "a cluster of both families takes it"
    range_of_six = ServiceCIDR.model_validate({"metadata": {"name": "six"}, "spec": {"cidrs": ["fd00::/112"]}})
    assert set_field(replace(drawn(), cluster=single).with_object(range_of_six), OID, path, value).ok


def test_what_a_server_let_in_before_stays() -> None:
    """services.md 7, rows '1 name', '21 strict addresses': both are held against new values only."""
    spec = {"ports": [{"port": 80}], "externalIPs": ["192.0.02.1"]}
    state = compile_project(drawn("1.36", spec, uid="u"))
    assert OID in state.control.services
    named = Service.model_validate({"metadata": {"name": "1web", "namespace": "default", "uid": "u"}, "spec": spec})
    assert "Service:default/1web" in compile_project(drawn("1.35").with_object(named)).control.services


@pytest.mark.parametrize(
    ("wanted", "gone"),
    [
        ("ClusterIP", ("healthCheckNodePort", "loadBalancerClass", "allocateLoadBalancerNodePorts",
                       "externalTrafficPolicy")),
        ("NodePort", ("healthCheckNodePort", "loadBalancerClass", "allocateLoadBalancerNodePorts")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("uid", [{}, {"uid": "u"}])
def test_another_type_takes_away_what_only_the_old_one_had(wanted: str, gone: tuple[str, ...], uid: Data) -> None:
    """services.md 7, rows '9 node port on ClusterIP', '16 load balancer fields', '17 externalTrafficPolicy'.

    Upstream: dropTypeDependentFields of pkg/registry/core/service/strategy.go; it leaves source ranges: those stop it.
    """
    edit = set_field(drawn(spec=BALANCED, **uid), OID, "spec.type", wanted)
    assert edit.ok, edit.problems
    spec = edit.project.find(Service, OID).dump()["spec"]  # type: ignore[union-attr]
    assert set(BALANCED) - set(spec) == set(gone)
    assert ("nodePort" in spec["ports"][0]) == (wanted == "NodePort")
    fenced = drawn(spec={**BALANCED, "loadBalancerSourceRanges": ["10.0.0.0/8"]}, **uid)
    refused = set_field(fenced, OID, "spec.type", wanted)
    assert [p.field for p in refused.problems] == ["spec.loadBalancerSourceRanges"]
