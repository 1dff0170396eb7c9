"""The order in which a Node decides about a packet for a Service, in every mode (kube-proxy.md section 10)."""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, node, pod, policy, seen_source, service
from tests.facts.parties import (
    BALANCER,
    CLIENT,
    MODES,
    NODE_PORT,
    POOL,
    PORTS,
    answered_from,
    exposed,
    ip,
    outgoing,
    policy_sees,
    stops,
)

EVERY_MODE = pytest.mark.parametrize("mode", MODES)


@EVERY_MODE
@pytest.mark.parametrize(("source", "hook"), [("a", "prerouting"), ("internet", "prerouting"), ("node-1", "output")])
def test_source_namespace(mode: str, source: str, hook: str) -> None:
    """kube-proxy.md 10, row '1 source namespace': PREROUTING for what comes in, OUTPUT for the Node's own."""
    found = ask(exposed(mode, "calico", "vxlan", 1), source, f"node-1:{NODE_PORT}")
    assert next(name for name in stops(found) if name in ("prerouting", "output", "input")) == hook


@EVERY_MODE
def test_source_ranges(mode: str) -> None:
    """kube-proxy.md 10, row '2 source ranges': asked of the address and source that the packet came with.

    In nftables mode before the translation; in the others whoever is outside is never translated.
    """
    state = exposed(mode, "calico", "vxlan", 2, spec={"loadBalancerSourceRanges": ["198.51.100.0/24"]})
    found = ask(state, CLIENT, f"{BALANCER}:80")
    assert found.verdict == "dropped"
    assert {h.after.dst for h in hops(found, "rules") if h.after} == {BALANCER}
    assert seen_source(ask(state, "198.51.100.9", f"{BALANCER}:80")) == outgoing(state, "calico", "vxlan", 2)


@EVERY_MODE
def test_look_up(mode: str) -> None:
    """kube-proxy.md 10, row '3 look-up': the Services' own addresses first, a node port only at the Node's own."""
    state = exposed(mode, "calico", "vxlan", 1)
    assert ask(state, "a", f"{cluster_ip(state, 'web')}:80").verdict == "delivered"
    assert ask(state, "a", f"node-1:{NODE_PORT}").verdict == "delivered"
    assert ask(state, "a", f"{cluster_ip(state, 'web')}:{NODE_PORT}").verdict in ("dropped", "rejected")
    assert ask(state, "a", f"{ip(state, 'b')}:{NODE_PORT}").verdict == "cannot-tell", "a Pod has no node ports"


def zoned(mode: str, **spec: Any) -> ClusterState:
    """Nodes in zones a, a and b with a backend on each; the client on node-1."""
    machines = [node(n, labels={"topology.kubernetes.io/zone": zone}) for n, zone in ((1, "a"), (2, "a"), (3, "b"))]
    backends = [pod(f"w{n}", n, app="web") for n in (1, 2, 3)]
    return cluster(*machines, pod("c", 1), *backends, service("web", **spec), kubeProxy={"mode": mode})


@EVERY_MODE
@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, {"w1", "w2", "w3"}),
        ({"trafficDistribution": "PreferSameZone"}, {"w1", "w2"}),
        ({"trafficDistribution": "PreferSameNode"}, {"w1"}),
        ({"internalTrafficPolicy": "Local"}, {"w1"}),
    ],
)
def test_policy_and_topology(mode: str, spec: dict[str, str], expected: set[str]) -> None:
    """kube-proxy.md 10, row '4 policy and topology': the endpoints that the sender's own Node may use."""
    found = ask(zoned(mode, **spec), "c", "Service:default/web")
    ends = [h for path in found.trace.paths() for h in path.hops if h.kind == "deliver" and h.direction == "request"]
    reached = {h.at for h in ends}
    assert reached == {f"Pod:default/{name}" for name in expected}


@EVERY_MODE
def test_affinity_else_choice(mode: str) -> None:
    """kube-proxy.md 10, row '5 affinity, else choice'."""
    found = ask(zoned(mode, sessionAffinity="ClientIP"), "c", "Service:default/web")
    assert [float(path.share) for path in found.trace.paths()] == pytest.approx([1 / 3] * 3)
    for path in found.trace.paths():
        (stop,) = [h for h in path.hops if h.before and h.after and h.kind == "rules" and h.before.dst != h.after.dst]
        assert "sessionAffinity: later connections" in stop.reason
        assert "10800 s" in stop.reason


@EVERY_MODE
def test_dnat_and_connection_entry(mode: str) -> None:
    """kube-proxy.md 10, row '6 DNAT and connection entry': the reply is translated from memory, both ends of it."""
    state = exposed(mode, "calico", "vxlan", 2)
    found = ask(state, "internet", f"node-1:{NODE_PORT}")
    (undone,) = [h for h in hops(found, "conntrack", "reply") if h.outcome == "translated"]
    assert undone.before is not None
    assert undone.after is not None
    masked = outgoing(state, "calico", "vxlan", 2)
    assert (undone.before.src, undone.before.dst) == (ip(state, "b"), masked)
    assert (undone.after.src, undone.after.sport, undone.after.dst) == ("192.168.10.11", NODE_PORT, CLIENT)


@EVERY_MODE
@pytest.mark.parametrize("where", [1, 2])
def test_network_policy(mode: str, where: int) -> None:
    """kube-proxy.md 10, row '7 NetworkPolicy': translated destination; the source is translated on the next Node only.

    So a policy for the client's address lets a call to a node port in where the Pod is on the entry Node, and not
    where it is on another.
    """
    rule = {"from": [{"ipBlock": {"cidr": f"{CLIENT}/32"}}], "ports": [{"port": 8080}]}
    clients = policy("clients", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"], ingress=[rule])
    state = cluster(pod("a", 1), pod("b", where, app="web"), clients,
                    service("web", type="LoadBalancer", ports=PORTS), loadBalancer=POOL,
                    kubeProxy={"mode": mode})  # fmt: skip
    found = ask(state, "internet", f"node-1:{NODE_PORT}")
    assert found.verdict == ("delivered" if where == 1 else "denied")
    seen = CLIENT if where == 1 else outgoing(state, "calico", "vxlan", 2)
    assert policy_sees(found, "ingress") == [(seen, ip(state, "b"), 8080)]


@EVERY_MODE
def test_route_and_encapsulation(mode: str) -> None:
    """kube-proxy.md 10, row '8 route and encapsulation': by the endpoint's address, after the translation."""
    state = exposed(mode, "flannel", "vxlan", 2)
    found = ask(state, "a", "Service:default/web")
    routes = [h for h in hops(found, "route") if "flannel.1" in h.reason]
    assert [h.node for h in routes] == ["node-1"]
    assert routes[0].reason.startswith(f"{ip(state, 'b')} goes by")
    order = [name for name in stops(found, 1) if name in ("prerouting", "ipvs", "postrouting", "encapsulate")]
    assert order[-2:] == ["postrouting", "encapsulate"]


@EVERY_MODE
def test_source_translation(mode: str) -> None:
    """kube-proxy.md 10, row '9 source translation': in POSTROUTING, of what was marked on the way in."""
    found = ask(exposed(mode, "flannel", "vxlan", 2), "internet", f"node-1:{NODE_PORT}")
    masked = [h for h in hops(found, "rules") if h.before and h.after and h.before.src != h.after.src]
    assert [(h.place, h.before.mark) for h in masked if h.before] == [("node-1 · postrouting", 0x4000)]
    assert all(h.after.mark == 0 for h in masked if h.after), "the mark stays on the Node"


@EVERY_MODE
@pytest.mark.parametrize("source", ["a", "node-1", "internet"])
def test_reply(mode: str, source: str) -> None:
    """kube-proxy.md 10, row '10 reply': back to the Node that translated, from the address that was called."""
    found = ask(exposed(mode, "calico", "ipip", 2), source, f"node-1:{NODE_PORT}")
    assert found.verdict == "delivered"
    assert answered_from(found) == ("192.168.10.11", NODE_PORT)
    assert [h.node for h in hops(found, "conntrack", "reply") if h.outcome == "translated"] == ["node-1"]
