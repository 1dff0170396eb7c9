"""kube-proxy's ipvs mode in the lab: our own text of the virtual servers, and the device that holds their addresses.

The ip sets and iptables rules around them are loaded with all others. `domain/kube-proxy.md` section 5.
"""

from __future__ import annotations

from designer.engine.controlplane.state import Family
from designer.engine.netfilter.ipvs_render import server_lines
from designer.engine.trace.ground import Ground
from designer.lab.plan import BITS, Draft, Settings, node_space

IPVS = "ipvs"
DEVICE_MTU = 1500
NOT_COMPARED = "In ipvs mode rules are not compared one by one: what IPVS does between the hooks is no rule."


def add_virtual_servers(draft: Draft, ground: Ground, node: str, family: Family) -> None:
    """What a Node holds in ipvs mode beside its rules: addresses of Services as its own, and the virtual servers.

    kube-proxy's device is of the kind dummy. A bridge without ports does the same, holds addresses, and needs no
    kernel module that a bridged plugin does not need too.
    """
    program, space = ground.state.ipvs_program(node, family), node_space(node)
    draft.add("bridge", space, name=program.device, mac=draft.mac(space, program.device), mtu=DEVICE_MTU)
    for address in program.addresses:
        bare = address.partition("/")[0]
        draft.add("address", space, device=program.device, address=f"{bare}/{BITS[family]}")
    text = "".join(f"{line}\n" for server in program.servers for line in server_lines(server))
    if text:
        draft.add("load", space, tool=("ipvsadm", "-R"), text=text)


def virtual_settings(strict_arp: bool) -> Settings:
    """The kernel settings that kube-proxy makes in ipvs mode (`pkg/proxy/ipvs`, NewProxier)."""
    strict = (("net/ipv4/conf/all/arp_ignore", "1"), ("net/ipv4/conf/all/arp_announce", "2"))
    return (
        ("net/ipv4/vs/conntrack", "1"),
        ("net/ipv4/vs/conn_reuse_mode", "0"),
        ("net/ipv4/vs/expire_nodest_conn", "1"),
        ("net/ipv4/vs/expire_quiescent_template", "1"),
        *(strict if strict_arp else ()),
    )
