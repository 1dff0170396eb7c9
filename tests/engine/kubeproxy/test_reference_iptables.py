"""iptables mode against the rules that kube-proxy v1.36.2 itself wrote: every case, every node."""

import pytest

from designer.engine.kubeproxy import families_of, iptables, tables_text
from tests.engine.kubeproxy.load_case import REFERENCE, case_names, comparison, load_case

CASES = [
    (name, path.name.split(".")[2])
    for name in case_names()
    for path in sorted((REFERENCE / name).glob("expected.iptables.*.txt"))
]


def test_all_cases_are_here() -> None:
    assert len(case_names()) == 15
    assert len(CASES) == 33  # as many files as the README of the reference counts


@pytest.mark.parametrize(("name", "node"), CASES, ids=[f"{n}/{node}" for n, node in CASES])
def test_rules_are_those_of_kube_proxy(name: str, node: str) -> None:
    case = load_case(name)
    text, problems = tables_text(case.control, case.settings, node, "iptables")
    differences, entries = comparison()("iptables", case.expected("iptables", node), text)
    assert not problems
    assert entries > 0
    assert not differences, "\n".join(differences[:40])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("--dport 80 -j KUBE-SVC", "--dport 81 -j KUBE-SVC"), ("0.3333333333", "0.3333433333"), ("-j REJECT", "-j DROP")],
)
def test_the_comparison_bites(right: str, wrong: str) -> None:
    case = load_case("70-real-webshop")
    text, _ = tables_text(case.control, case.settings, "node-1", "iptables")
    assert right in text
    assert comparison()("iptables", case.expected("iptables", "node-1"), text.replace(right, wrong, 1))[0]


@pytest.mark.parametrize("name", case_names())
def test_a_kept_cache_changes_no_rule(name: str) -> None:
    case = load_case(name)
    cache = iptables.RuleCache()
    for _ in range(2):
        for node in case.control.nodes:
            for family in families_of(case.control, node):
                cached = iptables.build(case.control, case.settings, node, family, cache)
                fresh = iptables.build(case.control, case.settings, node, family)
                for table in ("filter", "nat"):
                    ours, theirs = cached.table(table), fresh.table(table)
                    assert ours is not None and theirs is not None
                    assert list(ours.all_chains()) == list(theirs.all_chains())
