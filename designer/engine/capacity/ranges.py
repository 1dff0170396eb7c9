"""Each range of the cluster with what is used of it, what nobody can get, and what is left.

What is reserved follows the program that hands out: host-local, Calico's blocks, Cilium's pool, Weave's ring
(domain/ipam.md 3 and 4), the API server's allocators of ClusterIPs and node ports (5 and 6).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from designer.engine.capacity.counted import holding_pods
from designer.engine.compile import ClusterState
from designer.engine.controlplane.addresses import Net, parse_address, parse_net, parse_range
from designer.engine.controlplane.bands import cluster_ip_band, node_port_band
from designer.engine.controlplane.podips import pools_of
from designer.engine.controlplane.serviceallocation import KUBERNETES, service_nets
from designer.engine.controlplane.state import Family
from designer.model import ServiceCIDR

Role = Literal["Nodes", "Pods", "Services", "Node ports", "Load balancers"]
Span = tuple[int, int]


class Numbers:
    """Numbers in use of one family, sorted, each once: thousands of ranges are counted in a few steps each."""

    __slots__ = ("_sorted",)

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._sorted = sorted({*numbers})

    def between(self, low: int, high: int) -> int:
        """How many lie from `low` to `high`, both included."""
        return bisect_right(self._sorted, high) - bisect_left(self._sorted, low)


class Spans:
    """Spans of numbers, joined where they meet."""

    __slots__ = ("_lows", "_spans", "_sums")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        joined: list[Span] = []
        for low, high in sorted(spans):
            if joined and low <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], high))
            else:
                joined.append((low, high))
        self._spans = joined
        self._lows = [low for low, _ in joined]
        self._sums = [0, *accumulate(high - low + 1 for low, high in joined)]

    def within(self, low: int, high: int) -> Iterator[Span]:
        """The spans, cut to what lies from `low` to `high`."""
        place = max(0, bisect_left(self._lows, low) - 1)
        for first, last in self._spans[place : bisect_right(self._lows, high)]:
            if last >= low:
                yield max(first, low), min(last, high)

    @property
    def size(self) -> int:
        """How many numbers there are in all."""
        return self._sums[-1]

    def between(self, low: int, high: int) -> int:
        """How many lie from `low` to `high`, both included."""
        return self._below(high + 1) - self._below(low) if high >= low else 0

    def _below(self, number: int) -> int:
        place = bisect_left(self._lows, number)
        if not place:
            return 0
        low, high = self._spans[place - 1]
        return self._sums[place - 1] + min(high, number - 1) - low + 1


@dataclass(frozen=True, slots=True, eq=False)
class RangeUse:
    """One range of addresses or ports, from `first` to `last`.

    `owner` is the Node or the pool, "" for the whole cluster; `part` is the band of a Service range or of the node
    ports. `reserved` are numbers that nobody can get from it, `why` says which.
    """

    range: str
    role: Role
    owner: str
    family: Family
    first: int
    last: int
    part: str = ""
    why: str = ""
    taken: Numbers = field(default_factory=Numbers)
    kept: Spans = field(default_factory=Spans)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.last - self.first + 1

    @property
    def used(self) -> int:
        """How many of them are in use."""
        return self.taken.between(self.first, self.last)

    @property
    def reserved(self) -> int:
        """How many of them nobody can get and nobody has."""
        return self.cell(self.first, self.last)[1]

    @property
    def free(self) -> int:
        """How many are left."""
        return self.size - self.used - self.reserved

    def cell(self, low: int, high: int) -> tuple[int, int]:
        """How many from `low` to `high` are used, and how many reserved; a number that is both is used."""
        used = self.taken.between(low, high)
        kept = self.kept.between(low, high)
        if used and kept:
            kept -= sum(self.taken.between(*span) for span in self.kept.within(low, high))
        return used, kept


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a range lies and who it is for."""

    text: str
    role: Role
    owner: str = ""


def numbers_of(addresses: Iterable[str]) -> dict[Family, Numbers]:
    """The numbers of addresses, by family."""
    found: dict[Family, list[int]] = {4: [], 6: []}
    for text in addresses:
        address = parse_address(text)
        if address is not None:
            found[address[0]].append(address[1])
    return {4: Numbers(found[4]), 6: Numbers(found[6])}


def range_uses(state: ClusterState) -> tuple[RangeUse, ...]:
    """Every range: Pods (the cluster's, the plugin's, each Node's), Services with bands, node ports, pools, Nodes."""
    return (*pod_ranges(state), *service_ranges(state), *node_port_ranges(state), *pool_ranges(state),
            *node_networks(state))  # fmt: skip


def pod_ranges(state: ClusterState) -> tuple[RangeUse, ...]:
    """The ranges that Pods get addresses from: those of the whole cluster, then each Node's."""
    settings = state.project.cluster
    whole = [_Places(text, "Pods") for text in dict.fromkeys(pools_of(settings))]
    own = [_Places(text, "Pods", name) for name, texts in node_ranges(state).items() for text in texts]
    taken = numbers_of(ip for pod in holding_pods(state) for ip in pod.ips)
    kept = _reserved_for_pods(state, [place.text for place in own])
    why = RESERVED_FOR_PODS[settings.cni.plugin]
    return tuple(found for place in (*whole, *own) if (found := _use(place, taken, kept, why)) is not None)


# What of a Pod range nobody can get, by plugin (domain/ipam.md, sections 3 and 4).
RESERVED_FOR_PODS = {
    "flannel": "network address, gateway and broadcast address of each Node's range",
    "calico": "addresses of tunnel devices",
    "cilium": "first and last address of each Node's range, cilium_host and the health endpoint",
    "weave": "first and last address of the range, and the bridge of each Node",
}


def node_ranges(state: ClusterState) -> dict[str, tuple[str, ...]]:
    """The ranges that each Node hands out by itself, by its name: podCIDRs, blocks, or its part of Weave's ring."""
    plugin, ledger = state.project.cluster.cni.plugin, state.project.ledger.nodes
    found = {}
    for node in state.control.nodes.values():
        if plugin == "flannel":
            found[node.name] = node.pod_cidrs
        elif plugin == "weave":
            record = ledger.get(node.name)
            found[node.name] = tuple(text for text in record.blocks if "-" in text) if record else ()
        else:
            found[node.name] = node.blocks
    return found


def _reserved_for_pods(state: ClusterState, own: list[str]) -> dict[Family, Spans]:
    plugin = state.project.cluster.cni.plugin
    found: dict[Family, list[Span]] = {4: [], 6: []}
    for node in state.control.nodes.values():
        for text in (*node.tunnel_ips, *node.bridge_ips):
            address = parse_address(text)
            if address is not None:
                found[address[0]].append((address[1], address[1]))
    for net in filter(None, map(parse_net, own if plugin in {"flannel", "cilium"} else ())):
        numbers = [net.first, net.last]
        if plugin == "flannel":  # IPv6 has no broadcast address: its last one is handed out
            numbers = [net.first, net.first + 1, *([net.last] if net.family == 4 else [])]
        found[net.family] += [(number, number) for number in numbers if net.has(number)]
    if plugin == "weave":
        for net in filter(None, map(parse_net, pools_of(state.project.cluster))):
            found[net.family] += [(net.first, net.first), (net.last, net.last)]
    return {4: Spans(found[4]), 6: Spans(found[6])}


def service_ranges(state: ClusterState) -> tuple[RangeUse, ...]:
    """The ranges of ClusterIPs, each followed by its two bands where it has two (KEP-3070)."""
    taken = numbers_of(ip for service in state.control.services.values() for ip in service.cluster_ips)
    nets = service_nets(state.project.cluster, state.project.slice(ServiceCIDR).values())
    kept = reserved_for_services(state, nets)
    found: list[RangeUse] = []
    for net in nets:
        band, numbers, spans = cluster_ip_band(net), taken[net.family], kept[net.text]
        why = "network address" + (" and broadcast address" if net.family == 4 else "")
        if spans.size > net.size - (band.last - band.first + 1):
            why += ", and the first address for Service default/kubernetes"
        found.append(RangeUse(net.text, "Services", "", net.family, net.first, net.last, "", why, numbers, spans))
        if band.offset:
            middle = band.first + band.offset
            for part, low, high in (("static band", band.first, middle - 1), ("dynamic band", middle, band.last)):
                found.append(RangeUse(net.text, "Services", "", net.family, low, high, part, "", numbers, spans))
    return tuple(found)


def reserved_for_services(state: ClusterState, nets: tuple[Net, ...]) -> dict[str, Spans]:
    """What of each Service range no new Service gets, by the range's text.

    The API server keeps the first address of the primary range for Service default/kubernetes, which every cluster has
    whether the input shows it or not.
    """
    found = {}
    for net in nets:
        band = cluster_ip_band(net)
        spans = [span for span in ((net.first, band.first - 1), (band.last + 1, net.last)) if span[0] <= span[1]]
        if KUBERNETES not in state.control.services and nets and net is nets[0] and band.first <= band.last:
            spans.append((band.first, band.first))
        found[net.text] = Spans(spans)
    return found


def node_port_ranges(state: ClusterState) -> tuple[RangeUse, ...]:
    """The node ports, then their two bands where there are two (KEP-3668)."""
    low, high = state.project.cluster.nodePortRange
    services = state.control.services.values()
    ports = [p.node_port for service in services for p in service.ports if p.node_port]
    ports += [service.health_check_node_port for service in services if service.health_check_node_port]
    numbers, band, text = Numbers(ports), node_port_band(low, high), f"{low}-{high}"
    found = [RangeUse(text, "Node ports", "", 4, low, high, taken=numbers)]
    if band.offset:
        middle = low + band.offset
        for part, first, last in (("static band", low, middle - 1), ("dynamic band", middle, high)):
            found.append(RangeUse(text, "Node ports", "", 4, first, last, part, taken=numbers))
    return tuple(found)


def pool_ranges(state: ClusterState) -> tuple[RangeUse, ...]:
    """The ranges of the load balancer pools."""
    taken = numbers_of(e.ip for s in state.control.services.values() for e in s.load_balancer if e.ip)
    places = [
        _Places(text, "Load balancers", pool.name)
        for pool in state.project.cluster.loadBalancer.pools
        for text in pool.addresses
    ]
    return tuple(found for place in places if (found := _use(place, taken, {}, "")) is not None)


def node_networks(state: ClusterState) -> tuple[RangeUse, ...]:
    """The networks that Nodes get addresses of here; that of IPv6 only where the cluster has that family."""
    settings = state.project.cluster
    taken = numbers_of(ip for node in state.control.nodes.values() for ip in node.interface_addresses)
    six = any(":" in text for text in (*settings.podCIDRs, *settings.serviceCIDRs))
    found = []
    for text in (settings.nodeNetwork, *((settings.nodeNetworkV6,) if six else ())):
        net = parse_net(text)
        if net is not None:
            ends = [(net.first, net.first + 1), *([(net.last, net.last)] if net.family == 4 else [])]
            why = "network address, the router" + (" and the broadcast address" if net.family == 4 else "")
            use = _use(_Places(text, "Nodes"), taken, {net.family: Spans(ends)}, why)
            found += [use] if use is not None else []
    return tuple(found)


def _use(place: _Places, taken: dict[Family, Numbers], kept: dict[Family, Spans], why: str) -> RangeUse | None:
    """The range at a place; None where its text says none."""
    found = parse_range(place.text)
    if found is None:
        return None
    family, first, last = found
    spans = kept.get(family, Spans())
    said = why if spans.between(first, last) else ""
    return RangeUse(place.text, place.role, place.owner, family, first, last, "", said, taken[family], spans)
