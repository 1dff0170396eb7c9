"""The trace of a packet and the matrix give one answer: random clusters, random pairs, whole way of the packet."""

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from designer.engine.compile import compile_project
from designer.engine.reach import reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import read_texts
from tests.engine.policy.test_against_specification import NAMESPACES, labels, namespaces, policies

PORTS = [
    {"name": "http", "containerPort": 8080, "protocol": "TCP"},
    {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    {"name": "web", "containerPort": 80, "protocol": "TCP"},
]
people = st.lists(st.tuples(st.sampled_from(NAMESPACES), labels), min_size=2, max_size=4)
tries = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from((("TCP", 80), ("TCP", 8080), ("UDP", 53)))),
    min_size=4,
    max_size=6,
)


def documents(found: Any, members: Any, spaces: Any) -> str:
    made: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": had}}
        for name, had in spaces.items()
    ]
    made += [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"w{n}", "namespace": ns, "labels": had},
            "spec": {"containers": [{"name": "main", "image": "main", "ports": PORTS}]},
        }
        for n, (ns, had) in enumerate(members)
    ]
    made += [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": f"p{n}", "namespace": ns},
            "spec": spec,
        }
        for n, (ns, spec) in enumerate(found)
    ]
    return "\n---\n".join(map(json.dumps, made))


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(policies, people, namespaces, tries)
def test_a_packet_passes_exactly_where_the_matrix_has_a_line(found: Any, members: Any, spaces: Any, asked: Any) -> None:
    result = read_texts([("all.yaml", documents(found, members, spaces))])
    state = compile_project(result.project)
    assert not state.policies.problems
    matrix = reach(state).matrix
    peers = {peer.id: peer for peer in matrix.peers if peer.id}
    ids = [f"Pod:{ns}/w{n}" for n, (ns, _) in enumerate(members)]
    for a, b, (protocol, number) in asked:
        src, dst = ids[a % len(ids)], ids[b % len(ids)]
        if src == dst:
            continue
        address = state.control.pods[dst].ips[0]
        traced, problems = ask(state, Request(src, f"{address}:{number}", protocol))
        assert traced is not None, problems
        assert traced.verdict in ("delivered", "denied")
        assert (traced.verdict == "delivered") is ((protocol, number) in matrix.ports(peers[src], peers[dst]))
