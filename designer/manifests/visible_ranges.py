"""The address ranges of a cluster whose input shows addresses but does not name the ranges.

kubeadm's defaults hold unless an address contradicts them; then the smallest usual range that holds all is taken.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from typing import Any

from designer.model import (
    ClusterSettings,
    DaemonSet,
    Deployment,
    Job,
    Node,
    Pod,
    Project,
    ReplicaSet,
    Service,
    ServiceCIDR,
    StatefulSet,
)

WORKLOADS = (Deployment, ReplicaSet, StatefulSet, DaemonSet, Job)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The widest --service-cluster-ip-range that kube-apiserver takes: 20 bits (cmd/kube-apiserver/app/options).
WIDEST_SERVICE_RANGE = {4: 12, 6: 108}


def assume_ranges(project: Project) -> ClusterSettings:
    """The cluster's settings with the ranges that Nodes, Pods and Services of the input were visibly given."""
    cluster = project.cluster
    given = cluster.model_fields_set
    changes: dict[str, Any] = {}
    node_ranges = [cidr for node in project.of(Node) for cidr in (node.spec.podCIDRs or (node.spec.podCIDR or "",))]
    if "podCIDRs" not in given:
        # kubeadm gives kube-proxy the Pods' range as its clusterCIDR.
        said = tuple(part.strip() for part in (cluster.kubeProxy.clusterCIDR or "").split(",") if parsed(part.strip()))
        changes["podCIDRs"] = covering(said or cluster.podCIDRs, _pod_ranges(project, node_ranges), {4: 16, 6: 48})
    if "serviceCIDRs" not in given:
        pods = changes.get("podCIDRs", cluster.podCIDRs)
        changes["serviceCIDRs"] = _service_ranges(project, pods)
    addresses = [a.address for node in project.of(Node) for a in node.status.addresses if a.type == "InternalIP"]
    for name, version, usual in (("nodeNetwork", 4, 24), ("nodeNetworkV6", 6, 64)):
        mine = [text for text in addresses if (net := parsed(text)) is not None and net.version == version]
        if mine and name not in given:
            changes[name] = covering((getattr(cluster, name),), mine, {version: usual})[0]
    if "nodePortRange" not in given:
        changes["nodePortRange"] = _node_port_range(project)
    changes = {key: value for key, value in changes.items() if value != getattr(cluster, key)}
    return cluster.replace(**changes) if changes else cluster


def _pod_ranges(project: Project, node_ranges: list[str]) -> Iterable[str]:
    """Where Pods visibly have addresses: the Nodes' podCIDRs, else the plugin's pools, else the Pods' own addresses."""
    if any(parsed(text) for text in node_ranges):
        return node_ranges
    if project.cluster.cni.pool:
        return project.cluster.cni.pool
    pods = (pod for pod in project.of(Pod) if not pod.spec.hostNetwork)
    drawn = [text for pod in pods for text in (pod.status.podIP or "", *(ip.ip for ip in pod.status.podIPs))]
    return [*drawn, *_workload_addresses(project)]


def _service_ranges(project: Project, pods: tuple[str, ...]) -> tuple[str, ...]:
    """The ranges of the Services' ClusterIPs: in each family that of the most, and others that an API server gave out.

    An address far from the others in a manifest may be a slip; the API server that holds a Service (it has a uid) took
    its address, so there is a range for it, which ServiceCIDR objects may name.
    """
    named = [cidr for item in project.of(ServiceCIDR) for cidr in item.spec.cidrs if parsed(cidr)]
    seen: list[tuple[Network, bool]] = []
    for service in project.of(Service):
        for text in service.spec.clusterIPs or (service.spec.clusterIP or "",):
            network = parsed(text)
            if network is not None and not any(_holds(cidr, network) for cidr in named):
                seen.append((network, bool(service.metadata.uid)))
    default, main = project.cluster.serviceCIDRs, []
    for version in dict.fromkeys(network.version for network, _ in seen):
        mine = [network for network, _ in seen if network.version == version]
        main += _together(mine, WIDEST_SERVICE_RANGE[version], default)
    ranges = covering(default, (str(network) for network in main), {4: 12, 6: 112}, apart=pods)
    while rest := [net for net, stored in seen if stored and not any(_holds(cidr, net) for cidr in ranges)]:
        near = _together([net for net in rest if net.version == rest[0].version], WIDEST_SERVICE_RANGE[rest[0].version])
        ranges += covering((), (str(net) for net in near), {4: 16, 6: 112}, apart=(*pods, *ranges))
    return ranges


def _holds(cidr: str, network: Network) -> bool:
    outer = parsed(cidr)
    return outer is not None and outer.version == network.version and inside_of(network, cidr)


def _together(networks: list[Network], length: int, known: tuple[str, ...] = ()) -> list[Network]:
    """Those of `networks` (of one family) that one range of `length` holds: most of them, at a tie those `known`."""
    homes = Counter(network.supernet(new_prefix=min(length, network.prefixlen)) for network in networks)
    home = max(homes, key=lambda each: (homes[each], any(_holds(cidr, each) for cidr in known)))
    return [network for network in networks if inside_of(network, str(home))]


def _node_port_range(project: Project) -> tuple[int, int]:
    """The usual range, or as wide as Services need that an API server holds (with a uid): it took their ports."""
    low, high = project.cluster.nodePortRange
    stored = [service.spec for service in project.of(Service) if service.metadata.uid]
    taken = [port.nodePort for spec in stored for port in spec.ports] + [spec.healthCheckNodePort for spec in stored]
    numbers = [number for number in taken if number and 1 <= number <= 65535]
    return min([low, *numbers]), max([high, *numbers])


def _workload_addresses(project: Project) -> list[str]:
    """The addresses that the input gave to Pods of workloads, those on the Nodes' own network left out."""
    found: list[str] = []
    for key, record in project.ledger.pods.items():
        owner = project.get(key.rpartition("#")[0])
        if isinstance(owner, WORKLOADS) and record.observed and not owner.spec.template.spec.hostNetwork:
            found += record.ips
    return found


def covering(
    default: tuple[str, ...], seen: Iterable[str], usual: dict[int, int], apart: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """`default` when it holds all of `seen`, else one range a family that does, as wide as is usual or wider.

    It is narrower than is usual only where it would overlap a range of `apart`: Pods and Services never share one.
    """
    networks = [network for text in seen if (network := parsed(text)) is not None]
    if not networks:
        return default
    ranges: list[str] = []
    for version in dict.fromkeys(network.version for network in networks):
        mine = [network for network in networks if network.version == version]
        known = [cidr for cidr in default if (net := parsed(cidr)) is not None and net.version == version]
        inside = [cidr for cidr in known if all(inside_of(network, cidr) for network in mine)]
        ranges.append(inside[0] if inside else str(widened(mine, usual[version], apart)))
    return tuple(ranges)


def parsed(text: str) -> Network | None:
    """The network that a text is (an address is a network of one), None when it is none."""
    try:
        return ipaddress.ip_network(text, strict=False) if text and text != "None" else None
    except ValueError:
        return None


def inside_of(network: Network, cidr: str) -> bool:
    """Whether `network` lies in the range `cidr` of the same family."""
    outer = ipaddress.ip_network(cidr, strict=False)
    return network.network_address in outer and network.prefixlen >= outer.prefixlen


def widened(networks: list[Network], usual: int, apart: tuple[str, ...] = ()) -> Network:
    """The narrowest range that holds all `networks` and is as wide as is `usual` (a prefix length), but for `apart`."""
    tight = networks[0]
    while not all(inside_of(network, str(tight)) for network in networks):
        tight = tight.supernet()
    others = [other for text in apart if (other := parsed(text)) is not None and other.version == tight.version]
    for length in range(min(usual, tight.prefixlen), tight.prefixlen):
        wide: Network = tight.supernet(new_prefix=length)
        if not any(inside_of(other, str(wide)) or inside_of(wide, str(other)) for other in others):
            return wide
    return tight
