"""The address with which a hostNetwork Pod's packets arrive on another Node: its Node's, or that of a tunnel.

`domain/cni.md`: Calico with VXLAN and IPIP sends a Node's own packets to Pods elsewhere from the tunnel's address.
"""

from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.state import NodeState
from designer.engine.policy import Peer
from designer.engine.reach import reach
from designer.engine.trace import Request, trace
from designer.manifests import read_texts
from tests.engine.policy.cluster import cluster as small
from tests.engine.policy.cluster import pod, policy

CLUSTER = """
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.10.11}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 192.168.10.12}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, labels: {app: agent}}
spec: {hostNetwork: true, nodeName: n1, containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {nodeName: n2, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: projectcalico.org/v3
kind: IPPool
metadata: {name: p}
spec: {cidr: 10.244.0.0/16, vxlanMode: %s, natOutgoing: true}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  ingress: [{from: [{ipBlock: {cidr: %s}}]}]
"""


def cluster(mode: str, cidr: str) -> ClusterState:
    return compile_project(read_texts([("all.yaml", CLUSTER % (mode, cidr))]).project)


@pytest.mark.parametrize(
    ("mode", "cidr", "traced", "said"),
    [
        ("Always", "192.168.10.0/24", "denied", "denied"),  # the packet carries the tunnel's address
        ("Always", "10.244.0.0/16", "delivered", "allowed"),
        ("Always", "0.0.0.0/0", "delivered", "allowed"),
        ("Always", "172.16.0.0/12", "denied", "denied"),
        ("Never", "192.168.10.0/24", "delivered", "allowed"),  # no tunnel: the Node's own address
        ("Never", "10.244.0.0/16", "denied", "denied"),
    ],
)
def test_the_address_that_a_block_has_to_hold(mode: str, cidr: str, traced: str, said: str) -> None:
    state = cluster(mode, cidr)
    agent, api = (state.control.pods[f"Pod:shop/{name}"] for name in ("agent", "api"))
    assert trace(state, Request("Pod:shop/agent", f"{api.ips[0]}:80")).verdict == traced
    assert state.policies.check("ingress", api, Peer.of_pod(agent), "TCP", 80).value == said
    matrix = reach(state).matrix
    peers = {peer.id: peer for peer in matrix.peers if peer.id}
    source, target = peers["Pod:shop/agent"], peers["Pod:shop/api"]
    assert (("TCP", 80) in matrix.ports(source, target)) is (said == "allowed")
    assert (("TCP", 80) in matrix.undecided(source, target)) is (said == "cannot-tell")


DB = pod("a/db", {"app": "db"}, "10.244.1.5", "n1")
AWAY = pod("a/away", {"app": "db"}, "10.244.2.5", "n2")
HOST = pod("a/host", {}, "192.168.10.11", "n1", {"hostNetwork": True})
FIRST = NodeState("n1", ("192.168.10.11",), ("192.168.10.11",), tunnel_ips=("10.244.1.0",), bridge_ips=("10.244.1.1",))


@pytest.mark.parametrize("address", ["192.168.10.11", "10.244.1.0", "10.244.1.1"])
def test_what_comes_from_a_device_of_the_own_node_is_that_node(address: str) -> None:
    """policies.md 2 with cni.md 6, D: packets of a Node carry the address of the interface that they leave by, and
    those of the own Node are never blocked."""
    c = small(policy("{podSelector: {}, ingress: []}"), pods=(DB, AWAY), nodes=(FIRST,))
    sender = c.policies.peer_at(address)
    assert sender.node == "n1"
    assert (c.ingress(DB, sender).value, c.ingress(AWAY, sender).value) == ("allowed", "denied")


@pytest.mark.parametrize(
    ("held", "blocks", "expected"),
    [
        ({"bridge_ips": ("10.244.1.1",)}, "[192.168.10.0/24]", "cannot-tell"),
        ({"bridge_ips": ("10.244.1.1",)}, "[192.168.10.0/24, 10.244.1.1/32]", "allowed"),
        ({"tunnel_ips": ("10.244.1.0",)}, "[192.168.10.0/24]", "cannot-tell"),
        ({}, "[192.168.10.0/24]", "allowed"),
        ({"bridge_ips": ("10.244.1.1",)}, "[172.16.0.0/12]", "denied"),
    ],
)
def test_where_no_plugin_is_asked_a_device_may_be_what_a_node_sends_from(
    held: dict[str, Any], blocks: str, expected: str
) -> None:
    """cni.md 6, D: the source is the address of the outgoing interface, the bridge's, the tunnel's or the Node's."""
    cidrs = ", ".join(f"{{ipBlock: {{cidr: {one}}}}}" for one in blocks.strip("[]").split(", "))
    c = small(
        policy(f"{{podSelector: {{}}, ingress: [{{from: [{cidrs}]}}]}}"),
        pods=(AWAY, HOST),
        nodes=(NodeState("n1", ("192.168.10.11",), (), **held), NodeState("n2", ("192.168.10.12",), ())),
    )
    assert c.ingress(AWAY, HOST).value == expected


def test_a_finished_pod_has_no_address() -> None:
    """The API: an address is free again when its Pod has ended, and the plugin gives it to another one."""
    old = pod("a/old", {"app": "old"}, "10.244.2.9", "n2", phase="Succeeded")
    new = pod("a/new", {"app": "new"}, "10.244.2.9", "n2")
    c = small(
        policy(
            "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: new}}}]}]}"
        ),
        pods=(DB, new, old),
    )
    assert c.policies.peer_at("10.244.2.9").pod == new
    assert c.ingress(DB, c.policies.peer_at("10.244.2.9")).value == "allowed"
