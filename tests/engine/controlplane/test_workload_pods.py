"""Which Pods exist, how they are called, and where the scheduler puts them."""

import re
from typing import Any

from designer.engine.controlplane import allocation, control_plane
from designer.model import PodRecord, Project
from tests.engine.controlplane.clusters import (
    allocated,
    codes,
    deployment,
    nodes,
    pod,
    pods_of,
    project,
    state_of,
    template,
    thing,
    with_record,
)

SAFE = "[bcdfghjklmnpqrstvwxz2456789]"


def names(done: Project, prefix: str) -> list[str]:
    return [r.name for key, r in done.ledger.pods.items() if key.startswith(prefix)]


def places(done: Project, prefix: str = "") -> list[str]:
    return [r.node or "" for key, r in done.ledger.pods.items() if key.startswith(prefix)]


def daemon_set(name: str, **spec: Any) -> Any:
    return thing("DaemonSet", name, "default", spec={"template": template({"app": name}, **spec)})


def tainted(name: str, effect: str = "NoSchedule", **data: Any) -> Any:
    return thing("Node", name, spec={"taints": [{"key": "role", "value": "db", "effect": effect}]}, **data)


# Names and counts


def test_deployment_pods_are_called_after_replica_set_and_five_random_characters() -> None:
    done, _ = allocated(project(*nodes(1), deployment("web", 3)))
    found = names(done, "Deployment:default/web#")
    assert all(re.fullmatch(f"web-{SAFE}{{8,10}}-{SAFE}{{5}}", name) for name in found)
    assert len({name.rpartition("-")[0] for name in found}) == 1
    assert len(set(found)) == 3


def test_the_pods_of_a_deployment_carry_the_hash_of_their_name_as_label() -> None:
    for found in pods_of(state_of(project(*nodes(1), deployment("web", 2))), "Deployment:default/web"):
        assert found.name.split("-")[1] == found.labels["pod-template-hash"]


def test_other_kinds() -> None:
    spec = {"template": template({"a": "b"})}
    done, _ = allocated(
        project(
            *nodes(1),
            thing("StatefulSet", "db", "default", spec={"replicas": 2, **spec}),
            thing("ReplicaSet", "rs", "default", spec={"replicas": 1, **spec}),
            thing("ReplicationController", "rc", "default", spec={"replicas": 1, **spec}),
            thing("Job", "job", "default", spec={"parallelism": 2, **spec}),
            thing("CronJob", "cron", "default", spec={"schedule": "* * * * *", "jobTemplate": {"spec": spec}}),
            daemon_set("agent"),
            pod("alone"),
        )
    )
    assert names(done, "StatefulSet") == ["db-0", "db-1"]
    assert re.fullmatch(f"rs-{SAFE}{{5}}", names(done, "ReplicaSet")[0])
    assert re.fullmatch(f"rc-{SAFE}{{5}}", names(done, "ReplicationController")[0])
    assert len(names(done, "Job")) == 2
    assert re.fullmatch(rf"cron-\d{{8}}-{SAFE}{{5}}", names(done, "CronJob")[0])
    assert "DaemonSet:default/agent@node-1" in done.ledger.pods
    assert names(done, "Pod:default/alone") == ["alone"]


def test_a_long_name_is_cut_to_58_characters_before_the_random_part() -> None:
    long = thing("ReplicaSet", "x" * 70, "default", spec={"replicas": 1, "template": template()})
    done, _ = allocated(project(*nodes(1), long))
    assert len(names(done, "ReplicaSet")[0]) == 63


def test_stateful_set_pods_have_labels_hostname_and_subdomain() -> None:
    db = thing(
        "StatefulSet",
        "db",
        "default",
        spec={"replicas": 1, "serviceName": "db-peers", "template": template({"a": "b"})},
    )
    (found,) = pods_of(state_of(project(*nodes(1), db)), "StatefulSet:default/db")
    assert found.labels["statefulset.kubernetes.io/pod-name"] == "db-0"
    assert found.labels["apps.kubernetes.io/pod-index"] == "0"
    assert (found.spec.hostname, found.spec.subdomain) == ("db-0", "db-peers")


def test_scaling_down_removes_the_highest_ordinals() -> None:
    done, _ = allocated(project(*nodes(1), deployment("web", 4)))
    before = dict(done.ledger.pods)
    done, _ = allocated(done.with_object(deployment("web", 2)))
    assert dict(done.ledger.pods) == {key: before[key] for key in list(before)[:2]}


def test_a_replica_set_that_a_deployment_of_the_project_owns_makes_no_pods() -> None:
    owner = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "controller": True}]
    owned = thing(
        "ReplicaSet", "web-abc", "default", metadata={"ownerReferences": owner}, spec={"template": template()}
    )
    done, _ = allocated(project(*nodes(1), deployment("web", 1), owned))
    assert len(done.ledger.pods) == 1
    done, _ = allocated(project(*nodes(1), owned))
    assert len(done.ledger.pods) == 1


def test_observed_records_are_kept() -> None:
    seen = PodRecord(name="web-7d-abcde", node="node-1", ips=("10.244.3.3",), observed=True, ready=False)
    leaving = PodRecord(name="web-7d-zzzzz", node="node-1", ips=("10.244.3.4",), observed=True, terminating=True)
    start = with_record(project(*nodes(1), deployment("web", 1)), "Deployment:default/web#0", seen)
    start = with_record(start, "Deployment:default/web#1", leaving)
    done, _ = allocated(start)
    assert done.ledger.pods["Deployment:default/web#0"] == seen
    assert done.ledger.pods["Deployment:default/web#1"] == leaving
    state = control_plane(done)[0].pods["Pod:default/web-7d-zzzzz"]
    assert (state.terminating, state.observed) == (True, True)


def test_an_observed_pod_on_a_node_that_the_input_lacks_stays_until_that_node_was_known_and_removed() -> None:
    seen = PodRecord(name="web-7d-abcde", node="worker", ips=("10.244.3.3",), observed=True)
    start = with_record(project(*nodes(1), deployment("web", 1)), "Deployment:default/web#0", seen)
    done, problems = allocated(start)
    assert done.ledger.pods["Deployment:default/web#0"] == seen
    assert codes(problems) == ["SCH-03"]
    known, problems = allocated(done.with_object(thing("Node", "worker")))
    assert (known.ledger.pods["Deployment:default/web#0"], problems) == (seen, ())
    removed, _ = allocated(known.without("Node:worker"))
    assert removed.ledger.pods["Deployment:default/web#0"].node == "node-1"


def test_a_pod_that_the_input_says_is_pending_stays_pending() -> None:
    given = pod("p", status={"phase": "Pending"})
    done, _ = allocated(project(*nodes(1), given))
    state = control_plane(done)[0].pods["Pod:default/p"]
    assert (state.node, state.ips, state.phase, state.ready) == (None, (), "Pending", False)


def test_a_drawn_pod_takes_node_addresses_and_readiness_of_its_status() -> None:
    given = pod(
        "p",
        spec={"nodeName": "node-2"},
        status={
            "phase": "Running",
            "podIPs": [{"ip": "10.244.9.9"}],
            "conditions": [{"type": "Ready", "status": "False"}],
        },
    )
    state = state_of(project(*nodes(2), given)).pods["Pod:default/p"]
    assert (state.node, state.ips, state.ready, state.observed) == ("node-2", ("10.244.9.9",), False, True)


# The scheduler


def test_pods_of_one_owner_are_spread_evenly() -> None:
    done, _ = allocated(project(*nodes(3), deployment("web", 7)))
    assert sorted(places(done).count(f"node-{i}") for i in (1, 2, 3)) == [2, 2, 3]


def test_the_emptiest_node_comes_first() -> None:
    first = deployment("a", 1)
    done, _ = allocated(project(*nodes(2), first))
    done, _ = allocated(done.with_object(deployment("b", 1)))
    assert sorted(places(done)) == ["node-1", "node-2"]


def test_a_new_node_moves_nothing() -> None:
    done, _ = allocated(project(*nodes(1), deployment("web", 4)))
    done, _ = allocated(done.with_object(thing("Node", "node-2")))
    assert places(done) == ["node-1"] * 4


def test_node_name_node_selector_and_affinity() -> None:
    labelled = thing("Node", "node-9", metadata={"labels": {"disk": "ssd", "cpus": "8"}})
    terms = [{"matchExpressions": [{"key": "cpus", "operator": "Gt", "values": ["4"]}]}]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    done, problems = allocated(
        project(
            *nodes(2),
            labelled,
            deployment("named", 1, nodeName="node-2"),
            deployment("selected", 1, nodeSelector={"disk": "ssd"}),
            deployment("affine", 1, affinity=affinity),
        )
    )
    assert places(done, "Deployment:default/named") == ["node-2"]
    assert places(done, "Deployment:default/selected") == ["node-9"]
    assert places(done, "Deployment:default/affine") == ["node-9"]
    assert problems == ()


def test_wishes_that_are_not_followed_are_named() -> None:
    anti = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "h"}]}}
    _, problems = allocated(project(*nodes(1), deployment("web", 1, affinity=anti)))
    assert codes(problems) == ["SCH-01"]
    assert "required podAntiAffinity not considered" in problems[0].title


def test_the_schedulers_words_when_nothing_fits() -> None:
    start = project(
        tainted("node-1"),
        thing("Node", "node-2", spec={"unschedulable": True}),
        thing("Node", "node-3"),
        deployment("web", 1, nodeSelector={"disk": "ssd"}),
    )
    found = allocation(start)
    assert codes(found.problems) == ["SCH-02"]
    assert found.waiting["Deployment:default/web#0"] == (
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint {role: db}, 1 node(s) were unschedulable."
    )
    state = control_plane(allocated(start)[0])[0]
    (waiting,) = state.pods.values()
    assert (waiting.phase, waiting.node, waiting.pending) == (
        "Pending",
        None,
        found.waiting["Deployment:default/web#0"],
    )


def test_no_nodes_at_all() -> None:
    found = allocation(project(deployment("web", 1)))
    assert found.waiting["Deployment:default/web#0"] == "no nodes available to schedule pods"


def test_taints_keep_pods_away_unless_tolerated() -> None:
    tolerations = [{"key": "role", "operator": "Equal", "value": "db", "effect": "NoSchedule"}]
    start = project(tainted("node-1"), thing("Node", "node-2"), deployment("web", 2))
    assert places(allocated(start)[0]) == ["node-2", "node-2"]
    tolerant = project(tainted("node-1"), deployment("web", 2, tolerations=tolerations))
    assert places(allocated(tolerant)[0]) == ["node-1", "node-1"]


def test_no_execute_evicts_what_runs_and_no_schedule_does_not() -> None:
    start, _ = allocated(project(*nodes(2), deployment("web", 2)))
    soft, _ = allocated(start.with_object(tainted("node-1")))
    assert sorted(places(soft)) == ["node-1", "node-2"]
    hard, _ = allocated(start.with_object(tainted("node-1", "NoExecute")))
    assert places(hard) == ["node-2", "node-2"]


def test_a_node_that_is_not_ready_takes_no_new_pods_and_its_pods_are_not_ready() -> None:
    start, _ = allocated(project(*nodes(2), deployment("web", 2)))
    down = thing("Node", "node-1", status={"conditions": [{"type": "Ready", "status": "False"}]})
    done, _ = allocated(start.with_object(down).with_object(deployment("web", 3)))
    assert sorted(places(done)) == ["node-1", "node-2", "node-2"]
    state = control_plane(done)[0]
    assert {p.node: p.ready for p in state.pods.values()} == {"node-1": False, "node-2": True}
    found = allocation(project(down, deployment("web", 1)))
    assert "had untolerated taint {node.kubernetes.io/not-ready: }" in found.waiting["Deployment:default/web#0"]


def test_host_ports_conflict() -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    found = allocation(project(*nodes(2), deployment("web", 3, ports)))
    assert codes(found.problems) == ["NODE-01"]
    text = "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports."
    assert list(found.waiting.values()) == [text]


def test_host_ports_of_other_protocols_or_addresses_do_not_conflict() -> None:
    tcp: list[dict[str, Any]] = [
        {"containerPort": 53, "hostPort": 53},
        {"containerPort": 53, "hostPort": 53, "protocol": "UDP"},
    ]
    _, problems = allocated(project(*nodes(1), deployment("a", 1, tcp)))
    assert problems == ()
    one = [{"containerPort": 80, "hostPort": 80, "hostIP": "192.168.10.11"}]
    two = [{"containerPort": 80, "hostPort": 80, "hostIP": "127.0.0.1"}]
    _, problems = allocated(project(*nodes(1), deployment("a", 1, one), deployment("b", 1, two)))
    assert problems == ()


def test_too_many_pods() -> None:
    found = allocation(project(*nodes(1), deployment("web", 3), maxPods=2))
    assert list(found.waiting.values()) == ["0/1 nodes are available: 1 Too many pods."]


def test_allocatable_pods_of_a_node_beat_the_setting() -> None:
    small = thing("Node", "node-1", status={"allocatable": {"pods": "1"}})
    assert len(allocation(project(small, deployment("web", 3))).waiting) == 2


def test_a_daemon_set_has_one_pod_on_every_node_that_it_tolerates() -> None:
    down = thing("Node", "node-3", spec={"unschedulable": True})
    done, _ = allocated(project(*nodes(2), down, tainted("node-4"), daemon_set("agent")))
    assert sorted(done.ledger.pods) == [f"DaemonSet:default/agent@node-{i}" for i in (1, 2, 3)]
    done, _ = allocated(done.without("Node:node-2"))
    assert sorted(done.ledger.pods) == [f"DaemonSet:default/agent@node-{i}" for i in (1, 3)]


def test_a_new_taint_takes_daemon_pods_away_only_when_it_is_no_execute() -> None:
    done, _ = allocated(project(*nodes(2), daemon_set("agent")))
    soft, _ = allocated(done.with_object(tainted("node-1")))
    assert soft.ledger.pods == done.ledger.pods
    hard, _ = allocated(done.with_object(tainted("node-1", "NoExecute")))
    assert list(hard.ledger.pods) == ["DaemonSet:default/agent@node-2"]


def test_a_pod_bound_by_node_name_stays_whatever_the_taints() -> None:
    bound = deployment("web", 1, nodeName="node-1")
    done, _ = allocated(project(tainted("node-1", "NoExecute"), bound))
    assert places(done) == ["node-1"]
    assert allocated(done)[0].ledger is done.ledger


def test_pods_of_a_removed_node_start_anew_elsewhere() -> None:
    db = thing("StatefulSet", "db", "default", spec={"replicas": 2, "template": template()})
    start, _ = allocated(project(*nodes(2), deployment("web", 2), db))
    done, _ = allocated(start.without("Node:node-1"))
    assert set(places(done)) == {"node-2"}
    assert names(done, "StatefulSet") == ["db-0", "db-1"]
    kept = set(names(start, "Deployment")) & set(names(done, "Deployment"))
    assert len(kept) == 1
