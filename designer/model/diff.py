"""What differs between two snapshots, found by identity: the cost is that of the change, not of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from designer.model.frozen import EMPTY_MAP
from designer.model.project import Project


@dataclass(frozen=True, slots=True)
class ProjectDiff:
    """Ids of objects that were added, removed or changed (sorted), and which of the other slices differ."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    cluster: bool = False
    ledger: bool = False
    canvas: bool = False
    scenarios: bool = False
    foreign: bool = False
    verification: bool = False

    @property
    def touches_engine(self) -> bool:
        """Whether any slice that an engine pass reads differs."""
        return bool(self.added or self.removed or self.changed or self.cluster or self.ledger or self.foreign)

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.touches_engine or self.canvas or self.scenarios or self.verification)


def diff_maps(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[set[str], set[str], set[str]]:
    """Keys added, removed and changed between two mappings; values are compared by identity, then by equality."""
    if old is new:
        return set(), set(), set()
    added = {key for key in new if key not in old}
    removed = {key for key in old if key not in new}
    changed = {k for k, v in new.items() if k in old and old[k] is not v and old[k] != v}
    return added, removed, changed


def diff_projects(old: Project, new: Project) -> ProjectDiff:
    """The difference from `old` to `new`."""
    added: set[str] = set()
    removed: set[str] = set()
    changed: set[str] = set()
    if old.objects is not new.objects:
        for kind in {*old.objects, *new.objects}:
            a, r, c = diff_maps(old.objects.get(kind, EMPTY_MAP), new.objects.get(kind, EMPTY_MAP))
            added |= a
            removed |= r
            changed |= c
    return ProjectDiff(
        added=tuple(sorted(added)),
        removed=tuple(sorted(removed)),
        changed=tuple(sorted(changed)),
        cluster=old.cluster is not new.cluster and old.cluster != new.cluster,
        ledger=old.ledger is not new.ledger and old.ledger != new.ledger,
        canvas=old.canvas is not new.canvas and old.canvas != new.canvas,
        scenarios=old.scenarios is not new.scenarios and old.scenarios != new.scenarios,
        foreign=old.foreign is not new.foreign and old.foreign != new.foreign,
        verification=old.verification is not new.verification and old.verification != new.verification,
    )
