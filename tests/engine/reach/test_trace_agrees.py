"""The trace of a packet and the matrix give one answer: random clusters, random pairs, whole way of the packet."""

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from designer.edits.settings import use_cni
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
        opened = (protocol, number) in matrix.ports(peers[src], peers[dst])
        unsure = (protocol, number) in matrix.undecided(peers[src], peers[dst])
        assert traced.verdict == ("delivered" if opened else "cannot-tell" if unsure else "denied")


# Policies of a plugin's own, each with the plugin that enforces it; they come to random Pods beside NetworkPolicies.
CALICO_GUARD = {
    "apiVersion": "projectcalico.org/v3",
    "kind": "GlobalNetworkPolicy",
    "metadata": {"name": "guard"},
    "spec": {
        "order": 5,
        "selector": "app == 'x'",
        "types": ["Ingress", "Egress"],
        "ingress": [
            {"action": "Deny", "protocol": "TCP", "destination": {"ports": [8080]}},
            {"action": "Allow", "source": {"selector": "tier == 'y'"}},
            {"action": "Allow", "source": {"nets": ["192.168.10.0/24"]}},
            {"action": "Pass", "protocol": "TCP"},
        ],
        "egress": [{"action": "Deny", "protocol": "UDP"}, {"action": "Pass"}],
    },
}
STANDARD = {
    "apiVersion": "policy.networking.k8s.io/v1alpha2",
    "kind": "ClusterNetworkPolicy",
    "metadata": {"name": "standard"},
    "spec": {
        "tier": "Admin",
        "priority": 3,
        "subject": {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "x"}}}},
        "ingress": [
            {"action": "Accept", "from": [{"namespaces": {"matchLabels": {"tier": "x"}}}]},
            {
                "action": "Deny",
                "from": [{"namespaces": {}}],
                "protocols": [{"tcp": {"destinationPort": {"number": 80}}}],
            },
        ],
        "egress": [{"action": "Deny", "to": [{"networks": ["192.168.10.0/24"]}]}],
    },
}
CILIUM_GUARD = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumClusterwideNetworkPolicy",
    "metadata": {"name": "guard"},
    "spec": {
        "endpointSelector": {"matchLabels": {"app": "x"}},
        "ingress": [{"fromEntities": ["remote-node"]}, {"fromEndpoints": [{"matchLabels": {"tier": "y"}}]}],
        "ingressDeny": [{"fromEndpoints": [{}], "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}]}]}],
        "egress": [{"toEntities": ["cluster"], "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]}],
    },
}
NODES = [
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}}}
    for name in ("n1", "n2")
]
placed = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), labels, st.sampled_from(("n1", "n2")), st.booleans()), min_size=2, max_size=4
)
guards = st.sampled_from((("calico", CALICO_GUARD), ("calico", STANDARD), ("cilium", CILIUM_GUARD)))


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(policies, placed, namespaces, tries, guards)
def test_packets_agree_with_the_matrix_under_tiers_and_between_nodes(
    found: Any, members: Any, spaces: Any, asked: Any, guard: Any
) -> None:
    """Pods of two Nodes, some with hostNetwork: delivered, denied or cannot tell, as the cell says."""
    plugin, beside = guard
    written = documents(found, [(ns, had) for ns, had, _, _ in members], spaces)
    made = [json.loads(one) for one in written.split("\n---\n")]
    for one in made:
        if one["kind"] == "Pod":
            _, _, node, host = members[int(one["metadata"]["name"][1:])]
            one["spec"] |= {"nodeName": node, "hostNetwork": host}
    result = read_texts([("all.yaml", "\n---\n".join(map(json.dumps, [*NODES, *made, beside])))])
    project = use_cni(result.project, plugin, "vxlan").project
    state = compile_project(project)
    matrix = reach(state).matrix
    peers = {peer.id: peer for peer in matrix.peers if peer.id}
    ids = [f"Pod:{ns}/w{n}" for n, (ns, _, _, _) in enumerate(members)]
    for a, b, (protocol, number) in asked:
        src, dst = ids[a % len(ids)], ids[b % len(ids)]
        if src == dst or (members[a % len(ids)][3] and members[b % len(ids)][3]):
            continue
        address = state.control.pods[dst].ips[0]
        traced, problems = ask(state, Request(src, f"{address}:{number}", protocol))
        assert traced is not None, problems
        opened = (protocol, number) in matrix.ports(peers[src], peers[dst])
        unsure = (protocol, number) in matrix.undecided(peers[src], peers[dst])
        expected = "delivered" if opened else "cannot-tell" if unsure else "denied"
        assert traced.verdict == expected, (src, dst, protocol, number, traced.reason)
