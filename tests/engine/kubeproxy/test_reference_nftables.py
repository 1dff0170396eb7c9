"""nftables mode against the tables that kube-proxy v1.36.2 itself wrote: every case, every node."""

from dataclasses import replace

import pytest

from designer.engine.controlplane import allocate, control_plane
from designer.engine.kubeproxy import families_of, nftables, tables_text
from designer.engine.netfilter import render_nft
from designer.manifests import read_paths
from tests.engine.kubeproxy.load_case import REFERENCE, case_names, comparison, load_case

CASES = [
    (name, path.name.split(".")[2])
    for name in case_names()
    for path in sorted((REFERENCE / name).glob("expected.nftables.*.txt"))
]


def test_all_cases_are_here() -> None:
    assert len(case_names()) == 15
    assert len(CASES) == 33  # as many files as the README of the reference counts


@pytest.mark.parametrize(("name", "node"), CASES, ids=[f"{n}/{node}" for n, node in CASES])
def test_the_table_is_that_of_kube_proxy(name: str, node: str) -> None:
    case = load_case(name)
    text, problems = tables_text(case.control, case.settings, node, "nftables")
    differences, entries = comparison()("nftables", case.expected("nftables", node), text)
    assert not problems
    assert entries > 0
    assert not differences, "\n".join(differences[:40])


@pytest.mark.parametrize("name", case_names())
def test_the_table_of_an_imported_cluster_is_that_of_kube_proxy(name: str) -> None:
    project = read_paths([REFERENCE / name / "cluster.yaml"]).project
    ledger, _ = allocate(project)
    control, _ = control_plane(replace(project, ledger=ledger))
    assert control.nodes
    for node in control.nodes:
        text, problems = tables_text(control, project.cluster, node, "nftables")
        expected = (REFERENCE / name / f"expected.nftables.{node}.txt").read_text(encoding="utf-8")
        differences, entries = comparison()("nftables", expected, text)
        assert not problems
        assert entries > 0
        assert not differences, f"{node}\n" + "\n".join(differences[:40])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("10.96.0.10 . udp . 53", "10.96.0.10 . udp . 54"),
        ("0 : 10.244.1.2 . 53 , 1 : 10.244.2.2 . 53", "0 : 10.244.2.2 . 53 , 1 : 10.244.1.2 . 53"),
        ("priority -110", "priority -100"),
        (": drop", ": goto reject-chain"),
        ("timeout 600s", "timeout 60s"),
    ],
)
def test_the_comparison_bites(right: str, wrong: str) -> None:
    case = load_case("70-real-webshop")
    text, _ = tables_text(case.control, case.settings, "node-1", "nftables")
    assert right in text
    assert comparison()("nftables", case.expected("nftables", "node-1"), text.replace(right, wrong, 1))[0]


@pytest.mark.parametrize("name", case_names())
def test_a_kept_cache_changes_no_rule(name: str) -> None:
    case = load_case(name)
    cache = nftables.RuleCache()
    for _ in range(2):
        for node in case.control.nodes:
            for family in families_of(case.control, node):
                cached = nftables.build(case.control, case.settings, node, family, cache)
                fresh = nftables.build(case.control, case.settings, node, family)
                assert render_nft(cached) == render_nft(fresh)
