"""Recreating a Pod: a new sandbox, hence a new address, as when a Pod is deleted and its owner makes another."""

from __future__ import annotations

from dataclasses import replace

from designer.edits.edit import Edit, refusal, refused
from designer.edits.remove import unplaced
from designer.model import Project, split_id


def recreate(project: Project, pod_key: str) -> Edit:
    """The edit that lets the Pod `pod_key` start anew; `engine.controlplane.allocate` then hands out its address.

    The Pod keeps its Node where its owner says so (a drawn Pod, a DaemonSet); others go where the scheduler puts them,
    and their records keep the Node as the place that they are on until `allocate` decides.
    """
    record = project.ledger.pods.get(pod_key)
    label = f"Recreate {record.name if record else split_id(pod_key)[2]}"
    if record is None:
        problem = refusal("EDIT-01", f"There is no Pod {pod_key}", oid=pod_key, fix="Select a Pod that runs.")
        return refused(label, project, problem)
    fresh = unplaced(record).replace(node=record.node)
    ledger = project.ledger.model_copy(update={"pods": project.ledger.pods.set(pod_key, fresh)})
    return Edit(label, replace(project, ledger=ledger), None, (pod_key,))
