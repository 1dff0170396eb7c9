"""Default deny for a namespace, with every connection that it closes, before it is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from designer.edits.edit import Edit
from designer.edits.policies import default_deny
from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import ChangedLine, reach, reach_change
from designer.engine.repair.names import lookups_changed


@dataclass(frozen=True, slots=True)
class Isolation:
    """The edit, what it closes, and what is left to know; `edit.problems` say why it cannot be."""

    edit: Edit
    closes: tuple[ChangedLine, ...] = ()
    notes: tuple[str, ...] = ()
    state: ClusterState | None = field(default=None, compare=False, repr=False)


def isolate_namespace(state: ClusterState, namespace: str, directions: Sequence[str], keep_dns: bool) -> Isolation:
    """What a policy without rules for every Pod of a namespace would close; with `keep_dns` names go on working."""
    edit = default_deny(state.project, namespace, directions, keep_dns)
    if not edit.ok:
        return Isolation(edit)
    after = compile_project(edit.project, state)
    change = reach_change(reach(state), reach(after))
    closes = (*change.lines, *lookups_changed(state, after))
    return Isolation(edit, closes, _notes(after, namespace, directions, keep_dns), after)


def _notes(state: ClusterState, namespace: str, directions: Sequence[str], keep_dns: bool) -> tuple[str, ...]:
    found = []
    engine = state.policies.enforcement
    if any(not engine.enforces(direction) for direction in directions):
        found.append(f"{engine.reason or engine.engine}: the policy is stored and does nothing.")
    on_nodes = [pod for pod in state.control.pods.values() if pod.namespace == namespace and pod.host_network]
    if on_nodes:
        names = ", ".join(sorted({pod.name for pod in on_nodes})[:3])
        found.append(f"{names}: with hostNetwork no policy applies to them.")
    if "egress" in directions and not keep_dns:
        found.append("The Pods of the namespace can look up no name any more.")
    return tuple(found)
