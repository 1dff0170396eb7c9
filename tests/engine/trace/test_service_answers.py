"""What is said of Services where their rules leave something open: undefined ports, ClusterIPs outside, affinity."""

import pytest

from tests.engine.trace.clusters import ask, cluster, pod, service

POOLS = {"pools": [{"addresses": ["203.0.113.0/29"]}]}


@pytest.mark.parametrize(
    ("mode", "expected"), [("iptables", "dropped"), ("nftables", "dropped"), ("ipvs", "cannot-tell")]
)
def test_a_port_that_the_balancers_service_has_not(mode: str, expected: str) -> None:
    """`domain/kube-proxy.md` section 5: ipvs holds the address on kube-ipvs0 and refuses ports without a server.

    Whether a packet for such a port comes to a Node at all is the load balancer's affair.
    """
    state = cluster(pod("b", 2, app="web"), service("web", type="LoadBalancer"),
                    loadBalancer=POOLS, kubeProxy={"mode": mode})  # fmt: skip
    address = state.control.services["Service:default/web"].load_balancer[0].ip
    found = ask(state, "198.51.100.9", f"{address}:81")
    assert found.verdict == expected
    assert "81/TCP is no port of Service default/web" in found.reason


@pytest.mark.parametrize(
    ("plugin", "backend", "expected"),
    [("calico", "vxlan", "no-route"), ("flannel", "host-gw", "cannot-tell"), ("calico", "bgp", "cannot-tell")],
)
def test_a_cluster_ip_called_from_outside(plugin: str, backend: str, expected: str) -> None:
    """`domain/kube-proxy.md` section 6, "external host routed to ClusterIP": it works where somebody routes it."""
    state = cluster(pod("b", 2, app="web"), service("web"), plugin=plugin, backend=backend)
    address = state.control.services["Service:default/web"].cluster_ips[0]
    found = ask(state, "198.51.100.9", f"{address}:80")
    assert found.verdict == expected
    assert "is the ClusterIP of Service default/web" in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
@pytest.mark.parametrize(("config", "seconds"), [({}, 10800), ({"clientIP": {"timeoutSeconds": 60}}, 60)])
def test_affinity_says_where_later_connections_go(mode: str, config: dict[str, object], seconds: int) -> None:
    """`domain/services.md` section 4: the key is the source as the node sees it, the default is 10800 s."""
    sticky = service("web", sessionAffinity="ClientIP", sessionAffinityConfig=config)
    state = cluster(pod("a", 1), pod("b", 2, app="web"), sticky, kubeProxy={"mode": mode})
    client = state.control.pods["Pod:default/a"].ips[0]
    address = state.control.services["Service:default/web"].cluster_ips[0]
    said = " ".join(h.reason for path in ask(state, "Pod:default/a", f"{address}:80").trace.paths() for h in path.hops)
    words = f"later connections from {client} through node-1 go to the same Pod, until {seconds} s after its latest one"
    assert words in said
