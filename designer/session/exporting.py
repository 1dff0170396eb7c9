"""What of a project goes into an export: all but what another reader would take for the cluster as it is.

The controller's own EndpointSlices of an input hold only while what they rest on is unchanged. In a project the ledger
knows that; in manifests they would be taken as observed again. Where they hold no longer they stay out: whoever reads
the export derives the slices that the controller writes.
"""

from __future__ import annotations

from designer.edits.staging import exported
from designer.engine.compile import ClusterState
from designer.engine.controlplane import superseded
from designer.model import Project, split_id
from designer.model.staging import STAGED_POLICY


def exportable(state: ClusterState) -> tuple[Project, str]:
    """The project to export, and a sentence about what stays out of it ("" where nothing does)."""
    project, native, others = exported(state.project)
    said = " ".join(one for one in (_staged(native), _carried(others)) if one)
    gone = superseded(state.project, state.control)
    if not gone:
        return project, said
    names = ["/".join(split_id(oid)[1:]) for oid in gone]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    what = "EndpointSlice that does" if len(names) == 1 else f"{len(names)} EndpointSlices that do"
    return project.without(*gone), said + (" " if said else "") + (
        f"Left out the {what} not hold any more ({shown}): what they rest on was changed here, "
        "and the controller writes its slices anew."
    )


def _staged(ids: tuple[str, ...]) -> str:
    """A sentence about staged NetworkPolicies, "" where there are none."""
    if not ids:
        return ""
    return (
        f"{_policies(ids)} written as StagedKubernetesNetworkPolicy, which no plugin enforces: Calico keeps and shows "
        "it, another cluster does not know the kind and refuses it."
    )


def _carried(ids: tuple[str, ...]) -> str:
    """A sentence about staged policies whose kind has no staged form in any cluster, "" where there are none."""
    if not ids:
        return ""
    return (
        f"{_policies(ids)} written as {STAGED_POLICY} of this program beside its settings, because no cluster has a "
        "staged form of the kind: this program reads it back as staged, and every cluster refuses it."
    )


def _policies(ids: tuple[str, ...]) -> str:
    """``The staged policy shop/closed was``, or how many they are."""
    names = ["/".join(part for part in split_id(oid)[1:] if part) for oid in ids]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"The staged policy {shown} was" if len(names) == 1 else f"{len(names)} staged policies ({shown}) were"
