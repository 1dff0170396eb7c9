"""The project: one immutable snapshot of everything that a person works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from designer.model.canvas import Canvas, Scenario
from designer.model.cluster import ClusterSettings
from designer.model.frozen import EMPTY_MAP, FrozenMap
from designer.model.ledger import EMPTY_LEDGER, Ledger, Provenance
from designer.model.meta import KubeObject, split_id
from designer.model.verified import Verification

T = TypeVar("T", bound=KubeObject)

_DEFAULT_CLUSTER = ClusterSettings()
_EMPTY_CANVAS = Canvas()


@dataclass(frozen=True, slots=True)
class ForeignObject:
    """An object of a kind that the program does not know, or that it could not read: kept and written back.

    `id` is ``apiVersion/Kind:namespace/name``; `data` is the parsed JSON value, never changed.
    """

    id: str
    data: dict[str, Any]
    reason: str = "unknown kind"


@dataclass(frozen=True)
class Project:
    """Cluster settings, one slice of objects per kind, ledger, canvas, scenarios, and where objects came from.

    `objects` maps a kind to its slice (object id → object); a kind without objects has no slice. Change a project only
    by building a new one: `with_object`, `without`, `dataclasses.replace`. Slices that did not change are shared, and
    every later pass recognises them by identity. `verification` is what the lab found last, None where it never ran.
    """

    cluster: ClusterSettings = _DEFAULT_CLUSTER
    objects: FrozenMap[str, FrozenMap[str, KubeObject]] = EMPTY_MAP
    ledger: Ledger = EMPTY_LEDGER
    canvas: Canvas = _EMPTY_CANVAS
    scenarios: FrozenMap[str, Scenario] = EMPTY_MAP
    foreign: FrozenMap[str, ForeignObject] = EMPTY_MAP
    provenance: FrozenMap[str, Provenance] = EMPTY_MAP
    verification: Verification | None = None

    def slice(self, kind: type[T]) -> FrozenMap[str, T]:
        """The objects of one kind, by id; the very same map as long as none of them changed."""
        return self.objects.get(kind.KIND, EMPTY_MAP)

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """The objects of one kind, in the order of their ids."""
        found = self.slice(kind)
        return tuple(found[oid] for oid in sorted(found))

    def get(self, oid: str) -> KubeObject | None:
        """The object with this id, or None."""
        return self.objects.get(split_id(oid)[0], EMPTY_MAP).get(oid)

    def find(self, kind: type[T], oid: str) -> T | None:
        """The object of this kind with this id, or None."""
        return self.slice(kind).get(oid)

    def all(self) -> Iterator[KubeObject]:
        """Every object, ordered by kind and id."""
        for kind in sorted(self.objects):
            found = self.objects[kind]
            for oid in sorted(found):
                yield found[oid]

    def with_object(self, obj: KubeObject) -> Project:
        """A project in which `obj` stands under its id, replacing one of the same id."""
        kind = split_id(obj.id)[0]
        current: FrozenMap[str, KubeObject] = self.objects.get(kind, EMPTY_MAP)
        changed = current.set(obj.id, obj)
        return self if changed is current else replace(self, objects=self.objects.set(kind, changed))

    def with_objects(self, objs: Iterator[KubeObject] | list[KubeObject] | tuple[KubeObject, ...]) -> Project:
        """A project with all of `objs`, built in one go."""
        slices: dict[str, dict[str, KubeObject]] = {}
        for obj in objs:
            kind = split_id(obj.id)[0]
            slices.setdefault(kind, dict(self.objects.get(kind, EMPTY_MAP)))[obj.id] = obj
        return replace(self, objects=self.objects.merged({k: FrozenMap(v) for k, v in slices.items()}))

    def without(self, *oids: str) -> Project:
        """A project without these objects; records, placements and provenance of others are untouched."""
        objects = self.objects
        for oid in oids:
            kind = split_id(oid)[0]
            current: FrozenMap[str, KubeObject] = objects.get(kind, EMPTY_MAP)
            changed = current.without(oid)
            if changed is not current:
                objects = objects.set(kind, changed) if changed else objects.without(kind)
        return self if objects is self.objects else replace(self, objects=objects)

    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that exists or that an object lives in, sorted; a namespace without manifest exists too."""
        names = {"default"}
        for found in self.objects.values():
            for obj in found.values():
                if obj.NAMESPACED:
                    names.add(obj.namespace)
                elif obj.KIND == "Namespace":
                    names.add(obj.name)
        return tuple(sorted(names))


EMPTY_PROJECT = Project()
