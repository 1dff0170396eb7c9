"""What is drawn though it is no object of the project: zones, outside, notes, Namespaces taken for granted."""

from __future__ import annotations

from typing import Final

from designer.engine.compile import ClusterState
from designer.model import Project, split_id

GONE: Final = "not in the project any more"
ZONE_LABEL: Final = "topology.kubernetes.io/zone"


def drawn_words(project: Project, state: ClusterState | None, oid: str) -> tuple[str, str, str]:
    """Kind, name and a few words on what an id without object stands for; `GONE` where it is nothing that is drawn."""
    kind, _, name = split_id(oid)
    if oid == "outside":
        return "Outside", "Outside", "all that is beyond the cluster and not drawn"
    if oid == "cluster":
        return "Cluster", project.cluster.name, "frame of all that is in the cluster"
    note = project.canvas.notes.get(oid)
    if note is not None:
        return "Note", note.text.partition("\n")[0] or "Note", "stands on the drawing alone"
    if state is None:
        return kind, name or kind, GONE
    if kind == "Zone" and any(node.zone == name for node in state.control.nodes.values()):
        return kind, name, f"the Nodes with the label {ZONE_LABEL}={name}"
    if kind == "Namespace" and name in state.control.namespaces:
        return kind, name, "taken to exist: the project has no object for it"
    return kind, name or kind, GONE
