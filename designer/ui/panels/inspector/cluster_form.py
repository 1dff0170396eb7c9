"""The form of the cluster settings: what kubeadm, network plugin, kube-proxy and load balancer would be told."""

from __future__ import annotations

from collections.abc import Callable

from designer.model import CNI_BACKENDS, Project
from designer.ui.panels.inspector.fields import Data, Field, Options, Section
from designer.ui.panels.inspector.form_groups import POOLS


def _backends(project: Project) -> Options:
    return tuple((name, name) for name in CNI_BACKENDS[project.cluster.cni.plugin])


def _cni_is(*plugins: str) -> Callable[[Data], bool]:
    def shown(data: Data) -> bool:
        return data.get("cni", {}).get("plugin", "calico") in plugins

    return shown


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
            Field("cni.natOutgoing", "Masquerades outgoing traffic", "tick"),
        ),
    ),
    Section(
        "kube-proxy",
        (
            Field(
                "kubeProxy.mode",
                "Mode",
                "choice",
                options=(("iptables", "iptables"), ("nftables", "nftables"), ("ipvs", "ipvs")),
            ),
            Field("kubeProxy.clusterCIDR", "clusterCIDR", "mono", "Tells local traffic; empty: not told."),
            Field(
                "kubeProxy.detectLocalMode",
                "Detects local traffic by",
                "choice",
                options=tuple(
                    (name, name) for name in ("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix")
                ),
            ),
            Field("kubeProxy.masqueradeAll", "Masquerades all Service traffic", "tick"),
            Field("kubeProxy.nodePortAddresses", "Node port addresses", "list", "Empty: every address of the Node."),
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
