"""The paths that a Service is in, over IPv6, in all modes of kube-proxy, with the source that each party sees.

`cni.md` section 6, on dual-stack clusters of the plugins that have IPv6.
"""

from ipaddress import ip_network
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from tests.engine.trace.clusters import ask, cluster, make, pod, seen_source, service
from tests.facts.parties import MODES, NODE_PORT, PORTS, PROFILES, answered_from, policy_sees

EVERY_MODE = pytest.mark.parametrize("mode", MODES)
SIX = [profile for profile in PROFILES if profile[0] != "weave"]
EVERY_PROFILE = pytest.mark.parametrize(("plugin", "backend"), SIX, ids=["-".join(p) for p in SIX])
BOTH_PLACES = pytest.mark.parametrize("where", [1, 2])
BALANCER = "fd00:192:168:10::200"
RANGES: dict[str, Any] = {
    "podCIDRs": ["10.244.0.0/16", "fd00:10:244::/56"],
    "serviceCIDRs": ["10.96.0.0/12", "fd00:10:96::/112"],
}


def node_address(number: int) -> str:
    return f"fd00:192:168:10::1{number}"


def dual(mode: str, plugin: str, backend: str, where: int, policy: str = "Cluster") -> ClusterState:
    """Client Pod `a` on node-1 and backend `b`, with addresses of both families."""

    def machine(number: int) -> Any:
        pair = (f"192.168.10.1{number}", node_address(number))
        return make(
            "Node", f"node-{number}", status={"addresses": [{"type": "InternalIP", "address": a} for a in pair]}
        )

    spec: dict[str, Any] = {"type": "LoadBalancer", "ports": PORTS, "externalTrafficPolicy": policy,
            "ipFamilyPolicy": "RequireDualStack",
            "status": {"loadBalancer": {"ingress": [{"ip": "192.168.10.200"}, {"ip": BALANCER}]}}}  # fmt: skip
    proxy = {"mode": mode, "clusterCIDR": "10.244.0.0/16,fd00:10:244::/56"}
    return cluster(machine(1), machine(2), pod("a", 1), pod("b", where, app="web"), service("web", **spec),
                   plugin=plugin, backend=backend, kubeProxy=proxy, **RANGES)  # fmt: skip


def six(addresses: tuple[str, ...]) -> str:
    return next(a for a in addresses if ":" in a)


def pod_address(state: ClusterState, name: str) -> str:
    return six(state.control.pods[f"Pod:default/{name}"].ips)


def cluster_ip(state: ClusterState) -> str:
    return six(state.control.services["Service:default/web"].cluster_ips)


def outgoing(state: ClusterState, plugin: str, backend: str, where: int) -> str:
    """What masquerading on node-1 writes: Flannel's are arithmetic; IPIP carries no IPv6, so the Node's own stays.

    Towards a Pod of its own Calico's device has no address: of the Node's others the kernel takes that which shares
    the longest prefix with the Pod's (RFC 6724, rule 8), the tunnel's, which comes from the Pods' range as well.
    """
    node = state.control.nodes["node-1"]
    if plugin == "flannel":
        own = ip_network(six(node.pod_cidrs))
        if where == 1:
            return str(own.network_address + 1)
        return str(own.network_address) if backend == "vxlan" else node_address(1)
    return six(node.tunnel_ips) if backend == "vxlan" else node_address(1)


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_c_cluster_ip(mode: str, plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'C Pod to ClusterIP'; kube-proxy.md 7, row 'Pod to ClusterIP to another Pod'."""
    state = dual(mode, plugin, backend, where)
    found = ask(state, "a", f"[{cluster_ip(state)}]:80")
    assert (found.verdict, seen_source(found)) == ("delivered", pod_address(state, "a"))
    assert answered_from(found) == (cluster_ip(state), 80)
    own = ask(state, "node-1", f"[{cluster_ip(state)}]:80")
    assert (own.verdict, seen_source(own)) == ("delivered", outgoing(state, plugin, backend, where))


@EVERY_MODE
@EVERY_PROFILE
@BOTH_PLACES
def test_e_node_port(mode: str, plugin: str, backend: str, where: int) -> None:
    """cni.md 6, row 'E outside to node port'; kube-proxy.md 7, row 'outside, policy Cluster'."""
    state = dual(mode, plugin, backend, where)
    found = ask(state, "2001:db8::7", f"[{node_address(1)}]:{NODE_PORT}")
    masked = outgoing(state, plugin, backend, where)
    assert (found.verdict, seen_source(found)) == ("delivered", masked)
    if plugin == "calico":
        seen = "2001:db8::7" if where == 1 else masked
        assert policy_sees(found, "ingress") == [(seen, pod_address(state, "b"), 8080)]
    assert answered_from(found) == (node_address(1), NODE_PORT)


@EVERY_MODE
@EVERY_PROFILE
def test_f_load_balancer_local(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'F outside to load balancer'; kube-proxy.md 7, row 'outside, policy Local'."""
    found = ask(dual(mode, plugin, backend, 2, "Local"), "2001:db8::7", f"[{BALANCER}]:80")
    assert (found.verdict, seen_source(found)) == ("delivered", "2001:db8::7")
    assert answered_from(found) == (BALANCER, 80)


@EVERY_MODE
@EVERY_PROFILE
def test_h_hairpin(mode: str, plugin: str, backend: str) -> None:
    """cni.md 6, row 'H Pod to itself by its Service'; kube-proxy.md 7, row 'Pod to ClusterIP to itself'."""
    state = dual(mode, plugin, backend, 1)
    found = ask(state, "b", f"[{cluster_ip(state)}]:80")
    assert (found.verdict, seen_source(found)) == ("delivered", outgoing(state, plugin, backend, 1))
