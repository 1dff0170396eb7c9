"""Who reaches a workload, whom it reaches: from the manifests of the shop, by hand."""

from __future__ import annotations

from designer.engine.compile import compile_project
from designer.present.matrix_named import NamedAnswer, named_answer
from tests.present.matrix_cluster import POLICIES, WORKLOADS, project_of, shop_state, table_of


def answer(name: str, *, across: bool, text: str = POLICIES, plugin: str = "") -> NamedAnswer:
    state = (
        shop_state()
        if text is POLICIES and not plugin
        else compile_project(project_of(*WORKLOADS, text, plugin=plugin))
    )
    table = table_of(state)
    entry = next(n for n, one in enumerate(table.entries) if one.shown == name)
    return named_answer(table, entry, across=across)


def test_only_cart_reaches_redis_and_the_rule_is_named() -> None:
    found = answer("data/redis", across=True)
    assert found.title == "Who can reach data/redis"
    assert found.sentences == ("1 of 4 can reach it.",), "web, cart, prober and the addresses outside are asked"
    (pair,) = found.pairs
    assert pair.words == "shop/cart: TCP 6379"
    egress, ingress = pair.why.splitlines()
    assert egress.startswith("Egress: Allowed: no policy selects")
    assert ingress.startswith("Ingress: NetworkPolicy data/redis, spec.ingress[0].from[0], all.yaml:")


def test_whom_the_prober_reaches() -> None:
    """The policies let nobody of another namespace but cart to redis, and nobody of one to cart; web is open."""
    found = answer("watch/prober", across=False)
    assert found.title == "Whom watch/prober can reach"
    assert [pair.words for pair in found.pairs] == ["shop/web: all connections", "anywhere: all connections"]


def test_what_is_outside_is_called_so() -> None:
    found = answer("anywhere", across=True)
    assert found.title == "Who can reach any address outside" and found.sentences == ("4 of 4 can reach it.",)


def test_what_cannot_be_told_is_counted_and_listed_apart() -> None:
    # Weave Net does not know endPort (domain/cni.md, feature table): whether it takes the policy cannot be told.
    doubted = POLICIES.replace("ports: [{port: 6379}]", "ports: [{port: 6379, endPort: 6400}]")
    found = answer("data/redis", across=True, text=doubted, plugin="weave")
    assert found.sentences[0].startswith("0 of 4 can reach it. About ")
    assert all("cannot tell" in pair.words for pair in found.pairs) and found.pairs
