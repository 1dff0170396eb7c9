"""Names of objects: which are taken, which is the next free one, and what lives in a namespace."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from designer.model import Project, object_id, split_id

# Kinds whose Pods carry the label ``app: <name>``: they share one pool of names, so that a selector means one of them.
POD_MAKERS: tuple[str, ...] = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
)
MAX_NAME = 63
_COUNTED = re.compile(r"^(?P<stem>.*?)(?:-(?P<number>[0-9]+))?$")


def numbered(base: str, taken: Container[str]) -> str:
    """`base` if it is not taken, else the first free of ``base-2``, ``base-3``, …; never longer than 63 characters."""
    if base not in taken:
        return base
    match = _COUNTED.match(base)
    stem = (match["stem"] if match else "") or base
    number = 2
    while True:
        suffix = f"-{number}"
        name = stem[: MAX_NAME - len(suffix)].rstrip("-.") + suffix
        if name not in taken:
            return name
        number += 1


def names_of(project: Project, kinds: Iterable[str], namespace: str) -> set[str]:
    """The names that objects of these kinds bear in `namespace` ("" for cluster-scoped kinds)."""
    prefixes = {kind: object_id(kind, namespace, "") for kind in kinds}
    return {oid[len(prefix) :] for kind, prefix in prefixes.items() for oid in _ids(project, kind, prefix)}


def _ids(project: Project, kind: str, prefix: str) -> list[str]:
    found = project.objects.get(kind)
    return [oid for oid in found if oid.startswith(prefix)] if found else []


def free_name(project: Project, kind: str, namespace: str, base: str) -> str:
    """A name that no object of this kind has in `namespace`; for kinds that make Pods, none of any such kind."""
    kinds = POD_MAKERS if kind in POD_MAKERS else (kind,)
    return numbered(base, names_of(project, kinds, namespace))


def ids_in_namespace(project: Project, namespace: str) -> tuple[str, ...]:
    """Ids of every object that lives in `namespace`, ordered by kind and id; the Namespace object itself is none."""
    return tuple(
        oid
        for kind in sorted(project.objects)
        for oid in sorted(project.objects[kind])
        if (obj := project.objects[kind][oid]).NAMESPACED and obj.namespace == namespace
    )


def kept_in_namespace(project: Project, namespace: str) -> tuple[str, ...]:
    """Ids of the kept objects that say that they live in `namespace`, in their order."""
    found = []
    for oid in sorted(project.foreign):
        metadata = project.foreign[oid].data.get("metadata")
        if isinstance(metadata, dict) and metadata.get("namespace") == namespace:
            found.append(oid)
    return tuple(found)


def kept_names(project: Project, kind: str, namespace: str) -> set[str]:
    """The names of the kept objects of a kind (whatever version of its API they are written in) in `namespace`."""
    found = (split_id(oid) for oid in project.foreign)
    return {
        name
        for head, space, name in found
        if head.rpartition("/")[2] == kind and (space or "default") == (namespace or "default")
    }
