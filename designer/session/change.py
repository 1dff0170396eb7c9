"""What a session tells: the change that every view redraws by, and the outcome of what it was asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from designer.model import Problem, Project, ProjectDiff


@dataclass(frozen=True, slots=True)
class Change:
    """From one snapshot to the next, or from no compiled state to one.

    `state` is the ClusterState of `after`, None while it is still being compiled: a second Change with an empty `diff`
    and the same `after` then brings it. `replaced` says that this is another project (new, opened, recovered).
    """

    before: Project
    after: Project
    diff: ProjectDiff
    label: str
    state: Any = None
    replaced: bool = False


def whole_diff(before: Project, after: Project) -> ProjectDiff:
    """The diff from one project to an unrelated one: nothing is compared, what stands in both counts as changed."""
    old = {oid for found in before.objects.values() for oid in found}
    new = {oid for found in after.objects.values() for oid in found}
    return ProjectDiff(
        added=tuple(sorted(new - old)),
        removed=tuple(sorted(old - new)),
        changed=tuple(sorted(old & new)),
        cluster=True,
        ledger=True,
        canvas=True,
        scenarios=True,
        foreign=True,
        verification=True,
    )


Listener = Callable[[Change], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether something was done, and what there is to say about it."""

    ok: bool
    problems: tuple[Problem, ...] = ()
