"""What a person reads at a Service hop: domain/services.md section 8, in every mode of kube-proxy."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, make, pod, service
from tests.facts.called_services import EVERY_MODE, NODE_PORT, NOT_READY, POOLS, leaving, said


def made(mode: str, *objects: KubeObject, **more: Any) -> ClusterState:
    """Three Nodes, client Pod `a` on the first, and `objects`."""
    return cluster(pod("a", 1), *objects, kubeProxy={"mode": mode}, **more)


@EVERY_MODE
@pytest.mark.parametrize(
    ("pods", "words"),
    [
        ((), "Its selector matches 0 Pods."),
        ((pod("b", 2, app="web", status=NOT_READY),), "Its selector matches 1 Pod, none of them Ready."),
        (
            (pod("b", 2, app="web", status=NOT_READY), pod("c", 3, app="web", status=NOT_READY)),
            "Its selector matches 2 Pods, none of them Ready.",
        ),
    ],
)
def test_no_endpoints(mode: str, pods: tuple[KubeObject, ...], words: str) -> None:
    """services.md 8, row 'No endpoints': the Service, its port, what the selector matches; refused, not a time-out."""
    found = ask(made(mode, *pods, service("web")), "a", "Service:default/web")
    assert found.verdict == "rejected"
    for part in ("default/web has no endpoints", "refused at once (port unreachable)", words):
        assert part in found.reason
    assert "80" in found.reason and "time-out" not in found.reason


@EVERY_MODE
def test_no_endpoints_of_a_family(mode: str) -> None:
    """services.md 8, row 'No endpoints'; services.md 1, row 'Address': each family has its own."""
    pair = [{"type": "InternalIP", "address": a} for a in ("192.168.10.11", "fd00:192:168:10::11")]
    four = {"podIP": "10.244.9.9", "podIPs": [{"ip": "10.244.9.9"}]}
    both = {"podIP": "10.244.9.8", "podIPs": [{"ip": "10.244.9.8"}, {"ip": "fd00:10:244::8"}]}
    state = cluster(
        make("Node", "node-1", status={"addresses": pair}),
        pod("a", 1, status=both), pod("b", 1, app="web", status=four),
        service("web", ipFamilyPolicy="RequireDualStack"),
        podCIDRs=["10.244.0.0/16", "fd00:10:244::/56"], serviceCIDRs=["10.96.0.0/12", "fd00:10:96::/112"],
        kubeProxy={"mode": mode, "clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"},
    )  # fmt: skip
    first, second = state.control.services["Service:default/web"].cluster_ips
    assert ask(state, "a", f"{first}:80").verdict == "delivered"
    found = ask(state, "a", f"[{second}]:80")
    assert found.verdict == "rejected" and "default/web has no endpoints" in found.reason
    assert "Its selector matches 1 Pod, of which none is an endpoint of this IP family." in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_local_none_here(mode: str) -> None:
    """services.md 8, row 'Local, none here'; services.md 3, row 'externalTrafficPolicy': other Nodes have some."""
    state = made(mode, pod("b", 2, app="web"), service("web", externalTrafficPolicy="Local", **NODE_PORT))
    found = ask(state, "203.0.113.7", "node-1:30080")
    assert found.verdict == "dropped"
    assert "externalTrafficPolicy is Local and node-1 has no endpoint of Service default/web: time-out" in found.reason
    assert ask(state, "203.0.113.7", "node-2:30080").verdict == "delivered"


def test_local_none_here_in_ipvs_mode() -> None:
    """services.md 8, row 'Local, none here': ipvs sends to other Nodes' endpoints, whose replies miss the Node.

    The reference's README, "Traffic policies and endpoints".
    """
    state = made("ipvs", pod("b", 2, app="web"), service("web", externalTrafficPolicy="Local", **NODE_PORT))
    found = ask(state, "203.0.113.7", "node-1:30080")
    assert found.verdict == "dropped" and "past node-1" in found.reason and "time-out" in found.reason


@pytest.mark.parametrize(
    ("mode", "verdict", "words"),
    [
        ("iptables", "dropped", "leaves node-1 by the default route, time-out"),
        ("nftables", "rejected", "refused at once"),
        ("ipvs", "rejected", "refused at once"),
    ],
)
def test_port_not_defined(mode: str, verdict: str, words: str) -> None:
    """services.md 8, row 'Port not defined': each mode in its own way."""
    state = made(mode, pod("b", 2, app="web"), service("web"))
    found = ask(state, "a", f"{cluster_ip(state, 'web')}:81")
    assert found.verdict == verdict
    assert "default/web" in found.reason and "81/TCP is not a Service port" in found.reason and words in found.reason


@EVERY_MODE
def test_named_port(mode: str) -> None:
    """services.md 8, row 'Named port': the name and the Pods that lack it."""
    one = ask(made(mode, pod("b", 2, app="web"), service("web", target="grpc")), "a", "Service:default/web")
    assert one.verdict == "rejected"
    assert "Its selector matches 1 Pod, but targetPort grpc is not a container port of Pod b." in one.reason
    both = made(mode, pod("b", 2, app="web"), pod("c", 3, app="web"), service("web", target="grpc"))
    words = "Its selector matches 2 Pods, but targetPort grpc is not a container port of Pods b and c."
    assert words in ask(both, "a", "Service:default/web").reason


@EVERY_MODE
def test_only_the_port_without_endpoints_is_refused(mode: str) -> None:
    """services.md 8, row 'Named port'; services.md 1, row 'Named port missing': the other port of the Pod works."""
    ports = [
        {"name": "web", "port": 80, "targetPort": "http"},
        {"name": "admin", "port": 81, "targetPort": "admin"},
    ]
    state = made(mode, pod("b", 2, app="web"), service("web", ports=ports))
    assert ask(state, "a", "Service:default/web:80").verdict == "delivered"
    found = ask(state, "a", "Service:default/web:81")
    assert found.verdict == "rejected"
    assert "has no endpoints" in found.reason and "targetPort admin is not a container port" in found.reason


@EVERY_MODE
def test_terminating_fallback(mode: str) -> None:
    """services.md 8, row 'Terminating fallback'; with a Ready endpoint beside it nothing of it is said."""
    found = ask(made(mode, leaving("b", 2), service("web")), "a", "Service:default/web")
    assert found.verdict == "delivered"
    assert "No ready endpoint: " in said(found) and "is terminating and still serving" in said(found)
    ready = ask(made(mode, leaving("b", 2), pod("c", 3, app="web"), service("web")), "a", "Service:default/web")
    assert [path.labels for path in ready.trace.paths()] == [()]
    assert "Pod default/c" in ready.reason and "terminating" not in said(ready)


@EVERY_MODE
def test_short_circuit(mode: str) -> None:
    """services.md 8, row 'Short-circuit'; services.md 5, row 'ipMode': VIP is handled on the caller's own Node."""
    state = made(mode, pod("b", 1, app="web"), service("web", type="LoadBalancer"), loadBalancer=POOLS)
    address = state.control.services["Service:default/web"].load_balancer[0].ip
    found = ask(state, "a", f"{address}:80")
    assert found.verdict == "delivered"
    assert "it is a VIP on every node" in said(found) and "the load balancer is not involved" in said(found)
    kinds = [(hop.kind, hop.node) for hop in found.trace.paths()[0].hops if hop.direction == "request"]
    assert {node for _, node in kinds if node} == {"node-1"} and "loadbalancer" not in dict(kinds)


@EVERY_MODE
def test_headless(mode: str) -> None:
    """services.md 8, row 'Headless'; services.md 2, row 'Headless does not translate': the target port is typed."""
    state = made(mode, pod("b", 2, app="db"), service("db", clusterIP="None"), *dns())
    right, wrong = ask(state, "a", "db:8080"), ask(state, "a", "db:80")
    assert (right.verdict, wrong.verdict) == ("delivered", "cannot-tell")
    assert "headless: the client connects to the Pod's address, and its port is not translated" in said(right)
    assert "Service default/db is headless: its port 80 is not translated to 8080." in wrong.reason
    hops = [hop for hop in right.trace.paths()[0].hops if hop.kind == "deliver" and hop.direction == "request"]
    assert hops[-1].after is not None and hops[-1].after.dport == 8080
