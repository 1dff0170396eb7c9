"""Calico with its iptables or its eBPF data plane: a routed veth per Pod, joined by VXLAN, IPIP or plain BGP routes.

Facts: `domain/cni.md` sections 1 to 5. IPIP carries IPv4 only; IPv6 then goes unwrapped. With eBPF one VXLAN device
serves both families (projectcalico/calico felix/design/bpf-encap-fragments-icmp.md), and the MTU of Pods follows the
pools' encapsulation alone, although requests from outside are tunnelled in any case (felix determinePodMTU).
"""

from __future__ import annotations

from designer.engine.cni.datapath import calico_datapath
from designer.engine.cni.profile import CniProfile, EncapsulateWhen, Encapsulation
from designer.engine.cni.ranges import of_family
from designer.engine.controlplane.enforcement import CALICO, CALICO_BPF, enforced_by
from designer.model import ClusterSettings, calico_encapsulation, replaces_kube_proxy

VXLAN_PORT, VXLAN_VNI = 4789, 4096
GATEWAY = "169.254.1.1"

TITLES = {
    "vxlan": "Calico (VXLAN)",
    "ipip": "Calico (IPIP)",
    "ipip-crosssubnet": "Calico (IPIP between subnets)",
    "vxlan-crosssubnet": "Calico (VXLAN between subnets)",
    "bgp": "Calico (BGP)",
}
EBPF_TITLES = {name: title.replace("(", "(eBPF, ") for name, title in TITLES.items()}


def profile(settings: ClusterSettings) -> CniProfile:
    """Calico's profile for these settings; a backend that it does not have counts as vxlan, the table's first."""
    cni = settings.cni
    ebpf = bool(replaces_kube_proxy(settings))
    backend = calico_encapsulation(cni.backend)
    backend = backend if backend in TITLES else "vxlan"
    when: EncapsulateWhen = "cross-subnet" if backend.endswith("crosssubnet") else "always"
    pools = cni.pool or settings.podCIDRs
    wrap4: Encapsulation | None = None
    wrap6: Encapsulation | None = None
    if backend.startswith("vxlan"):
        wrap4 = Encapsulation("VXLAN", "vxlan.calico", "UDP", VXLAN_PORT, VXLAN_VNI, 50, when)
        wrap6 = Encapsulation(
            "VXLAN", "vxlan.calico" if ebpf else "vxlan-v6.calico", "UDP", VXLAN_PORT, VXLAN_VNI, 70, when
        )
    elif backend.startswith("ipip"):
        wrap4 = Encapsulation("IPIP", "tunl0", "IP protocol 4", 0, None, 20, when)
    used = [wrap for wrap, family in ((wrap4, 4), (wrap6, 6)) if wrap and of_family(pools, 4 if family == 4 else 6)]
    return CniProfile(
        plugin="calico",
        backend=cni.backend if ebpf else backend,
        title=(EBPF_TITLES if ebpf else TITLES)[backend],
        families=(4, 6),
        bridge="",
        veth_prefix="cali",
        pod_prefix=32,
        gateway=GATEWAY,
        encapsulation_v4=wrap4,
        encapsulation_v6=wrap6,
        mtu=cni.linkMTU - max((wrap.overhead for wrap in used), default=0),
        masquerade="calico",
        enforcement=enforced_by(cni.policyController, CALICO_BPF if ebpf else CALICO),
        pools=pools,
        nat_outgoing=cni.natOutgoing,
        datapath=calico_datapath(cni) if ebpf else None,
    )
