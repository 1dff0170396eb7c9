"""Online Boutique with its policies: who may call whom is what its own NetworkPolicies say. Skipped where it is not."""

from pathlib import Path

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_paths
from tests.engine.trace.clusters import ask, hops

FOLDER = Path(__file__).resolve().parents[3].parent / "shared" / "manifests" / "online-boutique"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="Online Boutique is not here")


@pytest.fixture(scope="module")
def state() -> ClusterState:
    return compile_project(read_paths([FOLDER]).project)


# network-policy-<service>.yaml: who is named in `from`, on which port.
ALLOWED = (
    ("frontend", "cartservice:7070"),
    ("checkoutservice", "cartservice:7070"),
    ("frontend", "adservice:9555"),
    ("cartservice", "redis-cart:6379"),
    ("checkoutservice", "paymentservice:50051"),
    ("recommendationservice", "productcatalogservice:3550"),
    ("loadgenerator", "http://frontend"),
)
DENIED = (
    ("adservice", "redis-cart:6379", "redis-cart"),
    ("frontend", "redis-cart:6379", "redis-cart"),
    ("frontend", "paymentservice:50051", "paymentservice"),
    ("adservice", "cartservice:7070", "cartservice"),
)


@pytest.mark.parametrize(("source", "destination"), ALLOWED)
def test_allowed(state: ClusterState, source: str, destination: str) -> None:
    found = ask(state, source, destination)
    assert found.verdict == "delivered", found.reason


@pytest.mark.parametrize(("source", "destination", "policy"), DENIED)
def test_denied_names_the_policies(state: ClusterState, source: str, destination: str, policy: str) -> None:
    found = ask(state, source, destination)
    assert found.verdict == "denied"
    (path,) = found.trace.paths()
    assert set(path.policies) == {"NetworkPolicy:default/deny-all", f"NetworkPolicy:default/{policy}"}
    assert f"default/{policy}" in found.reason
    proof = {item.object: item for item in hops(found, "policy")[-1].decided_by}
    assert proof[f"NetworkPolicy:default/{policy}"].file.endswith(".yaml")
    assert proof[f"NetworkPolicy:default/{policy}"].line > 0


@pytest.mark.parametrize(
    "destination", ["Service:default/frontend-external", "frontend-external", "http://frontend-external/"]
)
def test_frontend_is_reached_from_outside(state: ClusterState, destination: str) -> None:
    found = ask(state, "internet", destination)
    assert found.verdict == "delivered"
    assert hops(found, "deliver")[-1].at.startswith("Pod:default/frontend-")
