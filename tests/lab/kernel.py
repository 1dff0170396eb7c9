"""What the lab's tests share: whether this machine can build one, and small clusters with a bit of everything."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.lab.capabilities import Capabilities, capabilities, check_system
from designer.lab.client import LabError, Worker
from designer.lab.run import needs
from designer.model import KubeObject
from tests.engine.trace.clusters import cluster, make, pod, policy, service

DUAL: dict[str, Any] = {
    "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"],
    "serviceCIDRs": ["10.96.0.0/12", "fd00:10:96::/112"],
}
POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}
BOTH = [{"name": "http", "containerPort": 8080}, {"name": "dns", "containerPort": 5353, "protocol": "UDP"}]


@cache
def able() -> Capabilities | str:
    """What this machine can, or the reason why it can build no lab at all."""
    try:
        check_system()
        with Worker() as worker:
            return capabilities(worker)
    except LabError as error:
        return f"{error} {error.remedy}"


def skip_unless_possible(state: ClusterState) -> Capabilities:
    """The machine's capabilities; skips the test with the reason where the lab of this cluster cannot be built."""
    found = able()
    if isinstance(found, str):
        pytest.skip(found)
    lacking = needs(state, found)
    if lacking:
        pytest.skip(lacking)
    return found


def machines(count: int, dual: bool = False, far: bool = False) -> list[KubeObject]:
    """Nodes in one subnet, the last one in another when `far`."""
    found = []
    for number in range(1, count + 1):
        third = 20 if far and number == count else 10
        addresses = [f"192.168.{third}.1{number}", *([f"fd00:192:168:{third}::1{number}"] if dual else [])]
        status = {"addresses": [{"type": "InternalIP", "address": one} for one in addresses]}
        found.append(make("Node", f"node-{number}", status=status))
    return found


def everything(
    plugin: str, backend: str, mode: str, *, dual: bool = False, far: bool = False, **more: Any
) -> ClusterState:
    """Three Nodes with what the issue lists: policies, Local, affinity, hairpin, hostNetwork, source ranges, fates."""
    families: dict[str, Any] = {"ipFamilyPolicy": "RequireDualStack"} if dual else {}
    both = [{"name": "web", "port": 80, "targetPort": "http"},
            {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 5353}]  # fmt: skip
    leaving = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    objects = [
        *machines(3, dual, far),
        pod("client", 1, labels={"app": "client", "tier": "front"}),
        pod("web-1", 1, app="web", ports=BOTH), pod("web-2", 2, app="web", ports=BOTH),
        pod("web-3", 3, app="web", ports=BOTH),
        pod("late", 2, app="late", status={"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}),
        make("Pod", "going", {"nodeName": "node-2", "containers": [{"name": "m", "ports": BOTH}]},
             namespace="default", labels={"app": "going"}, **leaving),
        pod("host", 2, app="host", hostNetwork=True, ports=[{"containerPort": 9100}]),
        pod("port", 3, app="port", ports=[{"containerPort": 8080, "hostPort": 8099}]),
        pod("guarded", 2, app="guarded", ports=[*BOTH, {"name": "admin", "containerPort": 9090}]),
        service("web", ports=both, type="NodePort", **families),
        service("local", app="web", type="LoadBalancer", externalTrafficPolicy="Local", internalTrafficPolicy="Local"),
        service("solo", app="port", type="NodePort", externalTrafficPolicy="Local"),
        service("sticky", app="web", sessionAffinity="ClientIP"),
        service("ranges", app="web", type="LoadBalancer", loadBalancerSourceRanges=["203.0.113.0/24", "10.244.0.0/16"]),
        service("self", app="client", ports=[{"port": 80, "targetPort": 8080}]),
        service("late"), service("going", ports=both), service("host", target=9100), service("nobody"),
        service("outer", app="web", externalIPs=["192.0.2.55"]),
        service("guarded", ports=[{"port": 80, "targetPort": 8080}, {"name": "admin", "port": 90, "targetPort": 9090}]),
        policy("guard", {"matchLabels": {"app": "guarded"}}, policyTypes=["Ingress"], ingress=[
            {"from": [{"podSelector": {"matchLabels": {"tier": "front"}}}], "ports": [{"port": 8080}]},
            {"from": [{"ipBlock": {"cidr": "192.168.10.0/24", "except": ["192.168.10.13/32"]}}]}]),
        policy("leash", {"matchLabels": {"app": "port"}}, policyTypes=["Egress"], egress=[
            {"to": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 8080}]},
            {"to": [{"ipBlock": {"cidr": "198.51.100.20/32"}}], "ports": [{"port": 443}]},
            {"to": [{"ipBlock": {"cidr": "198.51.100.0/24", "except": ["198.51.100.16/28"]}}]}]),
        make("ServiceCIDR", "kubernetes", {"cidrs": ["10.96.0.0/12", *(["fd00:10:96::/112"] if dual else [])]}),
        make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "ports": ["443/tcp", "53/udp"]}),
        make("ExternalClient", "near", {"addresses": ["192.168.10.99"]}),
    ]  # fmt: skip
    proxy = {"mode": mode, **more.pop("kubeProxy", {})}
    ranges: dict[str, Any] = DUAL if dual else {}
    return cluster(*objects, plugin=plugin, backend=backend, loadBalancer=POOLS, kubeProxy=proxy, **ranges, **more)


def two_nodes(plugin: str, backend: str, traffic: str, more: dict[str, Any]) -> ClusterState:
    """Two Nodes, Pods near and far behind node ports of a traffic policy, a host port, a Service of nobody."""

    def exposed(name: str, number: int) -> Any:
        ports = [{"port": 80, "targetPort": 8080, "nodePort": number}]
        return service(name, type="NodePort", ports=ports, externalTrafficPolicy=traffic)

    return cluster(
        pod("a", 1), pod("near", 1), pod("far", 2), pod("host", 2, ports=[{"containerPort": 8080, "hostPort": 8099}]),
        service("a"), exposed("near", 30080), exposed("far", 30081), service("none", app="nobody"),
        nodes=2, plugin=plugin, backend=backend, **more,
    )  # fmt: skip
