"""Two ways in lockstep. The expected rows were written by hand from the hop lists."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from designer.engine.trace.hops import Direction, Evidence, Header, Hop, Path, Verdict
from designer.engine.trace.lockstep import lockstep, side_by_side

PACKET = Header("TCP", "10.0.0.1", 40000, "10.0.0.2", 80)


def hop(
    kind: str, place: str = "node-1", at: str = "Node:node-1", outcome: str = "", decided: str = "",
    direction: Direction = "request",
) -> Hop:  # fmt: skip
    evidence = (Evidence(decided, f"NetworkPolicy:{decided}"),) if decided else ()
    return Hop(kind, direction, place, at, kind, PACKET, PACKET, "why", outcome=outcome, decided_by=evidence)


def way(*hops: Hop, verdict: Verdict = "delivered") -> Path:
    return Path(Fraction(1), (), hops, verdict, "reason")


SEND = hop("send", "a · eth0", "Pod:x/a")
IN = hop("deliver", "b · eth0", "Pod:x/b", "delivered")
RULES = hop("rules", "node-1 · prerouting")
ROUTE = hop("route", "node-1 · routing")
WIRE = hop("wire", "node-1 → node-2")
DENIED = hop("policy", "node-1 · egress of a", "Pod:x/a", "denied", "x/deny")
ALLOWED = hop("policy", "node-1 · egress of a", "Pod:x/a", "allowed", "x/allow")


def indices(*paths: Path) -> list[tuple[int | None, ...]]:
    return [row.hops for row in side_by_side(paths)]


def test_the_same_way_stands_beside_itself() -> None:
    one = way(SEND, RULES, ROUTE, IN)
    assert indices(one, one) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    found = lockstep(one, one)
    assert (found.first, found.deciding) == (None, None)
    assert set(found.aspects) == {()}


def test_a_step_that_only_one_has_stands_alone() -> None:
    near, far = way(SEND, RULES, ROUTE, IN), way(SEND, RULES, ROUTE, WIRE, IN)
    assert indices(near, far) == [(0, 0), (1, 1), (2, 2), (None, 3), (3, 4)]
    found = lockstep(near, far)
    assert (found.first, found.deciding) == (3, None)
    assert found.aspects[3] == ("missing",)


def test_the_policy_that_denies_decides() -> None:
    bad, good = way(SEND, RULES, DENIED, verdict="denied"), way(SEND, RULES, ALLOWED, ROUTE, IN)
    found = lockstep(bad, good)
    assert [row.hops for row in found.rows] == [(0, 0), (1, 1), (2, 2), (None, 3), (None, 4)]
    assert (found.first, found.deciding) == (2, 2)
    assert found.aspects[2] == ("outcome", "decided")
    again = lockstep(good, bad)
    assert (again.first, again.deciding) == (2, 2)


def test_another_decision_before_the_end_parts_them_first() -> None:
    to_a, to_b = (hop("rules", "node-1 · prerouting", outcome="translated", decided=f"x/{name}") for name in "ab")
    found = lockstep(way(SEND, to_a, DENIED, verdict="denied"), way(SEND, to_b, ALLOWED, IN))
    assert (found.first, found.deciding) == (1, 2)


def test_other_addresses_and_places_alone_part_nobody() -> None:
    elsewhere = hop("send", "c · eth0", "Pod:x/c")
    found = lockstep(way(SEND, RULES, IN), way(elsewhere, RULES, IN))
    assert found.aspects[0] == ("place",)
    assert found.first is None


def test_which_device_carries_a_packet_parts_nobody() -> None:
    one, other = (hop("interface", "veth", "Pod:x/a", decided=name) for name in ("cali1", "cali2"))
    assert lockstep(way(SEND, one, IN), way(SEND, other, IN)).first is None


def test_the_same_rule_on_another_node_is_the_same_decision() -> None:
    def translated(node: str, rule: str) -> Hop:
        evidence = (Evidence(rule, f"Node:{node}"), Evidence("x/svc", "Service:x/svc"))
        return Hop("rules", "request", f"{node} · prerouting", f"Node:{node}", "rules", PACKET, PACKET, "why",
                   decided_by=evidence)  # fmt: skip

    one, other = way(SEND, translated("node-1", "DNAT a")), way(SEND, translated("node-2", "DNAT a"))
    assert lockstep(one, other).aspects[1] == ("place",)
    assert lockstep(one, way(SEND, translated("node-2", "DNAT b"))).aspects[1] == ("decided", "place")


def test_a_request_does_not_stand_beside_a_reply() -> None:
    back = hop("send", "b · eth0", "Pod:x/b", direction="reply")
    assert indices(way(SEND, IN), way(SEND, IN, back)) == [(0, 0), (1, 1), (None, 2)]
    assert indices(way(SEND), way(back)) in ([(0, None), (None, 0)], [(None, 0), (0, None)])


def test_of_two_failures_the_shorter_one_decides() -> None:
    dropped = hop("rules", "node-1 · forward", outcome="dropped")
    found = lockstep(way(SEND, DENIED, verdict="denied"), way(SEND, ALLOWED, dropped, verdict="dropped"))
    assert found.deciding == 1


def test_three_ways_stand_beside_each_other() -> None:
    near, far = way(SEND, RULES, ROUTE, IN), way(SEND, RULES, ROUTE, WIRE, IN)
    assert indices(far, near, far) == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, None, 3), (4, 3, 4)]
    assert side_by_side(()) == ()


KINDS = [SEND, RULES, ROUTE, WIRE, ALLOWED, IN]
WAYS = st.lists(st.lists(st.sampled_from(KINDS), max_size=7), min_size=1, max_size=4)


@given(WAYS)
def test_every_hop_stands_in_its_own_order_exactly_once(hops: list[list[Hop]]) -> None:
    paths = [way(*each) for each in hops]
    rows = indices(*paths)
    for side, path in enumerate(paths):
        assert [row[side] for row in rows if row[side] is not None] == list(range(len(path.hops)))
    assert all(any(at is not None for at in row) for row in rows)


def _longest(one: list[Hop], other: list[Hop]) -> int:
    """Independent slow evaluator: the best score of any alignment, tried recursively."""
    if not one or not other:
        return 0
    found = max(_longest(one[1:], other), _longest(one, other[1:]))
    same = one[0].kind == other[0].kind and one[0].place.split(" · ")[-1] == other[0].place.split(" · ")[-1]
    return max(found, 5 + _longest(one[1:], other[1:])) if same else found


@given(st.lists(st.sampled_from(KINDS), max_size=6), st.lists(st.sampled_from(KINDS), max_size=6))
def test_no_alignment_pairs_more(one: list[Hop], other: list[Hop]) -> None:
    rows = indices(way(*one), way(*other))
    pairs = [(left, right) for left, right in rows if left is not None and right is not None]
    assert all(one[left].kind == other[right].kind for left, right in pairs)
    assert 5 * len(pairs) == _longest(one, other)
