"""Nodes whose addresses are far apart, in an input that does not say what network they stand in.

cni.md section 3: host-gw needs the same L2; section 1 and 6: CrossSubnet wraps only between subnets. No object of
Kubernetes says a Node's subnet, so what depends on it cannot be told.
"""

from dataclasses import replace

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ask import ask
from designer.engine.trace.hops import Request, TraceResult
from designer.manifests import read_texts
from designer.model import ClusterSettings, CniSettings, Service
from tests.engine.trace.clusters import hops

NODE = """
apiVersion: v1
kind: Node
metadata: {name: n%d}
status: {addresses: [{type: InternalIP, address: %s}], conditions: [{type: Ready, status: "True"}]}
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec: {nodeName: n%d, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
"""


def made(plugin: str, backend: str, second: str, network: str = "", direct: bool = False) -> ClusterState:
    base = ClusterSettings(cni=CniSettings(plugin=plugin, backend=backend, directRouting=direct))
    text = NODE % (1, "10.20.1.11") + NODE % (2, second) + POD % ("a", 1) + POD % ("b", 2)
    project = read_texts([("input.yaml", text)], base=base).project
    if network:
        cluster = project.cluster.replace(nodeNetwork=network, assumed=())
        project = replace(project, cluster=cluster)
    return compile_project(project)


def call(state: ClusterState) -> TraceResult:
    result, problems = ask(state, Request("Pod:default/a", "Pod:default/b"))
    assert result is not None and not problems
    return result


@pytest.mark.parametrize(("plugin", "backend"), [("flannel", "host-gw"), ("calico", "bgp")])
def test_next_hops_in_an_unknown_subnet_cannot_be_told(plugin: str, backend: str) -> None:
    found = call(made(plugin, backend, "10.20.7.12"))
    assert found.verdict == "cannot-tell"
    assert "n1 (10.20.1.11) and n2 (10.20.7.12) stand in one subnet is not known" in found.reason


@pytest.mark.parametrize(("direct", "second", "wrapped"), [(True, "10.20.1.12", 0), (True, "10.20.7.12", 2),
                                                           (False, "10.20.1.12", 2)])  # fmt: skip
def test_flannel_s_direct_routing_wraps_between_subnets_only(direct: bool, second: str, wrapped: int) -> None:
    """Flannel's documentation, "Backends", VXLAN: DirectRouting has routes like host-gw to hosts of the same subnet."""
    state = made("flannel", "vxlan", second, "10.20.1.0/24", direct)
    found = call(state)
    assert found.verdict == "delivered"
    both = [hop for way in ("request", "reply") for hop in hops(found, "encapsulate", way)]
    assert [hop.decided_by[0].text for hop in both] == ["VXLAN, UDP 8472, VNI 1"] * wrapped


@pytest.mark.parametrize("backend", ["vxlan-crosssubnet", "ipip-crosssubnet"])
def test_wrapping_between_subnets_is_taken_for_granted_and_said(backend: str) -> None:
    found = call(made("calico", backend, "10.20.7.12"))
    assert found.verdict == "delivered"
    assert "n1 and n2 stand in different subnets" in hops(found, "encapsulate")[0].reason


@pytest.mark.parametrize(
    ("plugin", "backend"), [("flannel", "host-gw"), ("calico", "bgp"), ("calico", "vxlan-crosssubnet")]
)
@pytest.mark.parametrize(("second", "network"), [("10.20.1.12", ""), ("10.20.7.12", "10.20.0.0/16")])
def test_one_subnet_is_routed_plainly(plugin: str, backend: str, second: str, network: str) -> None:
    """Nodes of one /24, and Nodes of a network that a person has set."""
    found = call(made(plugin, backend, second, network))
    assert found.verdict == "delivered"
    assert not hops(found, "encapsulate")


def test_different_subnets_of_a_set_network_need_routers() -> None:
    found = call(made("flannel", "host-gw", "10.20.7.12", "10.20.1.0/24"))
    assert found.verdict == "no-route"


def test_an_answer_without_a_way_back_is_not_said_to_arrive() -> None:
    """A Node of another subnet answers a Pod's own address: no route of plain BGP is known to lead there.

    Found by the lab (a kernel got no answer): Calico, BGP, natOutgoing off, Nodes in two subnets.
    """
    state = made("calico", "bgp", "10.20.2.12", "10.20.1.0/24")
    cni = state.project.cluster.cni.replace(natOutgoing=False)
    state = compile_project(replace(state.project, cluster=state.project.cluster.replace(cni=cni)))
    result, problems = ask(state, Request("Pod:default/a", "n2:10250"))
    assert problems == () and result is not None
    assert result.verdict == "cannot-tell"
    assert "The reply" in result.reason and "way back" in result.reason


def test_a_refusal_without_a_way_back_is_not_said_to_be_heard() -> None:
    """Of a node port that nobody is behind, asked at a Node from which no route is known to the Pod (the lab again)."""
    state = made("calico", "bgp", "10.20.2.12", "10.20.1.0/24")
    cni = state.project.cluster.cni.replace(natOutgoing=False)
    project = replace(state.project, cluster=state.project.cluster.replace(cni=cni))
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    none = Service.model_validate({"metadata": {"name": "none"}, "spec": {"type": "NodePort", "ports": ports}})
    state = compile_project(project.with_object(none))
    far, problems = ask(state, Request("Pod:default/a", "n2:30080"))
    assert problems == () and far is not None
    assert far.verdict == "cannot-tell" and "Whether the caller hears of that is not known" in far.reason
    near, _ = ask(state, Request("Pod:default/a", "n1:30080"))
    assert near is not None and near.verdict == "rejected"
