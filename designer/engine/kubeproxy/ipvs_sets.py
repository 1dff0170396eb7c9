"""The ip sets of ipvs mode: which there are, of which type, and the comment of the rules that ask them."""

from __future__ import annotations

from typing import NamedTuple

from designer.engine.controlplane.state import Family

LOOP_BACK = "KUBE-LOOP-BACK"
CLUSTER_IP = "KUBE-CLUSTER-IP"
EXTERNAL_IP = "KUBE-EXTERNAL-IP"
EXTERNAL_IP_LOCAL = "KUBE-EXTERNAL-IP-LOCAL"
BALANCER = "KUBE-LOAD-BALANCER"
BALANCER_LOCAL = "KUBE-LOAD-BALANCER-LOCAL"
BALANCER_FIREWALL = "KUBE-LOAD-BALANCER-FW"
BALANCER_SOURCE_IP = "KUBE-LOAD-BALANCER-SOURCE-IP"
BALANCER_SOURCE_CIDR = "KUBE-LOAD-BALANCER-SOURCE-CIDR"
NODE_PORT_TCP = "KUBE-NODE-PORT-TCP"
NODE_PORT_LOCAL_TCP = "KUBE-NODE-PORT-LOCAL-TCP"
NODE_PORT_UDP = "KUBE-NODE-PORT-UDP"
NODE_PORT_LOCAL_UDP = "KUBE-NODE-PORT-LOCAL-UDP"
NODE_PORT_SCTP = "KUBE-NODE-PORT-SCTP-HASH"
NODE_PORT_LOCAL_SCTP = "KUBE-NODE-PORT-LOCAL-SCTP-HASH"
HEALTH_CHECK_PORT = "KUBE-HEALTH-CHECK-NODE-PORT"
BOUND_ADDRESSES = "KUBE-IPVS-IPS"

# The longest name that the kernel lets a set have.
_LONGEST_NAME = 31


class SetKind(NamedTuple):
    """Type of a set, and the comment of its rules ("" where none is written)."""

    type: str
    comment: str


# Every set is there on every node, empty or not; the order is that of `ipset save` (by name).
SETS: dict[str, SetKind] = {
    CLUSTER_IP: SetKind("hash:ip,port", "Kubernetes service cluster ip + port for masquerade purpose"),
    EXTERNAL_IP: SetKind("hash:ip,port", "Kubernetes service external ip + port for masquerade and filter purpose"),
    EXTERNAL_IP_LOCAL: SetKind(
        "hash:ip,port", "Kubernetes service external ip + port with externalTrafficPolicy=local"
    ),
    HEALTH_CHECK_PORT: SetKind("bitmap:port", "Kubernetes health check node port"),
    BOUND_ADDRESSES: SetKind("hash:ip", ""),
    BALANCER: SetKind("hash:ip,port", "Kubernetes service lb portal"),
    BALANCER_FIREWALL: SetKind(
        "hash:ip,port", "Kubernetes service load balancer ip + port for load balancer with sourceRange"
    ),
    BALANCER_LOCAL: SetKind(
        "hash:ip,port", "Kubernetes service load balancer ip + port with externalTrafficPolicy=local"
    ),
    BALANCER_SOURCE_CIDR: SetKind(
        "hash:ip,port,net", "Kubernetes service load balancer ip + port + source cidr for packet filter purpose"
    ),
    BALANCER_SOURCE_IP: SetKind(
        "hash:ip,port,ip", "Kubernetes service load balancer ip + port + source IP for packet filter purpose"
    ),
    LOOP_BACK: SetKind("hash:ip,port,ip", "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose"),
    NODE_PORT_LOCAL_SCTP: SetKind(
        "hash:ip,port", "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'"
    ),
    NODE_PORT_LOCAL_TCP: SetKind("bitmap:port", "Kubernetes nodeport TCP port with externalTrafficPolicy=local"),
    NODE_PORT_LOCAL_UDP: SetKind("bitmap:port", "Kubernetes nodeport UDP port with externalTrafficPolicy=local"),
    NODE_PORT_SCTP: SetKind(
        "hash:ip,port", "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"
    ),
    NODE_PORT_TCP: SetKind("bitmap:port", "Kubernetes nodeport TCP port for masquerade purpose"),
    NODE_PORT_UDP: SetKind("bitmap:port", "Kubernetes nodeport UDP port for masquerade purpose"),
}

# Protocol → the set of its node ports, and of those with external policy Local.
NODE_PORT_SETS: dict[str, tuple[str, str]] = {
    "tcp": (NODE_PORT_TCP, NODE_PORT_LOCAL_TCP),
    "udp": (NODE_PORT_UDP, NODE_PORT_LOCAL_UDP),
    "sctp": (NODE_PORT_SCTP, NODE_PORT_LOCAL_SCTP),
}


def set_name(name: str, family: Family) -> str:
    """The name that a set has in a family: with ``KUBE-6-`` in front in IPv6, cut to what the kernel takes."""
    return name if family == 4 else name.replace("KUBE-", "KUBE-6-", 1)[:_LONGEST_NAME]
