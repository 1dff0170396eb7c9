"""kube-proxy in nftables or ipvs mode: what would rest on its rules cannot be told, and no iptables rule is shown.

`domain/kube-proxy.md` sections 4 and 5: the modes differ in what they do with node ports, other ports of a ClusterIP
and addresses of the Service range that no Service has.
"""

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, cluster_ip, pod, service

NODE_PORT = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
MODES = pytest.mark.parametrize("mode", ["nftables", "ipvs"])


def made(mode: str, plugin: str = "calico") -> ClusterState:
    web = service("web", type="NodePort", ports=NODE_PORT)
    return cluster(pod("a", 1), pod("b", 2, app="web"), web, plugin=plugin, kubeProxy={"mode": mode})


@MODES
@pytest.mark.parametrize(
    ("source", "destination"),
    [
        ("a", "Service:default/web"),
        ("node-1", "Service:default/web"),
        ("a", "WEB:81"),
        ("a", "10.96.200.200:80"),
        ("node-3", "node-1:30080"),
        ("node-1", "127.0.0.1:30080"),
        ("internet", "node-2:30080"),
        ("internet", "Service:default/web"),
    ],
)
def test_what_services_do_cannot_be_told(mode: str, source: str, destination: str) -> None:
    state = made(mode)
    found = ask(state, source, destination.replace("WEB", cluster_ip(state, "web")))
    assert found.verdict == "cannot-tell"
    assert f"kube-proxy runs in {mode} mode" in found.reason


@MODES
@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
@pytest.mark.parametrize("source", ["a", "node-1"])
def test_pods_are_reached_without_a_rule_of_iptables_mode(mode: str, plugin: str, source: str) -> None:
    """Pod addresses are no matter of kube-proxy in any mode; its iptables chains do not exist here."""
    found = ask(made(mode, plugin), source, "Pod:default/b")
    assert found.verdict == "delivered"
    shown = {hit.chain for path in found.trace.paths() for hop in path.hops for hit in hop.rules}
    assert not [chain for chain in shown if chain.startswith("KUBE-")]
