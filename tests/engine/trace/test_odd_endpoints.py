"""Endpoints written by hand that kube-proxy does not follow further."""

import pytest

from tests.engine.trace.clusters import ask, cluster, cluster_ip, make, pod, service


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
