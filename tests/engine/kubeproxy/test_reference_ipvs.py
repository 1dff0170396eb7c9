"""ipvs mode against what kube-proxy v1.36.2 itself wrote: every case, every node; as it is and as imported."""

from dataclasses import replace

import pytest

from designer.engine.controlplane import allocate, control_plane
from designer.engine.kubeproxy import tables_text
from designer.manifests import read_paths
from tests.engine.kubeproxy.load_case import REFERENCE, case_names, comparison, load_case

CASES = [
    (name, path.name.split(".")[2])
    for name in case_names()
    for path in sorted((REFERENCE / name).glob("expected.ipvs.*.txt"))
]


def test_all_cases_are_here() -> None:
    assert len(CASES) == 33  # as many files as the README of the reference counts


@pytest.mark.parametrize(("name", "node"), CASES, ids=[f"{n}/{node}" for n, node in CASES])
def test_what_is_written_is_what_kube_proxy_writes(name: str, node: str) -> None:
    case = load_case(name)
    text, problems = tables_text(case.control, case.settings, node, "ipvs")
    expected = case.expected("ipvs", node)
    differences, entries = comparison()("ipvs", expected, text)
    assert not problems
    assert entries > 0
    assert not differences, "\n".join(differences[:40])
    # Everything but the iptables part is even the same text.
    assert [part.partition("## iptables")[0] for part in text.split("#### ")] == [
        part.partition("## iptables")[0] for part in expected.split("#### ")
    ]


@pytest.mark.parametrize("name", case_names())
def test_the_same_for_an_imported_cluster(name: str) -> None:
    project = read_paths([REFERENCE / name / "cluster.yaml"]).project
    ledger, _ = allocate(project)
    control, _ = control_plane(replace(project, ledger=ledger))
    assert control.nodes
    for node in control.nodes:
        text, problems = tables_text(control, project.cluster, node, "ipvs")
        expected = (REFERENCE / name / f"expected.ipvs.{node}.txt").read_text(encoding="utf-8")
        differences, entries = comparison()("ipvs", expected, text)
        assert not problems
        assert entries > 0
        assert not differences, f"{node}\n" + "\n".join(differences[:40])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("-t 10.96.", "-u 10.96."),
        (" -s rr\n", " -s rr -p 60\n"),
        ("add KUBE-IPVS-IPS 10.96.", "add KUBE-IPVS-IPS 10.97."),
        ("\n10.96.", "\n10.97."),
        ("bitmap:port", "hash:ip"),
        ("-j REJECT", "-j DROP"),
    ],
)
def test_the_comparison_bites(right: str, wrong: str) -> None:
    case = load_case("70-real-webshop")
    text, _ = tables_text(case.control, case.settings, "node-1", "ipvs")
    assert right in text
    assert comparison()("ipvs", case.expected("ipvs", "node-1"), text.replace(right, wrong, 1))[0]
