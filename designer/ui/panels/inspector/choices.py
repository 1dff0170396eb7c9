"""The objects of a project as the choices of a field."""

from __future__ import annotations

from collections.abc import Callable

from designer.model import EMPTY_MAP, Project
from designer.ui.panels.inspector.fields import Options


def ids_of(*kinds: str) -> Callable[[Project], Options]:
    """The objects of some kinds as choices, by id; first the choice of none."""

    def options(project: Project) -> Options:
        found = [oid for kind in kinds for oid in sorted(project.objects.get(kind, EMPTY_MAP))]
        return ((None, "none"), *((oid, oid.partition(":")[2]) for oid in found))

    return options


def names_of(kind: str) -> Callable[[Project], Options]:
    """The names of a cluster-scoped kind as choices; first the choice of none."""

    def options(project: Project) -> Options:
        found = [oid.partition(":")[2] for oid in sorted(project.objects.get(kind, EMPTY_MAP))]
        return ((None, "none"), *((name, name) for name in found))

    return options
