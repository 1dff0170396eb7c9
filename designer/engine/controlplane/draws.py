"""Draws: the seeded choices that Kubernetes leaves to chance, repeatable and never asked twice for the same number.

Each purpose has a counter in the ledger. A draw is a hash of seed, purpose and counter, so reopening a project draws
nothing, recreating something draws anew, and two purposes do not disturb each other (domain/ipam.md, "Rules for a
deterministic simulator").
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

# The alphabet of `k8s.io/apimachinery/pkg/util/rand`: no vowels, no 0, 1 and 3.
SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def hashed(*parts: object) -> int:
    """A number of 64 bits that depends on `parts` alone."""
    text = "\x00".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def safe_text(number: int, length: int) -> str:
    """`length` characters of the safe alphabet, the digits of `number` in its base."""
    letters = []
    for _ in range(length):
        number, digit = divmod(number, len(SAFE_ALPHABET))
        letters.append(SAFE_ALPHABET[digit])
    return "".join(letters)


class Draws:
    """The generator of one allocation: starts from the ledger's counters and counts on."""

    __slots__ = ("_seed", "counts")

    def __init__(self, seed: int, counts: Mapping[str, int]) -> None:
        self._seed = seed
        self.counts: dict[str, int] = dict(counts)

    def number(self, purpose: str) -> int:
        """The next number of 64 bits for `purpose`."""
        count = self.counts.get(purpose, 0)
        self.counts[purpose] = count + 1
        return hashed(self._seed, purpose, count)

    def below(self, purpose: str, size: int) -> int:
        """The next number from 0 to `size` - 1 for `purpose`."""
        return self.number(purpose) % size

    def count(self, purpose: str) -> int:
        """How often `purpose` was asked for."""
        return self.counts.get(purpose, 0)

    def rewind(self, purpose: str, count: int) -> None:
        """Forget the draws for `purpose` after the first `count`: what they were for came to nothing."""
        if self.count(purpose) != count:
            self.counts[purpose] = count

    def text(self, purpose: str, length: int) -> str:
        """The next random name part for `purpose`."""
        return safe_text(self.number(purpose), length)
