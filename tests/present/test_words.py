"""Words and texts of results."""

from fractions import Fraction

from designer.engine.netfilter import RuleHit
from designer.engine.trace.hops import Evidence, Header, Hop
from designer.model import VERDICTS, Problem
from designer.present.problem_rows import problem_rows, problem_text, problems_text
from designer.present.table_rows import lines_of_hits, matching_lines, table_lines
from designer.present.trace_rows import changed_fields, decided_text, packet_text
from designer.present.words import VERDICT_SIGNS, count_text, object_text, place_text, share_text

TEXT = """#### IPv4
*nat
:KUBE-SERVICES - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.1 -j KUBE-SVC-A
-A KUBE-SERVICES -d 10.96.0.10 -j KUBE-SVC-B
COMMIT
#### IPv6
*nat
-A KUBE-SERVICES -d fd00::1 -j KUBE-SVC-C
COMMIT
"""


def test_every_verdict_has_a_sign() -> None:
    assert set(VERDICT_SIGNS) == set(VERDICTS)


def test_shares_are_exact() -> None:
    assert share_text(Fraction(1, 3)) == "1/3 (33.3 %)"
    assert share_text(Fraction(1)) == "all"


def test_names_and_counts() -> None:
    assert object_text("Service:default/cart") == "Service default/cart"
    assert object_text("Node:node-1") == "Node node-1"
    assert place_text("a.yaml", 3) == "a.yaml:3"
    assert place_text("", 3) == ""
    assert count_text(2, "policy", "policies") == "2 policies"
    assert count_text(1, "Pod") == "1 Pod"


def test_rules_are_counted_within_their_chain_and_family() -> None:
    lines = table_lines(TEXT)
    assert [(x.family, x.table, x.chain, x.index) for x in lines if x.index >= 0] == [
        ("IPv4", "nat", "PREROUTING", 0),
        ("IPv4", "nat", "KUBE-SERVICES", 0),
        ("IPv4", "nat", "KUBE-SERVICES", 1),
        ("IPv6", "nat", "KUBE-SERVICES", 0),
    ]
    assert lines_of_hits(lines, "IPv4", [("nat", "KUBE-SERVICES", 1)]) == (6,)
    assert lines_of_hits(lines, "IPv6", [("nat", "KUBE-SERVICES", 1)]) == ()


def test_search_wants_every_word_in_any_case() -> None:
    found = matching_lines(table_lines(TEXT), "kube-services 10.96.0.10")
    assert [line.number for line in found] == [6]


def test_a_packet_that_changed_is_shown_before_and_after() -> None:
    before = Header("TCP", "10.244.1.5", 41822, "10.96.0.10", 80)
    after = Header("TCP", "10.244.1.5", 41822, "fd00::8", 8080, mark=0x4000)
    hop = Hop("rules", "request", "node-1", "Node:node-1", "translated", before, after, "")
    assert packet_text(hop) == "10.244.1.5:41822 → 10.96.0.10:80 ⇒ 10.244.1.5:41822 → [fd00::8]:8080"
    changed = {name: (old, new) for name, old, new, differs in changed_fields(before, after) if differs}
    assert changed == {"dst": ("10.96.0.10", "fd00::8"), "dport": ("80", "8080"), "mark": ("", "0x4000")}


def test_the_outer_header_stands_before_the_inner_one() -> None:
    inner = Header("UDP", "10.244.1.5", 5, "10.244.2.8", 53, "192.168.10.11", "192.168.10.12", "VXLAN 4096")
    hop = Hop("wire", "request", "wire", "Node:node-1", "", inner, inner, "")
    assert packet_text(hop) == "VXLAN 4096 192.168.10.11 → 192.168.10.12 [10.244.1.5:5 → 10.244.2.8:53]"


def test_who_decided_is_the_evidence_then_the_last_rule() -> None:
    rule = RuleHit("nat", "KUBE-SEP-X", 1, "-A KUBE-SEP-X -j DNAT", "DNAT", "")
    plain = Hop("rules", "request", "node-1", "Node:node-1", "", None, None, "", rules=(rule,))
    assert decided_text(plain) == "nat/KUBE-SEP-X rule 2"
    policy = Evidence("shop/allow-web", "NetworkPolicy:shop/allow-web", "spec.ingress[1]", "np.yaml", 18)
    named = Hop("policy", "request", "node-1", "Node:node-1", "", None, None, "", decided_by=(policy,), rules=(rule,))
    assert decided_text(named) == "shop/allow-web (np.yaml:18)"


def test_problems_come_errors_first_with_their_remedy() -> None:
    mild = Problem("SVC-18", "warning", "Service web: one replica")
    hard = Problem("SVC-01", "error", "Service web: selector matches 0 Pods", field="spec.selector", fix="Use app=web.")
    assert [row.code for row in problem_rows((mild, hard))] == ["SVC-01", "SVC-18"]
    assert problem_text(hard).splitlines() == [
        "✕ SVC-01  Service web: selector matches 0 Pods",
        "    field spec.selector",
        "    → Use app=web.",
    ]
    assert problems_text((mild, hard)).splitlines()[-1] == "1 error, 1 warning, 0 notes"
    assert problems_text(()) == "No problems found."
