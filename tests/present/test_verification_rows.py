"""A result of Verify on Linux as rows, sides and marks; expected by hand from small results."""

from fractions import Fraction

import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Header, Hop, Path, Request
from designer.model import Verification, VerifiedRow, VerifiedRules
from designer.present.verification_marks import OUTSIDE, marks_of, worst
from designer.present.verification_rows import (
    brief_text,
    counts_text,
    end_lines,
    other_mode_text,
    plain_ids,
    result_rows,
    row_path,
    row_request,
    rule_lines,
    run_text,
    status_text,
    why_text,
)
from tests.engine.trace.clusters import cluster, make, pod, service

RULES = VerifiedRules(
    status="different",
    predicted=("node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 7", "node-1 forward: filter FORWARD 1"),
    observed=("node-1 prerouting: nat PREROUTING 1, nat KUBE-SERVICES 8", "node-1 forward: filter FORWARD 1"),
    why="At prerouting of node-1 the kernel hit other rules.",
)
TWO = VerifiedRow(
    source="Pod:default/a",
    destination="default/web (10.96.0.5:80)",
    status="different",
    predicted=(
        "1 of 2: Pod:default/web-1 answers, sees 10.244.1.5",
        "1 of 2: Pod:default/web-2 answers, sees 10.244.1.5",
    ),
    observed=(
        "3 × Pod:default/web-2 answers, sees 10.244.1.5 (TTL 62)",
        "7 × Pod:default/web-3 answers, sees 10.244.1.5 (TTL 62)",
        "9 × Pod:default/web-1 answers, sees 10.244.1.5 (TTL 63)",
    ),
    why="Observed and not predicted: Pod:default/web-3 answers, sees 10.244.1.5 (TTL 62).",
    address="10.96.0.5",
    port=80,
    target="Service:default/web",
    answerers=("Pod:default/web-1", "Pod:default/web-2", "Pod:default/web-3"),
)
SAME = VerifiedRow(
    source="Node:node-1", destination="default/web (10.96.0.5:80)", status="confirmed", predicted=("no answer",),
    observed=("4 × no answer",), attempts=4,
)  # fmt: skip
NOT = VerifiedRow(
    source="outside", destination="default/dns (10.96.0.10:53)", status="not-testable", protocol="UDP",
    why="The program leaves it open.",
)  # fmt: skip


def found(*rows: VerifiedRow, mode: str = "iptables") -> Verification:
    return Verification(
        date="2026-11-23T15:02Z", mode=mode, scope="services", tested="x", connections=1946, rows=rows
    )  # fmt: skip


def test_what_differs_comes_first_and_every_status_has_a_sign_and_words() -> None:
    rows = result_rows(found(SAME, NOT, TWO))
    assert [row.status for row in rows] == ["different", "not-testable", "confirmed"]
    assert [status_text(row.status) for row in rows] == ["✕ different", "– not testable here", "✓ confirmed"]
    assert [row.request for row in rows] == [
        "default/web (10.96.0.5:80)", "default/dns (10.96.0.10:53), UDP", "default/web (10.96.0.5:80)",
    ]  # fmt: skip
    assert (rows[0].source, rows[0].predicted, rows[0].observed) == ("a · default", "2 Pods answer", "3 Pods answer")
    assert rows[0].why.startswith("Observed and not predicted: Pod default/web-3 answers")
    assert (rows[2].predicted, rows[2].observed, rows[2].why) == ("no answer", "no answer", "")


def test_rules_that_differ_make_a_request_different_though_its_end_is_the_same() -> None:
    row = SAME.model_copy(update={"rules": RULES})
    assert [one.status for one in result_rows(found(row))] == ["different"]
    assert counts_text(found(row, SAME)) == "1 confirmed · 1 different"
    assert why_text(row) == RULES.why


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("Pod:shop/web-1 answers, sees 10.0.0.1 (TTL 63)",), "web-1 answers"),
        (("1 of 2: Pod:a/x answers, sees 1.2.3.4", "1 of 2: Pod:a/x answers, sees 1.2.3.5"), "x answers"),
        (("1 of 2: Pod:a/x answers, sees 1.2.3.4", "1 of 2: Node:n answers, sees 1.2.3.4"), "2 endpoints answer"),
        (("1 of 2: Pod:a/x answers, sees 1.2.3.4", "1 of 2: rejected by node-1"), "x answers; rejected by node-1"),
        ((), ""),
    ],
)
def test_a_side_in_few_words(lines: tuple[str, ...], words: str) -> None:
    assert brief_text(lines) == words


def test_the_same_ends_stand_beside_each_other_and_only_what_is_amiss_is_marked() -> None:
    lines = [(line.predicted.partition(" answers")[0], line.observed.partition(" answers")[0], line.differs)
             for line in end_lines(TWO)]  # fmt: skip
    assert lines == [
        ("1 of 2: Pod default/web-1", "9 × Pod default/web-1", False),
        ("1 of 2: Pod default/web-2", "3 × Pod default/web-2", False),
        ("", "7 × Pod default/web-3", True),
    ]
    assert end_lines(NOT) == ()


def test_rules_are_laid_beside_each_other_one_by_one() -> None:
    lines = [
        (line.predicted, line.observed, line.differs) for line in rule_lines(SAME.model_copy(update={"rules": RULES}))
    ]
    assert lines == [
        ("node-1 prerouting · nat PREROUTING 1", "node-1 prerouting · nat PREROUTING 1", False),
        ("node-1 prerouting · nat KUBE-SERVICES 7", "node-1 prerouting · nat KUBE-SERVICES 8", True),
        ("node-1 forward · filter FORWARD 1", "node-1 forward · filter FORWARD 1", False),
    ]
    assert rule_lines(SAME) == ()


def test_a_run_in_words() -> None:
    assert run_text(found(SAME)) == "Service ports · iptables · 2026-11-23 15:02 UTC · 1946 connections"
    assert counts_text(found()) == "nothing was tried"
    assert plain_ids("rejected by Node:node-1 at 10.0.0.1:80") == "rejected by Node node-1 at 10.0.0.1:80"
    state = shop()
    assert other_mode_text(found(SAME), state.project) == ""
    assert "nftables" in other_mode_text(found(SAME, mode="nftables"), state.project)


def shop() -> ClusterState:
    return cluster(
        pod("a", 1), pod("web-1", 1, app="web"), pod("web-2", 2, app="web"), service("web", clusterIP="10.96.0.5"),
        service("open", app="web", type="LoadBalancer"),
        make("ExternalClient", "client", {"addresses": ["198.51.100.7"]}),
        loadBalancer={"pools": [{"addresses": ["203.0.113.10-203.0.113.20"]}]},
    )  # fmt: skip


def test_a_row_is_traced_as_it_was_sent() -> None:
    state = shop()
    request = row_request(TWO, state.project)
    assert request == Request("Pod:default/a", "10.96.0.5:80", "TCP")
    result, problems = ask(state, request)
    assert result is not None and not problems and result.verdict == "delivered"
    udp = TWO.model_copy(update={"protocol": "UDP", "address": "fd00::5", "port": 53})
    assert row_request(udp, state.project) == Request("Pod:default/a", "[fd00::5]:53/udp", "UDP")
    assert row_request(SAME, state.project) is None


def way(address: str, node: str) -> Path:
    header = Header("TCP", "198.51.100.7", 41822, address, 80)
    wire = Hop("wire", "request", "", "ExternalClient:client", "", header, header, "", toward=f"Node:{node}")
    return Path(Fraction(1, 2), (), (wire,), "delivered", "")


def test_the_way_to_the_address_and_by_the_node_that_were_tried_is_shown() -> None:
    ways = (way("203.0.113.10", "node-1"), way("203.0.113.10", "node-2"), way("203.0.113.11", "node-2"))
    row = TWO.model_copy(update={"address": "203.0.113.10"})
    assert row_path(row, ways) == 0
    assert row_path(row.model_copy(update={"entry": "node-2"}), ways) == 1
    assert row_path(row.model_copy(update={"entry": "node-2", "address": "203.0.113.11"}), ways) == 2
    assert row_path(row.model_copy(update={"entry": "node-3"}), ways) == 0


def test_marks_of_pairs_by_every_name_that_a_picture_knows() -> None:
    state = shop()
    marks = marks_of(found(TWO, SAME), state)
    assert marks.pairs["Pod:default/a", "Service:default/web"] == "different"
    assert marks.of_edge("Service:default/web", ("Pod:default/web-1",)) == "different"
    assert marks.of_edge("Service:default/open", ("Pod:default/web-1",)) == ""
    address = state.control.services["Service:default/open"].load_balancer[0].ip
    called = VerifiedRow(
        source="ExternalClient:client", destination="x", status="confirmed", address=address, port=80,
        target="Service:default/open", answerers=("Pod:default/web-2",),
    )  # fmt: skip
    marks = marks_of(found(called), state)
    balancer = "LoadBalancer:default/open"
    for pair in (("ExternalClient:client", balancer), (OUTSIDE, balancer), (balancer, "Service:default/open"),
                 ("Service:default/open", "Pod:default/web-2")):  # fmt: skip
        assert marks.pairs[pair] == "confirmed"
    inside = called.model_copy(update={"address": "10.96.0.9"})
    assert ("ExternalClient:client", balancer) not in marks_of(found(inside), state).pairs


def test_a_refused_call_is_about_what_stands_behind_the_service() -> None:
    row = TWO.model_copy(update={"status": "confirmed", "answerers": (), "predicted": ("no answer",)})
    marks = marks_of(found(row), shop())
    assert marks.of_edge("Service:default/web", ("Pod:default/web-2",)) == "confirmed"


def test_one_that_differs_outweighs_and_confirmed_outweighs_what_could_not_be_tried() -> None:
    assert worst(("confirmed", "different", "not-testable")) == "different"
    assert worst(("not-testable", "confirmed")) == "confirmed"
    assert worst(()) == ""


def test_a_saved_request_has_the_mark_of_all_its_rows_and_objects_say_theirs() -> None:
    rows = (TWO.model_copy(update={"scenario": "1"}), SAME.model_copy(update={"scenario": "1"}))
    marks = marks_of(found(*rows), shop())
    assert marks.scenarios == {"1": "different"}
    assert marks.words_of("Service:default/web") == "Verify on Linux: 1 different"
    assert marks.words_of("Node:node-9") == ""
    assert marks_of(None, shop()).pairs == {}
