"""Where the second way is while the first is played: hop by hop beside it, both begin and end together."""

from __future__ import annotations

from designer.engine.trace.lockstep import Lockstep, Row, lockstep
from designer.ui.bridge.beside import Beside, stops_beside
from tests.ui.canvas.traced import trace_of

DENIED, DELIVERED = (trace_of("shop", at).trace.paths()[0] for at in (3, 2))


def rows(*pairs: tuple[int | None, int | None]) -> Lockstep:
    return Lockstep(DENIED, DENIED, tuple(Row(pair) for pair in pairs), ((),) * len(pairs), None, None)


def test_the_two_ways_are_what_their_names_say() -> None:
    assert (DENIED.verdict, DELIVERED.verdict) == ("denied", "delivered")


def test_a_step_of_one_alone_leaves_the_other_where_it_is() -> None:
    last = len(DENIED.hops) - 1
    assert last > 4
    # The second step is the left way's own, a later one the right way's.
    found = rows((0, 0), (1, None), (2, 1), (None, 2), (3, 3), (4, last))
    assert stops_beside(found) == (0.0, 0.0, 1.0, 3.0, float(last))


def test_both_begin_and_end_together() -> None:
    stops = stops_beside(lockstep(DENIED, DELIVERED))
    assert len(stops) == len(DENIED.hops)
    assert (stops[0], stops[-1]) == (0.0, float(len(DELIVERED.hops) - 1))


def test_between_two_hops_it_goes_on_evenly() -> None:
    beside = Beside()
    beside.lay("another", DENIED, DELIVERED)
    stops = stops_beside(lockstep(DENIED, DELIVERED))
    at = next(place for place in range(len(stops) - 1) if stops[place] != stops[place + 1])
    assert beside.position(at + 0.25) == stops[at] + (stops[at + 1] - stops[at]) / 4
    assert beside.position(1e9) == stops[-1] and beside.position(0.0) == 0.0


def test_it_tells_nothing_while_it_is_hidden() -> None:
    beside, told = Beside(), []
    beside.changed.connect(lambda: told.append(beside.path))
    beside.lay("another", DENIED, DELIVERED)
    beside.lay("another", DENIED, DELIVERED)
    beside.hide(True)
    beside.hide(False)
    beside.clear()
    beside.clear()
    assert told == [DELIVERED, None, DELIVERED, None]
