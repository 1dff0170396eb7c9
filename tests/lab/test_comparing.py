"""Observed beside predicted, with ends made by hand: nothing is smoothed over, and chance is no difference."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from designer.engine.trace import trace
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Request
from designer.lab.choices import FEW, FOR_SHARES, MAX_ATTEMPTS, attempts_for, attempts_of, compare_all, tail, unshared
from designer.lab.compare import Observed, compare, observed
from designer.lab.plan import LabPlan, Listening
from designer.lab.prediction import Expected, Prediction, Segment, Way, predict, untestable
from designer.lab.probes import Probe
from designer.lab.report import LabReport
from designer.lab.run import ONCE, PATIENT, QUIET, patience_for
from designer.lab.sequences import compare_sequence
from tests.engine.trace.clusters import cluster, pod, service

STATE = cluster(pod("a", 1), pod("b", 2), service("web", app="b"), nodes=2, plugin="flannel")
GROUND = Ground.of(STATE)
A, B = Expected("answered", "Pod:default/a", "10.0.0.1"), Expected("answered", "Pod:default/b", "10.0.0.1")
SILENT, REJECTED, REFUSED = Expected("silent"), Expected("rejected", "node-1"), Expected("refused")
SEEN_A, SEEN_B = Observed("answered", A.who, "10.0.0.1", 63), Observed("answered", B.who, "10.0.0.1", 63)
QUIETNESS = Observed("silent")


def prediction(*ends: tuple[Expected, Fraction], sticky: bool = False) -> Prediction:
    return Prediction(tuple(Way(share, end, ()) for end, share in ends), "", sticky)


def one(end: Expected) -> Prediction:
    return prediction((end, Fraction(1)))


def probe(told: Prediction, protocol: str = "TCP") -> Probe:
    return Probe("Pod:default/a", "web", protocol, "pod default/a", "10.96.0.9", 80, 0, told)


@pytest.mark.parametrize(
    ("expected", "seen", "same"),
    [
        (A, SEEN_A, True),
        (A, SEEN_B, False),
        (A, Observed("answered", A.who, "10.0.0.2", 63), False),
        (Expected("answered", A.who, "10.0.0.1", 63), SEEN_A, True),
        (Expected("answered", A.who, "10.0.0.1", 62), SEEN_A, False),
        (A, QUIETNESS, False),
        (SILENT, QUIETNESS, True),
        (SILENT, SEEN_A, False),
        (SILENT, Observed("reset"), False),
        (SILENT, Observed("unreachable", "192.168.10.11"), False),
        (REJECTED, Observed("port-unreachable", "192.168.10.11"), True),
        (REJECTED, Observed("port-unreachable", "192.168.10.12"), False),
        (REJECTED, Observed("port-unreachable", ""), False),
        (REJECTED, Observed("port-unreachable", "10.96.0.9"), False),
        (REJECTED, Observed("reset"), False),
        (REFUSED, Observed("reset"), True),
        (REFUSED, Observed("port-unreachable", "192.168.10.11"), False),
        (Expected("unreachable"), Observed("unreachable", "192.168.10.11"), True),
        (Expected("unreachable"), QUIETNESS, True),
        (Expected("unreachable"), Observed("local", "ENETUNREACH"), True),
        (Expected("unreachable"), Observed("local", "EADDRINUSE"), False),
        (Expected("unreachable"), SEEN_A, False),
    ],
)
def test_one_end(expected: Expected, seen: Observed, same: bool) -> None:
    row = compare(GROUND, probe(one(expected)), [seen])
    assert (row.status == "confirmed") is same
    assert bool(row.why) is not same
    assert row.predicted == (expected.text,)
    assert row.observed == (f"1 × {seen.text}",)


def test_a_datagram_that_nobody_wants_is_refused_by_icmp() -> None:
    """By what is called (10.96.0.9: translation gives the answer that address), and by nobody else on the way."""
    row = compare(GROUND, probe(one(REFUSED), "UDP"), [Observed("port-unreachable", "10.96.0.9")])
    assert row.status == "confirmed"
    row = compare(GROUND, probe(one(REFUSED), "UDP"), [Observed("port-unreachable", "192.168.10.11")])
    assert row.status == "different"


HALF = prediction((A, Fraction(1, 2)), (B, Fraction(1, 2)))


def test_every_end_has_to_be_predicted() -> None:
    assert compare(GROUND, probe(HALF), [SEEN_A, SEEN_B, QUIETNESS]).status == "different"


def test_chance_is_no_difference_until_it_is_improbable() -> None:
    """Half and half: 29 times the same is 1 in 537 million, 30 times 1 in a milliard."""
    assert compare(GROUND, probe(HALF), [SEEN_A] * 29).status == "confirmed"
    row = compare(GROUND, probe(HALF), [SEEN_A] * 30)
    assert row.status == "different"
    assert row.why == "Predicted and never observed in 30 attempts: Pod:default/b answers, sees 10.0.0.1."
    assert row.predicted == (
        "1 of 2: Pod:default/a answers, sees 10.0.0.1",
        "1 of 2: Pod:default/b answers, sees 10.0.0.1",
    )


@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(1, 3), Fraction(1, 10), Fraction(1, 30)])
def test_as_many_attempts_as_make_a_missing_end_improbable(share: Fraction) -> None:
    attempts = attempts_for(prediction((A, share), (B, 1 - share)))
    rest = float(1 - share)
    assert rest**attempts <= 1e-9
    assert attempts == FOR_SHARES or rest ** (attempts - 1) > 1e-9


def test_attempts_have_an_end_and_one_is_enough_for_one_end() -> None:
    assert attempts_for(one(A)) == 1
    rare = Fraction(1, 100_000)
    assert attempts_for(prediction((A, rare), (B, 1 - rare))) == MAX_ATTEMPTS
    assert math.log(1e-9) / math.log(1 - float(rare)) > MAX_ATTEMPTS


def test_an_end_among_thirty_that_never_shows_is_noticed() -> None:
    """(29/30)^612 is the first power below 1e-9."""
    ends = [Expected("answered", f"Pod:default/p{n}", "10.0.0.1") for n in range(30)]
    told = prediction(*((end, Fraction(1, 30)) for end in ends))
    assert attempts_for(told) == 612
    seen = [Observed("answered", end.who, end.source) for end in ends[1:]] * 22
    row = compare(GROUND, probe(told), seen)
    assert row.status == "different" and "Pod:default/p0" in row.why


def test_the_same_choice_is_proved_once_for_each_node() -> None:
    """Half and half takes 300 attempts for its shares; who begins on the same Node and chooses alike takes a few."""
    here = Prediction(tuple(Way(Fraction(1, 2), end, (Segment("node-1", "prerouting", ()),)) for end in (A, B)))
    there = Prediction(tuple(Way(Fraction(1, 2), end, (Segment("node-2", "prerouting", ()),)) for end in (A, B)))
    other = Prediction(tuple(Way(Fraction(1, 2), end, (Segment("node-1", "prerouting", ()),)) for end in (A, SILENT)))
    probes = [probe(told) for told in (here, here, there, other, one(A), untestable("Nobody knows."))]
    assert attempts_of(probes) == [300, FEW, 300, 300, 1, 0]


def test_shares_are_compared_for_as_many_choices_as_a_run_takes() -> None:
    """Of 300 attempts each 666 fit into 200,000; the 667th takes the 30 that show a missing half. It is said."""
    probes = [replace(probe(HALF), port=number) for number in range(1, 669)]
    attempts = attempts_of(probes)
    assert attempts[:666] == [300] * 666 and attempts[666:] == [30, 30]
    assert unshared(probes, attempts) == (
        "The shares of 2 of 668 random choices were not compared: give a smaller sample for all."
    )
    assert unshared(probes[:666], attempts[:666]) == ""


def test_a_sticky_client_stays() -> None:
    sticky = prediction((A, Fraction(1, 2)), (B, Fraction(1, 2)), sticky=True)
    assert attempts_for(sticky) > 1
    assert compare(GROUND, probe(sticky), [SEEN_B] * 4).status == "confirmed"
    assert compare(GROUND, probe(sticky), [SEEN_B, SEEN_A]).status == "different"
    row = compare(GROUND, probe(sticky), [SEEN_B] * 4)
    assert row.why == "Session affinity keeps this client with one of 2 predicted ends, so only that one was observed."


@pytest.mark.parametrize(
    ("count", "total", "share", "wanted"),
    [
        (0, 3, Fraction(1, 2), Fraction(1, 8)),
        (1, 3, Fraction(1, 2), Fraction(4, 8)),
        (3, 3, Fraction(1, 2), Fraction(1, 8)),
        # 10 choose 8 to 10: (45 * 4 + 10 * 2 + 1) of 3^10
        (8, 10, Fraction(1, 3), Fraction(201, 59049)),
        (0, 40, Fraction(1, 3), Fraction(2, 3) ** 40),
    ],
)
def test_the_tail_of_a_binomial(count: int, total: int, share: Fraction, wanted: Fraction) -> None:
    assert tail(count, total, share) == pytest.approx(float(wanted), rel=1e-9)


def shared(here: int, there: int, more: tuple[int, int] = (0, 0)) -> list[str]:
    """The statuses of two probes that make the same choice of one half, with these counts of A and B."""
    way = Segment("node-1", "prerouting", ())
    told = Prediction(tuple(Way(Fraction(1, 2), end, (way,)) for end in (A, B)))
    seen = [[SEEN_A] * here + [SEEN_B] * there, [SEEN_A] * more[0] + [SEEN_B] * more[1]]
    count = 2 if any(more) else 1
    return [row.status for row in compare_all(GROUND, [probe(told)] * count, seen[:count])]


def test_shares_are_compared_over_all_that_make_the_choice() -> None:
    """The border of 300 tosses, counted by exact fractions."""

    def exact(least: int, total: int) -> float:
        return float(Fraction(sum(math.comb(total, k) for k in range(least, total + 1)), 2**total))

    edge = next(k for k in range(150, 301) if exact(k, 300) < 1e-9)
    assert shared(edge - 1, 301 - edge) == ["confirmed"]
    assert shared(edge, 300 - edge) == ["different"]
    assert shared(300 - edge, edge) == ["different"]
    # Neither of these has enough attempts; together they have, and the first one says so.
    assert shared(150, 50) == ["confirmed"]
    assert shared(150, 50, (90, 10)) == ["different", "confirmed"]


def test_a_wrong_share_is_worded_with_its_counts() -> None:
    told = prediction((A, Fraction(1, 3)), (B, Fraction(2, 3)))
    (row,) = compare_all(GROUND, [probe(told)], [[SEEN_A] * 200 + [SEEN_B] * 100])
    assert row.why == "Observed 200 of 300 times, predicted 1 of 3 (about 100): Pod:default/a answers, sees 10.0.0.1."


def test_what_is_left_open_is_not_tested() -> None:
    row = compare(GROUND, probe(untestable("Nobody knows.")), [])
    assert (row.status, row.why) == ("not-testable", "Nobody knows.")


def test_a_probe_without_an_end_is_a_difference() -> None:
    assert compare(GROUND, probe(one(A)), []).status == "different"


@pytest.mark.parametrize(
    ("end", "meaning"),
    [
        (["answered", 0, "10.0.0.1", 63], SEEN_A),
        (["reset"], Observed("reset")),
        (["icmp", 3, 3, "192.168.10.11"], Observed("port-unreachable", "192.168.10.11")),
        (["icmp", 3, 1, "192.168.10.11"], Observed("unreachable", "192.168.10.11")),
        (["icmp", 1, 4, "fd00::1"], Observed("port-unreachable", "fd00::1")),
        (["icmp", 1, 0, "fd00::1"], Observed("unreachable", "fd00::1")),
        (["silent"], QUIETNESS),
        (["local", "ENETUNREACH"], Observed("local", "ENETUNREACH")),
    ],
)
def test_what_the_worker_says(end: list[Any], meaning: Observed) -> None:
    plan = LabPlan((), (), (Listening(0, "pod default/a", "TCP", 8080, A.who),))
    assert observed(plan, end) == meaning


def test_silence_among_choices_is_not_asked_again() -> None:
    assert patience_for(one(A)) == PATIENT
    assert patience_for(one(SILENT)) == QUIET
    assert patience_for(prediction((A, Fraction(1, 2)), (SILENT, Fraction(1, 2)))) == ONCE
    assert not ONCE[1]


def test_a_trace_as_prediction() -> None:
    found = predict(GROUND, trace(STATE, Request("Pod:default/a", "Service:default/web")).trace)
    (way,) = found.ways
    source = STATE.control.pods["Pod:default/a"].ips[0]
    # Both Nodes route: two off the TTL.
    assert way.end == Expected("answered", "Pod:default/b", source, 62)
    assert [(s.node, s.hook) for s in way.segments][:1] == [("node-1", "prerouting")]
    left_open = predict(GROUND, trace(STATE, Request("Pod:default/a", "8.8.8.8:53")).trace)
    assert left_open.untestable.startswith("The program leaves it open: ")


HITS = (("nat", "PREROUTING", 0), ("nat", "KUBE-SERVICES", 2))
TOLD = Prediction((Way(Fraction(1), A, (Segment("node-1", "prerouting", HITS), Segment("node-1", "forward", ()))),))
EVENTS = [["ip", "nat", "PREROUTING", 0, "jump"], ["ip", "nat", "KUBE-SERVICES", 2, "accept"]]


@pytest.mark.parametrize(
    ("events", "same"),
    [
        (EVENTS, True),
        ([*EVENTS, ["ip", "filter", "FORWARD", 0, "jump"], ["ip", "filter", "KUBE-FORWARD", 1, "return"]], True),
        ([*EVENTS, ["inet", "designer-policy", "forward", 0, "drop"]], True),
        ([*EVENTS, ["ip", "filter", "FORWARD", 0, "drop"]], False),
        ([EVENTS[0], ["ip", "nat", "KUBE-SERVICES", 3, "accept"]], False),
        (EVENTS[:1], False),
        ([EVENTS[0], EVENTS[0], EVENTS[1]], False),
        ([], False),
    ],
)
def test_rules_are_equal_one_by_one(events: list[list[Any]], same: bool) -> None:
    row = compare_sequence(GROUND, probe(TOLD), SEEN_A, {"node node-1": events})
    assert (row.status == "confirmed") is same
    assert row.predicted == ("node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 3",)


def test_rules_of_a_connection_that_ends_otherwise_differ() -> None:
    assert compare_sequence(GROUND, probe(TOLD), SEEN_B, {"node node-1": EVENTS}).status == "different"


def test_a_report_says_differences_first_and_counts() -> None:
    rows = (
        compare(GROUND, probe(one(A)), [SEEN_A]),
        compare(GROUND, probe(one(A)), [QUIETNESS]),
        compare(GROUND, probe(untestable("Nobody knows.")), []),
    )
    report = LabReport("iptables", "services", rows, (), 2)
    lines = report.text().splitlines()
    assert lines[0] == "✕ Pod:default/a → web/TCP"
    assert lines[1:4] == [
        "  Observed and not predicted: no answer.",
        "    predicted  Pod:default/a answers, sees 10.0.0.1",
        "    observed   1 × no answer",
    ]
    assert "1 confirmed, 1 different, 1 not testable here; 2 connections" in lines[-2]
    assert report.differs
    assert report.data()["counts"] == {"confirmed": 1, "different": 1, "not-testable": 1}
    good = LabReport("iptables", "services", rows[:1], (), 1)
    assert not good.differs
    assert good.text().endswith("\nNothing differs.")
    assert LabReport("ipvs", "services", rows[2:], (), 0).text().endswith("\nNothing was tested.")
