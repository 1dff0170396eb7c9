"""Session affinity and load balancers: domain/services.md sections 4 and 5, in every mode of kube-proxy."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.engine.kubeproxy import tables_text
from tests.engine.trace.clusters import ask, cluster, cluster_ip, dns, hops, make, pod, service
from tests.facts.called_services import EVERY_MODE, NODE_PORT, OUTSIDE, POOLS, chosen, equal, said, web

Spec = dict[str, Any]
STICKY: Spec = {"sessionAffinity": "ClientIP"}
ADDRESS = "198.51.100.50"
PORTS = NODE_PORT["ports"]


def made(mode: str, entry: Spec | None = None, **spec: Any) -> ClusterState:
    """Client `a` and Pod `b` on node-1, Pod `c` on node-2, behind `web`; `entry` is its status.loadBalancer."""
    status: Spec = {"status": {"loadBalancer": {"ingress": [entry]}}} if entry else {}
    return cluster(pod("a", 1), web("b", 1), web("c", 2), service("web", **status, **spec), loadBalancer=POOLS,
                   kubeProxy={"mode": mode})  # fmt: skip


def rules(state: ClusterState, mode: str, node: str = "node-1") -> str:
    text, problems = tables_text(state.control, state.project.cluster, node, mode)
    assert problems == ()
    return text


@EVERY_MODE
@pytest.mark.parametrize(("config", "seconds"), [({}, 10800), ({"clientIP": {"timeoutSeconds": 60}}, 60)])
def test_client_ip_and_its_timeout(mode: str, config: Spec, seconds: int) -> None:
    """services.md 4, rows 'ClientIP and its timeout', 'How each mode remembers'."""
    text = rules(made(mode, **STICKY, sessionAffinityConfig=config), mode)
    plain = rules(made(mode), mode)
    marks = {
        "iptables": (f"--rcheck --seconds {seconds} --reap", "-m recent"),
        "nftables": (f"timeout {seconds}s", "affinity-"),
        "ipvs": (f"-p {seconds}", "-p "),
    }[mode]
    for mark in marks:
        assert mark in text and mark not in plain


@EVERY_MODE
@pytest.mark.parametrize("policy", ["Cluster", "Local"])
def test_key(mode: str, policy: str) -> None:
    """services.md 4, row 'Key': the source as it comes in; policy Cluster masquerades after the choice."""
    state = made(mode, **STICKY, externalTrafficPolicy=policy, **NODE_PORT)
    told = said(ask(state, OUTSIDE, "node-1:30080"))
    assert f"later connections from {OUTSIDE} through node-1 go to the same Pod" in told


@EVERY_MODE
def test_no_sharing_across_nodes(mode: str) -> None:
    """services.md 4, row 'No sharing across Nodes': what is remembered holds for the Node that was called."""
    state = made(mode, **STICKY, **NODE_PORT)
    for number in (1, 2):
        found = ask(state, OUTSIDE, f"node-{number}:30080")
        assert f"later connections from {OUTSIDE} through node-{number} go" in said(found)
        assert chosen(found) == equal("b", "c"), "the first connection through each Node is free"


@EVERY_MODE
def test_behind_snat(mode: str) -> None:
    """services.md 4, row 'Behind SNAT': a load balancer with connections of its own is one client for kube-proxy."""
    state = made(mode, {"ip": ADDRESS, "ipMode": "Proxy"}, type="LoadBalancer", ports=PORTS, **STICKY)
    for client in (OUTSIDE, "192.0.2.9"):
        assert f"later connections from {ADDRESS} through node-1" in said(ask(state, client, f"{ADDRESS}:80"))


@EVERY_MODE
def test_within_the_endpoints_in_use(mode: str) -> None:
    """services.md 4, row 'Within the endpoints in use': policy and topology first, then affinity."""
    state = made(mode, **STICKY, internalTrafficPolicy="Local")
    assert chosen(ask(state, "a", f"{cluster_ip(state, 'web')}:80")) == equal("b")


# Section 5


@EVERY_MODE
@pytest.mark.parametrize(
    ("entry", "programmed"),
    [
        pytest.param({"ip": ADDRESS}, True, id="services.md 5, row 'ipMode': unset is VIP"),
        pytest.param({"ip": ADDRESS, "ipMode": "VIP"}, True, id="services.md 5, row 'ipMode': VIP"),
        pytest.param({"ip": ADDRESS, "ipMode": "Proxy"}, False, id="services.md 5, row 'ipMode': Proxy"),
        pytest.param({"hostname": "lb.example.com"}, False, id="services.md 5, row 'hostname'"),
    ],
)
def test_what_kube_proxy_writes_for_a_load_balancer(mode: str, entry: Spec, programmed: bool) -> None:
    """KEP-1860: addresses of mode VIP only; calls from inside to others leave for the load balancer."""
    state = made(mode, entry, type="LoadBalancer", ports=PORTS)
    assert (ADDRESS in rules(state, mode)) == programmed
    if "ip" in entry:
        kinds = [hop.kind for hop in ask(state, "a", f"{ADDRESS}:80").trace.paths()[0].hops]
        assert ("loadbalancer" in kinds) != programmed
    else:
        found = ask(state, OUTSIDE, "Service:default/web")
        assert found.verdict == "delivered"
        first = hops(found, "wire")[0].after
        assert first is not None and first.dport == 30080, "through the load balancer to a node port"


@EVERY_MODE
@pytest.mark.parametrize("source", ["a", "node-1"])
def test_a_host_name_is_no_short_circuit(mode: str, source: str) -> None:
    """services.md 5, row 'hostname': from inside too the call goes to the load balancer."""
    status = {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}
    state = cluster(pod("a", 1), web("b", 1), service("web", type="LoadBalancer", ports=PORTS, status=status), *dns(),
                    kubeProxy={"mode": mode})  # fmt: skip
    found = ask(state, source, "http://lb.example.com/")
    assert found.verdict == "cannot-tell"
    assert "lb.example.com is the load balancer of Service default/web" in found.reason


def fenced(mode: str, *ranges: str, **spec: Any) -> ClusterState:
    body = {"type": "LoadBalancer", "ports": PORTS, "loadBalancerSourceRanges": list(ranges), **spec}
    return made(mode, {"ip": ADDRESS}, **body)


@EVERY_MODE
def test_source_ranges(mode: str) -> None:
    """services.md 5, rows 'loadBalancerSourceRanges', 'NodePorts are not filtered'."""
    state = fenced(mode, "203.0.113.0/24")
    assert ask(state, OUTSIDE, f"{ADDRESS}:80").verdict == "delivered"
    refused = ask(state, "192.0.2.9", f"{ADDRESS}:80")
    assert refused.verdict == "dropped" and "loadBalancerSourceRanges" in refused.reason
    assert ask(state, "192.0.2.9", "node-1:30080").verdict == "delivered"


@EVERY_MODE
@pytest.mark.parametrize("ranges", [("0.0.0.0/0",), ("203.0.113.0/24", "0.0.0.0/0")])
def test_everything_is_no_filter(mode: str, ranges: tuple[str, ...]) -> None:
    """services.md 5, row '0.0.0.0/0 is no filter': the rules are those without any range."""
    assert rules(fenced(mode, *ranges), mode) == rules(fenced(mode), mode)
    assert ask(fenced(mode, *ranges), "192.0.2.9", f"{ADDRESS}:80").verdict == "delivered"


@EVERY_MODE
def test_no_node_ports(mode: str) -> None:
    """services.md 5, row 'No node ports': Nodes still answer for the address; a proxying balancer has its own way."""
    spec: Spec = {"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": 8080}],
                  "allocateLoadBalancerNodePorts": False}  # fmt: skip
    direct = made(mode, {"ip": ADDRESS}, **spec)
    assert direct.control.services["Service:default/web"].ports[0].node_port is None
    assert ask(direct, OUTSIDE, f"{ADDRESS}:80").verdict == "delivered"
    proxied = ask(made(mode, {"ip": ADDRESS, "ipMode": "Proxy"}, **spec), OUTSIDE, f"{ADDRESS}:80")
    assert proxied.verdict == "cannot-tell" and "has no node ports" in proxied.reason


@EVERY_MODE
def test_tcp_and_udp(mode: str) -> None:
    """services.md 5, row 'TCP and UDP': both on one address (KEP-1435)."""
    both = [{"name": "tcp", "port": 53, "targetPort": 8080}, {"name": "udp", "port": 53, "protocol": "UDP"}]
    listens = [{"containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}]
    state = cluster(pod("a", 1), web("b", 2, ports=listens), service("web", type="LoadBalancer", ports=both),
                    loadBalancer=POOLS, kubeProxy={"mode": mode})  # fmt: skip
    address = state.control.services["Service:default/web"].load_balancer[0].ip
    for protocol in ("tcp", "udp"):
        assert ask(state, OUTSIDE, f"{protocol}://{address}:53").verdict == "delivered"


@pytest.mark.parametrize(
    ("asked", "given"), [("192.168.10.205", "192.168.10.205"), (None, "192.168.10.200"), ("192.0.2.1", None)]
)
def test_load_balancer_ip(asked: str | None, given: str | None) -> None:
    """services.md 5, row 'loadBalancerIP': a pool gives it where it has it, else it stays pending."""
    spec: Spec = {"type": "LoadBalancer", **({"loadBalancerIP": asked} if asked else {})}
    found = made("iptables", **spec).control.services["Service:default/web"]
    assert (found.load_balancer[0].ip if found.load_balancer else None) == given
    assert bool(found.pending) == (given is None)


def test_two_services_of_another_class() -> None:
    """services.md 5, row 'loadBalancerClass': a class that nobody here serves leaves the Service pending."""
    other = make("Service", "other", {"type": "LoadBalancer", "ports": [{"port": 80}]})
    own = service("web", type="LoadBalancer", loadBalancerClass="example.com/own")
    state = cluster(web("b", 2), own, other, loadBalancer=POOLS)
    assert state.control.services["Service:default/web"].load_balancer == ()
    assert len(state.control.services["Service:default/other"].load_balancer) == 1
