"""Templates: one step, free names, no error of the checker, and they do what their words say."""

from __future__ import annotations

import pytest

from designer.edits.templates import TEMPLATES, add_template
from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import trace
from designer.engine.trace.hops import Request
from designer.model import EMPTY_PROJECT, Deployment, Ingress, Namespace, NetworkPolicy, Node, Service
from designer.session.cluster_dns import add_cluster_dns


def state_with(*names: str) -> ClusterState:
    project = EMPTY_PROJECT
    for name in names:
        edit = add_template(project, name)
        assert edit.ok and edit.select
        project = edit.project
    return compile_project(add_cluster_dns(project).project)


def verdict(state: ClusterState, source: str, destination: str) -> str:
    return trace(state, Request(source, destination)).verdict


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_checker_finds_no_error_and_every_pod_runs(name: str) -> None:
    state = state_with(name)
    assert [p for p in (*state.problems, *check(state)) if p.severity == "error"] == []
    assert all(pod.node for pod in state.control.pods.values())
    assert state.project.of(Node)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_second_one_gets_free_names(name: str) -> None:
    once = add_template(EMPTY_PROJECT, name).project
    twice = add_template(once, name)
    assert twice.label == f"Add {TEMPLATES[name].label}"
    first = {obj.id for obj in once.all()}
    assert all(twice.project.get(oid) is once.get(oid) for oid in first)
    names = [space.name for space in twice.project.of(Namespace)]
    assert f"{TEMPLATES[name].namespace}-2" in names
    state = compile_project(twice.project)
    assert [p for p in (*state.problems, *check(state)) if p.severity == "error"] == []


def test_the_tiers_call_each_other() -> None:
    state = state_with("three-tier")
    assert verdict(state, "Deployment:shop/web", "http://api") == "delivered"
    assert verdict(state, "Deployment:shop/api", "db:5432") == "delivered"
    assert verdict(state, "Deployment:shop/web", "db:5432") == "delivered"


def test_policies_let_only_the_next_tier_in() -> None:
    state = state_with("guarded")
    assert len(state.project.of(NetworkPolicy)) == 5
    assert verdict(state, "Deployment:guarded/web", "http://api") == "delivered"
    assert verdict(state, "Deployment:guarded/api", "db:5432") == "delivered"
    assert verdict(state, "Deployment:guarded/web", "db:5432") == "denied"


def test_the_ingress_is_served_with_its_certificate() -> None:
    state = state_with("tls")
    (ingress,) = state.project.of(Ingress)
    assert [tls.secretName for tls in ingress.spec.tls] == ["site-tls"]
    assert state.routes.unserved == ()
    assert ingress.spec.rules[0].host == ingress.spec.tls[0].hosts[0] == "site.example.com"


def test_default_deny_lets_names_through_and_nothing_else() -> None:
    project = add_template(EMPTY_PROJECT, "three-tier").project
    project = add_template(project, "deny").project
    caller = project.of(Deployment)[0].dump()
    caller["metadata"] = {"name": "caller", "namespace": "team"}
    project = project.with_object(Deployment.model_validate(caller))
    state = compile_project(add_cluster_dns(project).project)
    assert verdict(state, "Deployment:team/caller", "http://web.shop") == "denied"
    assert verdict(state, "Deployment:team/caller", "kube-dns.kube-system:53/udp") == "delivered"


def test_zones_keep_calls_in_their_zone() -> None:
    state = state_with("zones")
    zones = {node.name: node.zone for node in state.control.nodes.values()}
    assert sorted(zones.values(), key=str) == ["zone-a", "zone-b", "zone-c"]
    (service,) = [s for s in state.project.of(Service) if s.namespace == "zonal"]
    assert service.spec.trafficDistribution == "PreferClose"
    pod = next(p for p in state.control.pods.values() if p.owner == "Deployment:zonal/caller")
    result = trace(state, Request(pod.id, "http://web"))
    ends = {
        hop.at for path in result.trace.paths() for hop in path.hops if "web" in hop.at and hop.at.startswith("Pod:")
    }
    assert result.verdict == "delivered"
    assert {zones[state.control.pods[oid].node or ""] for oid in ends} == {zones[pod.node or ""]}


def test_an_unknown_template_is_refused() -> None:
    edit = add_template(EMPTY_PROJECT, "none")
    assert not edit.ok and edit.project is EMPTY_PROJECT
