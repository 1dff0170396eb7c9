"""The form of the cluster settings: what kubeadm, network plugin, kube-proxy and load balancer would be told."""

from __future__ import annotations

from collections.abc import Callable

from designer.model import CALICO_EBPF, CNI_BACKENDS, Project
from designer.ui.panels.inspector.fields import Data, Field, Options, Section
from designer.ui.panels.inspector.form_groups import POOLS


def _backends(project: Project) -> Options:
    return tuple((name, name) for name in CNI_BACKENDS[project.cluster.cni.plugin])


def _cni_is(*plugins: str) -> Callable[[Data], bool]:
    def shown(data: Data) -> bool:
        return data.get("cni", {}).get("plugin", "calico") in plugins

    return shown


def _is_cilium(data: Data) -> bool:
    return data.get("cni", {}).get("plugin", "calico") == "cilium"


def _answers_with_ebpf(data: Data) -> bool:
    """Cilium's eBPF in kube-proxy's place."""
    return _is_cilium(data) and data["cni"].get("kubeProxyReplacement", True) is True


def _routes_natively(data: Data) -> bool:
    return _is_cilium(data) and data["cni"].get("backend") == "native"


def _is_calico_ebpf(data: Data) -> bool:
    cni = data.get("cni", {})
    return cni.get("plugin", "calico") == "calico" and cni.get("backend", "") in CALICO_EBPF


def _kube_proxy_runs(data: Data) -> bool:
    return not _answers_with_ebpf(data) and not _is_calico_ebpf(data)


def _choice(*names: str) -> Options:
    return tuple((name, name) for name in names)


CLUSTER: tuple[Section, ...] = (
    Section(
        "Addresses",
        (
            Field("podCIDRs", "Pod CIDRs", "list"),
            Field("nodeCIDRMaskV4", "Mask of a Node's podCIDR, IPv4", "number", least=1, most=32),
            Field("nodeCIDRMaskV6", "Mask of a Node's podCIDR, IPv6", "number", least=1, most=128),
            Field("serviceCIDRs", "Service CIDRs", "list"),
            Field("nodePortRange", "Node port range", "range"),
            Field("nodeNetwork", "Network of the Nodes", "mono"),
            Field("nodeNetworkV6", "Network of the Nodes, IPv6", "mono"),
            Field("maxPods", "Most Pods on a Node", "number", least=1, most=5000),
        ),
    ),
    Section(
        "Network plugin",
        (
            Field("cni.plugin", "Plugin", "choice", options=tuple((name, name) for name in CNI_BACKENDS)),
            Field("cni.backend", "Backend", "choice", options=_backends),
            Field(
                "cni.pool", "Address pool", "list", "Empty: the Pod CIDRs.", when=_cni_is("calico", "weave", "cilium")
            ),
            Field("cni.blockSize", "Block size, IPv4", "number", least=20, most=32, when=_cni_is("calico")),
            Field("cni.linkMTU", "MTU of the link", "number", least=576, most=65535),
            Field("cni.directRouting", "No tunnel inside a subnet", "tick", "Of vxlan.", when=_cni_is("flannel")),
            Field("cni.natOutgoing", "Masquerades outgoing traffic", "tick"),
            Field("cni.kubeProxyReplacement", "Answers for Services in kube-proxy's place", "tick", when=_is_cilium),
            Field(
                "cni.socketLBHostNamespaceOnly",
                "Looks up Services at sockets of Nodes only",
                "tick",
                "Pods' packets are then looked up at their device.",
                when=_answers_with_ebpf,
            ),
            Field("cni.bpfMasquerade", "Masquerades with eBPF", "tick", "Else: with iptables.", when=_is_cilium),
            Field("cni.autoDirectNodeRoutes", "Nodes route to each other's Pods", "tick", when=_routes_natively),
            Field("cni.nativeRoutingCIDRs", "Native routing CIDRs", "list", when=_is_cilium),
            Field(
                "cni.loadBalancerMode",
                "Way of replies to node ports",
                "choice",
                options=_choice("snat", "dsr", "hybrid"),
                when=_answers_with_ebpf,
            ),
            Field(
                "cni.loadBalancerAlgorithm",
                "Choice of endpoints",
                "choice",
                options=_choice("random", "maglev"),
                when=_answers_with_ebpf,
            ),
            Field("cni.serviceTopology", "Heeds the zones of endpoints", "tick", when=_answers_with_ebpf),
            Field(
                "cni.noBackendResponse",
                "Without an endpoint",
                "choice",
                options=_choice("reject", "drop"),
                when=_answers_with_ebpf,
            ),
            Field("cni.enableSCTP", "Knows SCTP", "tick", when=_is_cilium),
            Field("cni.policyCIDRMatchNodes", "ipBlock matches Nodes", "tick", when=_is_cilium),
            Field(
                "cni.policyController",
                "Enforced by",
                "choice",
                options=_choice("own", "none", "kube-router", "kube-network-policies", "calico"),
                when=_cni_is("calico", "flannel", "weave"),
            ),
            Field(
                "cni.policyEnforcement",
                "Enforces policies",
                "choice",
                options=_choice("default", "always", "never"),
                when=_is_cilium,
            ),
            Field(
                "cni.connectTimeLoadBalancing",
                "Looks up Services at sockets",
                "choice",
                options=_choice("TCP", "Enabled", "Disabled"),
                when=_is_calico_ebpf,
            ),
            Field(
                "cni.externalServiceMode",
                "Way of replies to node ports",
                "choice",
                options=_choice("Tunnel", "DSR"),
                when=_is_calico_ebpf,
            ),
        ),
    ),
    Section(
        "kube-proxy",
        (
            Field(
                "kubeProxy.mode",
                "Mode",
                "choice",
                options=_choice("iptables", "nftables", "ipvs"),
                when=_kube_proxy_runs,
            ),
            Field(
                "kubeProxy.clusterCIDR",
                "clusterCIDR",
                "or-none",
                "Tells local traffic. Empty: the Pod CIDRs, as kubeadm sets it; none: it is not told.",
                when=_kube_proxy_runs,
            ),
            Field(
                "kubeProxy.detectLocalMode",
                "Detects local traffic by",
                "choice",
                options=_choice("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"),
                when=_kube_proxy_runs,
            ),
            Field("kubeProxy.masqueradeAll", "Masquerades all Service traffic", "tick", when=_kube_proxy_runs),
            Field(
                "kubeProxy.nodePortAddresses",
                "Node port addresses",
                "list",
                "Empty: every address of the Node.",
                when=_kube_proxy_runs,
            ),
        ),
    ),
    Section(
        "Load balancers",
        (
            Field("loadBalancer.pools", "Address pools", "groups", group=POOLS),
            Field("loadBalancer.ipMode", "IP mode", "choice", options=(("VIP", "VIP"), ("Proxy", "Proxy"))),
        ),
    ),
    Section(
        "Names and version",
        (
            Field("dnsDomain", "DNS domain", "mono"),
            Field("nodeSearchDomains", "Search domains of the Nodes", "list"),
            Field("kubernetesVersion", "Kubernetes version", "mono"),
            Field("seed", "Seed of random choices", "number", least=0, most=2_000_000_000),
        ),
    ),
)
