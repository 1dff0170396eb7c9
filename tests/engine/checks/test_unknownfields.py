"""Fields that a kind does not have: kubectl's strict field validation refuses them (KEP-2885)."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from tests.engine.checks.clusters import deployment, obj, policy, problems, service, told
from tests.engine.checks.test_emptybackends import gate

WEB = deployment()


def test_fields_that_no_service_has() -> None:
    """kubectl's strict field validation (KEP-2885): a misspelt selector makes a Service without one."""
    wrong = service(
        selectr={"app": "web"}, ports=[{"port": 80, "targtPort": 8080}, {"port": 81, "appProtocol": "http"}]
    )
    found = {p.field: p for p in problems(WEB, wrong) if p.code == "SVC-W04"}
    assert set(found) == {"spec.selectr", "spec.ports[0].targtPort"}
    assert [found[field].fix for field in sorted(found)] == [
        "Write targetPort, if that is meant.", "Write selector, if that is meant."
    ]  # fmt: skip
    assert told("SVC-W04", WEB, service()) == []
    held = obj("Service", "web", "shop", {"uid": "1"}, spec=wrong["spec"])
    assert told("SVC-W04", WEB, held) == [], "a newer API server may know it"


@pytest.mark.parametrize(
    ("spec", "field", "meant"),
    [
        ("podSelector: {}\ningress: [{form: [{podSelector: {}}]}]", "spec.ingress[0].form", "Write from,"),
        ("podSelector: {}\negress: [{to: [{ipblock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
         "spec.egress[0].to[0].ipblock", "Write ipBlock,"),
        ("podSelector: {}\ningress: [{ports: [{prot: TCP}]}]", "spec.ingress[0].ports[0].prot", "Write p"),
        ("podSelector: {app: web}", "spec.podSelector.app", "under matchLabels"),
        ("podSelector: {}\npolicyType: [Egress]", "spec.policyType", "Write policyTypes,"),
    ],
)  # fmt: skip
def test_np_93_a_rule_that_lost_a_field_says_something_else(spec: str, field: str, meant: str) -> None:
    """What is left of each rule is wider or narrower than what is meant, and nothing else would tell."""
    (found,) = [p for p in problems(WEB, policy(spec)) if p.code == "NP-93"]
    assert (found.field, found.severity) == (field, "warning") and meant in found.fix


def test_every_field_of_a_policy_is_known() -> None:
    """NetworkPolicy of networking.k8s.io/v1 in full (API reference v1.36); status is one of its former fields."""
    spec = """
    podSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}
    policyTypes: [Ingress, Egress]
    ingress: [{from: [{podSelector: {}, namespaceSelector: {}}], ports: [{protocol: TCP, port: 1, endPort: 2}]}]
    egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]
    """
    assert told("NP-93", WEB, policy(spec) | {"status": {"conditions": []}}) == []


def test_ing_93_paths_of_an_ingress() -> None:
    """`serviceName` is the field of networking.k8s.io/v1beta1; a resource backend is known."""
    old: dict[str, Any] = {"path": "/", "pathType": "Prefix", "backend": {"serviceName": "web"}}
    new = {"path": "/a", "pathType": "Prefix", "backend": {"resource": {"kind": "Bucket", "name": "b"}}}
    rules = [{"host": "a.example.com", "http": {"paths": [old, new]}}]
    found = [p.field for p in problems(WEB, obj("Ingress", "i", "shop", spec={"rules": rules})) if p.code == "ING-93"]
    assert found == ["spec.rules[0].http.paths[0].backend.serviceName"]


ROUTE = """
parentRefs: [{name: web, sectionNam: http}]
hostnams: [a.example.com]
rules: [{matches: [{paht: {type: Exact, value: /a}}], backendRefs: [{name: web, port: 80, shinyNewField: 1}]}]
"""


def test_gw_98_fields_of_a_route_that_are_nearly_called_as_others() -> None:
    """KEP-2885 holds for objects of CRDs too: without validation this route takes all hosts and all paths.

    A name that is near no field may be one of a later release of Gateway API (README of the API, "Versioning").
    """
    spec = yaml.safe_load(ROUTE)
    found = {p.field: p for p in problems(WEB, kept=(gate("HTTPRoute", "cart", **spec),)) if p.code == "GW-98"}
    assert {field: problem.fix for field, problem in found.items()} == {
        "spec.parentRefs[0].sectionNam": "Write sectionName, if that is meant.",
        "spec.hostnams": "Write hostnames, if that is meant.",
        "spec.rules[0].matches[0].paht": "Write path, if that is meant.",
    }
    assert found["spec.hostnams"].title == 'HTTPRoute shop/cart: unknown field "spec.hostnams"'


def test_gw_98_is_silent_about_what_an_api_server_holds() -> None:
    """A newer one may know the field."""
    one = gate("HTTPRoute", "cart", **yaml.safe_load(ROUTE))
    held = replace(one, data={**one.data, "metadata": {**one.data["metadata"], "uid": "1"}})
    assert [p for p in problems(WEB, kept=(held,)) if p.code == "GW-98"] == []
