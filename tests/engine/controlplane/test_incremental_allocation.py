"""What an allocation takes over from the one before changes nothing: edits from scratch give the same ledger."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.compile import compile_project
from designer.engine.controlplane import allocate, allocation, control_plane
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.podledger import allocate_pods
from designer.model import KubeObject, Project
from tests.engine.controlplane.clusters import (
    FLANNEL,
    allocate_anew,
    deployment,
    nodes,
    pod,
    project,
    service,
    template,
    thing,
)
from tests.engine.controlplane.random_projects import EDITS, Edit, start


def settled(edited: Project) -> Project:
    return replace(edited, ledger=allocate(edited)[0])


def larger() -> Project:
    """One with room for everything, so that nothing waits and most of it is at rest."""
    return project(
        *nodes(4), deployment("a", 6), deployment("b", 3), deployment("c", 2), service("a", selector={"app": "a"})
    )


@settings(max_examples=120)
@given(st.lists(EDITS, max_size=12), st.booleans())
def test_edit_by_edit_equals_from_scratch(edits: list[Edit], roomy: bool) -> None:
    first = larger() if roomy else start()
    kept, fresh = settled(first), replace(first, ledger=allocate_anew(first)[0])
    for edit in edits:
        kept = edit(kept)
        found = allocation(kept)
        fresh = edit(fresh)
        ledger, problems = allocate_anew(fresh)
        waiting = allocation(fresh).waiting
        assert found.ledger == ledger
        assert found.problems == problems
        assert found.waiting == waiting
        kept, fresh = replace(kept, ledger=found.ledger), replace(fresh, ledger=ledger)
        allocation(kept)  # what the next edit is compared with


def observed(name: str, ip: str, phase: str = "Running") -> KubeObject:
    status = {"phase": phase, "podIP": ip, "podIPs": [{"ip": ip}]}
    return pod(name, labels={"app": name}, spec={"nodeName": "node-1", "containers": []}, status=status)


# One Node whose ranges hold sixteen addresses altogether, so that given ones and those handed out meet.
TIGHT = {"podCIDRs": ["10.244.0.0/28"], "nodeCIDRMaskV4": 28}
TIGHT_CNI = {
    "flannel": FLANNEL,
    "calico": {"cni": {"plugin": "calico", "backend": "bgp", "blockSize": 30}},
    "weave": {"cni": {"plugin": "weave", "backend": "fastdp", "pool": ["10.244.0.0/28"]}},
}
ADDRESSES = st.integers(2, 13).map(lambda n: f"10.244.0.{n}")
OBSERVED: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda n, ip, phase: lambda p: p.with_object(observed(n, ip, phase)),
        st.sampled_from(["x", "y", "z"]),
        ADDRESSES,
        st.sampled_from(["Running", "Running", "Succeeded", "Pending"]),
    ),
    st.builds(lambda n: lambda p: p.without(f"Pod:default/{n}"), st.sampled_from(["x", "y", "z"])),
    st.builds(lambda n: lambda p: p.with_object(deployment("a", n)), st.integers(0, 8)),
)


@settings(max_examples=250)
@given(st.lists(OBSERVED, min_size=2, max_size=10), st.sampled_from(sorted(TIGHT_CNI)))
def test_given_addresses_even_those_of_two_pods_or_of_finished_ones(edits: list[Edit], plugin: str) -> None:
    start = project(*nodes(1), deployment("a", 2), **TIGHT, **TIGHT_CNI[plugin])
    kept, fresh = settled(start), replace(start, ledger=allocate_anew(start)[0])
    steps = []
    for edit in edits:
        kept = settled(edit(kept))
        steps.append(kept.ledger)
    for edit, ledger in zip(edits, steps, strict=True):
        fresh = replace(edit(fresh), ledger=allocate_anew(edit(fresh))[0])
        assert fresh.ledger == ledger


def addresses_of_a(edited: Project) -> list[str]:
    return [ip for key, record in edited.ledger.pods.items() if key.startswith("Deployment:") for ip in record.ips]


def test_an_address_that_two_pods_have_is_in_use_while_one_of_them_is_there() -> None:
    edited = settled(project(*nodes(1), deployment("a", 2), **TIGHT, **FLANNEL))
    edited = settled(edited.with_objects([observed("x", "10.244.0.6"), observed("y", "10.244.0.6")]))
    edited = settled(edited.with_object(deployment("a", 3)))
    edited = settled(edited.without("Pod:default/x"))
    edited = settled(edited.with_object(deployment("a", 6)))
    # host-local goes round: .2 is the first, and .6 is y's.
    assert addresses_of_a(edited) == [f"10.244.0.{n}" for n in (2, 3, 4, 5, 7, 8)]


def test_a_pod_that_finishes_leaves_its_address_to_the_next() -> None:
    edited = settled(project(*nodes(1), deployment("a", 2), **TIGHT, **FLANNEL))
    edited = settled(edited.with_object(observed("x", "10.244.0.6")))
    edited = settled(edited.with_object(deployment("a", 3)))
    edited = settled(edited.with_objects([deployment("a", 6), observed("x", "10.244.0.6", "Succeeded")]))
    assert addresses_of_a(edited) == [f"10.244.0.{n}" for n in range(2, 8)]


def test_only_the_pods_of_what_was_edited_are_looked_at() -> None:
    first = settled(larger())
    before = allocate_pods(first, Draws(1, first.ledger.draws))
    before = allocate_pods(replace(first, cluster=first.cluster), Draws(1, first.ledger.draws), before)
    touched = first.with_object(deployment("b", 4))
    after = allocate_pods(touched, Draws(1, first.ledger.draws), before)
    new = [key for key in after.records if key not in before.records]
    assert new == ["Deployment:default/b#3"]
    assert all(after.records[key] is record for key, record in before.records.items())
    assert after.network is before.network


def stateful(replicas: int) -> KubeObject:
    return thing("StatefulSet", "a", "default", spec={"replicas": replicas, "template": template({"app": "a"})})


def test_a_drawn_pod_with_the_name_of_a_workloads_pod() -> None:
    state = compile_project(project(*nodes(2), pod("a-0", labels={"drawn": "yes"})))
    edits: tuple[Edit, ...] = (
        lambda p: p.with_object(stateful(2)),
        lambda p: p.with_object(stateful(1)),
        lambda p: p.with_object(pod("a-0", labels={"drawn": "again"})),
        lambda p: p.without("StatefulSet:default/a"),
    )
    for edit in edits:
        state = compile_project(edit(state.project), state)
        assert state.control == control_plane(state.project)[0]
    assert state.control.pods["Pod:default/a-0"].labels == {"drawn": "again"}


@settings(max_examples=60)
@given(st.lists(EDITS, max_size=12))
def test_pods_and_endpoints_edit_by_edit_equal_those_from_scratch(edits: list[Edit]) -> None:
    state = compile_project(larger())
    for edit in edits:
        state = compile_project(edit(state.project), state)
        fresh = control_plane(state.project)[0]
        assert state.control == fresh
        assert list(state.control.pods) == list(fresh.pods)


SERVICE_EDITS: tuple[dict[str, Any], ...] = (
    {},
    {"selector": {"app": "b"}},
    {"selector": {}},
    {"sessionAffinity": "ClientIP"},
    {"internalTrafficPolicy": "Local"},
    {"publishNotReadyAddresses": True, "trafficDistribution": "PreferSameZone"},
    {"ports": [{"port": 81, "targetPort": "http"}]},
    {"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]},
    {"ports": [{"port": 80, "name": "a"}, {"port": 80, "name": "b"}]},
    {"ports": [{"port": 0}]},
    {"type": "NodePort"},
    {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
    {"type": "NodePort", "ports": [{"port": 82, "protocol": "UDP"}]},
    {"type": "LoadBalancer", "externalTrafficPolicy": "Local"},
    {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False},
    {"clusterIP": "None"},
    {"clusterIP": "10.96.0.77"},
    {"clusterIP": "10.0.0.1"},
    {"type": "ExternalName", "externalName": "example.com", "ports": []},
    {"ipFamilyPolicy": "RequireDualStack"},
)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(("a", "b", "c")), st.sampled_from(SERVICE_EDITS)), min_size=2, max_size=8))
def test_services_edit_by_edit_equal_those_from_scratch(edits: list[tuple[str, dict[str, Any]]]) -> None:
    kept = settled(larger())
    fresh = replace(kept, ledger=allocate_anew(kept)[0])
    for name, spec in edits:
        edited = service(name, **{"selector": {"app": "a"}, **spec})
        kept, fresh = settled(kept.with_object(edited)), fresh.with_object(edited)
        ledger, problems = allocate_anew(fresh)
        waiting = allocation(fresh).waiting
        fresh = replace(fresh, ledger=ledger)
        assert kept.ledger == ledger
        assert (allocation(kept).problems, allocation(kept).waiting) == (problems, waiting)
