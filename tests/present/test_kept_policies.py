"""Policies of plugins as a person sees them: which plugin enforces which, whom they select (`domain/cni.md`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.engine.compile import compile_project
from designer.engine.policy.idle import policy_count
from designer.model import ForeignObject
from designer.present.computed_rows import computed
from designer.present.kept_policies import kept_policies, kept_policy, tier_pods
from designer.present.selected_pods import selected_pods
from tests.present.tiered_cluster import ADMIN, CILIUM, GLOBAL, NATIVE, tiered

ENFORCED = {
    "calico": {ADMIN: "enforced", GLOBAL: "enforced", CILIUM: "not-enforced"},
    "cilium": {ADMIN: "not-enforced", GLOBAL: "not-enforced", CILIUM: "enforced"},
    "flannel": {ADMIN: "not-enforced", GLOBAL: "not-enforced", CILIUM: "not-enforced"},
}


@pytest.mark.parametrize("plugin", ENFORCED)
def test_each_plugin_enforces_its_own(plugin: str) -> None:
    state = compile_project(tiered(plugin))
    assert {one.id: one.standing for one in kept_policies(state)} == ENFORCED[plugin]
    for one in kept_policies(state):
        assert (one.standing == "enforced") is not one.line.startswith("not enforced")


def test_a_policy_selects_the_pods_of_its_subject() -> None:
    state = compile_project(tiered())
    owners = {oid: {pod.owner for pod in tier_pods(state, oid)} for oid in (ADMIN, GLOBAL)}
    # The subject of the first are namespaces with team: a, the selector of the second is app == 'web'.
    assert owners == {ADMIN: {"Deployment:shop/web", "Deployment:shop/db"}, GLOBAL: {"Deployment:shop/web"}}
    assert selected_pods(state, GLOBAL) == tuple(pod.id for pod in tier_pods(state, GLOBAL))
    # Calico does not enforce it; its selector is app == 'web' all the same.
    assert {pod.owner for pod in tier_pods(state, CILIUM)} == {"Deployment:shop/web"}
    assert selected_pods(state, CILIUM) == tuple(pod.id for pod in tier_pods(state, CILIUM))


def test_lines_say_what_a_policy_is() -> None:
    state = compile_project(tiered())
    admin, cilium = kept_policy(state, ADMIN), kept_policy(state, CILIUM)
    assert admin is not None and admin.line == "egress · ClusterNetworkPolicy · Admin, priority 10"
    assert cilium is not None and cilium.line == "not enforced · CiliumNetworkPolicy"
    assert kept_policy(state, NATIVE) is None


def test_a_pod_lists_every_policy_that_concerns_it() -> None:
    state = compile_project(tiered())
    web = next(pod for pod in state.control.pods.values() if pod.owner == "Deployment:shop/web")
    db = next(pod for pod in state.control.pods.values() if pod.owner == "Deployment:shop/db")
    listed = {
        pod.owner: [
            row.oid for part in computed(state, pod.id) if part.title.startswith("Policies") for row in part.rows
        ]
        for pod in (web, db)
    }
    assert listed == {"Deployment:shop/web": [ADMIN, GLOBAL, CILIUM], "Deployment:shop/db": [NATIVE, ADMIN]}


def test_the_inspector_says_who_enforces_a_policy() -> None:
    said = {}
    for oid in (ADMIN, CILIUM):
        parts = computed(compile_project(tiered()), oid)
        said[oid] = next(row.main for part in parts for row in part.rows), [part.title for part in parts]
    assert said[ADMIN] == ("enforced for egress", ["Computed", "Selects 4 Pods"])
    assert said[CILIUM] == ("not enforced", ["Computed", "Would select 2 Pods"])


def test_policies_of_every_kind_are_counted_once() -> None:
    """The shop's one NetworkPolicy and three kept ones, and a staged one of Calico's own staged kind."""
    assert policy_count(tiered()) == 4
    spec = {"tier": "default", "selector": "all()", "types": ["Ingress"]}
    kind, api = "StagedGlobalNetworkPolicy", "projectcalico.org/v3"
    data = {"apiVersion": api, "kind": kind, "metadata": {"name": "s"}, "spec": spec}
    project, oid = tiered(), f"{api}/{kind}:s"
    assert policy_count(replace(project, foreign=project.foreign.set(oid, ForeignObject(oid, data)))) == 5
