"""What listens on every Node by itself: the kubelet, and kube-proxy's endpoints for health and metrics.

`domain/kube-proxy.md` section 9; where kube-proxy listens its configuration says (`healthzBindAddress`,
`metricsBindAddress`, pkg/proxy/apis/config/v1alpha1/defaults.go).
"""

from __future__ import annotations

from designer.engine.kubeproxy.startup import refusals, too_old_kernel
from designer.engine.netfilter import Packet
from designer.engine.trace.ground import Ground
from designer.engine.trace.healthz import node_health
from designer.model import Node

KUBELET_PORT = 10250
HEALTH_PORT, METRICS_PORT = 10256, 10249
UNSPECIFIED = ("", "0.0.0.0", "::")


def own_program(ground: Ground, node: str, packet: Packet) -> str:
    """Which program of the Node itself answers a packet, "" for none that is known.

    Calico serves the health endpoint in kube-proxy's place; Cilium has none by default.
    """
    if packet.protocol != "TCP":
        return ""
    if packet.dport == KUBELET_PORT:
        return "the kubelet's API"
    if ground.proxy != "kube-proxy":
        return "" if ground.proxy == "Cilium" or packet.dport != HEALTH_PORT else "calico-node's health endpoint"
    settings = ground.settings
    if refusals(settings) or too_old_kernel(settings, ground.state.project.find(Node, f"Node:{node}")):
        return ""  # kube-proxy does not start
    for name, (host, port) in endpoints(ground).items():
        if packet.dport == port and host in (*UNSPECIFIED, packet.dst):
            return f"{name} ({node_health(ground, node)})" if name.endswith("health endpoint") else name
    return ""


def elsewhere(ground: Ground, packet: Packet) -> str:
    """A sentence where kube-proxy listens on the port that is called, at another address; "" elsewhere."""
    if packet.protocol != "TCP" or ground.proxy != "kube-proxy":
        return ""
    found = ((name, host) for name, (host, port) in endpoints(ground).items() if port == packet.dport)
    return next((f" {name} listens on this port at {host} only." for name, host in found), "")


def endpoints(ground: Ground) -> dict[str, tuple[str, int]]:
    """kube-proxy's own endpoints: address ("" and zeros: every one) and port."""
    proxy = ground.settings.kubeProxy
    return {
        "kube-proxy's health endpoint": _bound(proxy.healthzBindAddress, HEALTH_PORT),
        "kube-proxy's metrics": _bound(proxy.metricsBindAddress, METRICS_PORT),
    }


def _bound(text: str, usual: int) -> tuple[str, int]:
    """Address and port of a bind address; one that names no port gets the usual one."""
    host, colon, port = text.rpartition(":")
    bare = not colon or (":" in host and not host.endswith("]"))
    if bare or not port.isdecimal():
        return text.strip("[]"), usual
    return host.strip("[]"), int(port)
