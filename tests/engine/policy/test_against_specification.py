"""The evaluator and the matrix agree with a slow, literal reading of the specification on random clusters."""

from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from designer.model import NetworkPolicy
from tests.engine.policy.agreement import checks_agree, matrix_agrees, members_of, plain_policies
from tests.engine.policy.cluster import Cluster, cluster, pod, ports
from tests.engine.policy.specification import allowed

KEYS, VALUES, NAMESPACES = ("app", "tier"), ("x", "y"), ("a", "b", "c")
PORTS = (1, 80, 81, 443, 8080, 65535)
BLOCKS = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "203.0.113.0/24", "0.0.0.0/0", "203.0.113.64/26")
OUTSIDE = ("203.0.113.1", "203.0.113.70", "10.1.2.200", "8.8.8.8")

labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2)
expression = st.one_of(
    st.builds(lambda k, o, v: {"key": k, "operator": o, "values": v}, st.sampled_from(KEYS),
              st.sampled_from(("In", "NotIn")), st.lists(st.sampled_from(VALUES), min_size=1, max_size=2)),
    st.fixed_dictionaries({"key": st.sampled_from(KEYS), "operator": st.sampled_from(("Exists", "DoesNotExist"))}),
)  # fmt: skip
selector = st.fixed_dictionaries(
    {}, optional={"matchLabels": labels, "matchExpressions": st.lists(expression, max_size=1)}
)
named_namespace = st.builds(lambda n: {"matchLabels": {"kubernetes.io/metadata.name": n}}, st.sampled_from(NAMESPACES))


INNER = {
    "10.0.0.0/8": ["10.1.0.0/16"],
    "10.1.0.0/16": ["10.1.2.0/24"],
    "0.0.0.0/0": ["10.0.0.0/8", "203.0.113.64/26"],
}


def exceptions(cidr: str) -> list[str]:
    return INNER.get(cidr, [])


block = st.builds(
    lambda cidr, cut: {"ipBlock": {"cidr": cidr, **({"except": exceptions(cidr)} if cut and exceptions(cidr) else {})}},
    st.sampled_from(BLOCKS),
    st.booleans(),
)
by_labels = st.fixed_dictionaries(
    {}, optional={"podSelector": selector, "namespaceSelector": st.one_of(selector, named_namespace)}
)
peer = st.one_of(block, by_labels.filter(bool))
port = st.one_of(
    st.fixed_dictionaries(
        {}, optional={"protocol": st.sampled_from(("TCP", "UDP", "SCTP")), "port": st.sampled_from(PORTS)}
    ),
    st.builds(lambda p, n: {"port": p, "endPort": min(65535, p + n)}, st.sampled_from(PORTS), st.integers(0, 7000)),
    st.builds(
        lambda n, p: {"port": n, "protocol": p}, st.sampled_from(("http", "dns")), st.sampled_from(("TCP", "UDP"))
    ),
)


def rules(word: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    rule = st.fixed_dictionaries({}, optional={word: st.lists(peer, max_size=2), "ports": st.lists(port, max_size=2)})
    return st.lists(rule, max_size=2)


spec = st.fixed_dictionaries(
    {"podSelector": selector},
    optional={
        "ingress": rules("from"),
        "egress": rules("to"),
        "policyTypes": st.sampled_from((["Ingress"], ["Egress"], ["Ingress", "Egress"])),
    },
)
policies = st.lists(st.tuples(st.sampled_from(NAMESPACES), spec), max_size=5)
PORT_SPECS: tuple[dict[str, Any], ...] = (
    {},
    ports(("http", 8080, "TCP")),
    ports(("http", 80, "TCP"), ("dns", 53, "UDP"), ("dns", 53, "TCP")),
)
pods = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), labels, st.sampled_from(PORT_SPECS), st.integers(0, 3)),
    min_size=2,
    max_size=5,
)
namespaces = st.dictionaries(st.sampled_from(NAMESPACES), labels, max_size=3)


def build(
    found: list[tuple[str, dict[str, Any]]],
    people: list[tuple[str, dict[str, str], Any, int]],
    spaces: dict[str, dict[str, str]],
) -> tuple[Cluster, list[NetworkPolicy], list[PodState]]:
    made, members = plain_policies(found), members_of(people)
    c = cluster(*made, pods=members, namespaces=spaces)
    assert not c.policies.problems, "the strategy makes only policies that the API server takes"
    return c, made, members


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(policies, pods, namespaces, st.sampled_from(("TCP", "UDP", "SCTP")), st.sampled_from((*PORTS, 53, 500)))
def test_every_check_agrees(found: Any, people: Any, spaces: Any, protocol: str, number: int) -> None:
    c, made, members = build(found, people, spaces)
    checks_agree(c, members, OUTSIDE, protocol, number, partial(allowed, made, spaces))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(policies, pods, namespaces)
def test_every_cell_of_the_matrix_agrees(found: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, people, spaces)
    matrix_agrees(c, members, (*PORTS, 53, 500), PORTS, partial(allowed, made, spaces))


hosted = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), labels, st.booleans(), st.integers(1, 2)), min_size=2, max_size=5
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(policies, hosted, namespaces)
def test_matrix_and_checks_agree_where_pods_share_their_nodes_network(found: Any, people: Any, spaces: Any) -> None:
    made = plain_policies(found)
    members = [
        pod(f"{ns}/w{n}", had, f"10.1.2.{node}" if host else f"10.1.0.{n + 9}", f"n{node}", {"hostNetwork": host})
        for n, (ns, had, host, node) in enumerate(people)
    ]
    c = cluster(*made, pods=members, namespaces=spaces)
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    for source in members:
        for target in members:
            if source is target or (source.host_network and target.host_network):
                continue
            cell = matrix.ports(by_id[source.id], by_id[target.id])
            for number in (80, 443, 500):
                both = (c.egress(source, target, number).passes, c.ingress(target, source, number).passes)
                if None not in both:
                    assert (("TCP", number) in cell) is all(both)
