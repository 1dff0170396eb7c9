"""Addresses that are left for Pods: on each Node if all new Pods went there, and in the whole cluster.

domain/ipam.md 3 and 4: host-local and Cilium's pool give a Node what its own ranges hold. Calico's Node claims up to 20
blocks, and then borrows from those of other Nodes unless strictAffinity is set. Weave's Nodes ask others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.capacity.ranges import RangeUse, node_ranges, pod_ranges
from designer.engine.compile import ClusterState
from designer.engine.controlplane.addresses import family_of
from designer.engine.controlplane.calicoblocks import MAX_BLOCKS_PER_NODE
from designer.engine.controlplane.ipambooks import BlockPools
from designer.engine.controlplane.podips import CILIUM_BLOCKS, pools_of
from designer.engine.controlplane.state import Family


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of the plugin's pools in one family: addresses in each, how many there are, how many Nodes hold."""

    size: int
    total: int
    held: int

    @property
    def free(self) -> int:
        """Blocks that no Node holds."""
        return max(0, self.total - self.held)


@dataclass(frozen=True, slots=True)
class Supply:
    """What is left for Pods.

    `own` are the free addresses of each Node's ranges by family and name; a Pod needs one of every family of
    `families`. `blocks` are those of Calico and Cilium, `sums` the free addresses of all Nodes together.
    `pool` is what Weave's ring has left, None elsewhere. With `partial` a Node without a range of one family gives
    addresses of the other alone (host-local), else it gives none.
    """

    families: tuple[Family, ...]
    own: Mapping[Family, Mapping[str, int]]
    held: Mapping[Family, Mapping[str, int]]
    blocks: Mapping[Family, Blocks]
    sums: Mapping[Family, int]
    borrows: bool = False
    claims: bool = False
    pool: int | None = None
    partial: bool = False

    def on(self, node: str) -> int:
        """How many more Pods `node` has addresses for, if all of them went there."""
        if self.pool is not None:
            return self.pool
        families = [f for f in self.families if node in self.own[f]] if self.partial else self.families
        return min((self._on(node, family) for family in families), default=0)

    def _on(self, node: str, family: Family) -> int:
        own = self.own[family].get(node, 0)
        if not self.claims:
            return own
        more = min(self._slots(node, family), self.blocks[family].free) * self.blocks[family].size
        others = self.sums[family] - own if self.borrows else 0
        return own + more + others

    def _slots(self, node: str, family: Family) -> int:
        return max(0, MAX_BLOCKS_PER_NODE - self.held[family].get(node, 0))

    def over(self, places: Mapping[str, int]) -> int:
        """How many more Pods the Nodes of `places` have addresses for, at most `places[node]` on each."""
        if self.pool is not None:
            return min(self.pool, sum(places.values()))
        return min((self._over(places, family) for family in self.families), default=0)

    def _over(self, places: Mapping[str, int], family: Family) -> int:
        own = self.own[family]
        if not self.claims:
            return sum(min(count, self.on(node)) for node, count in places.items())
        blocks = self.blocks[family]
        if self.borrows:
            slots = sum(self._slots(node, family) for node, count in places.items() if count)
            return min(sum(places.values()), self.sums[family] + blocks.size * min(blocks.free, slots))
        # Each further block brings a Node at most its size, and no more than the Node has places for.
        gains: list[int] = []
        for node, count in places.items():
            lacking = count - own.get(node, 0)
            for _ in range(self._slots(node, family)):
                if lacking <= 0:
                    break
                gains.append(min(lacking, blocks.size))
                lacking -= blocks.size
        best = sorted(gains, reverse=True)[: blocks.free]
        return sum(min(count, own.get(node, 0)) for node, count in places.items()) + sum(best)


def supply(state: ClusterState) -> Supply:
    """What the network plugin has left for Pods."""
    settings = state.project.cluster
    plugin = settings.cni.plugin
    ranges = pod_ranges(state)
    if plugin == "weave":
        whole = next((use for use in ranges if not use.owner and use.family == 4), None)
        return Supply((4,), {4: {}}, {4: {}}, {}, {4: 0}, pool=whole.free if whole else 0)
    mine = [use for use in ranges if use.owner]
    if plugin == "flannel":
        # host-local takes one address of each podCIDR of the Node, so that a Node of one family needs only that.
        found = dict.fromkeys(family_of(text) for texts in node_ranges(state).values() for text in texts)
        return Supply(tuple(found), _by_node(mine, tuple(found)), {}, {}, {}, partial=True)
    sizes: dict[Family, int] = {4: settings.cni.blockSize, 6: settings.cni.blockSizeV6}
    pools = BlockPools(pools_of(settings), sizes if plugin == "calico" else CILIUM_BLOCKS)
    families = tuple(pools.pools)
    held = {f: _held(mine, f) for f in families}
    blocks = {
        family: Blocks(
            pools.block_size(family),
            sum(pools.count(family, net) for net in pools.pools[family]),
            sum(held[family].values()),
        )
        for family in families
    }
    own, calico = _by_node(mine, families), plugin == "calico"
    sums = {family: sum(own[family].values()) for family in families}
    return Supply(families, own, held, blocks, sums, calico and not settings.cni.strictAffinity, calico)


def _by_node(ranges: list[RangeUse], families: tuple[Family, ...]) -> dict[Family, dict[str, int]]:
    found: dict[Family, dict[str, int]] = {family: {} for family in families}
    for use in ranges:
        if use.family in found:
            found[use.family][use.owner] = found[use.family].get(use.owner, 0) + max(0, use.free)
    return found


def _held(ranges: list[RangeUse], family: Family) -> dict[str, int]:
    found: dict[str, int] = {}
    for use in ranges:
        if use.family == family:
            found[use.owner] = found.get(use.owner, 0) + 1
    return found
