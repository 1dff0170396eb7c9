"""The settings of the whole cluster as a table: what each is called, how it is edited, when it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from designer.engine.kubeproxy.ipvs import SCHEDULERS
from designer.model import CALICO_EBPF, ClusterSettings

Editor = Literal["text", "list", "int", "bool", "choice", "cni", "pools", "range", "or-none"]


@dataclass(frozen=True, slots=True)
class ClusterField:
    """One setting: its path in `ClusterSettings`, its name, how it is edited, and what it is for.

    `choices` are those of a choice, `least` and `most` the bounds of a number. `group` begins with its first field.
    `when` says for which settings it counts at all, None for all.
    """

    path: str
    name: str
    editor: Editor
    hint: str = ""
    group: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 65535
    when: Callable[[ClusterSettings], bool] | None = None


def _is_calico(settings: ClusterSettings) -> bool:
    return settings.cni.plugin == "calico"


def _is_calico_ebpf(settings: ClusterSettings) -> bool:
    return _is_calico(settings) and settings.cni.backend in CALICO_EBPF


def _is_cilium(settings: ClusterSettings) -> bool:
    return settings.cni.plugin == "cilium"


def _flannel_vxlan(settings: ClusterSettings) -> bool:
    return (settings.cni.plugin, settings.cni.backend) == ("flannel", "vxlan")


def _not_cilium(settings: ClusterSettings) -> bool:
    return settings.cni.plugin != "cilium"


def _cilium_answers(settings: ClusterSettings) -> bool:
    return _is_cilium(settings) and settings.cni.kubeProxyReplacement


def _routes_natively(settings: ClusterSettings) -> bool:
    return _is_cilium(settings) and settings.cni.backend == "native"


CLUSTER_FIELDS: Final = (
    ClusterField("name", "Name", "text", group="Cluster"),
    ClusterField("dnsDomain", "DNS domain", "text", "Names end in it: backend.default.svc.cluster.local."),
    ClusterField("podCIDRs", "Pod ranges", "list", "One CIDR a family, for example 10.244.0.0/16.", "Addresses"),
    ClusterField("nodeCIDRMaskV4", "Mask of a Node's Pod range", "int", "24 gives each Node 256 addresses.", least=1,
                 most=32),
    ClusterField("serviceCIDRs", "Service ranges", "list", "For example 10.96.0.0/12."),
    ClusterField("nodeNetwork", "Network of the Nodes", "text", "Addresses of Nodes that say none are taken from it."),
    ClusterField("nodePortRange", "Node ports", "range", "First and last, for example 30000-32767."),
    ClusterField("maxPods", "Pods on a Node at most", "int", "The kubelet's maxPods.", least=1, most=2000),
    ClusterField("cni", "Plugin and backend", "cni", group="Network plugin"),
    ClusterField("cni.pool", "Address pool of the plugin", "list", "Empty: the Pod ranges."),
    ClusterField("cni.blockSize", "Block size", "int", "Calico's IPv4 block, 26 has 64 addresses.", least=20, most=32,
                 when=_is_calico),
    ClusterField("cni.linkMTU", "MTU of the Nodes' network", "int", least=576, most=65535),
    ClusterField("cni.natOutgoing", "Pods leave the cluster with their Node's address", "bool"),
    ClusterField("cni.directRouting", "Nodes of one subnet exchange packets without the tunnel", "bool",
                 "DirectRouting of Flannel's vxlan.", when=_flannel_vxlan),
    ClusterField("cni.policyController", "Who enforces NetworkPolicy", "choice",
                 "The plugin's own engine, nobody, or a program beside the plugin.",
                 choices=("own", "none", "kube-router", "kube-network-policies", "calico"), when=_not_cilium),
    ClusterField("cni.kubeProxyReplacement", "Cilium answers for Services in kube-proxy's place", "bool",
                 "kube-proxy-replacement of cilium-config.", when=_is_cilium),
    ClusterField("cni.socketLBHostNamespaceOnly", "Pods' Services are looked up at their device, not at the socket",
                 "bool", "bpf-lb-sock-hostns-only.", when=_cilium_answers),
    ClusterField("cni.loadBalancerMode", "How requests go to endpoints of other Nodes", "choice", "bpf-lb-mode.",
                 choices=("snat", "dsr", "hybrid"), when=_cilium_answers),
    ClusterField("cni.loadBalancerAlgorithm", "How requests from outside choose an endpoint", "choice",
                 "bpf-lb-algorithm.", choices=("random", "maglev"), when=_cilium_answers),
    ClusterField("cni.noBackendResponse", "Answer where a Service has no endpoint", "choice",
                 "service-no-backend-response.", choices=("reject", "drop"), when=_cilium_answers),
    ClusterField("cni.serviceTopology", "Endpoints of the same zone come first", "bool",
                 "enable-service-topology.", when=_cilium_answers),
    ClusterField("cni.autoDirectNodeRoutes", "Nodes have routes to each other's Pods", "bool",
                 "auto-direct-node-routes.", when=_routes_natively),
    ClusterField("cni.nativeRoutingCIDRs", "Ranges that are routed without masquerade", "list",
                 "ipv4-native-routing-cidr.", when=_is_cilium),
    ClusterField("cni.bpfMasquerade", "eBPF masquerades, not iptables", "bool", "enable-bpf-masquerade.",
                 when=_is_cilium),
    ClusterField("cni.enableSCTP", "SCTP is known", "bool", "enable-sctp.", when=_is_cilium),
    ClusterField("cni.policyCIDRMatchNodes", "ipBlock matches Nodes too", "bool", "policy-cidr-match-mode.",
                 when=_is_cilium),
    ClusterField("cni.policyEnforcement", "Policies are enforced", "choice",
                 "enable-policy: where one selects a Pod (default), on every Pod, or never.",
                 choices=("default", "always", "never"), when=_is_cilium),
    ClusterField("cni.connectTimeLoadBalancing", "Services are looked up at sockets", "choice",
                 "bpfConnectTimeLoadBalancing: for TCP, for TCP and UDP (Enabled), or not.",
                 choices=("TCP", "Enabled", "Disabled"), when=_is_calico_ebpf),
    ClusterField("cni.externalServiceMode", "How answers go back to callers outside", "choice",
                 "bpfExternalServiceMode.", choices=("Tunnel", "DSR"), when=_is_calico_ebpf),
    ClusterField("loadBalancer.pools", "Addresses to hand out", "pools",
                 "CIDRs or ranges a-b. Empty: Services of type LoadBalancer stay pending.", "Load balancer"),
    ClusterField("loadBalancer.ipMode", "Mode of the address", "choice", choices=("VIP", "Proxy")),
    ClusterField("seed", "Seed", "int", "Repeats what Kubernetes leaves to chance.", "Repeatability", least=0,
                 most=2_000_000_000),
)  # fmt: skip

PROXY_FIELDS: Final = (
    ClusterField("kubeProxy.mode", "Mode", "choice", group="kube-proxy", choices=("iptables", "nftables", "ipvs")),
    ClusterField("kubeProxy.detectLocalMode", "How local traffic is detected", "choice",
                 choices=("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix")),
    ClusterField("kubeProxy.clusterCIDR", "Cluster CIDR", "or-none",
                 "What counts as Pods. Empty: the Pod ranges, as kubeadm sets it; none: nothing does."),
    ClusterField("kubeProxy.bridgeInterface", "Bridge", "text", "For BridgeInterface, for example cni0."),
    ClusterField("kubeProxy.interfaceNamePrefix", "Prefix of Pod interfaces", "text", "For InterfaceNamePrefix."),
    ClusterField("kubeProxy.masqueradeAll", "Masquerade all traffic to Services", "bool", group="Masquerading"),
    ClusterField("kubeProxy.masqueradeBit", "Mark bit", "int", least=0, most=31),
    ClusterField("kubeProxy.nftablesMasqueradeAll", "The same in nftables mode", "bool"),
    ClusterField("kubeProxy.nftablesMasqueradeBit", "Mark bit in nftables mode", "int", least=0, most=31),
    ClusterField("kubeProxy.nodePortAddresses", "Addresses for node ports", "list",
                 "CIDRs, or primary. Empty: every address, in nftables mode the primary one.", "Node ports"),
    ClusterField("kubeProxy.localhostNodePorts", "Node ports on localhost", "bool"),
    ClusterField("kubeProxy.allowServiceExternalIPs", "External IPs of Services count", "bool",
                 "The feature gate AllowServiceExternalIPs."),
    ClusterField("kubeProxy.ipvsScheduler", "Scheduler", "choice", group="ipvs mode", choices=SCHEDULERS),
    ClusterField("kubeProxy.ipvsStrictARP", "Strict ARP", "bool", "MetalLB in layer 2 mode needs it."),
    ClusterField("kubeProxy.conntrackTCPBeLiberal", "Let packets pass that conntrack calls invalid", "bool",
                 group="Connection tracking"),
    ClusterField("kubeProxy.healthzBindAddress", "Health endpoint", "text", "Address and port.", "Endpoints"),
    ClusterField("kubeProxy.metricsBindAddress", "Metrics", "text", "Address and port."),
)  # fmt: skip

_SEPARATORS = str.maketrans({",": " ", ";": " ", "\n": " "})


def to_text(field: ClusterField, value: Any) -> str:
    """A setting's value as it stands in a line."""
    if field.editor == "pools":
        return ", ".join(address for pool in value for address in pool.get("addresses", ()))
    if field.editor == "range":
        return f"{value[0]}-{value[1]}"
    if field.editor == "list":
        return ", ".join(value)
    if field.editor == "or-none" and value == "":
        return "none"
    return "" if value is None else str(value)


def from_text(field: ClusterField, text: str) -> Any:
    """The value of a line; None where it is empty and the setting may be; what cannot be read goes on as text."""
    words = text.translate(_SEPARATORS).split()
    if field.editor == "pools":
        return [{"name": "default", "addresses": words}] if words else []
    if field.editor == "list":
        return words
    if field.editor == "range":
        ends = [part.strip() for part in text.split("-")]
        return [int(part) for part in ends] if len(ends) == 2 and all(p.isdigit() for p in ends) else text
    if field.editor == "or-none" and text.strip().lower() == "none":
        return ""
    return text.strip() or None
