"""What a CNI plugin's policy engine does with NetworkPolicy, as plain data.

It stands here, below `cni` and `policy`, because both use it and neither may know the other: a CNI profile names the
value, the policy evaluator obeys it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

Hook = Literal["forward", "device", "none"]
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Addresses that no input says: those given in `network` lie in a real cluster somewhere in `instead`."""

    network: Network
    instead: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Enforcement:
    """A policy engine. `engine` is its name as shown; the flags say what it enforces and which fields it understands.

    `ip_block_matches_pods` and `ip_block_matches_nodes`: whether an ipBlock matches addresses of Pods and of Nodes;
    None where that is not known. `node_to_pod_allowed` and `pod_to_node_allowed`: whether traffic between a Pod and
    its own Node escapes policies as the API text demands; None where the engine is known to differ, and it is not known
    how; False where its rules decide.
    `host_network_subjects`: what a policy does that selects a hostNetwork Pod. `hook`: where it looks at packets: in
    the FORWARD hook (after DNAT, before SNAT) or at the Pod's device (after both). `sees_ipvs`: whether it also checks
    what IPVS sends on, which never meets that hook. `isolates_all`: whether every Pod is isolated in both directions,
    also one that no policy selects. `identities`: it knows peers by identities, which are made of labels. `reason` says
    why nothing is enforced, "" where something is. `made_up` are the ranges of addresses that the program gave because
    the input says none: a block that may or may not hold the real ones decides nothing. `pod_ranges` are those in which
    a Pod gets its address that has none yet.
    """

    engine: str
    ingress: bool = True
    egress: bool = True
    ip_block: bool = True
    end_port: bool = True
    named_ports: bool = True
    sctp: bool = True
    ip_block_matches_pods: bool | None = True
    ip_block_matches_nodes: bool | None = True
    node_to_pod_allowed: bool | None = True
    pod_to_node_allowed: bool | None = True
    host_network_subjects: Literal["ignored"] = "ignored"
    hook: Hook = "forward"
    sees_ipvs: bool = True
    isolates_all: bool = False
    identities: bool = False
    reason: str = ""
    made_up: tuple[MadeUp, ...] = ()
    pod_ranges: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))

    def enforces(self, direction: str) -> bool:
        """Whether policies of this direction ("ingress" or "egress") do anything."""
        return self.ingress if direction == "ingress" else self.egress


# `domain/cni.md`, "Feature table" and "Where policy is enforced". Calico and Weave Net look at packets of a Pod to its
# own Node in INPUT too (Felix applies egress policy before DefaultEndpointToHostAction): the API text may not hold.
# Calico follows packets through IPVS by marks of its own (its guide "Use IPVS kube-proxy"); Weave Net does not.
CALICO = Enforcement("Calico", pod_to_node_allowed=None)
WEAVE = Enforcement(
    "Weave Net", end_port=False, named_ports=False, sctp=False, pod_to_node_allowed=None, sees_ipvs=False
)
# Calico's eBPF programs stand on each Pod's own device: host to own Pod is always allowed there (felix/bpf-gpl/tc.c).
CALICO_BPF = replace(CALICO, hook="device")
# Cilium lets the local host into every Pod (determineAllowLocalhostIngress, `allow-localhost: auto` on Kubernetes); the
# other way, egress rules decide about the host's identity (policy_can_egress of bpf/lib/policy.h).
CILIUM = Enforcement(
    "Cilium",
    sctp=False,
    ip_block_matches_pods=False,
    ip_block_matches_nodes=False,
    pod_to_node_allowed=False,
    hook="device",
    identities=True,
)
# Cilium's modes of policy enforcement (its documentation, "Policy Enforcement Modes").
CILIUM_ALWAYS = replace(CILIUM, isolates_all=True)
CILIUM_NEVER = replace(
    CILIUM,
    ingress=False,
    egress=False,
    hook="none",
    reason="Cilium runs with policy enforcement off (enable-policy: never, or policy-audit-mode)",
)
FLANNEL = Enforcement(
    "Flannel",
    ingress=False,
    egress=False,
    hook="none",
    reason="Flannel has no policy engine; it accepts NetworkPolicy objects and ignores them",
)
# Programs that enforce NetworkPolicy beside a plugin. kube-router's rules stand in INPUT, FORWARD and OUTPUT for the
# addresses of Pods: what comes from the Pod's own Node passes, what a Pod sends to its Node meets its egress policies
# (cloudnativelabs/kube-router pkg/controllers/netpol; K3s has it built in). kube-network-policies looks at packets of
# Pods in the Node, with the API's rules; what it does between a Pod and its own Node hangs on its options.
KUBE_ROUTER = Enforcement("kube-router", pod_to_node_allowed=None)
KUBE_NETWORK_POLICIES = Enforcement("kube-network-policies", node_to_pod_allowed=None, pod_to_node_allowed=None)
BESIDE = {"kube-router": KUBE_ROUTER, "kube-network-policies": KUBE_NETWORK_POLICIES, "calico": CALICO}


def enforced_by(controller: str, own: Enforcement) -> Enforcement:
    """The policy engine in force: a program beside the plugin, the plugin's own, or that one turned off."""
    if controller == "none":
        if own.reason:
            return own
        said = f"{own.engine}'s policy engine does not run; NetworkPolicy objects are accepted and ignored"
        return replace(own, ingress=False, egress=False, hook="none", reason=said)
    return BESIDE.get(controller, own)
