"""Calico's tiers agree with a slow reading of its documentation on random clusters, and the matrix with the checks."""

from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy.agreement import checks_agree, matrix_agrees, members_of, plain_policies
from tests.engine.policy.calico_specification import SELECTORS, Entity, Policy, Rule, allowed
from tests.engine.policy.cluster import Cluster
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_against_specification import (
    BLOCKS,
    NAMESPACES,
    OUTSIDE,
    PORTS,
    namespaces,
    pods,
    policies,
)

V3 = "projectcalico.org/v3"
TIERS = [("early", True), ("soft", False), ("default", True), ("late", True)]
ORDERS = {"early": 5, "soft": 500, "late": 2_000_000}

maybe_selector = st.one_of(st.just(""), st.just(""), st.sampled_from(sorted(SELECTORS)))
nets: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]), st.just([]), st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2)
)
# Newer versions refuse every address among those that must not match.
parts = [block for block in BLOCKS if block != "0.0.0.0/0"]
without: st.SearchStrategy[list[str]] = st.one_of(st.just([]), st.lists(st.sampled_from(parts), min_size=1, max_size=2))
entity = st.builds(Entity, maybe_selector, maybe_selector, maybe_selector, nets, without)
rule = st.builds(
    Rule,
    st.sampled_from(("Allow", "Deny", "Pass", "Log")),
    entity,
    entity,
    st.sampled_from(("", "TCP", "UDP")),
    st.one_of(st.just([]), st.lists(st.sampled_from(("80", "443", "1:81", "8080:65535")), min_size=1, max_size=2)),
    st.lists(st.sampled_from((80, 443)), max_size=2),
)
rules = st.one_of(st.none(), st.lists(rule, max_size=3))
policy = st.builds(
    Policy,
    st.sampled_from([name for name, _ in TIERS]),
    st.just(0.0),
    st.sampled_from(("", *NAMESPACES)),
    st.sampled_from(sorted(SELECTORS)),
    rules,
    rules,
).filter(lambda one: one.ingress is not None or one.egress is not None)


def ordered(found: list[Policy], turns: list[int]) -> list[Policy]:
    """Every policy with an order of its own, before and behind that of NetworkPolicies."""
    for number, (one, turn) in enumerate(zip(found, turns, strict=True)):
        one.order = turn * 10 + number
    return found


def apart(found: list[Policy]) -> bool:
    """Whether no two of them, nor NetworkPolicies, stand at one place."""
    return all(one.order != 1000 for one in found) and len({one.order for one in found}) == len(found)


calico = (
    st.lists(policy, min_size=1, max_size=4)
    .flatmap(
        lambda found: st.builds(
            ordered, st.just(found), st.lists(st.integers(60, 140), min_size=len(found), max_size=len(found))
        )
    )
    .filter(apart)
)


def build(
    found: list[Policy], plain: list[tuple[str, dict[str, Any]]], people: list[Any], spaces: Any
) -> tuple[Cluster, list[NetworkPolicy], list[PodState]]:
    made, members = plain_policies(plain), members_of(people)
    kept = [
        foreign(V3, "NetworkPolicy" if one.namespace else "GlobalNetworkPolicy", f"c{n}", one.spec(), one.namespace)
        for n, one in enumerate(found)
    ]
    kept += [
        foreign(V3, "Tier", name, {"order": ORDERS[name], **({} if closes else {"defaultAction": "Pass"})})
        for name, closes in TIERS
        if name in ORDERS
    ]
    c = tiered(*kept, pods=members, policies=made, namespaces=spaces)
    assert not c.policies.problems, "the strategy makes only policies that Calico takes"
    return c, made, members


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(calico, policies, pods, namespaces, st.sampled_from(("TCP", "UDP", "SCTP")), st.sampled_from((*PORTS, 53)))
def test_every_check_agrees(found: Any, plain: Any, people: Any, spaces: Any, protocol: str, number: int) -> None:
    c, made, members = build(found, plain, people, spaces)
    checks_agree(c, members, OUTSIDE, protocol, number, partial(allowed, TIERS, found, made, spaces))


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(calico, policies, pods, namespaces)
def test_every_cell_of_the_matrix_agrees(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, plain, people, spaces)
    matrix_agrees(c, members, (80, 443, 500, 65535), (80, 443), partial(allowed, TIERS, found, made, spaces))
