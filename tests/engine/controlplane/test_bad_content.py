"""Bad content is data: whatever settings and manifests say, there is an answer, and it is a settled one."""

from typing import Any

import pytest

from designer.engine.compile import compile_project
from tests.engine.controlplane.clusters import allocate_anew, deployment, nodes, pod, project, service, template, thing

SETTINGS: tuple[dict[str, Any], ...] = (
    {"podCIDRs": ["nonsense"]},
    {"podCIDRs": []},
    {"podCIDRs": ["fd00::/8"]},
    {"serviceCIDRs": []},
    {"serviceCIDRs": ["x"]},
    {"serviceCIDRs": ["10.0.0.0/32"]},
    {"serviceCIDRs": ["fd00::/48"]},
    {"nodeNetwork": "bad"},
    {"nodeNetwork": "10.0.0.0/32"},
    {"nodePortRange": [40000, 30000]},
    {"nodeCIDRMaskV4": 8},
    {"kubernetesVersion": "x"},
    {"dnsDomain": ""},
    {"cni": {"plugin": "weave", "pool": ["bad"]}},
    {"cni": {"plugin": "weave", "pool": ["10.0.0.0/32"]}},
    {"cni": {"plugin": "cilium", "pool": ["10.0.0.0/30"]}},
    {"cni": {"plugin": "calico", "pool": ["fd00::/64"]}},
    {"cni": {"plugin": "calico", "blockSize": 40}},
    {"cni": {"plugin": "calico", "blockSize": 0}},
    {"cni": {"plugin": "flannel", "backend": "weird"}},
    {"loadBalancer": {"pools": [{"addresses": ["bad", "10.0.0.9-10.0.0.1"]}]}},
)


def odd_objects() -> list[Any]:
    terms = {"nodeSelectorTerms": [{"matchExpressions": [{"key": 1, "operator": "Gt", "values": ["x"]}]}, 5]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    return [
        *nodes(2),
        thing(
            "Node",
            "odd",
            spec={"podCIDR": "zz", "podCIDRs": ["300.1.1.1/24", "fd00::/64"]},
            status={"addresses": [{"type": "InternalIP", "address": "zz"}], "allocatable": {"pods": "many"}},
        ),
        deployment("web", 3, affinity=affinity),
        deployment("text", 2, affinity="zz"),
        pod(
            "p",
            spec={"nodeName": "nowhere", "hostAliases": [{"ip": "zz"}]},
            status={"podIP": "zz", "phase": "Running"},
        ),
        service("a", clusterIP="zz"),
        service("b", type="Weird"),
        service("c", clusterIPs=["", "None"]),
        service("d", ports=[{"port": -1, "nodePort": 99999999}], type="NodePort"),
        service("e", type="LoadBalancer", loadBalancerIP="zz", externalTrafficPolicy="Local", healthCheckNodePort=5),
        service("f", selector={"app": "web"}, ports=[{"port": 80, "targetPort": "x" * 70}]),
        thing(
            "EndpointSlice",
            "s",
            "default",
            metadata={"labels": {"kubernetes.io/service-name": "a"}},
            endpoints=[{"addresses": ["zz"]}],
        ),
        thing("ServiceCIDR", "k", spec={"cidrs": ["zz", "10.1.0.0/24"]}),
        thing(
            "StatefulSet",
            "odd",
            "default",
            spec={"replicas": 2, "ordinals": {"start": "x"}, "template": template({"a": "b"})},
        ),
    ]


@pytest.mark.parametrize("cluster", SETTINGS, ids=[str(values) for values in SETTINGS])
def test_there_is_always_a_settled_answer(cluster: dict[str, Any]) -> None:
    state = compile_project(project(*odd_objects(), **cluster))
    for node in state.control.nodes:
        state.program(node, 4)
        state.nft_program(node, 4)
        state.ipvs_program(node, 4)
    assert state.problems
    rejected = {p.object for p in state.problems if p.severity == "error"}
    assert {f"Service:default/{name}" for name in "abcd"} <= rejected
    ledger, _ = allocate_anew(state.project)
    assert ledger is state.project.ledger
