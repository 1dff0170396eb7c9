"""The two immutable building bricks of the model: `FrozenMap` and `FrozenModel`.

pydantic's ``frozen=True`` is shallow, so every list of the model is a tuple and every mapping a `FrozenMap`.
Values of fields that the program does not know are kept as plain JSON values; they are written back and never changed.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections.abc import Collection, ItemsView, Iterator, KeysView, Mapping, ValuesView
from itertools import compress, filterfalse
from typing import Any, Generic, TypeVar, get_args
from weakref import ref

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

K = TypeVar("K")
V = TypeVar("V")
# Putting more new keys than this into their places one by one takes longer than sorting all.
MANY = 1000


class FrozenMap(Mapping[K, V], Generic[K, V]):
    """An immutable, hashable mapping that keeps insertion order; changes give a new map that shares the values."""

    __slots__ = ("__weakref__", "_base", "_data", "_delta", "_hash")

    def __init__(self, data: Mapping[K, V] | None = None) -> None:
        self._data: dict[K, V] = dict(data) if data else {}
        self._hash: int | None = None
        # What `patched` made this map from, and the keys that it took away and set.
        self._base: ref[FrozenMap[K, V]] | None = None
        self._delta: tuple[Collection[K], Collection[K]] = ((), ())

    def __getitem__(self, key: K) -> V:
        return self._data[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    # The views of the dict itself: those of Mapping look every key up again.
    def keys(self) -> KeysView[K]:
        """The keys, in order."""
        return self._data.keys()

    def values(self) -> ValuesView[V]:
        """The values, in order."""
        return self._data.values()

    def items(self) -> ItemsView[K, V]:
        """Keys and values, in order."""
        return self._data.items()

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._data.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMap):
            return self is other or self._data == other._data
        return isinstance(other, Mapping) and self._data == dict(other)

    def __repr__(self) -> str:
        return f"FrozenMap({self._data!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (FrozenMap, (self._data,))

    def set(self, key: K, value: V) -> FrozenMap[K, V]:
        """A map in which `key` has `value`; this map itself when it already holds that very value."""
        if key in self._data and self._data[key] is value:
            return self
        return FrozenMap({**self._data, key: value})

    def without(self, *keys: K) -> FrozenMap[K, V]:
        """A map without `keys`; this map itself when it has none of them."""
        if not any(key in self._data for key in keys):
            return self
        gone = set(keys)
        return FrozenMap({k: v for k, v in self._data.items() if k not in gone})

    def merged(self, other: Mapping[K, V]) -> FrozenMap[K, V]:
        """A map with the entries of `other` on top; this map itself when `other` is empty."""
        return FrozenMap({**self._data, **other}) if other else self

    def patched(self, gone: Collection[K], new: Mapping[K, V], *, in_order: bool = False) -> FrozenMap[K, V]:
        """A map without the keys `gone` and with the entries of `new`, which knows what differs (`differing`).

        Other keys keep their places; new ones come last, or with `in_order` where they belong in a sorted map.
        """
        data = dict(self._data)
        for key in gone:
            del data[key]
        fresh = [key for key in new if key not in data] if in_order else []
        data.update(new)
        if len(fresh) > MANY:
            data = dict(sorted(data.items(), key=operator.itemgetter(0)))
        elif fresh:
            keys: list[Any] = list(data)
            values = list(data.values())
            del keys[-len(fresh) :], values[-len(fresh) :]
            for key in fresh:
                place = bisect_left(keys, key)
                keys.insert(place, key)
                values.insert(place, new[key])
            data = dict(zip(keys, values, strict=True))
        made: FrozenMap[K, V] = FrozenMap()
        made._data, made._base, made._delta = data, ref(self), (gone, new.keys())
        return made

    def differing(self, old: FrozenMap[K, V]) -> tuple[list[K], list[K]]:
        """The keys of `old` that are not here, and those of this map that have another object than in `old`.

        Known where one of the two was `patched` from the other; else all entries are compared, without a line of Python
        for each.
        """
        if old is self:
            return [], []
        if old._base is not None and old._base() is self:
            # A step back: what the patch brought is gone again, what it took away or replaced is back.
            gone, new = old._delta
            here, there = self._data, old._data
            back = [k for k in dict.fromkeys((*gone, *new)) if k in here and there.get(k) is not here[k]]
            return [k for k in new if k not in here], back
        if self._base is not None and self._base() is old:
            gone, new = self._delta
            here, there = self._data, old._data
            return [k for k in gone if k not in here], [k for k in new if there.get(k) is not here[k]]
        lost = list(filterfalse(self._data.__contains__, old._data))
        others = map(operator.is_not, self._data.values(), map(old._data.get, self._data))
        return lost, list(compress(self._data, others))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        args = get_args(source) or (Any, Any)
        inner = handler.generate_schema(dict[args[0], args[1]])  # type: ignore[valid-type]
        return core_schema.no_info_wrap_validator_function(
            lambda value, validate: cls(validate(value._data if isinstance(value, FrozenMap) else value)),
            inner,
            # Through the schema of the values, so that maps in maps and models in maps are dumped as such.
            serialization=core_schema.wrap_serializer_function_ser_schema(
                lambda value, dump: dump(dict(value)), schema=inner
            ),
        )


EMPTY_MAP: FrozenMap[Any, Any] = FrozenMap()


class FrozenModel(BaseModel):
    """Base of every model value: immutable, unknown fields kept and written back."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_default=False, ser_json_inf_nan="strings")

    def replace(self, **changes: Any) -> Any:
        """A copy with `changes`, validated anew. Raises pydantic.ValidationError when they do not fit."""
        data = {name: getattr(self, name) for name in self.model_fields_set | set(self.model_extra or {})}
        return type(self).model_validate({**data, **changes})

    def dump(self) -> dict[str, Any]:
        """The value as plain JSON data with Kubernetes' own field names; fields that were never set are left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)
