"""Whether an eBPF data plane lets a Pod's packet leave its node under the node's address.

Cilium: cilium/cilium bpf/lib/nat.h (`snat_v4_needs_masquerade`) and
Documentation/network/concepts/masquerading.rst; its netfilter rules decide alike, but for what `bpfMasquerade` says of
the program that does it. Calico: the pool's natOutgoing, done by netfilter on a mark of the eBPF program
(projectcalico/calico felix/design/bpf-overview.md, "When BPF defers to the host stack").
"""

from __future__ import annotations

from designer.engine.cni.profile import CniProfile
from designer.engine.cni.ranges import family_of, holder, of_family
from designer.engine.controlplane.state import NodeState
from designer.model import ClusterSettings


def masks(
    profile: CniProfile, settings: ClusterSettings, node: NodeState, source: str, destination: str, to_node: bool
) -> str:
    """Why a Pod's packet from `source` leaves `node` by its network card under another address, "" where it does not.

    `to_node` says that `destination` is another Node of the cluster.
    """
    if not profile.nat_outgoing:
        return ""
    family = family_of(destination)
    if profile.plugin != "cilium":
        pools = of_family(profile.pools, family)
        inside = holder(pools, source) is not None and holder(pools, destination) is None
        return "natOutgoing of the Pods' pool holds for everything outside all pools" if inside else ""
    spared = of_family(settings.cni.nativeRoutingCIDRs, family)
    wrap = profile.encapsulation(family)
    if not spared:
        # A tunnel spares the node's own range. Native routing demands a nativeRoutingCIDR: the pools stand for it.
        spared = of_family(node.blocks if wrap is not None else profile.pools, family)
    if holder(spared, destination) is not None:
        return ""
    if to_node and wrap is None:
        return ""
    by = "Cilium's eBPF on the network card" if settings.cni.bpfMasquerade else "Cilium's netfilter rules"
    rest = ", and tunnels carry nothing for Nodes themselves" if to_node else ""
    return f"{by} mask what leaves the cluster's Pods{rest}"
