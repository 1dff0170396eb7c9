"""Pods of a dump go into the records of their workloads; owners as the controllers of Kubernetes set them."""

from typing import Any

from designer.manifests import read_texts, to_yaml
from designer.manifests.read import ImportResult
from designer.model import FrozenMap, PodRecord


def workload(kind: str, name: str, owner: tuple[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    labels = {"app": name.split("-")[0]}
    metadata: dict[str, Any] = {"name": name, "namespace": "shop"}
    if owner:
        metadata["ownerReferences"] = [reference(*owner)]
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c"}]}}
    body = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": body}


def reference(kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True, "uid": "u"}


def pod(name: str, owner: tuple[str, str] | None, ip: str = "10.244.1.5", **more: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": "shop", "labels": {"app": "web", **more.pop("labels", {})}}
    if owner:
        metadata["ownerReferences"] = [reference(*owner)]
    metadata |= more.pop("metadata", {})
    ready = more.pop("ready", "True")
    status = {
        "phase": more.pop("phase", "Running"),
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "conditions": [{"type": "Ready", "status": ready}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"nodeName": more.pop("node", "node-1"), "containers": [{"name": "c"}]},
        "status": status,
    }


def read(*objects: dict[str, Any]) -> ImportResult:
    return read_texts([("dump.yaml", "---\n".join(to_yaml(obj) for obj in objects))], assuming=False)


def ids(result: ImportResult) -> list[str]:
    return [obj.id for obj in result.project.all()]


def test_pods_fold_through_the_replica_set_into_the_deployment() -> None:
    hashed = {"pod-template-hash": "abc"}
    result = read(
        workload("Deployment", "web"),
        workload("ReplicaSet", "web-abc", ("Deployment", "web")),
        workload("ReplicaSet", "web-old", ("Deployment", "web"), replicas=0),
        pod("web-abc-2", ("ReplicaSet", "web-abc"), "10.244.1.6", labels=hashed, ready="False"),
        pod("web-abc-1", ("ReplicaSet", "web-abc"), labels=hashed, node="node-2"),
    )
    assert ids(result) == ["Deployment:shop/web"]
    assert dict(result.project.ledger.pods) == {
        "Deployment:shop/web#0": PodRecord(
            name="web-abc-1", node="node-2", ips=("10.244.1.5",), observed=True, added=FrozenMap(hashed), wanted=1
        ),
        "Deployment:shop/web#1": PodRecord(
            name="web-abc-2",
            node="node-1",
            ips=("10.244.1.6",),
            observed=True,
            ready=False,
            added=FrozenMap(hashed),
            wanted=1,
        ),
    }
    assert set(result.project.provenance) == {"Deployment:shop/web"}
    assert [entry.object for entry in result.report.of("folded")] == ["Deployment:shop/web"]


def test_without_the_replica_set_name_and_hash_lead_to_the_deployment() -> None:
    owned = pod("web-abc-1", ("ReplicaSet", "web-abc"), labels={"pod-template-hash": "abc"})
    assert ids(read(workload("Deployment", "web"), owned)) == ["Deployment:shop/web"]
    stranger = pod("web-xyz-1", ("ReplicaSet", "web-xyz"), labels={"pod-template-hash": "abc"})
    assert ids(read(workload("Deployment", "web"), stranger)) == ["Deployment:shop/web", "Pod:shop/web-xyz-1"]


def test_replica_set_whose_deployment_is_not_in_the_input_takes_its_pods() -> None:
    result = read(workload("ReplicaSet", "web-abc", ("Deployment", "web")), pod("web-abc-1", ("ReplicaSet", "web-abc")))
    assert ids(result) == ["ReplicaSet:shop/web-abc"]
    assert list(result.project.ledger.pods) == ["ReplicaSet:shop/web-abc#0"]


def test_pod_whose_owner_is_not_in_the_input_stays_a_pod() -> None:
    result = read(pod("web-1", ("ReplicaSet", "web-abc")))
    assert ids(result) == ["Pod:shop/web-1"]
    (made,) = result.project.all()
    assert made.metadata.ownerReferences[0].name == "web-abc" and made.labels == {"app": "web"}
    assert result.project.ledger.pods["Pod:shop/web-1"].ips == ("10.244.1.5",)


def test_stateful_set_and_daemon_set_keys() -> None:
    result = read(
        workload("StatefulSet", "web", ordinals={"start": 1}),
        workload("DaemonSet", "agent"),
        pod("web-3", ("StatefulSet", "web")),
        pod("agent-x", ("DaemonSet", "agent"), node="node-7"),
    )
    assert sorted(result.project.ledger.pods) == ["DaemonSet:shop/agent@node-7", "StatefulSet:shop/web#2"]


def test_finished_pods_are_left_out_and_said() -> None:
    job = {**workload("Job", "web"), "apiVersion": "batch/v1"}
    result = read(job, pod("web-1", ("Job", "web"), phase="Succeeded"))
    assert not result.project.ledger.pods
    assert "1 finished Pod of Job:shop/web" in result.report.of("skipped")[0].text


def test_terminating_pods_come_last() -> None:
    leaving = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    result = read(
        workload("ReplicaSet", "web"),
        pod("web-a", ("ReplicaSet", "web"), metadata=leaving),
        pod("web-b", ("ReplicaSet", "web")),
    )
    records = result.project.ledger.pods
    assert [(key[-2:], record.name, record.terminating) for key, record in records.items()] == [
        ("#0", "web-b", False),
        ("#1", "web-a", True),
    ]


def test_labels_that_differ_from_the_template_are_kept() -> None:
    result = read(
        workload("ReplicaSet", "web"),
        pod("web-a", ("ReplicaSet", "web"), labels={"debug": "on"}),
        pod("web-b", ("ReplicaSet", "web"), labels={"pod-template-hash": "x"}),
    )
    records = result.project.ledger.pods
    assert records["ReplicaSet:shop/web#0"].labels == {"app": "web", "debug": "on"}
    assert records["ReplicaSet:shop/web#1"].labels is None


def test_drawn_pods_are_no_records_unless_a_cluster_ran_them() -> None:
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}}
    assert not read(bare).project.ledger.pods
    result = read(pod("web-1", None, phase="Pending", ready="False"))
    record = result.project.ledger.pods["Pod:shop/web-1"]
    assert (record.phase, record.ready, record.observed) == ("Pending", False, True)


def test_job_of_a_cron_job_folds_into_it() -> None:
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "tick", "namespace": "shop"},
        "spec": {
            "schedule": "* * * * *",
            "jobTemplate": {"spec": {"template": {"metadata": {"labels": {"app": "web"}}}}},
        },
    }
    job = {**workload("Job", "tick-1", ("CronJob", "tick")), "apiVersion": "batch/v1"}
    result = read(cron, job, pod("tick-1-x", ("Job", "tick-1")))
    assert ids(result) == ["CronJob:shop/tick"] and list(result.project.ledger.pods) == ["CronJob:shop/tick#0"]
