"""Cilium's policies agree with a slow reading of its documentation on random clusters; so do matrix and checks."""

from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.enforcement import CILIUM
from designer.engine.controlplane.state import PodState
from designer.model import NetworkPolicy
from tests.engine.policy.agreement import checks_agree, matrix_agrees, members_of
from tests.engine.policy.agreement import plain_policies as made_of
from tests.engine.policy.cilium_specification import SPACE, allowed
from tests.engine.policy.cluster import Cluster
from tests.engine.policy.foreign import foreign, tiered
from tests.engine.policy.test_against_specification import NAMESPACES, OUTSIDE, PORTS, labels, namespaces, pods

V2 = "cilium.io/v2"
ENGINE = replace(CILIUM, sctp=True)
CUT = {"cidr": "0.0.0.0/0", "except": ["203.0.113.64/26", "8.0.0.0/8"]}

chosen = st.builds(lambda have: {"matchLabels": have}, labels)
other = st.builds(lambda have, ns: {"matchLabels": {**have, SPACE: ns}}, labels, st.sampled_from(NAMESPACES))
entity = st.sampled_from(("all", "world", "cluster", "host", "remote-node"))
cidr = st.sampled_from(("0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24", "8.8.8.8/32"))
port = st.one_of(
    st.builds(lambda n, p: {"port": str(n), "protocol": p}, st.sampled_from((0, 80, 443)),
              st.sampled_from(("TCP", "UDP", "ANY"))),
    st.builds(lambda n, m: {"port": str(n), "endPort": n + m}, st.sampled_from((80, 443)), st.integers(1, 9000)),
)  # fmt: skip
group = st.builds(lambda found: {"ports": found}, st.lists(port, min_size=1, max_size=2))
to_ports = st.lists(group, min_size=1, max_size=2)


def one_list(word: str) -> st.SearchStrategy[dict[str, Any]]:
    """A rule's peers: at most one list of them, perhaps an empty one."""
    return st.one_of(
        st.just({}),
        st.builds(lambda found: {f"{word}Endpoints": found}, st.lists(st.one_of(chosen, other), max_size=2)),
        st.builds(lambda found: {f"{word}Entities": found}, st.lists(entity, min_size=1, max_size=2)),
        st.builds(lambda found: {f"{word}CIDR": found}, st.lists(cidr, min_size=1, max_size=2)),
        st.just({f"{word}CIDRSet": [CUT]}),
    )


def rules(word: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    with_ports = st.builds(lambda peers, found: {**peers, "toPorts": found}, one_list(word), to_ports)
    return st.lists(st.one_of(one_list(word), with_ports), max_size=2)


spec = st.fixed_dictionaries(
    {"endpointSelector": chosen},
    optional={
        "ingress": rules("from"),
        "egress": rules("to"),
        "ingressDeny": rules("from"),
        "egressDeny": rules("to"),
        "enableDefaultDeny": st.fixed_dictionaries({}, optional={"ingress": st.booleans(), "egress": st.booleans()}),
    },
).filter(lambda one: any(one.get(name) for name in ("ingress", "egress", "ingressDeny", "egressDeny")))
cilium = st.lists(st.tuples(st.sampled_from(("", *NAMESPACES)), spec), min_size=1, max_size=4)
by_pods = st.builds(lambda found: {"podSelector": {}, "ingress": [{"from": [{"podSelector": found}]}]}, chosen)
plain_policies = st.lists(st.tuples(st.sampled_from(NAMESPACES), by_pods), max_size=1)


def build(
    found: list[tuple[str, dict[str, Any]]], plain: list[tuple[str, dict[str, Any]]], people: list[Any], spaces: Any
) -> tuple[Cluster, list[NetworkPolicy], list[PodState]]:
    made, members = made_of(plain), members_of(people)
    kinds = {True: "CiliumNetworkPolicy", False: "CiliumClusterwideNetworkPolicy"}
    kept = [foreign(V2, kinds[bool(own)], f"c{n}", one, own) for n, (own, one) in enumerate(found)]
    c = tiered(*kept, pods=members, policies=made, namespaces=spaces, enforcement=ENGINE)
    assert not c.policies.problems, "the strategy makes only policies that Cilium takes"
    return c, made, members


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cilium, plain_policies, pods, namespaces, st.sampled_from(("TCP", "UDP", "SCTP")), st.sampled_from((*PORTS, 53)))
def test_every_check_agrees(found: Any, plain: Any, people: Any, spaces: Any, protocol: str, number: int) -> None:
    c, made, members = build(found, plain, people, spaces)
    checks_agree(c, members, OUTSIDE, protocol, number, partial(allowed, found, made, spaces))


@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(cilium, plain_policies, pods, namespaces)
def test_every_cell_of_the_matrix_agrees(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, plain, people, spaces)
    matrix_agrees(c, members, (80, 443, 500, 65535), (80, 443), partial(allowed, found, made, spaces))
