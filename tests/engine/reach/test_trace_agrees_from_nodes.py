"""Trace and matrix agree about what Nodes' own packets reach: every plugin and backend, every pair of Pods.

On each of two Nodes a hostNetwork Pod and two plain ones, of which one is closed by an ipBlock that tells the Node's
own address from that of its tunnel or bridge, or one Node from the other.
"""

import pytest

from designer.edits.settings import use_cni
from designer.engine.compile import ClusterState, compile_project
from designer.engine.reach import reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import read_texts

NODE = """
apiVersion: v1
kind: Node
metadata: {name: %s}
spec: {podCIDR: 10.244.%d.0/24}
status: {addresses: [{type: InternalIP, address: %s}]}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop, labels: {app: %s}}
spec: {nodeName: %s, hostNetwork: %s, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
"""
WALL = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop}
spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: %s}}]}]}
"""
KUBEADM = """
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {podSubnet: 10.244.0.0/16}
"""
PLUGINS = [
    ("calico", "vxlan"),
    ("calico", "ipip"),
    ("calico", "bgp"),
    ("calico", "vxlan-crosssubnet"),
    ("calico", "ipip-crosssubnet"),
    ("flannel", "vxlan"),
    ("flannel", "host-gw"),
    ("weave", "fastdp"),
    ("cilium", "vxlan"),
]
# Both Nodes; the second one; the Pods' ranges (Weave Net's too); one Node's range; everything.
BLOCKS = ("192.168.10.0/24", "192.168.10.12/32", "10.0.0.0/8", "10.244.2.0/24", "0.0.0.0/0")
ENDS = [(f"{app}{n}", app, f"n{n}", app == "host") for n in (1, 2) for app in ("host", "api", "free")]


def cluster(plugin: str, backend: str, block: str, assumed: bool = False) -> ClusterState:
    made = [NODE % (f"n{n}", n, f"192.168.10.1{n}") for n in (1, 2)]
    made += [POD % (name, app, node, str(host).lower()) for name, app, node, host in ENDS]
    project = read_texts([("all.yaml", "---".join([*made, WALL % block, KUBEADM]))]).project
    return compile_project(project if assumed else use_cni(project, plugin, backend).project)


def agree(state: ClusterState) -> dict[tuple[str, str], str]:
    """Asserts that each pair's cell says what the packet does, and returns that by the names of the pair."""
    matrix = reach(state).matrix
    peers = {peer.id: peer for peer in matrix.peers if peer.id}
    found: dict[tuple[str, str], str] = {}
    for src, _, _, host in ENDS:
        for dst, app, _, _ in ENDS:
            if src == dst or app == "host":
                continue
            address = state.control.pods[f"Pod:shop/{dst}"].ips[0]
            traced, problems = ask(state, Request(f"Pod:shop/{src}", f"{address}:80"))
            assert traced is not None, problems
            ends = peers[f"Pod:shop/{src}"], peers[f"Pod:shop/{dst}"]
            opened, unsure = ("TCP", 80) in matrix.ports(*ends), ("TCP", 80) in matrix.undecided(*ends)
            cell = "delivered" if opened else "cannot-tell" if unsure else "denied"
            assert traced.verdict == cell, (src, dst, host, traced.reason)
            found[src, dst] = cell
    return found


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(("plugin", "backend"), PLUGINS)
def test_every_pair(plugin: str, backend: str, block: str) -> None:
    found = agree(cluster(plugin, backend, block))
    if plugin != "cilium":
        assert "cannot-tell" not in found.values(), "the plugin's backend says with which address a Node sends"
    assert found["host1", "api1"] == "delivered", "the Pod's own Node (`domain/policies.md` section 2)"


@pytest.mark.parametrize(
    ("plugin", "backend", "block", "expected"),
    [
        # `domain/cni.md` section 6, D: the address of the interface that leads to the Pod.
        ("calico", "vxlan", "192.168.10.0/24", "denied"),
        ("calico", "vxlan", "10.0.0.0/8", "delivered"),
        ("calico", "bgp", "192.168.10.0/24", "delivered"),
        ("calico", "bgp", "192.168.10.12/32", "denied"),  # host1 is on the first Node
        ("calico", "vxlan-crosssubnet", "192.168.10.0/24", "delivered"),  # one subnet: no tunnel
        ("weave", "fastdp", "192.168.10.0/24", "denied"),
        ("weave", "fastdp", "10.0.0.0/8", "delivered"),  # the bridge has an address of 10.32.0.0/12
        ("flannel", "vxlan", "192.168.10.12/32", "delivered"),  # no policy engine
        ("cilium", "vxlan", "0.0.0.0/0", "denied"),  # remote-node is no part of the world (section 7 of policies.md)
    ],
)
def test_the_other_node(plugin: str, backend: str, block: str, expected: str) -> None:
    assert agree(cluster(plugin, backend, block))["host1", "api2"] == expected


@pytest.mark.parametrize(
    ("block", "expected"), [("192.168.10.0/24", "cannot-tell"), ("0.0.0.0/0", "delivered"), ("172.16.0.0/12", "denied")]
)
def test_where_the_plugin_is_only_assumed_its_tunnel_decides_nothing(block: str, expected: str) -> None:
    state = cluster("", "", block, assumed=True)
    assert "setting:cni" in state.project.cluster.assumed
    assert agree(state)["host1", "api2"] == expected
