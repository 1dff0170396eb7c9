"""Reading the rules of a Node for the Tables panel: the lines, and what the last edit changed in them."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import tables_text
from designer.model import ClusterSettings, Problem, Project
from designer.model.collector import collector_paused
from designer.present.rule_rows import chains_of
from designer.present.table_changes import changed_lines
from designer.present.table_rows import TableLine, table_lines


@dataclass(frozen=True, slots=True)
class Tables:
    """The rules of a Node, or the problems that say why there are none; from which cluster they were made."""

    node: str
    mode: str
    lines: tuple[TableLine, ...]
    chains: tuple[str, ...]
    problems: tuple[Problem, ...]
    control: ControlPlaneState
    settings: ClusterSettings
    changes: tuple[TableLine, ...] | None = None

    def is_of(self, state: ClusterState, node: str, mode: str) -> bool:
        """Whether these are the rules that a cluster has on a Node in a mode."""
        same = self.control is state.control and self.settings is state.project.cluster
        return same and (self.node, self.mode) == (node, mode)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules to read. With `before`, the cluster before the last edit, also what that edit changed.

    A project stands for a cluster that nobody has compiled yet. `known` were read before.
    """

    state: ClusterState
    node: str
    mode: str
    before: ClusterState | Project | None = None
    known: tuple[Tables, ...] = ()


def read_tables(wanted: Wanted) -> Tables:
    """The rules of a Node in a mode, with the changed lines where they are wanted. For a thread of its own."""
    now = _read(wanted.state, wanted)
    if wanted.before is None:
        return now
    before = wanted.before
    earlier = compile_project(before) if isinstance(before, Project) else before
    changes = changed_lines(_read(earlier, wanted).lines, now.lines)
    return Tables(now.node, now.mode, now.lines, now.chains, now.problems, now.control, now.settings, changes)


def _read(state: ClusterState, wanted: Wanted) -> Tables:
    node, mode = wanted.node, wanted.mode
    found = next((tables for tables in wanted.known if tables.is_of(state, node, mode)), None)
    if found is not None:
        return found
    with collector_paused():
        text, problems = tables_text(state.control, state.project.cluster, node, mode)
        lines = table_lines(text)
    return Tables(node, mode, lines, chains_of(lines), problems, state.control, state.project.cluster)
