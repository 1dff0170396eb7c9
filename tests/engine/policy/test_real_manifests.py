"""Published policies give the answers that their own texts promise; the files are read where they lie, if they do.

Recipes: "kubernetes-network-policy-recipes", each by its title. Online Boutique: each service may be called by those
that its NetworkPolicy names, on its own port, and by nobody else.
"""

from pathlib import Path

import pytest
import yaml

from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy.cluster import Cluster, cluster, pod, without_nulls

MANIFESTS = Path(__file__).resolve().parents[3].parent / "shared" / "manifests"
NAMESPACES = {
    "default": {},
    "prod": {"purpose": "production"},
    "dev": {"purpose": "testing"},
    "ops": {"team": "operations"},
}

needs_recipes = pytest.mark.skipif(not (MANIFESTS / "network-policy-recipes").is_dir(), reason="recipes are not here")
needs_boutique = pytest.mark.skipif(not (MANIFESTS / "online-boutique").is_dir(), reason="Online Boutique is not here")

WEB, OTHER = pod("default/web", {"app": "web"}, "10.0.0.1"), pod("default/other", {}, "10.0.0.2")
FOREIGN = pod("dev/any", {}, "10.0.1.1")
OUTSIDE = "203.0.113.9"


def read(path: Path) -> list[NetworkPolicy]:
    documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return [NetworkPolicy.model_validate(without_nulls(d)) for d in documents if d]


def recipe(prefix: str) -> Cluster:
    (path,) = (MANIFESTS / "network-policy-recipes").glob(f"{prefix}*.yaml")
    return cluster(*read(path), namespaces=NAMESPACES)


def values(c: Cluster, target: PodState, *peers: PodState | str, port: int = 80) -> list[str]:
    return [c.ingress(target, peer, port).value for peer in peers]


@needs_recipes
def test_01_deny_all_traffic_to_an_application() -> None:
    c = recipe("01")
    assert values(c, WEB, OTHER, FOREIGN, OUTSIDE) == ["denied"] * 3
    assert c.ingress(OTHER, WEB).value == "allowed"
    assert c.egress(WEB, OTHER).value == "allowed"


@needs_recipes
def test_02_limit_traffic_to_an_application() -> None:
    api = pod("default/api", {"app": "bookstore", "role": "api"})
    frontend = pod("default/front", {"app": "bookstore", "role": "frontend"})
    assert values(recipe("02-"), api, frontend, OTHER) == ["allowed", "denied"]


@needs_recipes
def test_02a_allow_all_traffic_to_an_application() -> None:
    assert values(recipe("02a"), WEB, OTHER, FOREIGN, OUTSIDE) == ["allowed"] * 3


@needs_recipes
def test_03_deny_all_traffic_in_the_namespace() -> None:
    assert values(recipe("03"), OTHER, WEB, FOREIGN, OUTSIDE) == ["denied"] * 3


@needs_recipes
def test_04_deny_traffic_from_other_namespaces() -> None:
    assert values(recipe("04"), WEB, OTHER, FOREIGN, OUTSIDE) == ["allowed", "denied", "denied"]


@needs_recipes
def test_05_allow_traffic_from_all_namespaces() -> None:
    assert values(recipe("05"), WEB, OTHER, FOREIGN) == ["allowed", "allowed"]


@needs_recipes
def test_06_allow_traffic_from_a_namespace() -> None:
    assert values(recipe("06"), WEB, pod("prod/x"), pod("dev/x"), OTHER) == ["allowed", "denied", "denied"]


@needs_recipes
def test_07_allow_traffic_from_some_pods_in_another_namespace() -> None:
    monitoring = {"type": "monitoring"}
    people = pod("default/m", monitoring), pod("ops/plain"), pod("ops/m", monitoring), pod("dev/m", monitoring)
    assert values(recipe("07"), WEB, *people) == ["denied", "denied", "allowed", "denied"]


@needs_recipes
def test_08_allow_external_traffic() -> None:
    assert values(recipe("08"), WEB, OUTSIDE, OTHER) == ["allowed", "allowed"]


@needs_recipes
def test_09_allow_traffic_only_to_a_port() -> None:
    api, monitor = pod("default/api", {"app": "apiserver"}), pod("default/m", {"role": "monitoring"})
    c = recipe("09")
    assert values(c, api, monitor, OTHER, port=5000) == ["allowed", "denied"]
    assert values(c, api, monitor, port=8000) == ["denied"]


@needs_recipes
def test_10_multiple_selectors() -> None:
    db = pod("default/db", {"app": "bookstore", "role": "db"})
    people = [
        pod("default/x", {"app": a, "role": r})
        for a, r in (("inventory", "web"), ("bookstore", "api"), ("other", "api"))
    ]
    assert values(recipe("10"), db, *people) == ["allowed", "allowed", "denied"]


FOO = pod("default/foo", {"app": "foo"}, "10.0.0.9")
DNS = pod("kube-system/dns", {"k8s-app": "kube-dns"}, "10.0.3.3")


@needs_recipes
def test_11_deny_egress_of_an_application() -> None:
    first, second = (
        recipe("11-deny-egress-traffic-from-an-application-1"),
        recipe("11-deny-egress-traffic-from-an-application-2"),
    )
    assert [first.egress(FOO, peer, 53, "UDP").value for peer in (DNS, WEB, OUTSIDE)] == ["denied"] * 3
    assert [second.egress(FOO, DNS, 53, p).value for p in ("UDP", "TCP")] == ["allowed", "allowed"]
    assert [second.egress(FOO, peer).value for peer in (DNS, WEB, OUTSIDE)] == ["denied"] * 3
    assert second.egress(WEB, OUTSIDE).value == "allowed"


@needs_recipes
def test_12_deny_all_traffic_from_the_namespace() -> None:
    c = recipe("12")
    assert [c.egress(WEB, peer).value for peer in (OTHER, FOREIGN, OUTSIDE)] == ["denied"] * 3
    assert c.ingress(WEB, FOREIGN).value == "allowed"


@needs_recipes
def test_14_deny_external_egress() -> None:
    c = recipe("14")
    assert c.egress(FOO, OUTSIDE).value == "denied"
    assert c.egress(FOO, DNS, 53, "UDP").value == "allowed"


# Caller → service and port, as the application's own picture of its architecture shows them.
CALLS = [
    ("frontend", "adservice", 9555), ("frontend", "cartservice", 7070), ("checkoutservice", "cartservice", 7070),
    ("frontend", "checkoutservice", 5050), ("checkoutservice", "currencyservice", 7000),
    ("frontend", "currencyservice", 7000), ("checkoutservice", "emailservice", 8080),
    ("checkoutservice", "paymentservice", 50051), ("checkoutservice", "productcatalogservice", 3550),
    ("recommendationservice", "productcatalogservice", 3550), ("frontend", "recommendationservice", 8080),
    ("cartservice", "redis-cart", 6379), ("checkoutservice", "shippingservice", 50051),
    ("frontend", "shippingservice", 50051), ("frontend", "productcatalogservice", 3550),
]  # fmt: skip


def boutique() -> Cluster:
    files = sorted((MANIFESTS / "online-boutique" / "network-policies").glob("*.yaml"))
    return cluster(*(policy for path in files for policy in read(path)))


def app(name: str) -> PodState:
    return pod(f"default/{name}", {"app": name})


@needs_boutique
@pytest.mark.parametrize(("caller", "callee", "port"), CALLS)
def test_online_boutique_lets_its_own_calls_pass(caller: str, callee: str, port: int) -> None:
    c = boutique()
    assert c.ingress(app(callee), app(caller), port).value == "allowed"
    assert c.egress(app(caller), app(callee), port).value == "allowed"
    assert c.ingress(app(callee), app(caller), port + 1).value == "denied"


@needs_boutique
def test_online_boutique_denies_what_nobody_calls() -> None:
    found = boutique().ingress(app("redis-cart"), app("adservice"), 6379)
    assert found.value == "denied"
    assert "NetworkPolicy:default/redis-cart" in found.isolating
