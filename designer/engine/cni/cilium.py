"""Cilium: addresses are known, the path through its eBPF programs is not computed, and the profile says so.

Facts: `domain/cni.md` sections 1 to 4. Whether Cilium translates at the socket, on the device or leaves Services to
kube-proxy depends on `kubeProxyReplacement` and its host routing mode, which no Kubernetes object states.
"""

from __future__ import annotations

from designer.engine.cni.profile import CniProfile, Encapsulation
from designer.engine.controlplane.enforcement import CILIUM
from designer.model import ClusterSettings

DEFAULT_POOL = "10.0.0.0/8"
UNKNOWN = (
    "Cilium carries packets with its own eBPF programs; where it translates Services and checks policies depends on "
    "its configuration, which the cluster's manifests do not state."
)


def profile(settings: ClusterSettings) -> CniProfile:
    """Cilium's profile: devices and MTU are known, `unknown` says why its datapath is not traced."""
    cni = settings.cni
    wraps = {
        "vxlan": Encapsulation("VXLAN", "cilium_vxlan", "UDP", 8472, None, 50),
        "geneve": Encapsulation("Geneve", "cilium_geneve", "UDP", 6081, None, 50),
    }
    backend = cni.backend if cni.backend in ("vxlan", "geneve", "native") else "vxlan"
    wrap = wraps.get(backend)
    return CniProfile(
        plugin="cilium",
        backend=backend,
        title=f"Cilium ({'native routing' if wrap is None else wrap.name})",
        families=(4, 6),
        bridge="",
        veth_prefix="lxc",
        pod_prefix=32,
        gateway="",
        encapsulation_v4=wrap,
        encapsulation_v6=wrap,
        mtu=cni.linkMTU - (wrap.overhead if wrap else 0),
        masquerade="none",
        enforcement=CILIUM,
        pools=cni.pool or (DEFAULT_POOL,),
        unknown=UNKNOWN,
    )
