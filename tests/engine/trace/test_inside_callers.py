"""Callers inside the cluster and policy Local: `domain/kube-proxy.md` section 3, the two rules of an external chain."""

import pytest

from designer.edits.settings import set_cluster
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, trace
from designer.manifests import read_texts

CLUSTER = """apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.1.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: n2}
status: {addresses: [{type: InternalIP, address: 192.168.1.2}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: n1, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
"""
WORDS = "externalTrafficPolicy Local binds callers from outside; one inside the cluster gets any endpoint."


def state(mode: str) -> ClusterState:
    project = read_texts([("a.yaml", CLUSTER)]).project
    assert project is not None
    return compile_project(set_cluster(project, "kubeProxy.mode", mode).project)


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_a_pod_and_the_node_pass_by_policy_local_and_it_is_said(mode: str) -> None:
    """Asked at n1, which has no endpoint: a Pod and the Node itself are sent on to n2, as if they came from outside."""
    found = state(mode)
    for sender in ("Pod:default/client", "Node:n1"):
        result = trace(found, Request(sender, "192.168.1.1:30080"))
        assert result.verdict == "delivered"
        assert any(WORDS in hop.reason for hop in result.trace.paths()[0].hops)


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_a_caller_from_outside_is_bound(mode: str) -> None:
    found = state(mode)
    client = next(iter(found.project.objects["ExternalClient"]))
    for node, verdict in (("192.168.1.1", "dropped"), ("192.168.1.2", "delivered")):
        result = trace(found, Request(client, f"{node}:30080"))
        assert result.verdict == verdict
        assert not any(WORDS in hop.reason for hop in result.trace.paths()[0].hops)
