"""A rolling update as `kubectl get … -o yaml` shows it: what was seen is kept, by import, file and export.

Kubernetes, "Deployments", "Rolling Update Deployment": with maxSurge there are more Pods than wanted for a while, of
two ReplicaSets that differ in ``pod-template-hash``; "EndpointSlices", "Conditions": one that terminates is not ready.
"""

from dataclasses import replace
from typing import Any

from designer.edits.fields import set_field
from designer.edits.recreate import recreate
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.state import EndpointSliceState
from designer.manifests import export, read_texts, to_yaml
from designer.model import Project
from designer.session.exporting import exportable
from designer.storage import decode, encode

OLD, NEW = "7d9c6b5f4d", "5b8f7c9d66"
WEB = "Deployment:shop/web"
# name, hash, node, address, ready, terminating
PODS = (
    (f"web-{OLD}-aaaaa", OLD, "node-1", "10.244.1.7", True, False),
    (f"web-{OLD}-bbbbb", OLD, "node-2", "10.244.2.9", True, True),
    (f"web-{NEW}-ccccc", NEW, "node-1", "10.244.1.20", True, False),
    (f"web-{NEW}-ddddd", NEW, "node-2", "10.244.2.31", False, False),
    (f"web-{NEW}-eeeee", NEW, "node-3", "10.244.3.4", True, False),
)


def owned(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "u", "controller": True}]


def template(port: int) -> dict[str, Any]:
    container = {"name": "c", "ports": [{"name": "http", "containerPort": port}]}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}


def seen_pod(name: str, hashed: str, node: str, ip: str, ready: bool, leaving: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": "shop",
        "labels": {"app": "web", "pod-template-hash": hashed},
        "ownerReferences": owned("ReplicaSet", f"web-{hashed}"),
    }
    if leaving:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    spec = template(8080 if hashed == OLD else 9090)["spec"]
    status = {
        "phase": "Running",
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "conditions": [{"type": "Ready", "status": str(ready)}],
    }
    body = {"spec": {**spec, "nodeName": node}, "status": status}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **body}


def replica_set(hashed: str, revision: str) -> dict[str, Any]:
    metadata = {
        "name": f"web-{hashed}",
        "namespace": "shop",
        "annotations": {"deployment.kubernetes.io/revision": revision},
        "ownerReferences": owned("Deployment", "web"),
    }
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template(8080 if hashed == OLD else 9090)}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def seen_slice(name: str, port: int, pods: tuple[Any, ...]) -> dict[str, Any]:
    labels = {
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    endpoints = [
        {
            "addresses": [ip],
            "conditions": {"ready": ready and not leaving, "serving": ready, "terminating": leaving},
            "nodeName": node,
            "targetRef": {"kind": "Pod", "name": pod, "namespace": "shop"},
        }
        for pod, _, node, ip, ready, leaving in pods
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": "shop", "labels": labels},
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [{"name": "", "port": port, "protocol": "TCP"}],
    }


def dump(*slices: dict[str, Any], pods: tuple[Any, ...] = PODS) -> Project:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template(9090)},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "clusterIP": "10.96.40.1",
            "selector": {"app": "web"},
            "ports": [{"port": 80, "targetPort": "http"}],
        },
    }
    made = [replica_set(OLD, "3"), replica_set(NEW, "4"), *(seen_pod(*pod) for pod in pods)]
    items = [deployment, service, *made, *slices]
    text = to_yaml({"apiVersion": "v1", "kind": "List", "items": items})
    return read_texts([("dump.yaml", text)]).project


def full() -> Project:
    return dump(
        seen_slice("web-x7k2p", 8080, tuple(p for p in PODS if p[1] == OLD)),
        seen_slice("web-q9d4z", 9090, tuple(p for p in PODS if p[1] == NEW)),
    )


def seen(state: ClusterState) -> set[tuple[Any, ...]]:
    return {
        (p.name, p.labels["pod-template-hash"], p.node, p.ips[0], p.ready, p.terminating)
        for p in state.control.pods.values()
        if p.owner == WEB
    }


def slices(state: ClusterState) -> tuple[EndpointSliceState, ...]:
    return state.control.slices["Service:shop/web"]


def said(state: ClusterState) -> list[tuple[str, str]]:
    return [(p.code, p.severity) for p in state.problems if p.code == "EPS-01"]


def test_every_pod_of_the_update_is_there_as_it_was_seen() -> None:
    assert seen(compile_project(full())) == set(PODS)


def test_the_slices_of_the_controller_are_kept_and_are_what_the_pods_imply() -> None:
    state = compile_project(full())
    assert [(s.name, s.origin, s.ports[0].port) for s in slices(state)] == [
        ("web-q9d4z", "observed", 9090),
        ("web-x7k2p", "observed", 8080),
    ]
    assert said(state) == []


def test_without_slices_each_replica_set_has_its_own_port() -> None:
    state = compile_project(dump())
    found = {s.ports[0].port: {e.addresses[0] for e in s.endpoints} for s in slices(state)}
    assert found == {8080: {"10.244.1.7", "10.244.2.9"}, 9090: {"10.244.1.20", "10.244.2.31", "10.244.3.4"}}


def test_compiling_again_and_anew_gives_the_same() -> None:
    state = compile_project(full())
    again = compile_project(state.project, state)
    fresh = compile_project(replace(state.project))
    assert again.control == state.control == fresh.control
    assert again.project.ledger is state.project.ledger


def test_file_and_export_keep_it() -> None:
    state = compile_project(full())
    reopened, problems = decode(encode(state.project))
    assert reopened is not None and problems == ()
    imported = read_texts(export(state.project)).project
    for project in (reopened, imported):
        after = compile_project(project)
        assert after.control.pods == state.control.pods
        assert after.control.slices == state.control.slices
        assert said(after) == []


def test_a_slice_that_knows_a_pod_which_the_dump_lacks_is_kept_with_a_problem() -> None:
    gone = (f"web-{NEW}-fffff", NEW, "node-3", "10.244.3.90", True, False)
    state = compile_project(dump(seen_slice("web-q9d4z", 9090, (*PODS[2:], gone)), pods=PODS[2:]))
    assert [(s.origin, len(s.endpoints)) for s in slices(state)] == [("observed", 4)]
    assert said(state) == [("EPS-01", "warning")]


def test_scaling_ends_the_observation() -> None:
    state = compile_project(full())
    scaled = compile_project(set_field(state.project, WEB, "spec.replicas", 2).project, state)
    # The terminating Pod goes when it goes; of the others those of the newest ReplicaSet stay.
    assert seen(scaled) == {PODS[1], PODS[2], PODS[3]}
    assert {s.origin for s in slices(scaled)} == {"derived"}
    assert said(scaled) == [("EPS-01", "info")]
    assert compile_project(replace(scaled.project)).control == scaled.control


def test_an_export_leaves_out_what_holds_no_longer() -> None:
    state = compile_project(full())
    assert exportable(state) == (state.project, "")
    scaled = compile_project(set_field(state.project, WEB, "spec.replicas", 2).project, state)
    project, sentence = exportable(scaled)
    assert "2 EndpointSlices" in sentence and "shop/web-q9d4z" in sentence
    texts = export(project, dict(export(state.project)))
    assert not any("kind: EndpointSlice" in text for _, text in texts)
    imported = compile_project(read_texts(texts).project)
    found = [(s.ports, sorted(e.addresses for e in s.endpoints)) for s in slices(imported)]
    assert found == [(s.ports, sorted(e.addresses for e in s.endpoints)) for s in slices(scaled)]
    assert said(imported) == []


def test_growing_takes_in_what_is_beyond_and_shrinking_drops_it() -> None:
    state = compile_project(full())
    grown = compile_project(set_field(state.project, WEB, "spec.replicas", 4).project, state)
    assert PODS[0] in seen(grown) and len(seen(grown)) == 5
    shrunk = compile_project(set_field(grown.project, WEB, "spec.replicas", 3).project, grown)
    assert seen(shrunk) == {PODS[1], *PODS[2:]}


def test_what_the_service_asks_for_holds_once_it_is_edited() -> None:
    state = compile_project(full())
    edited = compile_project(
        set_field(state.project, "Service:shop/web", "spec.ports[0].targetPort", 81).project, state
    )
    assert {(s.origin, s.ports[0].port) for s in slices(edited)} == {("derived", 81)}


def test_a_recreated_pod_keeps_its_labels() -> None:
    state = compile_project(full())
    edit = recreate(state.project, f"{WEB}#0")
    after = compile_project(edit.project, state)
    (pod,) = [p for p in after.control.pods.values() if p.key == f"{WEB}#0"]
    assert (pod.labels["pod-template-hash"], pod.observed) == (NEW, False)
    assert pod.ips[0] != "10.244.1.20"


def test_two_pods_of_a_daemon_set_on_one_node_are_both_kept() -> None:
    labels = {"app": "agent"}
    agent = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}},
    }
    found = [agent]
    for name, ip in (("agent-old", "10.244.1.5"), ("agent-new", "10.244.1.6")):
        status = {"phase": "Running", "podIP": ip, "conditions": [{"type": "Ready", "status": "True"}]}
        metadata = {"name": name, "namespace": "shop", "labels": labels, "ownerReferences": owned("DaemonSet", "agent")}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": "node-1"}}
        found.append({**pod, "status": status})
    text = to_yaml({"apiVersion": "v1", "kind": "List", "items": found})
    state = compile_project(read_texts([("dump.yaml", text)]).project)
    assert {p.ips[0] for p in state.control.pods.values() if p.namespace == "shop"} == {"10.244.1.5", "10.244.1.6"}
