"""Addresses that the program gave because the input says none, and where they may lie in the real cluster.

Manifests of a repository seldom say which addresses Pods and Nodes have. An ipBlock that holds some private addresses
and not others may then mean them or not: that is not known, and no invented address may decide it.
"""

from __future__ import annotations

from ipaddress import ip_network

from designer.engine.controlplane.addresses import parse_nets
from designer.engine.controlplane.enforcement import MadeUp, Network
from designer.engine.controlplane.nodenetwork import given_addresses, given_cidrs
from designer.engine.controlplane.podips import pools_of
from designer.model import ClusterSettings, Node, Project

USUAL = ClusterSettings()
# Where network plugins and distributions put Pods when nobody says where: kubeadm's examples and Flannel (10.244/16),
# k3s (10.42/16), OpenShift (10.128/14), Weave Net (10.32/12) and Cilium (10/8) inside 10.0.0.0/8; Calico's own default.
POD_PLACES: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("192.168.0.0/16"))
# Nodes have private addresses (RFC 1918) nearly everywhere, of IPv6 any.
NODE_PLACES: dict[int, tuple[Network, ...]] = {
    4: (*POD_PLACES, ip_network("172.16.0.0/12")),
    6: (ip_network("::/0"),),
}


def made_up(project: Project) -> tuple[MadeUp, ...]:
    """The ranges of Pods and of Nodes that no input says; none for a cluster that was drawn."""
    return (*_of_pods(project), *_of_nodes(project))


def pod_ranges(project: Project) -> tuple[Network, ...]:
    """Where a Pod that has no address yet gets one."""
    if _of_pods(project):
        return POD_PLACES
    return tuple(ip_network(net.text) for net in parse_nets(pools_of(project.cluster)))


def _of_pods(project: Project) -> tuple[MadeUp, ...]:
    settings = project.cluster
    given = "setting:podCIDRs" not in settings.assumed or bool(settings.cni.pool)
    if given or pools_of(settings) != USUAL.podCIDRs:
        return ()
    seen = any(one.observed and one.ips for one in project.ledger.pods.values())
    if seen or any(given_cidrs(node) for node in project.of(Node)):
        return ()
    return tuple(MadeUp(ip_network(net.text), POD_PLACES) for net in parse_nets(settings.podCIDRs))


def _of_nodes(project: Project) -> tuple[MadeUp, ...]:
    settings = project.cluster
    if not settings.assumed or any(given_addresses(node) for node in project.of(Node)):
        return ()
    texts = [getattr(settings, name) for name in ("nodeNetwork", "nodeNetworkV6")]
    kept = [text for text in texts if text in (USUAL.nodeNetwork, USUAL.nodeNetworkV6)]
    return tuple(MadeUp(net, NODE_PLACES[net.version]) for net in map(ip_network, kept))
