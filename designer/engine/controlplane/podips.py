"""Which address management the cluster's CNI plugin uses, made ready for a set of Nodes."""

from __future__ import annotations

from collections.abc import Callable

from designer.engine.controlplane.addresses import parse_nets
from designer.engine.controlplane.calicoblocks import CalicoBlocks
from designer.engine.controlplane.ciliumpool import CiliumPool
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.hostlocal import HostLocal
from designer.engine.controlplane.ipambooks import BlockPools, NodeBook, PodIpam
from designer.engine.controlplane.state import Family
from designer.engine.controlplane.weavering import WeaveRing
from designer.model import ClusterSettings, calico_encapsulation
from designer.model.cluster import WEAVE_POOL

CILIUM_POOLS = ("10.0.0.0/8", "fd00::/104")
CILIUM_BLOCKS: dict[Family, int] = {4: 24, 6: 120}


def pools_of(settings: ClusterSettings) -> tuple[str, ...]:
    """The plugin's address pools: its setting, else its default (podCIDRs for Calico and Flannel)."""
    match settings.cni.plugin:
        case "flannel":
            return settings.podCIDRs
        case "calico":
            return settings.cni.pool or settings.podCIDRs
        case "weave":
            return settings.cni.pool or (WEAVE_POOL,)
        case "cilium":
            families = {net.family for net in parse_nets(settings.podCIDRs)} or {4}
            return settings.cni.pool or tuple(p for p in CILIUM_POOLS if (6 if ":" in p else 4) in families)


def tunnel_families(settings: ClusterSettings) -> tuple[Family, ...]:
    """The families that have an encapsulation device: none for routing, IPv4 alone for IPIP."""
    backend = calico_encapsulation(settings.cni.backend)
    if "ipip" in backend:
        return (4,)
    return (4, 6) if "vxlan" in backend or "geneve" in backend else ()


def pod_ipam(settings: ClusterSettings, books: dict[str, NodeBook], draws: Callable[[], Draws]) -> PodIpam:
    """The plugin's address management over these books, in the order of the Nodes' creation.

    What the books hold of another plugin, or of another pool or block size, is dropped from them: addresses that rest
    on it no longer fit.
    """
    cni = settings.cni
    pools = pools_of(settings)
    match cni.plugin:
        case "flannel":
            return HostLocal(books, bool(tunnel_families(settings)))
        case "calico":
            sizes: dict[Family, int] = {4: cni.blockSize, 6: cni.blockSizeV6}
            return CalicoBlocks(books, BlockPools(pools, sizes), tunnel_families(settings), cni.strictAffinity)
        case "weave":
            nets = [net for net in parse_nets(pools) if net.family == 4] or list(parse_nets((WEAVE_POOL,)))
            return WeaveRing(books, nets[0], draws)
        case "cilium":
            return CiliumPool(books, BlockPools(pools, CILIUM_BLOCKS), draws)


def write_back(ipam: PodIpam) -> None:
    """Bring the books up to date with what the address management has given away."""
    if isinstance(ipam, CalicoBlocks | WeaveRing):
        ipam.write_back()
