"""Which of many objects have which label, and the mask of a selector over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from designer.engine.policy.porttable import Mask
from designer.model import FrozenMap, LabelSelector


class LabelIndex:
    """Which classes have which label, and the mask of a selector."""

    __slots__ = ("_count", "_keys", "_pairs", "_rows")

    def __init__(self, labels: Sequence[FrozenMap[str, str]]) -> None:
        self._count = len(labels)
        self._rows: dict[str, dict[str, list[int]]] = {}
        for number, found in enumerate(labels):
            for key, value in found.items():
                self._rows.setdefault(key, {}).setdefault(value, []).append(number)
        self._pairs: dict[tuple[str, str], Mask] = {}
        self._keys: dict[str, Mask] = {}

    def pair(self, key: str, value: str) -> Mask:
        """Where the label `key` is `value`."""
        found = self._pairs.get((key, value))
        if found is None:
            found = self._pairs[(key, value)] = self._mask(self._rows.get(key, {}).get(value, []))
        return found

    def key(self, key: str) -> Mask:
        """Where the label `key` is set."""
        found = self._keys.get(key)
        if found is None:
            rows = [number for numbers in self._rows.get(key, {}).values() for number in numbers]
            found = self._keys[key] = self._mask(rows)
        return found

    def selector(self, selector: LabelSelector) -> Mask:
        """Where a selector matches; the mask is shared and must not be changed."""
        labels, expressions = selector.matchLabels, selector.matchExpressions
        masks = [self.pair(key, value) for key, value in labels.items()]
        if len(masks) == 1 and not expressions:
            return masks[0]
        mask = masks[0].copy() if masks else np.ones(self._count, dtype=bool)
        for one in masks[1:]:
            mask &= one
        for item in expressions:
            if item.operator in ("In", "NotIn"):
                one = np.zeros(self._count, dtype=bool)
                for value in item.values:
                    one |= self.pair(item.key, value)
            else:
                one = self.key(item.key)
            mask &= one if item.operator in ("In", "Exists") else ~one
        return mask

    def _mask(self, numbers: list[int]) -> Mask:
        mask = np.zeros(self._count, dtype=bool)
        mask[numbers] = True
        return mask
