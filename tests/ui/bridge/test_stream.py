"""Packets that stream: which way each takes, how far each has come, and the clock."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from designer.ui.bridge.player import Player
from designer.ui.bridge.stream import MOST, SPEED, Stream, turns, under_way


def test_thirds_take_turns_and_nine_of_ten_go_the_one_way() -> None:
    assert turns([F(1, 3)] * 3, 6).tolist() == [0, 1, 2, 0, 1, 2]
    assert np.bincount(turns([F(9, 10), F(1, 10)], 100)).tolist() == [90, 10]
    assert turns([F(1)], 3).tolist() == [0, 0, 0]
    assert turns([], 3).tolist() == [] == turns([F(0)], 3).tolist()


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any))
def test_no_way_is_a_whole_packet_ahead_of_its_share(weights: list[int]) -> None:
    shares = [F(weight, sum(weights)) for weight in weights]
    order = turns(shares)
    assert len(order) == MOST
    for n in range(1, MOST + 1):
        counts = np.bincount(order[:n], minlength=len(shares)).tolist()
        assert all(count - n * share < 1 for count, share in zip(counts, shares, strict=True))
    assert all(weights[way] for way in order.tolist())


def test_one_leaves_behind_the_other_and_is_gone_at_the_end_of_its_way() -> None:
    """Reckoned by hand: the first is at 100 and its way is 65 long; the next are 30 behind each other."""
    ways, gone = under_way(np.array([0, 1]), np.array([65.0, 200.0]), 30.0, 100.0)
    assert list(zip(ways.tolist(), gone.tolist(), strict=True)) == [(1, 70.0), (0, 40.0), (1, 10.0)]
    # At the very start only the first is there; much later only those that are not at the end yet.
    assert under_way(np.array([0]), np.array([65.0]), 30.0, 0.0)[1].tolist() == [0.0]
    assert under_way(np.array([0]), np.array([65.0]), 30.0, 300_000.0)[1].tolist() == [60.0, 30.0, 0.0]
    assert under_way(np.zeros(0, dtype=np.intp), np.zeros(0), 30.0, 5.0)[1].tolist() == []


def test_the_clock_runs_until_it_is_stopped_at_the_speed_of_the_player(qtbot: QtBot) -> None:
    player = Player()
    stream = Stream(player)
    with qtbot.waitSignals([stream.changed, stream.moved], timeout=2000):
        stream.run(True)
    assert stream.gone > 0
    stream.run(False)
    assert stream.gone == 0
    with qtbot.assertNotEmitted(stream.moved, wait=80):
        pass
    player.speed = 2.0
    stream.advance(500)
    assert stream.gone == pytest.approx(SPEED)  # half a second at twice the speed
