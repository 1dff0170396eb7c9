"""The tiers of ClusterNetworkPolicy agree with a slow, literal reading of NPEP-285 on random clusters, and the matrix
with the checks."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from designer.engine.controlplane.state import PodState
from designer.engine.policy.matrix import connectivity
from designer.model import NetworkPolicy
from tests.engine.policy.admin_specification import allowed
from tests.engine.policy.cluster import Cluster, pod
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
    made = [
        NetworkPolicy.model_validate({"metadata": {"name": f"p{n}", "namespace": ns}, "spec": s})
        for n, (ns, s) in enumerate(plain)
    ]
    members = [
        pod(f"{ns}/w{n}", had, f"10.1.{number}.{n + 1}", f"n{n}", spec=ports_of)
        for n, (ns, had, ports_of, number) in enumerate(people)
    ]
    kept = [foreign(CNP, "ClusterNetworkPolicy", f"c{n}", one) for n, one in enumerate(found)]
    c = tiered(*kept, pods=members, policies=made, namespaces=spaces)
    assert not c.policies.problems, "the strategy makes only policies that the API server takes"
    return c, made, members


@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow])
@given(admin, policies, pods, namespaces, st.sampled_from(("TCP", "UDP", "SCTP")), st.sampled_from((*PORTS, 53)))
def test_every_check_agrees(found: Any, plain: Any, people: Any, spaces: Any, protocol: str, number: int) -> None:
    c, made, members = build(found, plain, people, spaces)
    for subject in members:
        ends: list[PodState | str] = [*members, *OUTSIDE]
        for end in ends:
            if end is subject:
                continue
            for ask, direction in ((c.ingress, "ingress"), (c.egress, "egress")):
                expected = allowed(found, made, spaces, direction, subject, end, protocol, number)
                assert (ask(subject, end, number, protocol).value == "allowed") is expected


@settings(max_examples=70, suppress_health_check=[HealthCheck.too_slow])
@given(admin, policies, pods, namespaces)
def test_every_cell_of_the_matrix_agrees(found: Any, plain: Any, people: Any, spaces: Any) -> None:
    c, made, members = build(found, plain, people, spaces)
    matrix = connectivity(c.project, c.control, c.policies)
    by_id = {peer.id: peer for peer in matrix.peers if peer.id}
    for source in members:
        for target in members:
            if source is target:
                continue
            cell = matrix.ports(by_id[source.id], by_id[target.id])
            for protocol in ("TCP", "UDP", "SCTP"):
                for number in (*PORTS, 53, 500):
                    both = allowed(found, made, spaces, "egress", source, target, protocol, number) and allowed(
                        found, made, spaces, "ingress", target, source, protocol, number
                    )
                    assert ((protocol, number) in cell) is both
        for far in (p for p in matrix.peers if p.is_range):
            for address in far.text.split("-"):
                out, into = matrix.ports(by_id[source.id], far), matrix.ports(far, by_id[source.id])
                for number in PORTS:
                    asked = (source, address, "TCP", number)
                    assert (("TCP", number) in out) is allowed(found, made, spaces, "egress", *asked)
                    assert (("TCP", number) in into) is allowed(found, made, spaces, "ingress", *asked)
