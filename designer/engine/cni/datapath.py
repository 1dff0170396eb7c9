"""What an eBPF data plane does with a packet, as data: where Services are translated, and how requests are forwarded.

Sources: cilium/cilium bpf/bpf_sock.c, bpf/bpf_lxc.c, bpf/lib/nodeport.h and
Documentation/network/kubernetes/kubeproxy-free.rst; projectcalico/calico felix/design/bpf-services.md,
felix/design/bpf-host-networking.md, felix/bpf-gpl/nat_lookup.h and FelixConfiguration's reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from designer.model import CniSettings

# How a Node hands a request from outside to an endpoint of another Node. snat: with its own address as the source, so
# that the answer comes back; dsr: with the client's address, the endpoint's Node answering the client itself as the
# Service. tunnel: wrapped with the client's address and the Service's, translated where it is unwrapped, the answer
# taking the same tunnel back; tunnel-dsr: the same without that way back.
Forwarding = Literal["snat", "dsr", "tunnel", "tunnel-dsr"]

# Cilium's ServiceLoopbackIPv4 (pkg/defaults): the source of a Pod that calls itself through its Service.
CILIUM_LOOPBACK = "169.254.42.1"


@dataclass(frozen=True, slots=True)
class Datapath:
    """An eBPF data plane.

    `name` is how texts call it. `services`: whether it answers for every Service, in kube-proxy's place; without that
    only for what Pods send to a ClusterIP. `protocols` are those whose Services it knows; for the `socket` ones a Pod's
    connect() is given the endpoint itself, for the `host_socket` ones that of the node's own processes. `forwarding`
    holds for TCP, `forwarding_others` for UDP and SCTP. `hashed`: requests from outside choose an endpoint by a hash.
    `no_backend`: what becomes of a packet for a Service without endpoints. `host_device` is the node's own device
    towards Pods, "" where each Pod's has the node's address. `loopback` is the source of a Pod that calls itself, ""
    where netfilter masks it with the node's. `doubt` is a sentence on forwarding to other Nodes that cannot work.
    """

    name: str
    services: bool
    protocols: tuple[str, ...]
    socket: tuple[str, ...]
    host_socket: tuple[str, ...]
    forwarding: Forwarding
    forwarding_others: Forwarding
    hashed: bool = False
    no_backend: Literal["reject", "drop"] = "reject"
    host_device: str = ""
    loopback: str = ""
    doubt: str = ""

    def forward(self, protocol: str) -> Forwarding:
        """How requests of a protocol go to endpoints of other Nodes."""
        return self.forwarding if protocol == "TCP" else self.forwarding_others


def cilium_datapath(cni: CniSettings, backend: str) -> Datapath:
    """Cilium's with these settings over `backend` (vxlan, geneve or native).

    Socket load balancing comes with kube-proxy's replacement, for TCP and UDP; `socketLBHostNamespaceOnly` keeps Pods
    out of it, which are then translated at their device. DSR wraps in Geneve or writes an option, so it does not go
    with VXLAN; hybrid is DSR for TCP alone.
    """
    replaced = cni.kubeProxyReplacement
    known = ("TCP", "UDP", "SCTP") if cni.enableSCTP else ("TCP", "UDP")
    sockets = ("TCP", "UDP") if replaced else ()
    doubt = ""
    if replaced and cni.loadBalancerMode != "snat" and backend == "vxlan":
        doubt = (
            f"loadBalancerMode {cni.loadBalancerMode} needs native routing or a Geneve tunnel; with VXLAN it does not "
            "work, so what becomes of requests to endpoints of other Nodes is not known."
        )
    return Datapath(
        name="Cilium",
        services=replaced,
        protocols=known,
        socket=() if cni.socketLBHostNamespaceOnly else sockets,
        host_socket=sockets,
        forwarding="snat" if cni.loadBalancerMode == "snat" else "dsr",
        forwarding_others="dsr" if cni.loadBalancerMode == "dsr" else "snat",
        hashed=cni.loadBalancerAlgorithm == "maglev",
        no_backend=cni.noBackendResponse,
        host_device="cilium_host",
        loopback=CILIUM_LOOPBACK,
        doubt=doubt,
    )


def calico_datapath(cni: CniSettings) -> Datapath:
    """Calico's eBPF data plane with these settings: connect-time load balancing for TCP alone by default."""
    sockets = {"TCP": ("TCP",), "Enabled": ("TCP", "UDP"), "Disabled": ()}[cni.connectTimeLoadBalancing]
    way: Forwarding = "tunnel" if cni.externalServiceMode == "Tunnel" else "tunnel-dsr"
    return Datapath("Calico eBPF", True, ("TCP", "UDP"), sockets, sockets, way, way)
