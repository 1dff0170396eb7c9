"""What an edit would make of the cluster, without doing it."""

from __future__ import annotations

from designer.edits.edit import Edit
from designer.engine.compile import ClusterState, compile_project

# In a cluster of more Pods a look ahead at each key would hold the typing up.
MOST_PODS = 20_000
TOO_MANY = (
    f"With more than {MOST_PODS:,} Pods, who loses or gains some is not looked up while you type: "
    "Enter takes the labels, Ctrl+Z takes them back."
)


def too_large(state: ClusterState) -> bool:
    """Whether a cluster has too many Pods for a look ahead; `TOO_MANY` says so."""
    return len(state.control.pods) > MOST_PODS


def previewed(state: ClusterState, edit: Edit) -> ClusterState | None:
    """The state after an edit; None where it would be refused, changes nothing, or there are too many Pods."""
    if not edit.ok or edit.project is state.project or too_large(state):
        return None
    return compile_project(edit.project, previous=state)
