"""Cilium: a veth per Pod with eBPF programs on it, joined by VXLAN or Geneve tunnels or by plain routes.

Facts: `domain/cni.md` sections 1 to 4; cilium/cilium Documentation/network/concepts/routing.rst (the outer header of a
tunnel is IPv4 unless `underlay-protocol` says otherwise), masquerading.rst. The VNI of a tunnelled packet is the
sender's security identity, so the tunnel has no number of its own.
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.cni.datapath import cilium_datapath
from designer.engine.cni.profile import CniProfile, Encapsulation
from designer.engine.controlplane.enforcement import CILIUM, CILIUM_ALWAYS, CILIUM_NEVER
from designer.engine.controlplane.podips import pools_of
from designer.model import ClusterSettings

WRAPS = {
    "vxlan": Encapsulation("VXLAN", "cilium_vxlan", "UDP", 8472, None, 50, underlay=4),
    "geneve": Encapsulation("Geneve", "cilium_geneve", "UDP", 6081, None, 50, underlay=4),
}
MODES = {"default": CILIUM, "always": CILIUM_ALWAYS, "never": CILIUM_NEVER}


def profile(settings: ClusterSettings) -> CniProfile:
    """Cilium's profile for these settings; a backend that it does not have counts as vxlan, its default."""
    cni = settings.cni
    backend = cni.backend if cni.backend in (*WRAPS, "native") else "vxlan"
    wrap = WRAPS.get(backend)
    served = "kube-proxy replacement" if cni.kubeProxyReplacement else "with kube-proxy"
    return CniProfile(
        plugin="cilium",
        backend=backend,
        title=f"Cilium ({'native routing' if wrap is None else wrap.name}, {served})",
        families=(4, 6),
        bridge="",
        veth_prefix="lxc",
        pod_prefix=32,
        gateway="",
        encapsulation_v4=wrap,
        encapsulation_v6=wrap,
        mtu=cni.linkMTU - (wrap.overhead if wrap else 0),
        masquerade="cilium",
        enforcement=replace(MODES[cni.policyEnforcement], ip_block_matches_nodes=cni.policyCIDRMatchNodes),
        pools=pools_of(settings),
        nat_outgoing=cni.natOutgoing,
        datapath=cilium_datapath(cni, backend),
    )
