"""The reference cases as a person gives them: manifests read, ledger allocated, slices derived, then iptables rules."""

from dataclasses import replace

import pytest

from designer.engine.controlplane import allocate, control_plane
from designer.engine.kubeproxy import tables_text
from designer.manifests import read_paths
from tests.engine.kubeproxy.load_case import REFERENCE, case_names, comparison


@pytest.mark.parametrize("name", case_names())
def test_rules_of_an_imported_cluster_are_those_of_kube_proxy(name: str) -> None:
    project = read_paths([REFERENCE / name / "cluster.yaml"]).project
    ledger, _ = allocate(project)
    control, _ = control_plane(replace(project, ledger=ledger))
    assert control.nodes
    for node in control.nodes:
        text, problems = tables_text(control, project.cluster, node, "iptables")
        expected = (REFERENCE / name / f"expected.iptables.{node}.txt").read_text(encoding="utf-8")
        differences, entries = comparison()("iptables", expected, text)
        assert not problems
        assert entries > 0
        assert not differences, f"{node}\n" + "\n".join(differences[:40])
