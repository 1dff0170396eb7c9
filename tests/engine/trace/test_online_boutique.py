"""Online Boutique with its policies: who may call whom is what its own NetworkPolicies say. Skipped where it is not."""

from pathlib import Path

import pytest
import yaml

from designer.engine.checks import check
from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import reach
from designer.manifests import read_paths
from designer.model import NetworkPolicy
from tests.engine.policy.specification import allowed
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


def test_every_pair_and_port_in_connectivity_is_as_the_policies_say(state: ClusterState) -> None:
    """By the slow reading of the specification, of the policies as the YAML has them; each pair by its own Pods too."""
    folder = FOLDER / "network-policies"
    documents = [one for path in folder.glob("*.yaml") for one in yaml.safe_load_all(path.read_text("utf-8")) if one]
    policies = [
        NetworkPolicy.model_validate({**one, "metadata": {**one["metadata"], "namespace": "default"}})
        for one in documents
    ]
    assert len(policies) == 13
    matrix = reach(state).matrix
    ends = {peer: peer.pods[0] for peer in matrix.peers if not peer.is_range}
    assert len(ends) == 12
    asked = sorted({p.containerPort for pod in ends.values() for c in pod.spec.containers for p in c.ports})
    open_pairs = 0
    for src, source in ends.items():
        for dst, target in ends.items():
            for port in (*asked, 1) if src is not dst else ():
                both = allowed(policies, {}, "egress", source, target, "TCP", port) and allowed(
                    policies, {}, "ingress", target, source, "TCP", port
                )
                assert (("TCP", port) in matrix.ports(src, dst)) is both, (src.text, dst.text, port)
                open_pairs += both and port in asked
    assert open_pairs > len(ALLOWED)


def test_the_check_has_nothing_to_say_of_its_policies(state: ClusterState) -> None:
    """The application works with them, as its own text says: no name is blocked, no peer missing, no port mistaken."""
    assert not [one.title for one in check(state) if one.code.startswith("NP-")]
