"""The two immutable building bricks of the model: `FrozenMap` and `FrozenModel`.

pydantic's ``frozen=True`` is shallow, so every list of the model is a tuple and every mapping a `FrozenMap`.
Values of fields that the program does not know are kept as plain JSON values; they are written back and never changed.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(Mapping[K, V], Generic[K, V]):
    """An immutable, hashable mapping that keeps insertion order; changes give a new map that shares the values."""

    __slots__ = ("_data", "_hash")

    def __init__(self, data: Mapping[K, V] | None = None) -> None:
        self._data: dict[K, V] = dict(data) if data else {}
        self._hash: int | None = None

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
