"""Recreating a Pod: a new sandbox, hence a new address, as when a Pod is deleted and its owner makes another."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused
from designer.model import PodRecord, Project, split_id


def recreate(project: Project, pod_key: str) -> Edit:
    """The edit that lets the Pod `pod_key` start anew, on the Node that it is on.

    Its record gets the next sandbox and no address; `engine.controlplane.allocate` hands out the new address, and a new
    name where the owner's kind gives one. What it had is remembered in ``previousIps``.
    """
    record = project.ledger.pods.get(pod_key)
    label = f"Recreate {record.name if record else split_id(pod_key)[2]}"
    if record is None:
        problem = refusal("EDIT-01", f"There is no Pod {pod_key}", oid=pod_key, fix="Select a Pod that runs.")
        return refused(label, project, problem)
    ledger = project.ledger.model_copy(update={"pods": project.ledger.pods.set(pod_key, _anew(record))})
    return Edit(label, replace(project, ledger=ledger), None, (pod_key,))


def recreate_seen(project: Project) -> Project:
    """`project` with every Pod started anew whose address was seen in a cluster: another network plugin gives its own.

    Pods that have their Node's addresses stay; they need no plugin. Whether a Pod is Ready goes with it.
    """
    nodes = project.ledger.nodes
    fresh = {}
    for key, record in project.ledger.pods.items():
        node = nodes.get(record.node or "")
        own = node is None or not set(record.ips) <= set(node.addresses)
        if record.observed and record.ips and own and record.phase == "Running":
            fresh[key] = _anew(record).model_copy(update={"ready": record.ready})
    if not fresh:
        return project
    pods = project.ledger.pods.patched((), fresh)
    return replace(project, ledger=project.ledger.model_copy(update={"pods": pods}))


def _anew(record: PodRecord) -> PodRecord:
    return PodRecord(
        name=record.name,
        node=record.node,
        sandbox=record.sandbox + 1,
        labels=record.labels,
        added=record.added,
        spec=record.spec,
        previousIps=record.ips or record.previousIps,
    )
