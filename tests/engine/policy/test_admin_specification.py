"""The tiers of ClusterNetworkPolicy agree with a slow, literal reading of NPEP-285 on random clusters, and the matrix
with the checks."""

from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy.admin_specification import allowed
from tests.engine.policy.agreement import checks_agree, matrix_agrees, members_of, plain_policies
from tests.engine.policy.cluster import Cluster
from tests.engine.policy.foreign import CNP, foreign, tiered
from tests.engine.policy.test_against_specification import (
    BLOCKS,
    OUTSIDE,
    PORTS,
    named_namespace,
    namespaces,
    pods,
    policies,
    selector,
)

by_namespace = st.builds(lambda s: {"namespaces": s}, st.one_of(selector, named_namespace))
by_pods = st.builds(
    lambda n, p: {"pods": {"namespaceSelector": n, "podSelector": p}}, st.one_of(selector, st.just({})), selector
)
networks = st.builds(lambda nets: {"networks": nets}, st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2))
inner = st.one_of(by_namespace, by_pods)
wanted = st.one_of(
    st.builds(lambda n: {"destinationPort": {"number": n}}, st.sampled_from(PORTS)),
    st.builds(lambda n, m: {"destinationPort": {"range": {"start": n, "end": n + m}}}, st.sampled_from((1, 80, 443)),
              st.integers(1, 8000)),
)  # fmt: skip
protocols = st.builds(lambda p, w: {p: w}, st.sampled_from(("tcp", "udp", "sctp")), wanted)


def rules(word: str, peer: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries(
        {"action": st.sampled_from(("Accept", "Deny", "Pass")), word: st.lists(peer, min_size=1, max_size=2)},
        optional={"protocols": st.lists(protocols, min_size=1, max_size=2)},
    )
    return st.lists(rule, max_size=3)


spec = st.fixed_dictionaries(
    {"tier": st.sampled_from(("Admin", "Baseline")), "subject": inner},
    optional={"ingress": rules("from", inner), "egress": rules("to", st.one_of(inner, networks))},
)
admin = st.builds(
    lambda specs: [{**one, "priority": 10 * n} for n, one in enumerate(specs)], st.lists(spec, min_size=1, max_size=4)
)


def build(
    found: list[dict[str, Any]], plain: list[tuple[str, dict[str, Any]]], people: list[Any], spaces: Any
) -> tuple[Cluster, list[NetworkPolicy], list[PodState]]:
    made, members = plain_policies(plain), members_of(people)
    kept = [foreign(CNP, "ClusterNetworkPolicy", f"c{n}", one) for n, one in enumerate(found)]
    c = tiered(*kept, pods=members, policies=made, namespaces=spaces)
    assert not c.policies.problems, "the strategy makes only policies that the API server takes"
    return c, made, members


@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow])
@given(admin, policies, pods, namespaces, st.sampled_from(("TCP", "UDP", "SCTP")), st.sampled_from((*PORTS, 53)))
def test_every_check_agrees(found: Any, plain: Any, people: Any, spaces: Any, protocol: str, number: int) -> None:
    c, made, members = build(found, plain, people, spaces)
    checks_agree(c, members, OUTSIDE, protocol, number, partial(allowed, found, made, spaces))


@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow])
@given(admin, policies, pods, namespaces)
def test_every_cell_of_the_matrix_agrees(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, plain, people, spaces)
    matrix_agrees(c, members, (*PORTS, 53, 500), PORTS, partial(allowed, found, made, spaces))
