"""Who is a local Pod to kube-proxy, and what depends on it, in every mode (kube-proxy.md section 6)."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from designer.engine.checks import check
from tests.engine.trace.clusters import ask, hops, seen_source
from tests.facts.parties import BALANCER, MODES, exposed, ip, outgoing

EVERY_MODE = pytest.mark.parametrize("mode", MODES)


def keeps(mode: str, plugin: str, source: str, **proxy: Any) -> bool:
    """Whether the backend on node-2 sees a caller of its ClusterIP under the caller's own address, or translated."""
    backend = {"flannel": "vxlan", "calico": "bgp"}[plugin]
    state = exposed(mode, plugin, backend, 2, kubeProxy={"clusterCIDR": "", **proxy})
    found = ask(state, source, "Service:default/web")
    assert found.verdict == "delivered", found.reason
    own = ip(state, "a") if source == "a" else outgoing(state, plugin, backend, 2)
    masked = any(h.before and h.after and h.before.src != h.after.src for h in hops(found, "rules"))
    assert seen_source(found) == (outgoing(state, plugin, backend, 2) if masked else own)
    return not masked


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["flannel", "calico"])
def test_cluster_cidr(mode: str, plugin: str) -> None:
    """kube-proxy.md 6, row 'ClusterCIDR': sources in the range, the first one of the IP family."""
    assert keeps(mode, plugin, "a", clusterCIDR="10.244.0.0/16")
    assert keeps(mode, plugin, "a", clusterCIDR="10.244.0.0/16,fd00:10:244::/56")


@EVERY_MODE
def test_node_cidr(mode: str) -> None:
    """kube-proxy.md 6, row 'NodeCIDR': the Node's own podCIDR, which Calico's blocks have nothing to do with."""
    assert keeps(mode, "flannel", "a", detectLocalMode="NodeCIDR")
    state = exposed(mode, "calico", "bgp", 2)
    (own,) = state.control.nodes["node-1"].pod_cidrs
    assert ip_address(ip(state, "a")) not in ip_network(own)
    assert not keeps(mode, "calico", "a", detectLocalMode="NodeCIDR")


@EVERY_MODE
def test_bridge_interface(mode: str) -> None:
    """kube-proxy.md 6, row 'BridgeInterface': what arrived on the named bridge."""
    named = {"detectLocalMode": "BridgeInterface"}
    assert keeps(mode, "flannel", "a", bridgeInterface="cni0", **named)
    assert not keeps(mode, "flannel", "a", bridgeInterface="docker0", **named)


@EVERY_MODE
def test_interface_name_prefix(mode: str) -> None:
    """kube-proxy.md 6, row 'InterfaceNamePrefix': what arrived on an interface whose name begins so."""
    named = {"detectLocalMode": "InterfaceNamePrefix"}
    assert keeps(mode, "calico", "a", interfaceNamePrefix="cali", **named)
    assert not keeps(mode, "calico", "a", interfaceNamePrefix="veth", **named)


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["flannel", "calico"])
def test_pods_outside_cluster_cidr(mode: str, plugin: str) -> None:
    """kube-proxy.md 6, row 'Pods outside clusterCIDR': masqueraded like everybody outside, which a problem says."""
    assert not keeps(mode, plugin, "a", clusterCIDR="10.99.0.0/16")
    state = exposed(mode, plugin, "", 2, kubeProxy={"clusterCIDR": "10.99.0.0/16"})
    (problem,) = [p for p in check(state) if p.code == "NODE-12"]
    assert "masqueraded" in problem.why


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_no_cluster_cidr(mode: str) -> None:
    """kube-proxy.md 6, row 'no clusterCIDR': nobody is masqueraded towards ClusterIPs, and Pods lose the short way."""
    assert keeps(mode, "calico", "a", clusterCIDR="")
    assert keeps(mode, "calico", "node-1", clusterCIDR="")
    local = exposed(mode, "calico", "bgp", 2, "Local", kubeProxy={"clusterCIDR": ""})
    assert ask(local, "a", f"{BALANCER}:80").verdict == "dropped", "as if it came from outside"
    local = exposed(mode, "calico", "bgp", 2, "Local")
    assert ask(local, "a", f"{BALANCER}:80").verdict == "delivered"


def test_no_cluster_cidr_in_ipvs_mode() -> None:
    """kube-proxy.md 6, row 'no clusterCIDR': ipvs mode then masks those whose source is a Service's address.

    So are the Node's own calls, which take the ClusterIP for their source: it is an address of kube-ipvs0.
    """
    assert keeps("ipvs", "calico", "a", clusterCIDR="")
    assert not keeps("ipvs", "calico", "node-1", clusterCIDR="")
