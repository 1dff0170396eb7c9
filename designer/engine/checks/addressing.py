"""Addresses: `domain/pitfalls.md`, "IP addressing"; IP-05, 06, 10, 14 and 17 come from allocation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, ip_network

from designer.engine.checks.survey import Survey, short, shown
from designer.engine.controlplane.addresses import Net, parse_address, parse_net, parse_nets, parse_range
from designer.engine.controlplane.bands import cluster_ip_band
from designer.model import Container, ExternalHost, NetworkPolicy, Problem, Service, ServiceCIDR

# Range as (family, first, last).
Span = tuple[int, int, int]

# An address in a text; not a range such as 10.244.0.0/16, nor the start of a longer name.
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?!/\d{1,2}(?!\d))")
FULL_SHARE = 0.8


def _span(net: Net) -> Span:
    return net.family, net.first, net.last


def _meet(left: Span, right: Span) -> bool:
    return left[0] == right[0] and left[1] <= right[2] and right[1] <= left[2]


def _spans(texts: Iterable[str]) -> list[tuple[str, Span]]:
    found = []
    for text in texts:
        net = parse_net(text if "/" in text else f"{text}/{128 if ':' in text else 32}")
        if net is not None:
            found.append((text, _span(net)))
    return found


def service_ranges(s: Survey) -> tuple[str, ...]:
    """Every Service CIDR: settings and ServiceCIDR objects."""
    more = (cidr for item in s.project.of(ServiceCIDR) for cidr in item.spec.cidrs)
    return tuple(dict.fromkeys((*s.project.cluster.serviceCIDRs, *more)))


def pod_ranges(s: Survey) -> tuple[str, ...]:
    """Every range that Pods get addresses from: the cluster's and the network plugin's own."""
    return tuple(dict.fromkeys((*s.project.cluster.podCIDRs, *s.state.cni.pools)))


def _node_addresses(s: Survey) -> tuple[str, ...]:
    """The Nodes' addresses, and their networks where these are given: an assumed one may be wider than any subnet."""
    cluster = s.project.cluster
    nodes = tuple(address for node in s.control.nodes.values() for address in node.addresses)
    names = ("nodeNetwork", *(("nodeNetworkV6",) if any(":" in cidr for cidr in cluster.podCIDRs) else ()))
    return (*(getattr(cluster, name) for name in names if f"setting:{name}" not in cluster.assumed), *nodes)


def overlaps(s: Survey) -> Iterator[Problem]:
    """IP-01, IP-02, IP-03: ranges of Pods, Services, Nodes and the world outside that overlap."""
    pods, services, nodes = _spans(pod_ranges(s)), _spans(service_ranges(s)), _spans(_node_addresses(s))
    hosts = [(h.id, found) for h in s.project.of(ExternalHost) for found in _spans(h.spec.addresses)]
    for text, span in pods:
        hit = [other for other, its in nodes if _meet(span, its)]
        if hit:
            title = f"Pod range {text} overlaps the Node network ({shown(hit)})"
            why = "Packets for these Nodes are taken for Pods: the Nodes become unreachable."
            yield s.problem(
                "IP-01", "error", "", "podCIDRs", title, why, "Choose a Pod range outside the Node network."
            )
        hit = [other for other, its in services if _meet(span, its)]
        # Cilium's pool is 10.0.0.0/8 unless it is told another: it holds kubeadm's Service range, and Nodes get blocks
        # from its lowest address on.
        own = s.project.cluster.cni.plugin == "cilium" and text not in s.project.cluster.podCIDRs
        if hit and (not own or _handed_out(s, services)):
            title = f"Pod range {text} overlaps the Service range {shown(hit)}"
            why = "An address would be both"
            why += "." if own else "; nodeipam leaves such blocks out without a word."
            yield s.problem("IP-02", "error", "", "podCIDRs", title, why, "Choose ranges that do not overlap.")
    for text, span in services:
        hit = [other for other, its in nodes if _meet(span, its)]
        hit += [short(oid) for oid, (_, its) in hosts if _meet(span, its)]
        if hit:
            title = f"Service range {text} overlaps real hosts ({shown(hit)})"
            why = "Rules for ClusterIPs match first: these hosts cannot be reached from Pods."
            yield s.problem(
                "IP-03", "error", "", "serviceCIDRs", title, why, "Choose a Service range that nobody uses."
            )


def _handed_out(s: Survey, services: Iterable[tuple[str, Span]]) -> bool:
    """Whether a Node has a block of Pod addresses that Services have as well."""
    blocks = _spans(block for node in s.control.nodes.values() for block in node.blocks or node.pod_cidrs)
    return any(_meet(span, its) for _, span in blocks for _, its in services)


def load_balancer_pool(s: Survey) -> Iterator[Problem]:
    """IP-04: a load balancer pool that holds addresses of Nodes, Pods or Services."""
    nodes = tuple(address for node in s.control.nodes.values() for address in node.interface_addresses)
    others = _spans((*nodes, *pod_ranges(s), *service_ranges(s)))
    for index, pool in enumerate(s.project.cluster.loadBalancer.pools):
        for text in pool.addresses:
            span = parse_range(text)
            hit = [other for other, its in others if span is not None and _meet(span, its)]
            if hit:
                title = f"Load balancer pool {pool.name}: {text} overlaps {shown(hit)}"
                why = "Two machines would answer for one address."
                fix = "Give the pool addresses that nobody else has."
                yield s.problem("IP-04", "error", "", f"loadBalancer.pools[{index}]", title, why, fix)


def too_many_pods(s: Survey) -> Iterator[Problem]:
    """IP-07: maxPods above what host-local can hand out on a Node (network, gateway and broadcast are not usable)."""
    cluster = s.project.cluster
    if cluster.cni.plugin != "flannel" or not any(":" not in cidr for cidr in cluster.podCIDRs):
        return
    usable = 2 ** (32 - cluster.nodeCIDRMaskV4) - 3
    if cluster.maxPods > usable:
        title = f"maxPods is {cluster.maxPods}, a Node's /{cluster.nodeCIDRMaskV4} has {max(usable, 0)} Pod addresses"
        why = "The Pods beyond that stay in ContainerCreating: no IP addresses available."
        yield s.problem("IP-07", "warning", "", "maxPods", title, why, "Lower maxPods, or shorten the node mask.")


def calico_blocks(s: Survey) -> Iterator[Problem]:
    """IP-08: fewer Calico blocks than Nodes."""
    settings = s.project.cluster.cni
    if settings.plugin != "calico":
        return
    for text in s.state.cni.pools:
        net = parse_net(text)
        if net is None:
            continue
        size = settings.blockSize if net.family == 4 else settings.blockSizeV6
        bits = 32 if net.family == 4 else 128
        prefix = bits - (net.last - net.first).bit_length()
        blocks = 2 ** max(0, size - prefix)
        if blocks < len(s.control.nodes):
            title = f"Calico pool {text} has {blocks} blocks of /{size} for {len(s.control.nodes)} Nodes"
            why = "A Node without a block of its own borrows addresses; with strictAffinity its Pods get none."
            yield s.problem("IP-08", "warning", "", "cni.pool", title, why, "Use a larger pool or smaller blocks.")


def static_in_dynamic_band(s: Survey) -> Iterator[Problem]:
    """IP-09: a ClusterIP that was asked for lies where the API server draws its own (KEP-3070)."""
    bands = [(cidr, net, cluster_ip_band(net)) for cidr in service_ranges(s) if (net := parse_net(cidr)) is not None]
    for service in s.project.of(Service):
        wanted = service.spec.clusterIP
        address = parse_address(wanted) if wanted and wanted != "None" else None
        if address is None or service.metadata.uid or service.id not in s.control.services:
            continue
        for cidr, net, band in bands:
            if net.family == address[0] and band.has(address[1]) and not band.is_static(address[1]):
                title = f"{short(service.id)}: fixed ClusterIP {wanted} lies in the dynamic band of {cidr}"
                why = (
                    "Another Service may be given it first; then this one is refused: provided IP is already allocated."
                )
                fix = f"Choose one of the first {band.offset} addresses of {cidr}."
                yield s.problem("IP-09", "info", service.id, "spec.clusterIP", title, why, fix)


def range_nearly_full(s: Survey) -> Iterator[Problem]:
    """IP-11: more than 80 % of a Service range in use."""
    used = [parse_address(ip) for service in s.control.services.values() for ip in service.cluster_ips]
    for net in parse_nets(service_ranges(s)):
        band = cluster_ip_band(net)
        size = band.last - band.first + 1
        count = sum(1 for found in used if found is not None and found[0] == net.family and band.has(found[1]))
        if size > 0 and FULL_SHARE * size < count < size:
            title = f"Service range {net.text}: {count} of {size} ClusterIPs are used"
            why = "When it is full, every new Service is refused: range is full."
            yield s.problem("IP-11", "warning", "", "serviceCIDRs", title, why, "Add a ServiceCIDR.")


def hard_coded(s: Survey) -> Iterator[Problem]:
    """IP-12 and IP-13: addresses of Pods or Services written into containers or policies."""
    kinds = (
        ("IP-12", "warning", "Pod", _spans(pod_ranges(s))),
        ("IP-13", "info", "Service", _spans(service_ranges(s))),
    )
    for template in s.templates:
        for place, text in _texts(template.spec.containers, template.path):
            for found in dict.fromkeys(_IPV4.findall(text)):
                number = parse_address(found)
                for code, severity, what, ranges in kinds:
                    if number is not None and any(_meet((number[0], number[1], number[1]), r) for _, r in ranges):
                        title = f"{short(template.id)}: {place.rpartition('.')[2]} holds {found}, a {what} address"
                        why = f"A {what} address changes when the {what} is created anew, and in every other cluster."
                        yield s.problem(code, severity, template.id, place, title, why, "Use the Service's DNS name.")  # type: ignore[arg-type]
    pods = _spans(pod_ranges(s))
    for policy in s.project.of(NetworkPolicy):
        for place, cidr in _single_hosts(policy):
            if any(_meet(span, its) for _, span in _spans((cidr,)) for _, its in pods):
                title = f"{short(policy.id)}: ipBlock {cidr} is one Pod's address"
                why = "A Pod's address changes when the Pod is created anew."
                yield s.problem("IP-12", "warning", policy.id, place, title, why, "Use podSelector.")


def _texts(containers: tuple[Container, ...], path: str) -> Iterator[tuple[str, str]]:
    for index, container in enumerate(containers):
        here = f"{path}.containers[{index}]"
        for number, variable in enumerate(container.env):
            if variable.value:
                yield f"{here}.env[{number}]", variable.value
        for word in ("args", "command"):
            for number, text in enumerate(getattr(container, word)):
                yield f"{here}.{word}[{number}]", text


def _single_hosts(policy: NetworkPolicy) -> Iterator[tuple[str, str]]:
    for index, rule in enumerate(policy.spec.ingress):
        for number, peer in enumerate(rule.from_):
            if peer.ipBlock is not None and _is_host(peer.ipBlock.cidr):
                yield f"spec.ingress[{index}].from[{number}].ipBlock", peer.ipBlock.cidr
    for index, out in enumerate(policy.spec.egress):
        for number, peer in enumerate(out.to):
            if peer.ipBlock is not None and _is_host(peer.ipBlock.cidr):
                yield f"spec.egress[{index}].to[{number}].ipBlock", peer.ipBlock.cidr


def _is_host(cidr: str) -> bool:
    try:
        net = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return net.prefixlen == (32 if isinstance(net, IPv4Network) else 128)


def one_family_pods(s: Survey) -> Iterator[Problem]:
    """IP-15: a dual-stack Service whose Pods have one family."""
    for service, pods in s.services:
        if len(service.ip_families) < 2:
            continue
        for family in service.ip_families:
            number = 6 if family == "IPv6" else 4
            if any(pod.ips for pod in pods) and not any(pod.ip(number) for pod in pods):  # type: ignore[arg-type]
                title = f"{short(service.id)}: dual-stack, but none of its Pods has an {family} address"
                why = f"Its {family} ClusterIP has no endpoints and refuses."
                fix = "Make the Pods dual-stack, or the Service single-stack."
                yield s.problem("IP-15", "warning", service.id, "spec.ipFamilies", title, why, fix)
