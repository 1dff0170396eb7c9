"""Memo: results of pure functions by the identity of their inputs, with early cut-off.

Every value that the engine reads is immutable, so "the same object" means "the same value": a result whose inputs are
the very same objects is reused without looking at them. When a result is computed anew and equals the old one, the old
object is handed out, so that whatever reads it is recognised as unchanged too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from designer.model import FrozenMap

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Memo:
    """Cells of one chain of compilations: the last inputs and result of each pass and of each item inside a pass.

    A cell keeps its inputs alive, so an identity is never that of another, later object. Passing no memo, or an empty
    one, gives the same results, only slower.
    """

    __slots__ = ("_cells", "_groups", "_slots")

    def __init__(self) -> None:
        self._cells: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._groups: dict[str, dict[Any, tuple[tuple[Any, ...], Any]]] = {}
        self._slots: dict[str, dict[Any, Any]] = {}

    def once(self, name: str, inputs: tuple[Any, ...], make: Callable[[], T]) -> T:
        """The result of `make`, reused while every one of `inputs` is the object it was; equal results keep the old."""
        old = self._cells.get(name)
        if old is not None and same(old[0], inputs):
            return cast(T, old[1])
        result = make()
        if old is not None and old[1] == result:
            result = old[1]
        self._cells[name] = (inputs, result)
        return result

    def settle(self, name: str, inputs: tuple[Any, ...], result: Any) -> None:
        """Say that `result` is the answer for `inputs` too."""
        self._cells[name] = (inputs, result)

    def slot(self, name: str) -> dict[Any, Any]:
        """What a pass keeps from one run to the next by itself."""
        return self._slots.setdefault(name, {})

    def group(self, name: str) -> Group:
        """The cells of the items of one pass; those that are not asked for until `Group.close` are forgotten."""
        return Group(self._groups.get(name, {}), lambda cells: self._groups.__setitem__(name, cells))


class Group:
    """Cells of the items of one pass, by item key."""

    __slots__ = ("_new", "_old", "_store")

    def __init__(self, old: dict[Any, tuple[tuple[Any, ...], Any]], store: Callable[[dict[Any, Any]], None]) -> None:
        self._old = old
        self._new: dict[Any, tuple[tuple[Any, ...], Any]] = {}
        self._store = store

    def once(self, key: Any, inputs: tuple[Any, ...], make: Callable[..., T]) -> T:
        """The result of `make(*inputs)`, reused while every one of `inputs` is the object it was."""
        old = self._old.get(key)
        if old is not None:
            if same(old[0], inputs):
                self._new[key] = old
                return cast(T, old[1])
            result = make(*inputs)
            if old[1] == result:
                result = old[1]
        else:
            result = make(*inputs)
        self._new[key] = (inputs, result)
        return result

    def close(self) -> None:
        """Keep the cells that were asked for, forget the others."""
        self._store(self._new)


def same(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    """Whether two tuples hold the very same objects; equal numbers, texts and None count as the same."""
    if len(left) != len(right):
        return False
    for a, b in zip(left, right, strict=True):
        if a is b:
            continue
        if isinstance(a, str | int | None) and isinstance(b, str | int | None) and type(a) is type(b) and a == b:
            continue
        return False
    return True


def keep_map(old: FrozenMap[K, V] | None, new: Mapping[K, V]) -> FrozenMap[K, V]:
    """`old` when `new` holds the very same values under the same keys in the same order, else a map of `new`."""
    if old is new and old is not None:
        return old
    if old is not None and len(old) == len(new):
        for (old_key, old_value), (key, value) in zip(old.items(), new.items(), strict=True):
            if old_value is not value or old_key != key:
                break
        else:
            return old
    return FrozenMap(new)
