"""The columns that a matcher means: labels and blocks by masks, others asked once for each kind of column they can see.

A matcher says what its answer hangs on (`tiers.Sight`); columns that are alike in it are asked about once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from designer.engine.policy.classes import Columns, EndColumns
from designer.engine.policy.matchers import BlockMatch, Peer, PodMatch
from designer.engine.policy.peering import peer_answer
from designer.engine.policy.tiers import EndMatch, Surroundings, TierPeer

Codes = npt.NDArray[np.int64]
# Beyond so many kinds the numbers are counted anew, so that they stay small.
MANY = 2**40


class Sights:
    """Finds the columns of matchers; each is looked up once."""

    def __init__(
        self, view: Surroundings, columns: Columns, plain: Callable[[PodMatch | BlockMatch], EndColumns]
    ) -> None:
        self._view = view
        self._columns = columns
        self._plain = plain
        self._bodies = np.array(columns.bodies, dtype=np.int64)
        # By identity first: to hash a matcher costs more than to look it up. The matchers outlive this object.
        self._found: dict[int, EndColumns] = {}
        self._equal: dict[TierPeer, EndColumns] = {}
        self._labels: dict[str, Codes] = {}
        self._kinds = self._kind_codes()
        self._accounts = self._coded([one.account for one in columns.classes])

    @cached_property
    def _peers(self) -> tuple[Peer, ...]:
        """Who stands for each column; most clusters have no matcher that has to be asked."""
        return self._columns.peers()

    def columns_of(self, match: TierPeer) -> EndColumns:
        """The columns that `match` means."""
        found = self._found.get(id(match))
        if found is None:
            found = self._equal.get(match)
            if found is None:
                plain = isinstance(match, (BlockMatch, PodMatch))
                found = self._equal[match] = self._plain(match) if plain else self._asked(match)  # type: ignore[arg-type]
            self._found[id(match)] = found
        return found

    def _asked(self, match: EndMatch) -> EndColumns:
        codes = self._kinds
        sight = match.sight
        if sight.namespaces:
            names = [one.namespace for one in self._columns.classes]
            said = {name: match.space(name, self._view) for name in dict.fromkeys(names)}
            codes = _together(codes, self._coded([said[name] for name in names]))
        if match.accounts:
            codes = _together(codes, self._accounts)
        for key in sorted(sight.keys):
            codes = _together(codes, self._label(key))
        for block in match.blocks:
            found = self._plain(block)
            codes = _together(codes, found.sure.astype(np.int64) + found.maybe)
        _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        answers = [peer_answer(match, self._peers[column], self._view)[0] for column in first.tolist()]
        yes = np.array([answer is True for answer in answers], dtype=bool)[inverse.ravel()]
        if None not in answers:
            return EndColumns(yes, yes)
        return EndColumns(yes, np.array([answer is not False for answer in answers], dtype=bool)[inverse.ravel()])

    def _kind_codes(self) -> Codes:
        """Pods, hostNetwork Pods of other Nodes, of the own one, by their tunnel's address, and ranges by family."""
        found = [int(one.host_network) for one in self._columns.classes]
        found += [one.family for one in self._columns.ranges]
        found += [2] * len(self._columns.resident) + [1] * len(self._columns.carried)
        return np.array(found, dtype=np.int64)

    def _coded(self, texts: list[str]) -> Codes:
        """A number for each text of the classes, spread over the columns; 0 for ranges."""
        numbers = {text: number + 1 for number, text in enumerate(dict.fromkeys(texts))}
        by_class = np.array([*(numbers[text] for text in texts), 0], dtype=np.int64)
        return by_class[self._bodies]

    def _label(self, key: str) -> Codes:
        found = self._labels.get(key)
        if found is None:
            # A value cannot hold a line break, so that no label is taken for an absent one.
            texts = [one.labels.get(key, "\n") for one in self._columns.classes]
            found = self._labels[key] = self._coded(texts)
        return found


def _together(left: Codes, right: Codes) -> Codes:
    """A number for each pair of numbers."""
    both = left * (int(right.max(initial=0)) + 1) + right
    if int(both.max(initial=0)) > MANY:
        both = np.unique(both, return_inverse=True)[1].ravel().astype(np.int64)
    return both
