"""A Node of which the control plane hears nothing (Ready: Unknown): the machine may be gone, so nothing is said of it.

Kubernetes documentation, Node status: the node controller sets Ready to Unknown when a Node's heartbeats stop; False is
what a kubelet that runs says itself.
"""

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import address, ask, cluster, make, pod, service

PLUGINS = [("calico", "vxlan"), ("calico", "ebpf"), ("flannel", "vxlan"), ("flannel", "host-gw"), ("cilium", "vxlan")]


def heard(number: int, status: str) -> KubeObject:
    """Node ``node-<number>`` at 192.168.10.1<number> with this Ready condition."""
    addresses = [{"type": "InternalIP", "address": f"192.168.10.1{number}"}]
    conditions = [{"type": "Ready", "status": status}]
    return make("Node", f"node-{number}", status={"addresses": addresses, "conditions": conditions})


def two_nodes(status: str, plugin: str = "calico", backend: str = "vxlan") -> ClusterState:
    """A Pod on each of two Nodes, a node port that leads to that of node-2, and this condition of node-1."""
    web = service("web", type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    nodes = (heard(1, status), heard(2, "True"))
    return cluster(*nodes, pod("a", 1), pod("web", 2), web, plugin=plugin, backend=backend)


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
@pytest.mark.parametrize(("status", "verdict"), [("Unknown", "cannot-tell"), ("True", "delivered")])
def test_what_comes_to_it_cannot_be_told(status: str, verdict: str, plugin: str, backend: str) -> None:
    state = two_nodes(status, plugin, backend)
    for source, destination in (
        ("203.0.113.9", "http://192.168.10.11:30080"),  # from outside, at its node port
        ("web", f"{address(state, 'a')}:8080"),  # from a Pod elsewhere to a Pod of it
        ("a", f"{address(state, 'web')}:8080"),  # from a Pod of it
        ("node-1", "http://192.168.10.12:30080"),  # from itself
    ):
        found = ask(state, source, destination)
        assert found.verdict == verdict, (source, destination, found.reason)
        assert ("Node node-1 is not heard of" in found.reason) is (status == "Unknown")


@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
def test_what_does_not_come_to_it_is_told(plugin: str, backend: str) -> None:
    assert (
        ask(two_nodes("Unknown", plugin, backend), "203.0.113.9", "http://192.168.10.12:30080").verdict == "delivered"
    )


def test_a_kubelet_that_says_itself_that_it_is_not_ready_leaves_the_rules_in_place() -> None:
    assert ask(two_nodes("False"), "203.0.113.9", "http://192.168.10.11:30080").verdict == "delivered"
