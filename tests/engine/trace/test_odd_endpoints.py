"""Endpoints and addresses that cross each other: what kube-proxy makes of them, and what nobody can say."""

import pytest

from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, cluster_ip, hops, make, node, pod, service


@pytest.mark.parametrize(("mode", "verdict"), [("iptables", "dropped"), ("nftables", "rejected")])
def test_a_cluster_ip_as_endpoint_is_not_translated_again(mode: str, verdict: str) -> None:
    """The kernel asks the nat rules once for a connection (`domain/kube-proxy.md` section 2, "Only the first packet").

    nftables mode refuses what is sent on to a ClusterIP (section 4, `cluster-ips`).
    """
    real = service("real", clusterIP="10.96.7.7", clusterIPs=["10.96.7.7"], app="web")
    front = make("Service", "front", {"ports": [{"port": 80}]})
    ends = make("EndpointSlice", "front-1", None, labels={"kubernetes.io/service-name": "front"}).replace(
        addressType="IPv4",
        ports=[{"name": "", "port": 80, "protocol": "TCP"}],
        endpoints=[{"addresses": ["10.96.7.7"], "conditions": {"ready": True}}],
    )
    state = cluster(pod("a", 1), pod("b", 2, app="web"), real, front, ends, kubeProxy={"mode": mode})
    assert ask(state, "a", "10.96.7.7:80").verdict == "delivered"
    found = ask(state, "a", f"{cluster_ip(state, 'front')}:80")
    assert found.verdict == verdict
    if mode == "iptables":
        assert "a connection is translated once" in found.reason


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_two_services_on_one_external_ip_and_port(mode: str) -> None:
    """kube-proxy walks its Services in random order (the reference's README, "Order"); ports of its own are certain."""
    ports = [{"port": 80, "targetPort": 8080, "name": "http"}, {"port": 81, "targetPort": 8080, "name": "own"}]
    state = cluster(pod("a", 1), pod("b", 1, app="one"), pod("c", 2, app="two"),
                    service("one", externalIPs=["192.0.2.55"], ports=ports),
                    service("two", externalIPs=["192.0.2.55"]), kubeProxy={"mode": mode})  # fmt: skip
    for source in ("a", "node-2", "internet"):
        found = ask(state, source, "192.0.2.55:80")
        assert found.verdict == "cannot-tell"
        assert "default/one and default/two" in found.reason
    assert ask(state, "a", "192.0.2.55:81").verdict == "delivered"


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
@pytest.mark.parametrize("ip_mode", ["VIP", "Proxy"])
def test_two_services_share_a_load_balancer_address(mode: str, ip_mode: str) -> None:
    """`domain/ipam.md` section 7, "Sharing one IP": the same address with disjoint ports."""

    def shared(name: str, port: int) -> KubeObject:
        ports = [{"port": port, "targetPort": 8080, "nodePort": 30000 + port}]
        status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.80", "ipMode": ip_mode}]}}
        return service(name, type="LoadBalancer", ports=ports, status=status)

    state = cluster(pod("one", 1), pod("two", 2), shared("one", 80), shared("two", 81), kubeProxy={"mode": mode})
    for source in ("internet", "one"):
        for name, port in (("one", 80), ("two", 81)):
            found = ask(state, source, f"192.0.2.80:{port}")
            assert found.verdict == "delivered", found.reason
            ends = [hop.at for hop in hops(found, "deliver")]
            assert ends[-1] == f"Pod:default/{name}"
    # In ipvs mode a Node refuses the port; whether the load balancer brings it to one is not known.
    expected = "cannot-tell" if (mode, ip_mode) == ("ipvs", "VIP") else "dropped"
    assert ask(state, "internet", "192.0.2.80:82").verdict == expected


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_from_outside_a_node_port_is_called_where_it_is_taken(mode: str) -> None:
    """`nodePortAddresses` (the reference's README, "Node ports"): only matching addresses of the interfaces."""
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    second = {"cluster-network-designer/interface-addresses": "172.16.0.5"}
    objects = (node(1, annotations=second), node(2), pod("b", 2, app="web"),
               service("web", type="NodePort", ports=ports))  # fmt: skip
    state = cluster(*objects, kubeProxy={"mode": mode, "nodePortAddresses": ("172.16.0.0/12",)})
    found = ask(state, "internet", "Service:default/web")
    assert found.verdict == "delivered"
    first = hops(found, "wire")[0].after
    assert first is not None
    assert (first.dst, first.dport) == ("172.16.0.5", 30080)
    nowhere = cluster(*objects, kubeProxy={"mode": mode, "nodePortAddresses": ("203.0.113.0/24",)})
    assert ask(nowhere, "internet", "Service:default/web").verdict == "connection-refused"
