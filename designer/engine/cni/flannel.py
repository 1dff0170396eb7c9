"""Flannel: a Linux bridge `cni0` on every node, joined by VXLAN or by plain routes; no policy engine.

Facts: `domain/cni.md` sections 1 to 5 and the plugin's own backend documentation.
"""

from __future__ import annotations

from designer.engine.cni.profile import CniProfile, EncapsulateWhen, Encapsulation
from designer.engine.cni.ranges import of_family
from designer.engine.controlplane.enforcement import FLANNEL, enforced_by
from designer.model import ClusterSettings

VXLAN_PORT, VXLAN_VNI = 8472, 1


def profile(settings: ClusterSettings) -> CniProfile:
    """Flannel's profile for these settings; a backend that it does not have counts as vxlan, its default."""
    cni = settings.cni
    host_gw = cni.backend == "host-gw"
    # DirectRouting of the vxlan backend: within one subnet a plain route in place of the tunnel (Backends, "VXLAN").
    when: EncapsulateWhen = "cross-subnet" if cni.directRouting else "always"
    wrap4 = Encapsulation("VXLAN", "flannel.1", "UDP", VXLAN_PORT, VXLAN_VNI, 50, when)
    wrap6 = Encapsulation("VXLAN", "flannel-v6.1", "UDP", VXLAN_PORT, VXLAN_VNI, 70, when)
    overhead = 0 if host_gw else (70 if of_family(settings.podCIDRs, 6) else 50)
    return CniProfile(
        plugin="flannel",
        backend="host-gw" if host_gw else "vxlan",
        title="Flannel (host-gw)" if host_gw else f"Flannel (VXLAN{' between subnets' if cni.directRouting else ''})",
        families=(4, 6),
        bridge="cni0",
        veth_prefix="veth",
        pod_prefix=None,
        gateway="",
        encapsulation_v4=None if host_gw else wrap4,
        encapsulation_v6=None if host_gw else wrap6,
        mtu=cni.linkMTU - overhead,
        masquerade="flannel",
        enforcement=enforced_by(cni.policyController, FLANNEL),
        pools=settings.podCIDRs,
        needs_same_link=host_gw,
        hairpin=cni.hairpin,
        bridge_netfilter=cni.bridgeNetfilter,
    )
