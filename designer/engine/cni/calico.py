"""Calico with its iptables data plane: a routed veth per Pod, joined by VXLAN, IPIP or plain BGP routes.

Facts: `domain/cni.md` sections 1 to 5. IPIP carries IPv4 only; IPv6 then goes unwrapped.
"""

from __future__ import annotations

from designer.engine.cni.profile import CniProfile, EncapsulateWhen, Encapsulation
from designer.engine.cni.ranges import of_family
from designer.engine.controlplane.enforcement import CALICO
from designer.model import ClusterSettings

VXLAN_PORT, VXLAN_VNI = 4789, 4096
GATEWAY = "169.254.1.1"

TITLES = {
    "vxlan": "Calico (VXLAN)",
    "ipip": "Calico (IPIP)",
    "ipip-crosssubnet": "Calico (IPIP between subnets)",
    "vxlan-crosssubnet": "Calico (VXLAN between subnets)",
    "bgp": "Calico (BGP)",
}


def profile(settings: ClusterSettings) -> CniProfile:
    """Calico's profile for these settings; a backend that it does not have counts as vxlan, the table's first."""
    cni = settings.cni
    backend = cni.backend if cni.backend in TITLES else "vxlan"
    when: EncapsulateWhen = "cross-subnet" if backend.endswith("crosssubnet") else "always"
    pools = cni.pool or settings.podCIDRs
    wrap4: Encapsulation | None = None
    wrap6: Encapsulation | None = None
    if backend.startswith("vxlan"):
        wrap4 = Encapsulation("VXLAN", "vxlan.calico", "UDP", VXLAN_PORT, VXLAN_VNI, 50, when)
        wrap6 = Encapsulation("VXLAN", "vxlan-v6.calico", "UDP", VXLAN_PORT, VXLAN_VNI, 70, when)
    elif backend.startswith("ipip"):
        wrap4 = Encapsulation("IPIP", "tunl0", "IP protocol 4", 0, None, 20, when)
    used = [wrap for wrap, family in ((wrap4, 4), (wrap6, 6)) if wrap and of_family(pools, 4 if family == 4 else 6)]
    return CniProfile(
        plugin="calico",
        backend=backend,
        title=TITLES[backend],
        families=(4, 6),
        bridge="",
        veth_prefix="cali",
        pod_prefix=32,
        gateway=GATEWAY,
        encapsulation_v4=wrap4,
        encapsulation_v6=wrap6,
        mtu=cni.linkMTU - max((wrap.overhead for wrap in used), default=0),
        masquerade="calico",
        enforcement=CALICO,
        pools=pools,
        nat_outgoing=cni.natOutgoing,
    )
