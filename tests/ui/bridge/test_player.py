"""The player's clock: hops, pauses, ways and ends."""

from fractions import Fraction

import pytest
from pytestqt.qtbot import QtBot

from designer.engine.trace.hops import Branch, Header, Hop, Request, Trace, TraceResult
from designer.present.event_rows import HOP_MS, PAUSE_MS
from designer.ui.bridge.player import Player

BARE = Header("TCP", "10.244.1.5", 41822, "10.96.0.10", 80)
TRANSLATED = Header("TCP", "10.244.1.5", 41822, "10.244.2.8", 8080)


def hop(before: Header | None = BARE, after: Header | None = BARE) -> Hop:
    return Hop("send", "request", "web", "Pod:default/web", "sends", before, after, "It sends.")


def result(*hops: Hop) -> TraceResult:
    return TraceResult(Request("a", "b"), Trace(hops, "delivered"), "delivered", "")


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    return Player()


def test_a_hop_takes_600_ms_at_normal_speed(player: Player) -> None:
    player.load(result(hop(), hop(), hop()))
    player.advance(HOP_MS / 2)
    assert player.position == pytest.approx(0.5)
    assert player.index == 0
    player.advance(HOP_MS / 2)
    assert player.index == 1


def test_it_pauses_250_ms_where_the_packet_changes(player: Player) -> None:
    player.load(result(hop(), hop(BARE, TRANSLATED), hop()))
    player.advance(HOP_MS + PAUSE_MS - 1)
    assert player.position == pytest.approx(1.0)
    player.advance(1 + HOP_MS / 4)
    assert player.position == pytest.approx(1.25)


def test_double_speed_halves_the_time(player: Player) -> None:
    player.load(result(hop(), hop(), hop()))
    player.speed = 2.0
    player.advance(HOP_MS)
    assert player.index == 2


def test_a_large_step_of_the_clock_ends_at_the_last_hop(player: Player) -> None:
    player.load(result(hop(), hop(BARE, TRANSLATED), hop()))
    player.advance(60_000)
    assert player.position == pytest.approx(2.0)
    assert not player.playing


def test_stepping_back_from_between_two_hops_goes_to_the_hop_behind(player: Player) -> None:
    player.load(result(hop(), hop(), hop()))
    player.seek(1.6)
    player.step(-1)
    assert player.position == pytest.approx(1.0)
    player.step(-1)
    assert player.position == pytest.approx(0.0)
    player.step(-1)
    assert player.position == pytest.approx(0.0)


def test_play_at_the_end_starts_again(player: Player) -> None:
    player.load(result(hop(), hop()))
    player.seek(1.0)
    player.play()
    assert player.playing
    assert player.index == 0
    player.pause()


def test_stepped_is_sent_once_for_each_hop_that_becomes_current(player: Player) -> None:
    seen: list[int] = []
    player.load(result(hop(), hop(), hop()))
    player.stepped.connect(seen.append)
    player.seek(0.4)
    player.seek(1.2)
    player.seek(1.9)
    player.seek(2.0)
    assert seen == [1, 2]


def test_the_ways_of_a_random_choice_can_be_chosen(player: Player) -> None:
    one = Trace((hop(),), "delivered")
    two = Trace((hop(), hop()), "dropped")
    branches = (Branch(Fraction(1, 3), "one", one), Branch(Fraction(2, 3), "two", two))
    player.load(TraceResult(Request("a", "b"), Trace((hop(),), None, "", branches), "dropped", "", True))
    assert [path.share for path in player.paths] == [Fraction(2, 3), Fraction(1, 3)]
    lengths = [len(player.hops)]
    player.choose_path(1)
    assert [*lengths, len(player.hops)] == [3, 2]
    assert player.path is not None
    assert player.path.verdict == "delivered"


def test_without_a_trace_nothing_moves(player: Player) -> None:
    player.play()
    player.advance(1000)
    player.step(1)
    assert player.position == 0
    assert not player.playing


def test_the_clock_really_runs(player: Player, qtbot: QtBot) -> None:
    player.load(result(hop(), hop()))
    player.speed = 4.0
    with qtbot.waitSignal(player.stepped, timeout=5000):
        player.play()
    player.pause()
