"""loadBalancerSourceRanges by how the load balancer brings packets: `domain/services.md` section 5.

kube-proxy enforces them for VIPs only; a balancer with connections of its own (ipMode Proxy, or a host name) may.
"""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, make, pod, service

PORTS = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
VIP = {"ip": "198.51.100.50"}
PROXY = {"ip": "198.51.100.50", "ipMode": "Proxy"}
NAMED = {"hostname": "lb.example.com"}


def made(entry: dict[str, str], **spec: Any) -> ClusterState:
    status = {"loadBalancer": {"ingress": [entry]}}
    body = {"type": "LoadBalancer", "ports": PORTS, "loadBalancerSourceRanges": ["203.0.113.0/24"], **spec}
    return cluster(pod("a", 1), pod("b", 2, app="web"), service("web", status=status, **body))


@pytest.mark.parametrize(
    ("entry", "client", "verdict"),
    [
        (VIP, "203.0.113.7", "delivered"),
        (VIP, "192.0.2.9", "dropped"),
        (PROXY, "203.0.113.7", "delivered"),
        (PROXY, "192.0.2.9", "cannot-tell"),
        (NAMED, "203.0.113.7", "delivered"),
        (NAMED, "192.0.2.9", "cannot-tell"),
    ],
)
def test_ranges_from_outside(entry: dict[str, str], client: str, verdict: str) -> None:
    found = ask(made(entry), client, "Service:default/web")
    assert found.verdict == verdict
    assert verdict == "delivered" or "loadBalancerSourceRanges" in found.reason


@pytest.mark.parametrize(("entry", "verdict"), [(VIP, "dropped"), (PROXY, "cannot-tell")])
def test_ranges_from_a_pod(entry: dict[str, str], verdict: str) -> None:
    """A Pod's call to the VIP meets the node's rules; to a proxying balancer it goes out with the node's address."""
    assert ask(made(entry), "a", "198.51.100.50:80").verdict == verdict


def test_node_ports_are_not_filtered() -> None:
    assert ask(made(VIP), "192.0.2.9", "node-1:30080").verdict == "delivered"


@pytest.mark.parametrize("source", ["a", "203.0.113.7"])
def test_a_balancer_without_node_ports_has_its_own_way(source: str) -> None:
    """allocateLoadBalancerNodePorts false: "LB must reach pods/VIP without NodePorts"."""
    state = made(PROXY, ports=[{"port": 80, "targetPort": 8080}], allocateLoadBalancerNodePorts=False,
                 loadBalancerSourceRanges=[])  # fmt: skip
    found = ask(state, source, "198.51.100.50:80")
    assert found.verdict == "cannot-tell"
    assert "has no node ports" in found.reason


def test_a_node_port_without_ready_nodes_is_said_to_lack_nodes() -> None:
    """Not the type of the Service is at fault: a NodePort is open on Nodes, and none is Ready.

    What a Node that is not Ready makes of packets is not known (KEP-3458: balancers ask kube-proxy, not the condition).
    """
    down = {"conditions": [{"type": "Ready", "status": "False"}],
            "addresses": [{"type": "InternalIP", "address": "192.168.10.11"}]}  # fmt: skip
    state = cluster(make("Node", "node-1", status=down), pod("b", 1, app="web"),
                    service("web", type="NodePort", ports=PORTS))  # fmt: skip
    found = ask(state, "192.0.2.9", "Service:default/web")
    assert (found.verdict, "no Node is Ready" in found.reason) == ("cannot-tell", True)


@pytest.mark.parametrize("mode", [VIP, PROXY])
@pytest.mark.parametrize("policy", ["Cluster", "Local"])
@pytest.mark.parametrize(("excluded", "verdict"), [(False, "cannot-tell"), (True, "no-route")])
def test_a_balancer_before_nodes_that_are_not_ready(
    mode: dict[str, Any], policy: str, excluded: bool, verdict: str
) -> None:
    """KEP-3458: balancers ask kube-proxy, not the Node's condition; a Node with the label is never asked."""
    down = {"conditions": [{"type": "Ready", "status": "False"}],
            "addresses": [{"type": "InternalIP", "address": "192.168.10.11"}]}  # fmt: skip
    labels = {"node.kubernetes.io/exclude-from-external-load-balancers": ""} if excluded else {}
    state = cluster(make("Node", "node-1", status=down, labels=labels), pod("b", 1, app="web"),
                    service("web", type="LoadBalancer", ports=PORTS, externalTrafficPolicy=policy,
                            status={"loadBalancer": {"ingress": [mode]}}))  # fmt: skip
    found = ask(state, "192.0.2.9", "198.51.100.50:80")
    assert found.verdict == verdict, found.reason
