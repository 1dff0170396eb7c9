"""Cluster settings: what kubeadm, kube-proxy, the CNI plugin and the cloud would be configured with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from designer.model.frozen import FrozenModel

CniPlugin = Literal["calico", "flannel", "weave", "cilium"]
ProxyMode = Literal["iptables", "nftables", "ipvs"]
DetectLocalMode = Literal["ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"]

# The backends that each profile knows; the first is the plugin's default. Calico's eBPF data plane goes with each
# encapsulation: `ebpf` is the one with VXLAN.
CALICO_EBPF = ("ebpf", "ebpf-vxlan-crosssubnet", "ebpf-ipip", "ebpf-ipip-crosssubnet", "ebpf-bgp")
CNI_BACKENDS: dict[str, tuple[str, ...]] = {
    "calico": ("vxlan", "ipip", "ipip-crosssubnet", "vxlan-crosssubnet", "bgp", *CALICO_EBPF),
    "flannel": ("vxlan", "host-gw"),
    "weave": ("fastdp",),
    "cilium": ("vxlan", "geneve", "native"),
}


# The range that Weave Net takes unless IPALLOC_RANGE says another; it gives no heed to podCIDRs.
WEAVE_POOL = "10.32.0.0/12"


class CniSettings(FrozenModel):
    """The network plugin. `pool` is the plugin's own address pool where it has one (Calico, Weave Net, Cilium).

    `directRouting` is of Flannel's vxlan: between Nodes of one subnet packets go without the tunnel.
    `policyController` says who enforces NetworkPolicy: the plugin's own engine, none at all (it is off, or its
    container is not there), or a program beside the plugin.

    The fields from `kubeProxyReplacement` to `policyEnforcement` are Cilium's (Helm values of that meaning), the two
    after them those of Calico's eBPF data plane (FelixConfiguration); each has upstream's default but the first: Helm
    leaves kube-proxy to the Services, while the profile of Cilium here is the one that replaces it. `bpfMasquerade`
    tells which program masks addresses: eBPF, or netfilter.
    """

    plugin: CniPlugin = "calico"
    backend: str = "vxlan"
    pool: tuple[str, ...] = ()
    blockSize: int = 26
    blockSizeV6: int = 122
    linkMTU: int = 1500
    natOutgoing: bool = True
    strictAffinity: bool = False
    hairpin: bool = True
    bridgeNetfilter: bool = True
    directRouting: bool = False
    policyController: Literal["own", "none", "kube-router", "kube-network-policies", "calico"] = "own"
    kubeProxyReplacement: bool = True
    socketLBHostNamespaceOnly: bool = False
    autoDirectNodeRoutes: bool = False
    nativeRoutingCIDRs: tuple[str, ...] = ()
    bpfMasquerade: bool = False
    loadBalancerMode: Literal["snat", "dsr", "hybrid"] = "snat"
    loadBalancerAlgorithm: Literal["random", "maglev"] = "random"
    serviceTopology: bool = False
    noBackendResponse: Literal["reject", "drop"] = "reject"
    enableSCTP: bool = False
    policyCIDRMatchNodes: bool = False
    policyEnforcement: Literal["default", "always", "never"] = "default"
    connectTimeLoadBalancing: Literal["TCP", "Enabled", "Disabled"] = "TCP"
    externalServiceMode: Literal["Tunnel", "DSR"] = "Tunnel"


class KubeProxySettings(FrozenModel):
    """`KubeProxyConfiguration` (kubeproxy.config.k8s.io/v1alpha1), the fields that change answers, with their defaults.

    `clusterCIDR` None follows the Pods' ranges, as kubeadm writes it; "" is a configuration that names none, so that
    kube-proxy cannot tell local traffic in ClusterCIDR mode.
    """

    mode: ProxyMode = "iptables"
    clusterCIDR: str | None = None
    detectLocalMode: DetectLocalMode = "ClusterCIDR"
    bridgeInterface: str = ""
    interfaceNamePrefix: str = ""
    masqueradeAll: bool = False
    masqueradeBit: int = Field(default=14, ge=0, le=31)
    nftablesMasqueradeAll: bool = False
    nftablesMasqueradeBit: int = Field(default=14, ge=0, le=31)
    localhostNodePorts: bool = True
    nodePortAddresses: tuple[str, ...] = ()
    ipvsScheduler: str = "rr"
    ipvsStrictARP: bool = False
    conntrackTCPBeLiberal: bool = False
    allowServiceExternalIPs: bool = True
    healthzBindAddress: str = "0.0.0.0:10256"
    metricsBindAddress: str = "127.0.0.1:10249"


class LoadBalancerPool(FrozenModel):
    """Addresses that a load balancer controller hands out, lowest free first; entries are CIDRs or ``a-b`` ranges."""

    name: str = "default"
    addresses: tuple[str, ...] = ()


class LoadBalancerSettings(FrozenModel):
    """How Services of type LoadBalancer get their address. No pool: they stay pending."""

    pools: tuple[LoadBalancerPool, ...] = ()
    ipMode: Literal["VIP", "Proxy"] = "VIP"


class ClusterSettings(FrozenModel):
    """Settings of the whole cluster; defaults are kubeadm's.

    `seed` makes every choice that Kubernetes leaves to chance repeatable. `assumed` names the settings that were taken
    for granted because the input did not say them; texts that rest on them say so.
    """

    name: str = "cluster"
    kubernetesVersion: str = "1.36"
    seed: int = 1
    podCIDRs: tuple[str, ...] = ("10.244.0.0/16",)
    nodeCIDRMaskV4: int = Field(default=24, ge=1, le=32)
    nodeCIDRMaskV6: int = Field(default=64, ge=1, le=128)
    serviceCIDRs: tuple[str, ...] = ("10.96.0.0/12",)
    nodePortRange: tuple[int, int] = (30000, 32767)
    nodeNetwork: str = "192.168.10.0/24"
    nodeNetworkV6: str = "fd00:192:168:10::/64"
    dnsDomain: str = "cluster.local"
    nodeSearchDomains: tuple[str, ...] = ()
    maxPods: int = Field(default=110, ge=1)
    cni: CniSettings = Field(default_factory=CniSettings)
    kubeProxy: KubeProxySettings = Field(default_factory=KubeProxySettings)
    loadBalancer: LoadBalancerSettings = Field(default_factory=LoadBalancerSettings)
    assumed: tuple[str, ...] = ()


def calico_encapsulation(backend: str) -> str:
    """The encapsulation of a Calico backend: ``vxlan`` of ``ebpf``, ``bgp`` of ``ebpf-bgp``, others as they are."""
    return (backend.removeprefix("ebpf").removeprefix("-") or "vxlan") if backend in CALICO_EBPF else backend


def replaces_kube_proxy(settings: ClusterSettings) -> str:
    """What answers for Services in kube-proxy's place, by name; "" where kube-proxy runs."""
    cni = settings.cni
    if cni.plugin == "cilium" and cni.kubeProxyReplacement:
        return "Cilium"
    return "Calico eBPF" if cni.plugin == "calico" and cni.backend in CALICO_EBPF else ""


def effective_kube_proxy(settings: ClusterSettings) -> KubeProxySettings:
    """kube-proxy's settings with `clusterCIDR` said: where it is None, the podCIDRs, as kubeadm's phase addon does.

    Under Weave Net it is that plugin's own range, which its guide demands of a clusterCIDR that is set.
    """
    proxy = settings.kubeProxy
    if proxy.clusterCIDR is not None:
        return proxy
    weave = settings.cni.plugin == "weave"
    ranges = (settings.cni.pool or (WEAVE_POOL,)) if weave else settings.podCIDRs
    return proxy.model_copy(update={"clusterCIDR": ",".join(ranges)})
