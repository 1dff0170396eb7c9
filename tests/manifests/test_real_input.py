"""Real manifests and dumps, read fully; skipped where the folder that holds them is not there."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from designer.manifests import export, read_paths, read_texts
from designer.model import EndpointSlice, Node, Pod, Service

SHARED = Path(__file__).resolve().parents[3] / "shared"
CASES = sorted((SHARED / "kubeproxy-reference").glob("*/cluster.yaml"))
pytestmark = pytest.mark.skipif(not CASES, reason="the shared inputs are not here")


def kinds_in(text: str) -> Counter[str]:
    return Counter(document["kind"] for document in yaml.safe_load_all(text) if document)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_reference_cluster_is_read_fully(path: Path) -> None:
    result = read_paths([path])
    wanted = kinds_in(path.read_text())
    wanted.pop("KubeProxyConfiguration")
    assert result.problems == ()
    assert Counter(result.report.objects()) == wanted
    # Nothing is added that would change the rules of a Node.
    project = result.project
    assert len(project.of(Service)) == wanted["Service"] and len(project.of(EndpointSlice)) == wanted["EndpointSlice"]
    assert {entry.kind for entry in result.report.entries} == {"read", "set", "assumed"}
    for pod in project.of(Pod):
        record = project.ledger.pods[pod.id]
        assert record.observed and record.ips == tuple(entry.ip for entry in pod.status.podIPs)
        assert record.node == pod.spec.nodeName


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_reference_cluster_survives_an_export(path: Path) -> None:
    project = read_paths([path]).project
    found = read_texts(export(project)).project
    assert found.objects == project.objects and found.cluster == project.cluster and found.ledger == project.ledger


def test_online_boutique() -> None:
    result = read_paths([SHARED / "manifests" / "online-boutique"])
    assert result.problems == ()
    assert result.report.objects() == {"Deployment": 12, "NetworkPolicy": 13, "Service": 12}
    assert {foreign.data["kind"] for foreign in result.project.foreign.values()} == {"ServiceAccount"}
    assert len(result.project.of(Node)) == 3
    assert dict(export(result.project, result.texts)).items() >= dict(result.texts).items()


def test_recipes() -> None:
    result = read_paths([SHARED / "manifests" / "network-policy-recipes"])
    assert result.report.objects() == {"NetworkPolicy": 15}
    # Two files of recipe 11 hold a policy of one name.
    assert [problem.code for problem in result.problems] == ["READ-08"]
