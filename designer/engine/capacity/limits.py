"""Where the cluster's ranges end: how many more Nodes, Pods, Services, node ports and load balancer addresses fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from designer.engine.capacity.noderoom import NodeRoom
from designer.engine.capacity.ranges import (
    RangeUse,
    Spans,
    node_networks,
    node_port_ranges,
    numbers_of,
    pool_ranges,
    reserved_for_services,
    service_ranges,
)
from designer.engine.capacity.supply import Supply
from designer.engine.compile import ClusterState
from designer.engine.controlplane.addresses import FAMILY_NAMES, parse_nets
from designer.engine.controlplane.bands import cluster_ip_band
from designer.engine.controlplane.nodenetwork import rings
from designer.engine.controlplane.podips import pools_of
from designer.engine.controlplane.serviceallocation import net_families, service_nets
from designer.model import ServiceCIDR

Thing = Literal["Node", "Pod", "Service", "node port", "load balancer address"]
# What the end of a range means for who comes next; the words are in `present`.
End = Literal[
    "no-pod-range", "no-pod-range-needed", "no-block", "borrows", "no-node-address", "no-place", "no-address",
    "strands", "refused", "static-next", "port-refused", "port-static-next", "pending",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limit:
    """How many more of a thing fit until a range is full.

    `range` says which; `size` is how many it holds in all, `left` how many of these are free. `setting` is the cluster
    setting that says the range, `assumed` whether the input did not say it. `soft`: nothing fails when it is reached.
    `at_most`: it can be fewer, depending on where the scheduler puts Pods. `where` is a Node, where it is about one.
    """

    thing: Thing
    range: str
    left: int
    size: int
    end: End
    setting: str
    assumed: bool = False
    soft: bool = False
    at_most: bool = False
    where: str = ""


def node_limits(state: ClusterState, left: Supply) -> Iterator[Limit]:
    """How many more Nodes: podCIDRs of nodeipam, blocks of the plugin, addresses of the Node network."""
    settings = state.project.cluster
    ledger = state.project.ledger
    needs = settings.cni.plugin == "flannel"
    ring_of = rings(settings, dict(ledger.cidrPointer))
    for ring in ring_of.values():
        for node in state.control.nodes.values():
            for net in parse_nets(node.pod_cidrs):
                if net.family == ring.cluster.family:
                    ring.mark(net)
        free = max(0, ring.blocks - len(ring.used))
        text = f"{ring.cluster.text} in /{ring.mask}"
        yield Limit(
            "Node", text, free, ring.blocks, "no-pod-range" if needs else "no-pod-range-needed", "podCIDRs",
            _assumed(state, "podCIDRs"), soft=not needs,
        )  # fmt: skip
    setting = "cni.pool" if settings.cni.pool else "podCIDRs"
    for family, blocks in left.blocks.items():
        mask = (32 if family == 4 else 128) - blocks.size.bit_length() + 1
        pools = ", ".join(net.text for net in parse_nets(pools_of(settings)) if net.family == family)
        yield Limit(
            "Node", f"{pools} in /{mask}", blocks.free, blocks.total, "borrows" if left.borrows else "no-block",
            setting, _assumed(state, setting), soft=left.borrows,
        )  # fmt: skip
    for use in node_networks(state):
        setting = "nodeNetwork" if use.family == 4 else "nodeNetworkV6"
        yield Limit(
            "Node", use.range, use.free, use.size - use.reserved, "no-node-address", setting, _assumed(state, setting),
            soft=True,
        )  # fmt: skip


def pod_limits(state: ClusterState, rooms: tuple[NodeRoom, ...], left: Supply) -> Iterator[Limit]:
    """How many more Pods: places on all Nodes, addresses for these places, and the Node that strands Pods first."""
    if not rooms:
        return
    settings = state.project.cluster
    opened = [room for room in rooms if not room.closed]
    places = {room.name: room.places for room in opened}
    total, size = sum(places.values()), sum(room.limit for room in opened)
    yield Limit("Pod", "maxPods of all Nodes", total, size, "no-place", "maxPods", _assumed(state, "maxPods"))
    setting = "cni.pool" if settings.cni.pool else "podCIDRs"
    assumed = _assumed(state, setting)
    pools = ", ".join(pools_of(settings))
    holding = sum(room.running for room in opened)
    reachable = left.over(places)
    if reachable < total:
        yield Limit("Pod", pools, reachable, holding + reachable, "no-address", setting, assumed, at_most=True)
    tight = min((room for room in opened if room.strands), key=lambda room: (room.addresses, room.name), default=None)
    if tight is not None and tight.addresses < reachable:
        own = ", ".join(use for use in _ranges_of(state, tight.name)) or pools
        size = tight.running + tight.addresses
        yield Limit("Pod", own, tight.addresses, size, "strands", setting, assumed, where=tight.name)


def _ranges_of(state: ClusterState, name: str) -> tuple[str, ...]:
    node = state.control.nodes.get(name)
    if node is None:
        return ()
    return node.pod_cidrs if state.project.cluster.cni.plugin == "flannel" else node.blocks


def service_limits(state: ClusterState) -> Iterator[Limit]:
    """How many more Services with a ClusterIP, in each family: until the dynamic bands, and until the ranges are full.

    Several ranges of one family are tried until one has an address (KEP-1880); where they overlap an address counts
    once.
    """
    settings = state.project.cluster
    nets = service_nets(settings, state.project.slice(ServiceCIDR).values())
    taken = numbers_of(ip for service in state.control.services.values() for ip in service.cluster_ips)
    kept = reserved_for_services(state, nets)
    bands = service_ranges(state)
    for family in net_families(settings, nets):
        mine = [net for net in nets if net.family == family]
        usable = Spans(
            span
            for net in mine
            for band in (cluster_ip_band(net),)
            for span in _without(kept[net.text], band.first, band.last)
        )
        free = usable.size - sum(taken[family].between(*span) for span in usable.within(0, 1 << 128))
        text = ", ".join(net.text for net in mine)
        assumed = _assumed(state, "serviceCIDRs")
        dynamic = [use for use in bands if use.family == family and use.part == "dynamic band"]
        if dynamic and len(mine) == 1:
            use = dynamic[0]
            yield Limit(
                "Service",
                f"{text}, dynamic band",
                use.free,
                use.size,
                "static-next",
                "serviceCIDRs",
                assumed,
                soft=True,
            )
        yield Limit("Service", text, free, usable.size, "refused", "serviceCIDRs", assumed)


def _without(kept: Spans, low: int, high: int) -> Iterator[tuple[int, int]]:
    """What of `low` to `high` is not kept, as spans."""
    for first, last in kept.within(low, high):
        if low < first:
            yield low, first - 1
        low = last + 1
    if low <= high:
        yield low, high


def port_limits(state: ClusterState) -> Iterator[Limit]:
    """How many more node ports: until the dynamic band, and until the range is full."""
    assumed = _assumed(state, "nodePortRange")
    for use in node_port_ranges(state):
        if use.part == "dynamic band":
            text = f"{use.range}, {use.part}"
            yield Limit("node port", text, use.free, use.size, "port-static-next", "nodePortRange", assumed, soft=True)
        elif not use.part:
            yield Limit("node port", use.range, use.free, use.size, "port-refused", "nodePortRange", assumed)


def pool_limits(state: ClusterState) -> Iterator[Limit]:
    """How many more load balancer addresses each pool has, by family; ranges of one pool that overlap count once."""
    assumed = _assumed(state, "loadBalancer.pools")
    uses = pool_ranges(state)
    for pool in dict.fromkeys(use.owner for use in uses):
        for family in (4, 6):
            mine: list[RangeUse] = [use for use in uses if use.owner == pool and use.family == family]
            if not mine:
                continue
            spans = Spans((use.first, use.last) for use in mine)
            used = sum(mine[0].taken.between(*span) for span in spans.within(0, 1 << 128))
            name = f"pool {pool}" + (f" ({FAMILY_NAMES[mine[0].family]})" if _both(uses, pool) else "")
            left, size = spans.size - used, spans.size
            yield Limit("load balancer address", name, left, size, "pending", "loadBalancer.pools", assumed)


def _both(uses: tuple[RangeUse, ...], pool: str) -> bool:
    return len({use.family for use in uses if use.owner == pool}) > 1


def _assumed(state: ClusterState, setting: str) -> bool:
    return f"setting:{setting}" in state.project.cluster.assumed
