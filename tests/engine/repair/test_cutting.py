"""What is taken away to cut a pair, and nothing besides: by the slow evaluator's word on every other connection."""

from typing import Any

import pytest

from designer.engine.repair import Proposal, repair
from designer.model import NetworkPolicy, StatefulSet
from tests.engine.repair.worlds import Connection, Judge, pod, policy, world

FRONT, CART, OTHER = (pod(f"shop/{name}", {"app": name}) for name in ("front", "cart", "other"))
ENDS = "shop/front", "shop/cart", "TCP", 80


def into_cart(*rules: dict[str, Any]) -> NetworkPolicy:
    return policy("shop", "in", {"podSelector": {"matchLabels": {"app": "cart"}}, "ingress": list(rules)})


def called(*names: str) -> list[dict[str, Any]]:
    return [{"podSelector": {"matchLabels": {"app": name}}} for name in names]


def cut_at_cart(*objects: Any) -> tuple[Proposal, set[Connection]]:
    """The proposal that changes the policies of cart, and every connection that it changes by the evaluator's word."""
    state = world(objects)
    (found,) = [
        one
        for one in repair(state, *ENDS, "impossible").options
        if any(step.text == "Change NetworkPolicy shop/in" for step in one.steps)
    ]
    old = Judge.of(state.project, state).all()
    new = Judge.of(found.edit.project, state).all()
    return found, {one for one, was in old.items() if new[one] is not was}


@pytest.mark.parametrize(
    "rule",
    [
        {"from": called("front", "other")},
        {"from": called("front", "other"), "ports": [{"port": "http"}, {"port": 443}]},
        {"from": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["203.0.113.0/26"]}}], "ports": [{"port": 80}]},
    ],
    ids=["peers", "a port's name", "a block with an exception"],
)
def test_a_rule_loses_the_pair_and_nothing_else(rule: dict[str, Any]) -> None:
    """Ports of all other senders, other ports of the pair, and what a block left out stay as they were."""
    found, changed = cut_at_cart(FRONT, CART, OTHER, into_cart(rule))
    assert changed == {ENDS}
    assert found.exact


def test_a_policy_of_many_pods_is_parted_so_that_each_pod_has_one_of_them() -> None:
    """Not (a and b) is not-a, and a but not-b: three policies, of which every Pod is selected by one."""
    labels = [{"app": "shop", "part": "cart"}, {"app": "shop", "part": "other"}, {"app": "far", "part": "cart"}]
    cart, other, far = (pod(f"shop/{n}", one) for n, one in zip(("cart", "other", "far"), labels, strict=True))
    whole = policy("shop", "in", {"podSelector": {"matchExpressions": [{"key": "part", "operator": "Exists"}]},
                                  "ingress": [{}]})  # fmt: skip
    found, changed = cut_at_cart(FRONT, cart, other, far, whole)
    assert changed == {ENDS}
    assert found.exact and found.state is not None
    for one in (cart, other, far):
        assert len(found.state.policies.selecting("ingress", found.state.control.pods[one.id])) == 1


def test_a_pod_on_its_nodes_network_is_cut_at_neither_end() -> None:
    """policies.md 2: policies do not apply to a hostNetwork Pod, and to others it is its Node."""
    host, far = pod("shop/host", {"app": "host"}, hostNetwork=True), pod("shop/far", {"app": "far"})
    answer = repair(world([host, far]), "shop/far", "shop/host", "TCP", 80, "impossible")
    into, out = answer.reasons
    assert into.endswith("uses its Node's network: no policy applies to it")
    assert "to a policy it is the Node. A rule against it would hold for everything on that Node" in out


def test_a_workload_of_which_a_policy_isolates_one_pod_is_not_cut_by_one_policy() -> None:
    """policies.md 1: policies only add up, so the isolated Pod keeps what its own policy allows."""
    name = "statefulset.kubernetes.io/pod-name"
    db = StatefulSet.model_validate({
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "db"}}, "template": {
            "metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}},
    })  # fmt: skip
    first = policy("shop", "first", {"podSelector": {"matchLabels": {name: "db-0"}}, "ingress": [{}]})
    answer = repair(world([db, first]), "203.0.113.1", "shop/db", "TCP", 80, "impossible")
    assert not answer.options
    assert any("are isolated by policies and some are not" in one for one in answer.reasons), answer.reasons


def test_all_ports_but_one_are_not_written_for_a_plugin_that_does_not_know_end_port() -> None:
    """domain/cni.md, feature table: Weave Net has no endPort."""
    answer = repair(world([FRONT, CART], cni={"plugin": "weave", "backend": "fastdp"}), *ENDS, "impossible")
    assert not answer.options
    (reason,) = answer.reasons
    assert "does not know endPort" in reason


@pytest.mark.parametrize(("plugin", "warned"), [("cilium", True), ("calico", False)])
def test_that_other_nodes_may_be_cut_is_said_where_blocks_do_not_match_them(plugin: str, warned: bool) -> None:
    """domain/cni.md, feature table: Cilium's ipBlock matches no Node of the cluster, Calico's does."""
    answer = repair(world([FRONT, CART, OTHER], cni={"plugin": plugin}), *ENDS, "impossible")
    assert answer.best is not None
    assert any("traffic with other Nodes may be cut" in one for one in answer.best.notes) is warned
