"""Choices at random: how often each is tried, and whether the ends come about as often as predicted.

The same choice between the same ends, made on the same Node, is one choice whoever asks: its counts are pooled.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from designer.engine.trace.ground import Ground
from designer.lab.compare import IMPROBABLE, Observed, Row, compare, enough, fits
from designer.lab.prediction import Expected, Prediction
from designer.lab.probes import Probe

# More than any choice needs in the largest cluster that is built: among 600 ends one takes 12,424.
MAX_ATTEMPTS = 20_000
# So often a choice is made at least where its shares are to be seen: half and half then has to stay in 104 to 196.
FOR_SHARES = 300
FEW, STICKY = 8, 4
# So many connections a run spends on shares; what is chosen beyond is only tried until a missing end would show.
MOST_FOR_SHARES = 200_000

# What is chosen, without what only the asker makes of it (the source that is seen, the TTL).
End = tuple[str, str]
Choice = tuple[str, int, str, str, frozenset[tuple[End, Fraction]]]


def attempts_for(prediction: Prediction) -> int:
    """How often a connection is tried, so that a wrong or missing share shows; at most `MAX_ATTEMPTS`."""
    shares = prediction.shares
    if len(shares) < 2 or prediction.sticky:
        return STICKY if prediction.sticky else 1
    return min(MAX_ATTEMPTS, max(FOR_SHARES, enough(min(shares.values()))))


def attempts_of(probes: Sequence[Probe]) -> list[int]:
    """How often each probe is tried; none for those that are not testable.

    The same choice between the same ends is proved once for each Node where packets begin; afterwards a few attempts
    show that the others make it too.
    """
    found: list[int] = []
    proved: set[Choice] = set()
    spent = 0
    for probe in probes:
        told = probe.prediction
        if told.untestable:
            found.append(0)
            continue
        choice, full = choice_of(probe), attempts_for(told)
        if choice in proved:
            full = min(full, FEW)
        elif full >= FOR_SHARES and spent + full > MOST_FOR_SHARES:
            full = min(full, enough(min(told.shares.values())))
        found.append(full)
        spent += full
        proved.add(choice)
    return found


def unshared(probes: Sequence[Probe], attempts: Sequence[int]) -> str:
    """A sentence on the random choices whose shares were not compared, because there are so many; "" for none."""
    pooled: Counter[Choice] = Counter()
    for probe, count in zip(probes, attempts, strict=True):
        told = probe.prediction
        if not told.untestable and not told.sticky and len(told.shares) > 1:
            pooled[choice_of(probe)] += count
    left = sum(count < FOR_SHARES for count in pooled.values())
    if not left:
        return ""
    return f"The shares of {left:,} of {len(pooled):,} random choices were not compared: give a smaller sample for all."


def choice_of(probe: Probe) -> Choice:
    """What a probe chooses between, and where; equal for all that make the same choice."""
    told = probe.prediction
    first = next((segment.node for way in told.ways for segment in way.segments), probe.space)
    return probe.address, probe.port, probe.protocol, first, frozenset(_weights(told).items())


def _weights(told: Prediction) -> dict[End, Fraction]:
    found: dict[End, Fraction] = {}
    for end, share in told.shares.items():
        found[_end(end)] = found.get(_end(end), Fraction(0)) + share
    return found


def _end(end: Expected) -> End:
    return end.kind, end.who


def compare_all(ground: Ground, probes: Sequence[Probe], ends: Sequence[Sequence[Observed]]) -> tuple[Row, ...]:
    """What became of each probe beside what was predicted, shares included.

    A share that chance would not bring about is a difference of the first row that makes the choice.
    """
    rows = [compare(ground, probe, found) for probe, found in zip(probes, ends, strict=True)]
    pools: dict[Choice, _Pool] = {}
    for place, probe in enumerate(probes):
        told = probe.prediction
        if rows[place].status == "confirmed" and not told.sticky and len(told.shares) > 1:
            pools.setdefault(choice_of(probe), _Pool(place)).add(ground, probe, ends[place])
    for pool in pools.values():
        why = next(pool.uneven(probes[pool.first].prediction), "")
        if why:
            rows[pool.first] = replace(rows[pool.first], status="different", why=why)
    return tuple(rows)


@dataclass(slots=True)
class _Pool:
    """All attempts of one choice; `first` is the place of the first probe that makes it."""

    first: int
    counts: Counter[End] = field(default_factory=Counter)
    total: int = 0

    def add(self, ground: Ground, probe: Probe, ends: Sequence[Observed]) -> None:
        """Count the ends of a probe; one that may be either of two predicted ends is counted for neither."""
        for seen, count in Counter(ends).items():
            meant = {_end(one) for one in probe.prediction.shares if fits(ground, probe, seen, one)}
            if len(meant) == 1:
                self.counts[meant.pop()] += count
                self.total += count

    def uneven(self, told: Prediction) -> Iterator[str]:
        """A sentence for each end that came about too often or too seldom."""
        if self.total < FOR_SHARES:
            return
        for end, share in _weights(told).items():
            count = self.counts[end]
            if tail(count, self.total, share) < IMPROBABLE:
                shown = next(one.text for one in told.shares if _end(one) == end)
                about = round(float(self.total * share))
                yield (
                    f"Observed {count} of {self.total} times, predicted {share.numerator} of {share.denominator} "
                    f"(about {about}): {shown}."
                )


def tail(count: int, total: int, share: Fraction) -> float:
    """The probability that chance is as far off as `count` of `total`, on its side: exact binomial tail."""
    if share in (0, 1):
        return 1.0 if count == total * share else 0.0
    chance = float(share)
    ratio = math.log(chance), math.log1p(-chance)
    whole = math.lgamma(total + 1)
    span = range(count + 1) if count < total * share else range(count, total + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(total - k + 1) + k * ratio[0] + (total - k) * ratio[1])
        for k in span
    )
