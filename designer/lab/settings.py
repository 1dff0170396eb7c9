"""Kernel settings of the lab's namespaces, as rows."""

from __future__ import annotations

from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.state import NodeState
from designer.engine.trace.ground import Ground
from designer.lab.plan import Settings
from designer.lab.virtual import IPVS, virtual_settings

# Before any device is made: IPv6 addresses are there at once, nothing is announced on links, answers of the kernel are
# not held back, and no redirect changes anybody's routes behind our back.
EVERYWHERE: Settings = (
    ("net/ipv6/conf/all/accept_dad", "0"),
    ("net/ipv6/conf/default/accept_dad", "0"),
    ("net/ipv6/conf/default/dad_transmits", "0"),
    ("net/ipv6/conf/default/addr_gen_mode", "1"),
    ("net/ipv6/conf/default/accept_ra", "0"),
    ("net/ipv6/conf/default/router_solicitations", "0"),
    ("net/ipv6/conf/default/accept_redirects", "0"),
    ("net/ipv6/icmp/ratelimit", "0"),
    ("net/ipv4/conf/all/rp_filter", "0"),
    ("net/ipv4/conf/default/rp_filter", "0"),
    ("net/ipv4/conf/all/accept_redirects", "0"),
    ("net/ipv4/conf/default/accept_redirects", "0"),
    ("net/ipv4/icmp_ratelimit", "0"),
    ("net/ipv4/icmp_msgs_per_sec", "1000000"),
    ("net/ipv4/icmp_msgs_burst", "1000000"),
)
ROUTER: Settings = (
    *EVERYWHERE,
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv6/conf/all/forwarding", "1"),
    ("net/ipv6/conf/default/forwarding", "1"),
    ("net/ipv4/conf/all/send_redirects", "0"),
    ("net/ipv4/conf/default/send_redirects", "0"),
)
# A new namespace lets rules see what its bridges carry; the fabric is a wire and a switch, no more.
SWITCH: Settings = (
    *ROUTER,
    ("net/bridge/bridge-nf-call-iptables", "0"),
    ("net/bridge/bridge-nf-call-ip6tables", "0"),
)
# Connections of probes are over at once: their entries need not stay.
SHORT_MEMORY: Settings = tuple(
    (f"net/netfilter/nf_conntrack_{name}", "3")
    for name in (
        "tcp_timeout_syn_sent", "tcp_timeout_syn_recv", "tcp_timeout_fin_wait", "tcp_timeout_close_wait",
        "tcp_timeout_last_ack", "tcp_timeout_time_wait", "tcp_timeout_close", "udp_timeout", "udp_timeout_stream",
    )
)  # fmt: skip


def node_settings(ground: Ground, node: NodeState) -> Settings:
    """What kubelet, kube-proxy and the network plugin set on a Node."""
    proxy = ground.settings.kubeProxy
    bridged = "1" if ground.cni.bridge_netfilter else "0"
    # kube-proxy in iptables mode for node ports on 127.0.0.1; the plugin portmap for host ports.
    loopback = proxy.mode == "iptables" and proxy.localhostNodePorts
    loopback = loopback or any(host_ports(pod) for pod in ground.pods_on(node.name))
    return (
        *ROUTER,
        ("net/bridge/bridge-nf-call-iptables", bridged),
        ("net/bridge/bridge-nf-call-ip6tables", bridged),
        ("net/ipv4/conf/all/route_localnet", "1" if loopback else "0"),
        ("net/netfilter/nf_conntrack_tcp_be_liberal", "1" if proxy.conntrackTCPBeLiberal else "0"),
        *SHORT_MEMORY,
        *(virtual_settings(proxy.ipvsStrictARP) if proxy.mode == IPVS else ()),
    )
