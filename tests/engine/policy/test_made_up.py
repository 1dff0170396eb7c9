"""Addresses that no input says: an ipBlock that may or may not hold the real ones decides nothing.

Where Pods get addresses by default: 10.244.0.0/16 with kubeadm's examples and Flannel, 192.168.0.0/16 with Calico,
10.0.0.0/8 with Cilium, 10.42.0.0/16 with k3s (each project's documentation). A block that holds all of these surely
holds every Pod, one that holds none of them surely holds none, whatever the cluster is.
"""

from ipaddress import ip_network
from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy.matchers import BlockMatch
from designer.engine.reach import exposures, reach
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request
from designer.manifests import read_texts

INPUT = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{ipBlock: %s}]}]
"""
POOL = "\n---\napiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.244.0.0/16}\n"
KUBEADM = """
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking: {podSubnet: 10.244.0.0/16}
"""
PRIVATE = "[10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]"


def state_of(block: str, more: str = "") -> ClusterState:
    return compile_project(read_texts([("all.yaml", INPUT % block + more)]).project)


def cell(state: ClusterState, blocks: Any = None) -> str:
    """What the matrix says of web → db on TCP 80."""
    matrix = reach(state, blocks).matrix
    ends = {peer.id: peer for peer in matrix.peers if peer.id}
    web, db = ends["Pod:shop/web"], ends["Pod:shop/db"]
    if ("TCP", 80) in matrix.ports(web, db):
        return "delivered"
    return "cannot-tell" if ("TCP", 80) in matrix.undecided(web, db) else "denied"


def traced(state: ClusterState) -> str:
    address = state.control.pods["Pod:shop/db"].ips[0]
    found, problems = ask(state, Request("Pod:shop/web", f"{address}:80"))
    assert found is not None, problems
    return found.verdict


CASES = [
    ("{cidr: 0.0.0.0/0}", "delivered"),
    ("{cidr: 10.0.0.0/8}", "cannot-tell"),  # holds 10.244/16, and not Calico's 192.168/16
    ("{cidr: 10.244.0.0/16}", "cannot-tell"),
    ("{cidr: 192.168.0.0/16}", "cannot-tell"),
    ("{cidr: 10.20.30.0/24}", "cannot-tell"),  # part of Cilium's pool
    ("{cidr: 0.0.0.0/0, except: [10.0.0.0/8]}", "cannot-tell"),
    ("{cidr: 0.0.0.0/0, except: [203.0.113.0/24]}", "delivered"),
    ("{cidr: 0.0.0.0/0, except: " + PRIVATE + "}", "denied"),
    ("{cidr: 203.0.113.0/24}", "denied"),
    ("{cidr: 172.17.0.0/16}", "denied"),
]


@pytest.mark.parametrize(("block", "expected"), CASES)
def test_no_made_up_address_decides(block: str, expected: str) -> None:
    state = state_of(block)
    assert (cell(state), traced(state)) == (expected, expected)


@pytest.mark.parametrize("more", [POOL, KUBEADM])
@pytest.mark.parametrize(
    ("block", "expected"), [("{cidr: 10.0.0.0/8}", "delivered"), ("{cidr: 10.20.0.0/16}", "denied")]
)
def test_a_range_that_the_input_says_decides(block: str, expected: str, more: str) -> None:
    state = state_of(block, more)
    assert (cell(state), traced(state)) == (expected, expected)


def test_observed_addresses_decide() -> None:
    parts = (INPUT % "{cidr: 10.0.0.0/8}").split("---\n")
    parts = [f"{one}status: {{podIP: 10.9.0.{n}}}\n" if "kind: Pod" in one else one for n, one in enumerate(parts, 4)]
    state = compile_project(read_texts([("all.yaml", "---\n".join(parts))]).project)
    assert state.control.pods["Pod:shop/db"].ips == ("10.9.0.5",)
    assert cell(state) == "delivered"


@pytest.mark.parametrize("block", [block for block, _ in CASES])
def test_a_block_may_be_said_to_mean_the_outside(block: str) -> None:
    assert cell(state_of(block), "outside") == "denied"


def test_what_cannot_be_told_is_said_with_its_reason() -> None:
    state = state_of("{cidr: 10.0.0.0/8}")
    address = state.control.pods["Pod:shop/db"].ips[0]
    found, _ = ask(state, Request("Pod:shop/web", f"{address}:80"))
    assert found is not None and "does not say which addresses Pods have" in found.reason


@pytest.mark.parametrize(
    ("block", "anybody", "unsure"),
    [("{cidr: 0.0.0.0/0}", True, False), ("{cidr: 10.0.0.0/8}", False, True), ("{cidr: 203.0.113.0/24}", False, False)],
)
def test_a_pod_outside_the_input_has_some_address(block: str, anybody: bool, unsure: bool) -> None:
    """A rule for every address lets every Pod in, as Calico matches blocks with Pods (`domain/cni.md` section 1)."""
    found = {(one.workload, one.direction): one for one in exposures(reach(state_of(block)))}
    everyone = found["shop/db[Pod]", "ingress"].peers[0]
    assert (("TCP", 80) in everyone.ports) is anybody
    assert (("TCP", 80) in everyone.unsure) is unsure


@pytest.mark.parametrize(
    ("block", "excepts", "held"),
    [
        ("10.0.0.0/8", (), True),
        ("10.1.0.0/16", (), True),  # the very network
        ("10.1.2.0/24", (), None),
        ("10.2.0.0/16", (), False),
        ("10.0.0.0/8", ("10.1.0.0/16",), False),
        ("10.0.0.0/8", ("10.1.0.0/17", "10.1.128.0/17"), False),  # two halves leave nothing
        ("10.0.0.0/8", ("10.1.0.0/17", "10.1.0.0/17"), None),
        ("10.0.0.0/8", ("10.2.0.0/16",), True),
        ("::/0", (), False),
    ],
)
def test_how_much_of_a_network_a_block_holds(block: str, excepts: tuple[str, ...], held: bool | None) -> None:
    found = BlockMatch(ip_network(block), tuple(map(ip_network, excepts)))
    assert found.spans((ip_network("10.1.0.0/16"),)) is held
