"""The reference cases as a person gives them: manifests read, ledger allocated, slices derived, then iptables rules."""

from dataclasses import replace

import pytest
import yaml

from designer.engine.controlplane import allocate, control_plane
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.kubeproxy import tables_text
from designer.manifests import read_paths, read_texts
from designer.model import Project
from tests.engine.kubeproxy.load_case import REFERENCE, case_names, case_of, comparison
from tests.engine.kubeproxy.random_clusters import documents


def made_of(project: Project) -> ControlPlaneState:
    ledger, _ = allocate(project)
    return control_plane(replace(project, ledger=ledger))[0]


@pytest.mark.parametrize("name", case_names())
def test_rules_of_an_imported_cluster_are_those_of_kube_proxy(name: str) -> None:
    project = read_paths([REFERENCE / name / "cluster.yaml"]).project
    control = made_of(project)
    assert control.nodes
    for node in control.nodes:
        text, problems = tables_text(control, project.cluster, node, "iptables")
        expected = (REFERENCE / name / f"expected.iptables.{node}.txt").read_text(encoding="utf-8")
        differences, entries = comparison()("iptables", expected, text)
        assert not problems
        assert entries > 0
        assert not differences, f"{node}\n" + "\n".join(differences[:40])


@pytest.mark.parametrize("seed", range(12))
def test_an_imported_cluster_has_the_rules_of_what_was_given(seed: int) -> None:
    """What the API server returns is what kube-proxy reads: nothing of it is refused, changed or made anew on the way.

    The other side of the comparison reads the same documents straight into values (`case_of`), with defaults as the
    reference's README has them. What stands in the rules is the matter of other tests.
    """
    given = documents(seed)
    case = case_of(str(seed), given)
    project = read_texts([("cluster.yaml", yaml.dump_all(given, Dumper=yaml.CSafeDumper))]).project
    control = made_of(project)
    assert list(control.nodes) == list(case.control.nodes)
    for node in control.nodes:
        for mode in ("iptables", "nftables", "ipvs"):
            expected, problems = tables_text(case.control, case.settings, node, mode)
            text, said = tables_text(control, project.cluster, node, mode)
            differences, entries = comparison()(mode, expected, text)
            assert not problems and not said
            assert entries > 0
            assert not differences, f"{mode} {node}\n" + "\n".join(differences[:20])
