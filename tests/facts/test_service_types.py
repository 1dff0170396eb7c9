"""What each type of Service has, what kube-proxy writes for it and what its name stands for: services.md section 2."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.controlplane.dns import resolve
from designer.engine.kubeproxy import tables_text
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, make, pod, service
from tests.facts.called_services import EVERY_MODE, NODE_PORT, OUTSIDE, POOLS, chosen, equal, web

ALIAS: dict[str, Any] = {"type": "ExternalName", "externalName": "db.example.com", "ports": [{"port": 80}]}


def typed(mode: str, **spec: Any) -> ClusterState:
    """`web` with two Pods behind it, and DNS."""
    return cluster(pod("a", 1), web("b", 2), web("c", 3), service("web", **spec), *dns(), loadBalancer=POOLS,
                   kubeProxy={"mode": mode})  # fmt: skip


def rules(state: ClusterState, mode: str) -> str:
    text, problems = tables_text(state.control, state.project.cluster, "node-1", mode)
    assert problems == ()
    return text


def records(state: ClusterState, name: str = "web.default.svc.cluster.local.") -> tuple[str, ...]:
    """The addresses of a name for Pod `a`."""
    client = state.control.pods["Pod:default/a"]
    return resolve(name, client, state.control, state.project.cluster, {}).addresses


@EVERY_MODE
def test_cluster_ip(mode: str) -> None:
    """services.md 2, row 'ClusterIP': an address of its own, no node port, external IPs where given."""
    state = typed(mode, externalIPs=["192.0.2.55"])
    found = state.control.services["Service:default/web"]
    assert [port.node_port for port in found.ports] == [None] and len(found.cluster_ips) == 1
    text = rules(state, mode)
    assert found.cluster_ips[0] in text and "192.0.2.55" in text
    assert records(state) == found.cluster_ips
    assert chosen(ask(state, "a", "192.0.2.55:80")) == equal("b", "c")


@EVERY_MODE
def test_headless(mode: str) -> None:
    """services.md 2, row 'Headless': nothing of kube-proxy, every ready Pod in DNS."""
    state = typed(mode, clusterIP="None")
    ends = tuple(state.control.pods[f"Pod:default/{name}"].ips[0] for name in "bc")
    assert state.control.services["Service:default/web"].cluster_ips == ()
    assert "default/web" not in rules(state, mode) and not any(ip in rules(state, mode) for ip in ends)
    assert sorted(records(state)) == sorted(ends)


@EVERY_MODE
@pytest.mark.parametrize("extra", [{"externalIPs": ["192.0.2.55"]}, {"sessionAffinity": "ClientIP"}])
def test_headless_ignores(mode: str, extra: dict[str, Any]) -> None:
    """services.md 2, row 'Headless ignores': none of these brings it rules."""
    plain, more = typed(mode, clusterIP="None"), typed(mode, clusterIP="None", **extra)
    assert rules(plain, mode) == rules(more, mode)


@EVERY_MODE
def test_headless_needs_no_ports(mode: str) -> None:
    """services.md 2, row 'Headless needs no ports'; services.md 2, row 'Headless does not translate'."""
    state = typed(mode, clusterIP="None", ports=[])
    assert len(records(state)) == 2
    assert chosen(ask(state, "a", "web.default.svc.cluster.local:8080")) == equal("b", "c")
    other = typed(mode, clusterIP="None", ports=[{"port": 80, "targetPort": 8080}])
    paths = ask(other, "a", "web:80").trace.paths()
    packets = [h.after for path in paths for h in path.hops if h.kind == "deliver" and h.direction == "request"]
    assert {packet.dport for packet in packets if packet is not None and packet.protocol == "TCP"} == {80}


@EVERY_MODE
def test_node_port(mode: str) -> None:
    """services.md 2, row 'NodePort': what ClusterIP has, and a port on every Node."""
    state = typed(mode, **NODE_PORT)
    assert records(state) == state.control.services["Service:default/web"].cluster_ips
    for number in (1, 2, 3):
        assert chosen(ask(state, OUTSIDE, f"node-{number}:30080")) == equal("b", "c")
    assert chosen(ask(state, "a", f"{cluster_ip(state, 'web')}:80")) == equal("b", "c")


@EVERY_MODE
@pytest.mark.parametrize("allocate", [None, False])
def test_load_balancer(mode: str, allocate: bool | None) -> None:
    """services.md 2, row 'LoadBalancer': node ports too unless they are switched off; Nodes answer for its address."""
    state = typed(
        mode, type="LoadBalancer", **({} if allocate is None else {"allocateLoadBalancerNodePorts": allocate})
    )
    found = state.control.services["Service:default/web"]
    assert (found.ports[0].node_port is None) == (allocate is False)
    address = found.load_balancer[0].ip
    assert address and address in rules(state, mode)
    assert chosen(ask(state, OUTSIDE, f"{address}:80")) == equal("b", "c")
    assert records(state) == found.cluster_ips


@EVERY_MODE
def test_external_name(mode: str) -> None:
    """services.md 2, row 'ExternalName': a CNAME and nothing else."""
    state = typed(mode, **ALIAS)
    found = state.control.services["Service:default/web"]
    assert found.cluster_ips == () and "default/web" not in rules(state, mode)
    host = make(
        "ExternalHost", "db", {"addresses": ["198.51.100.20"], "names": ["db.example.com"], "ports": ["80/tcp"]}
    )
    known = cluster(pod("a", 1), service("web", **ALIAS), *dns(), host, kubeProxy={"mode": mode})
    reached = ask(known, "a", "http://web/")
    assert reached.verdict == "delivered"
    assert any("CNAME" in hop.reason and "db.example.com" in hop.reason for hop in reached.trace.hops)


def test_an_external_name_that_is_an_address() -> None:
    """services.md 2, row 'ExternalName with an address': taken, and no server has such a name."""
    state = typed("iptables", **{**ALIAS, "externalName": "203.0.113.9"})
    assert state.control.services["Service:default/web"].external_name == "203.0.113.9"
    found = ask(state, "a", "http://web/")
    assert found.verdict == "name-not-found" and "203.0.113.9" in found.reason


@EVERY_MODE
def test_external_ips_by_gate(mode: str) -> None:
    """services.md 2, row 'externalIPs by gate': AllowServiceExternalIPs is on; off, kube-proxy passes them over."""
    spec = {"externalIPs": ["192.0.2.55"]}
    assert "192.0.2.55" in rules(typed(mode, **spec), mode)
    off = cluster(web("b", 2), service("web", **spec),  # type: ignore[arg-type]
                  kubeProxy={"mode": mode, "allowServiceExternalIPs": False})  # fmt: skip
    assert "192.0.2.55" not in rules(off, mode)
