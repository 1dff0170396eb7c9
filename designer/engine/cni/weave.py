"""Weave Net, fast datapath: one bridge `weave` that reaches over all nodes, an IPv4 segment for all Pods.

Facts: `domain/cni.md` sections 1 to 5. The last releases (2.7 and later) keep the client's address towards Pods of the
node by themselves (`NO_MASQ_LOCAL=1` became the default, MetalLB documentation "Weave Net"); the profile does so too.
"""

from __future__ import annotations

from designer.engine.cni.profile import CniProfile, Encapsulation
from designer.engine.controlplane.enforcement import WEAVE, enforced_by
from designer.model import ClusterSettings

FASTDP_PORT = 6784
DEFAULT_MTU = 1376
WORST_OVERHEAD = 87
DEFAULT_POOL = "10.32.0.0/12"


def profile(settings: ClusterSettings) -> CniProfile:
    """Weave Net's profile for these settings. Its MTU is 1376 whatever the link has, unless the link is smaller."""
    cni = settings.cni
    return CniProfile(
        plugin="weave",
        backend="fastdp",
        title="Weave Net (fast datapath)",
        families=(4,),
        bridge="weave",
        veth_prefix="vethwepl",
        pod_prefix=None,
        gateway="",
        encapsulation_v4=Encapsulation("VXLAN (fast datapath)", "vxlan-6784", "UDP", FASTDP_PORT, None, WORST_OVERHEAD),
        encapsulation_v6=None,
        mtu=min(DEFAULT_MTU, cni.linkMTU - WORST_OVERHEAD),
        masquerade="weave",
        enforcement=enforced_by(cni.policyController, WEAVE),
        pools=cni.pool or (DEFAULT_POOL,),
        flat=True,
        hairpin=cni.hairpin,
        bridge_netfilter=cni.bridgeNetfilter,
    )
