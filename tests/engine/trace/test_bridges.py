"""Addresses of the Pods' bridges as destinations: cni.md section 3, "Shared devices"."""

import pytest

from tests.engine.trace.clusters import address, ask, cluster, pod, service

PORTS = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]


@pytest.mark.parametrize("plugin", ["flannel", "weave"])
@pytest.mark.parametrize("source", ["a", "node-2"])
def test_a_bridge_of_another_node_is_an_address_of_that_node(plugin: str, source: str) -> None:
    """kube-proxy takes node ports on every local address (kube-proxy.md section 4, first row)."""
    web = service("web", type="NodePort", ports=PORTS)
    state = cluster(pod("a", 2), pod("b", 1, app="web"), pod("c", 3, app="web"), web, plugin=plugin)
    bridge = state.control.nodes["node-1"].bridge_ips[0]
    found = ask(state, source, f"{bridge}:30080")
    assert (found.verdict, len(found.trace.paths())) == ("delivered", 2)
    assert "node-1" in [hop.node for hop in found.trace.paths()[0].hops if hop.kind == "rules"]


def test_nobody_outside_has_a_route_to_a_bridge() -> None:
    state = cluster(pod("b", 1), plugin="weave")
    assert ask(state, "203.0.113.7", f"{state.control.nodes['node-1'].bridge_ips[0]}:30080").verdict == "cannot-tell"


@pytest.mark.parametrize(("plugin", "backend"), [("flannel", "vxlan"), ("weave", "fastdp")])
def test_for_an_address_of_nobody_on_the_pods_own_link_nothing_is_sent(plugin: str, backend: str) -> None:
    # Seen on a kernel: the Pod asks for the owner of the address, and no rule of the node ever sees a packet.
    state = cluster(pod("a", 1), plugin=plugin, backend=backend)
    own = address(state, "a").rpartition(".")[0]
    found = ask(state, "a", f"{own}.199:80")
    assert found.verdict == "no-route"
    assert [hop.kind for hop in found.trace.paths()[0].hops] == ["send"]
