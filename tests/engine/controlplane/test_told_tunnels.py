"""Tunnel addresses that Calico wrote into the annotations of its Nodes (libcalico-go, `resources/node.go`).

Another Node's calls, and what is masqueraded on the way to another Node, bear this address (kube-proxy.md section 7).
"""

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, node, pod, policy, seen_source

VXLAN, IPIP = "projectcalico.org/IPv4VXLANTunnelAddr", "projectcalico.org/IPv4IPIPTunnelAddr"
TOLD = "10.244.40.77"


def told(backend: str, annotation: str, value: str = TOLD, plugin: str = "calico") -> ClusterState:
    return cluster(node(1, annotations={annotation: value}), node(2), pod("b", 2), plugin=plugin, backend=backend)


@pytest.mark.parametrize(
    ("backend", "annotation"),
    [("vxlan", VXLAN), ("vxlan-crosssubnet", VXLAN), ("ebpf", VXLAN), ("ipip", IPIP), ("ipip-crosssubnet", IPIP)],
)
def test_the_annotation_is_taken(backend: str, annotation: str) -> None:
    state = told(backend, annotation)
    assert state.control.nodes["node-1"].tunnel_ips == (TOLD,)
    assert "10.244.40.64/26" in state.control.nodes["node-1"].blocks, "the block that the address lies in is the Node's"


@pytest.mark.parametrize(
    ("backend", "annotation", "value"),
    [("vxlan", IPIP, TOLD), ("ipip", VXLAN, TOLD), ("bgp", VXLAN, TOLD), ("vxlan", VXLAN, "no address")],
)
def test_what_another_device_had_or_nobody_can_read_is_not(backend: str, annotation: str, value: str) -> None:
    assert TOLD not in told(backend, annotation, value).control.nodes["node-1"].tunnel_ips


def test_flannel_takes_none() -> None:
    assert told("vxlan", VXLAN, plugin="flannel").control.nodes["node-1"].tunnel_ips == ("10.244.0.0",)


def test_a_node_calls_from_it_and_a_policy_that_names_it_lets_it_in() -> None:
    allow = [{"from": [{"ipBlock": {"cidr": f"{TOLD}/32"}}]}]
    machines = (node(1, annotations={VXLAN: TOLD}), node(2), node(3))
    state = cluster(*machines, pod("b", 2), policy("only", {}, ingress=allow), plugin="calico", backend="vxlan")
    found = ask(state, "node-1", "Pod:default/b:8080")
    assert (found.verdict, seen_source(found)) == ("delivered", TOLD)
    assert ask(state, "node-3", "Pod:default/b:8080").verdict == "denied"
