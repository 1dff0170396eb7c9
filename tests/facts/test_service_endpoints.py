"""Which endpoints a Node uses, and whose address they see: domain/services.md section 3, in every mode of kube-proxy.

Shares and addresses are worked out by hand from the rows; where ipvs mode differs says the reference's README, "Traffic
policies and endpoints".
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.checks import check
from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, hops, make, node, pod, seen_source, service
from tests.facts.called_services import (
    EVERY_MODE,
    NODE_PORT,
    NOT_READY,
    OUTSIDE,
    POOLS,
    chosen,
    equal,
    leaving,
    said,
    web,
)

Spec = dict[str, Any]


@EVERY_MODE
@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ((web("b", 1), web("c", 2), web("d", 3, status=NOT_READY)), equal("b", "c")),
        ((web("b", 2), leaving("c", 1)), equal("b")),
        ((leaving("b", 1), leaving("c", 2), web("d", 3, status=NOT_READY)), equal("b", "c")),
        ((web("d", 3, status=NOT_READY),), equal("rejected")),
    ],
)
def test_cluster_list(mode: str, pods: tuple[KubeObject, ...], expected: dict[str, Fraction]) -> None:
    """services.md 3, row 'Cluster list': Ready ones; without any, all that are leaving and still serve, on any Node.

    services.md 1, rows 'Running, Ready', 'Running, not Ready', 'Deleted, still Ready': normal and fallback traffic.
    """
    state = cluster(pod("a", 1), *pods, service("web"), kubeProxy={"mode": mode})
    assert chosen(ask(state, "a", "Service:default/web")) == expected


@EVERY_MODE
@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        ((web("b", 1), web("c", 1), web("d", 2)), equal("b", "c")),
        ((leaving("b", 1), web("c", 2)), equal("b")),
        ((leaving("b", 1), web("c", 1)), equal("c")),
    ],
)
def test_local_list(mode: str, pods: tuple[KubeObject, ...], expected: dict[str, Fraction]) -> None:
    """services.md 3, row 'Local list': the Node's own Ready ones, else its own that are leaving, hints not asked."""
    hinted: Spec = {"trafficDistribution": "PreferSameZone"}
    state = cluster(*pods, service("web", externalTrafficPolicy="Local", **hinted, **NODE_PORT),
                    kubeProxy={"mode": mode})  # fmt: skip
    assert chosen(ask(state, OUTSIDE, "node-1:30080")) == expected


def zoned(*objects: KubeObject, **more: Any) -> ClusterState:
    """node-1 and node-2 in zone a, node-3 in b, node-4 in c, with a client `x<n>` on each."""
    machines = [node(n, labels={"topology.kubernetes.io/zone": zone}) for n, zone in enumerate("aabc", start=1)]
    return cluster(*machines, *[pod(f"x{n}", n) for n in (1, 2, 3, 4)], *objects, **more)


def hand_written(**hints: Any) -> list[KubeObject]:
    """A Service without selector, and its slice with Pods b, c and d of node-1, node-2 and node-3 and these hints."""
    ends = [
        {"addresses": [f"10.244.9.{n}"], "nodeName": f"node-{n}", "conditions": {"ready": True},
         **({"hints": hints[name]} if name in hints else {})}
        for n, name in enumerate("bcd", start=1)
    ]  # fmt: skip
    slice_ = make("EndpointSlice", "web-1", None, labels={"kubernetes.io/service-name": "web"}).replace(
        addressType="IPv4", ports=[{"name": "", "port": 8080, "protocol": "TCP"}], endpoints=ends
    )
    pods = [pod(name, n, status={"podIP": f"10.244.9.{n}", "podIPs": [{"ip": f"10.244.9.{n}"}]})
            for n, name in enumerate("bcd", start=1)]  # fmt: skip
    return [*pods, slice_, make("Service", "web", {"ports": [{"port": 80, "targetPort": 8080}]})]


def zones(*names: str) -> dict[str, Any]:
    return {"forZones": [{"name": name} for name in names]}


def at_nodes(zone: str, *names: str) -> dict[str, Any]:
    return {**zones(zone), "forNodes": [{"name": name} for name in names]}


@EVERY_MODE
@pytest.mark.parametrize(
    ("hints", "source", "expected"),
    [
        pytest.param({"b": zones("a"), "c": zones("a"), "d": zones("b")}, "x1", equal("b", "c"),
                     id="services.md 3, row 'Topology mode': the zone"),
        pytest.param({"b": zones("a"), "c": zones("a"), "d": zones("b")}, "x4", equal("b", "c", "d"),
                     id="services.md 3, row 'Topology mode': a zone that no endpoint is for"),
        pytest.param({"b": at_nodes("a", "node-1"), "c": at_nodes("a", "node-2"), "d": at_nodes("b", "node-3")}, "x2",
                     equal("c"), id="services.md 3, row 'Topology mode': the Node goes first"),
        pytest.param({"b": at_nodes("a", "node-1"), "c": at_nodes("a", "node-1"), "d": at_nodes("b", "node-3")}, "x2",
                     equal("b", "c"), id="services.md 3, row 'Topology mode': no endpoint is for the Node"),
        pytest.param({"b": zones("a"), "d": zones("b")}, "x1", equal("b", "c", "d"),
                     id="services.md 3, row 'One endpoint without hint'"),
        pytest.param({"b": at_nodes("a", "node-1"), "c": zones("a"), "d": at_nodes("b", "node-3")}, "x1",
                     equal("b", "c"), id="services.md 3, row 'One endpoint without hint': of the Node"),
    ],
)  # fmt: skip
def test_topology_mode(mode: str, hints: Any, source: str, expected: dict[str, Fraction]) -> None:
    """Upstream: pkg/proxy/topology.go, topologyModeFromHints."""
    state = zoned(*hand_written(**hints), kubeProxy={"mode": mode})
    assert chosen(ask(state, source, "Service:default/web")) == expected


@EVERY_MODE
def test_internal_traffic_policy(mode: str) -> None:
    """services.md 3, row 'internalTrafficPolicy': dropped though others have some; rejected where none is at all."""
    local: Spec = {"internalTrafficPolicy": "Local"}
    state = cluster(pod("a", 1), web("b", 2), service("web", **local), kubeProxy={"mode": mode})
    found = ask(state, "a", "Service:default/web")
    # ipvs: the virtual server stays empty and refuses (the reference's README)
    assert found.verdict == ("rejected" if mode == "ipvs" else "dropped")
    assert "internalTrafficPolicy is Local and node-1 has no endpoint of Service default/web" in found.reason
    both = cluster(pod("a", 1), web("b", 2), web("c", 1), service("web", **local), kubeProxy={"mode": mode})
    assert chosen(ask(both, "a", "Service:default/web")) == equal("c")
    none = cluster(pod("a", 1), service("web", **local), kubeProxy={"mode": mode})
    assert ask(none, "a", "Service:default/web").verdict == "rejected"


def balanced(mode: str, policy: str, *pods: KubeObject) -> ClusterState:
    """`web` with node port, load balancer address and external IP 192.0.2.55."""
    spec = {**NODE_PORT, "type": "LoadBalancer", "externalIPs": ["192.0.2.55"], "externalTrafficPolicy": policy}
    return cluster(pod("a", 1), *pods, service("web", **spec), loadBalancer=POOLS, kubeProxy={"mode": mode})


def entrances(state: ClusterState) -> tuple[str, ...]:
    """What is called from outside."""
    address = state.control.services["Service:default/web"].load_balancer[0].ip
    return "node-1:30080", f"{address}:80", "192.0.2.55:80"


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@pytest.mark.parametrize("entrance", [0, 1, 2], ids=["node port", "load balancer", "external IP"])
def test_external_traffic_policy(mode: str, entrance: int) -> None:
    """services.md 3, row 'externalTrafficPolicy': Pods and the Node itself reach what is dropped from outside."""
    state = balanced(mode, "Local", web("b", 2))
    called = entrances(state)[entrance]
    assert chosen(ask(state, "a", called)) == equal("b")
    assert chosen(ask(state, "node-1", called)) == equal("b")
    if called.startswith("node-1"):
        assert ask(state, OUTSIDE, called).verdict == "dropped"
    elif entrance == 1:
        # The load balancer asks the health check, so it brings nothing to node-1.
        assert hops(ask(state, OUTSIDE, called), "wire")[0].node == "node-2"
    else:
        assert "through node-1: dropped" in ask(state, OUTSIDE, called).reason
        assert "through node-2: delivered" in ask(state, OUTSIDE, called).reason


@EVERY_MODE
@pytest.mark.parametrize(
    ("value", "source", "expected"),
    [
        ("PreferSameZone", "x1", equal("b", "c")),
        ("PreferSameZone", "x4", equal("b", "c", "d")),
        ("PreferClose", "x1", equal("b", "c")),
        ("PreferSameNode", "x2", equal("c")),
        ("PreferSameNode", "x4", equal("b", "c", "d")),
    ],
)
def test_traffic_distribution(mode: str, value: str, source: str, expected: dict[str, Fraction]) -> None:
    """services.md 3, row 'trafficDistribution': it falls back by itself."""
    state = zoned(web("b", 1), web("c", 2), web("d", 3), service("web", trafficDistribution=value),
                  kubeProxy={"mode": mode})  # fmt: skip
    assert chosen(ask(state, source, "Service:default/web")) == expected


@EVERY_MODE
def test_balance_is_not_checked(mode: str) -> None:
    """services.md 3, row 'Balance is not checked': the one Pod of a zone gets all that the zone asks for."""
    state = zoned(web("b", 1), web("c", 3), web("d", 3), web("e", 3), service("web", trafficDistribution="PreferClose"),
                  kubeProxy={"mode": mode})  # fmt: skip
    for source in ("x1", "x2", "node-2"):
        assert chosen(ask(state, source, "Service:default/web")) == equal("b")


@EVERY_MODE
@pytest.mark.parametrize(("where", "policy"), [(1, "Cluster"), (2, "Cluster"), (1, "Local")])
def test_who_is_seen_from_outside(mode: str, where: int, policy: str) -> None:
    """services.md 3, row 'Local keeps the source': Cluster writes an address of the Node, of the way out to the Pod."""
    state = balanced(mode, policy, web("b", where))
    found = ask(state, OUTSIDE, "node-1:30080")
    assert found.verdict == "delivered"
    if policy == "Local":
        assert seen_source(found) == OUTSIDE
    else:
        machine = state.control.nodes["node-1"]
        assert seen_source(found) in (*machine.addresses, *machine.tunnel_ips)


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
@pytest.mark.parametrize("entrance", [0, 1], ids=["node port", "load balancer"])
def test_who_is_seen_from_inside(mode: str, entrance: int) -> None:
    """services.md 3, rows 'Pod to a Local Service', 'Node to a Local Service': only the second is masked."""
    state = balanced(mode, "Local", web("b", 2), web("c", 3))
    called = entrances(state)[entrance]
    by_pod, by_node = ask(state, "a", called), ask(state, "node-1", called)
    assert chosen(by_pod) == chosen(by_node) == equal("b", "c")
    assert seen_source(by_pod) == state.control.pods["Pod:default/a"].ips[0]
    machine = state.control.nodes["node-1"]
    assert seen_source(by_node) in (*machine.addresses, *machine.tunnel_ips)


def test_local_spreads_by_node() -> None:
    """services.md 3, row 'Local spreads by Node': 3 Pods on one Node get together what 1 Pod on another gets alone."""
    state = balanced("iptables", "Local", web("b", 1), web("c", 1), web("d", 1), web("e", 2))
    assert chosen(ask(state, OUTSIDE, "node-1:30080")) == equal("b", "c", "d")
    assert chosen(ask(state, OUTSIDE, "node-2:30080")) == equal("e")
    assert "Service default/web: with Local, some Pods get 3 times the traffic of others" in [
        problem.title for problem in check(state)
    ]


@EVERY_MODE
def test_health_check_node_port(mode: str) -> None:
    """services.md 3, rows 'healthCheckNodePort', 'Terminating is not healthy': 200 or 503.

    A Node whose endpoints are leaving still serves what comes; the load balancer is told to go elsewhere (KEP-1669).
    """
    state = balanced(mode, "Local", web("b", 1), web("c", 1), leaving("d", 2))
    port = state.control.services["Service:default/web"].health_check_node_port
    told = {n: said(ask(state, OUTSIDE, f"node-{n}:{port}")) for n in (1, 2, 3)}
    assert "HTTP 200: node-1 has 2 of its ready endpoints" in told[1]
    assert "localEndpoints and X-Load-Balancing-Endpoint-Weight are 2" in told[1]
    assert "HTTP 503: node-2 has none of them" in told[2] and "HTTP 503: node-3 has none of them" in told[3]
    assert chosen(ask(state, OUTSIDE, "node-2:30080")) == equal("d")


@EVERY_MODE
def test_kube_proxy_healthz(mode: str) -> None:
    """services.md 3, row 'kube-proxy healthz': 503 on a Node that is going away."""
    taint = {"taints": [{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]}
    going = make("Node", "node-2", taint, status={"addresses": [{"type": "InternalIP", "address": "192.168.10.12"}]})
    leaving_node = node(3, deletionTimestamp="2026-01-01T00:00:00Z")
    state = cluster(node(1), going, leaving_node, kubeProxy={"mode": mode})
    told = {n: said(ask(state, OUTSIDE, f"node-{n}:10256")) for n in (1, 2, 3)}
    assert "HTTP 200" in told[1]
    assert "HTTP 503: node-2 has the taint ToBeDeletedByClusterAutoscaler" in told[2]
    assert "HTTP 503: node-3 is being deleted" in told[3]
