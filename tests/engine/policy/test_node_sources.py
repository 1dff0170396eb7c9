"""The address with which a hostNetwork Pod's packets arrive on another Node: its Node's, or that of a tunnel.

`domain/cni.md`: Calico with VXLAN and IPIP sends a Node's own packets to Pods elsewhere from the tunnel's address.
"""

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy import Peer
from designer.engine.reach import reach
from designer.engine.trace import Request, trace
from designer.manifests import read_texts

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
