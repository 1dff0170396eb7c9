"""Settings from KubeProxyConfiguration, kubeadm, flannel, Calico, MetalLB and plugin DaemonSets."""

from dataclasses import replace

import pytest

from designer.manifests import export, read_texts
from designer.manifests.read import ImportResult
from designer.model import ClusterSettings

PROXY = """apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ""
clusterCIDR: 10.1.0.0/16
detectLocalMode: NodeCIDR
iptables: {masqueradeAll: true, masqueradeBit: 20, localhostNodePorts: false}
nodePortAddresses: [192.168.0.0/16]
ipvs: {scheduler: ""}
"""
KUBEADM = """apiVersion: kubeadm.k8s.io/%s
kind: ClusterConfiguration
clusterName: prod
kubernetesVersion: v1.31.4
networking: {podSubnet: "10.1.0.0/16,fd00:1::/48", serviceSubnet: 10.2.0.0/16, dnsDomain: corp.local}
apiServer:
  extraArgs: %s
controllerManager:
  extraArgs: %s
"""


def read(text: str, assuming: bool = False) -> ImportResult:
    return read_texts([("f.yaml", text)], assuming=assuming)


def config_map(name: str, key: str, text: str, namespace: str = "kube-system") -> str:
    body = "".join(f"    {line}\n" for line in text.splitlines())
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    return f"{head}data:\n  {key}: |\n{body}"


def check_proxy(cluster: ClusterSettings) -> None:
    proxy = cluster.kubeProxy
    assert (proxy.mode, proxy.clusterCIDR, proxy.detectLocalMode) == ("iptables", "10.1.0.0/16", "NodeCIDR")
    assert (proxy.masqueradeAll, proxy.masqueradeBit, proxy.localhostNodePorts) == (True, 20, False)
    assert (proxy.nodePortAddresses, proxy.ipvsScheduler) == (("192.168.0.0/16",), "rr")


def test_kube_proxy_as_a_document() -> None:
    result = read(PROXY)
    check_proxy(result.project.cluster)
    assert not result.problems and not result.project.foreign
    assert {entry.line for entry in result.report.of("set")} == {4, 5, 6, 7}


def test_kube_proxy_inside_its_config_map() -> None:
    result = read(config_map("kube-proxy", "config.conf", PROXY))
    check_proxy(result.project.cluster)
    assert list(result.project.foreign) == ["v1/ConfigMap:kube-system/kube-proxy"]
    lines = {entry.text.split("`")[1]: entry.line for entry in result.report.of("set")}
    assert lines["kubeProxy.clusterCIDR"] == 9  # the key's line is 5, its text starts on 6


def test_config_map_of_another_name_or_namespace_says_nothing() -> None:
    assert read(config_map("other", "config.conf", PROXY)).project.cluster == ClusterSettings()
    assert read(config_map("kube-proxy", "config.conf", PROXY, "shop")).project.cluster == ClusterSettings()


def test_kubeadm_with_mappings_and_with_lists() -> None:
    maps = KUBEADM % ("v1beta3", "{service-node-port-range: 30000-31000}", '{node-cidr-mask-size-ipv4: "25"}')
    lists = KUBEADM % (
        "v1beta4",
        "[{name: service-node-port-range, value: 30000-31000}]",
        '[{name: node-cidr-mask-size-ipv4, value: "25"}]',
    )
    for text in (maps, lists, config_map("kubeadm-config", "ClusterConfiguration", maps)):
        cluster = read(text).project.cluster
        assert (cluster.name, cluster.kubernetesVersion, cluster.dnsDomain) == ("prod", "1.31", "corp.local")
        assert cluster.podCIDRs == ("10.1.0.0/16", "fd00:1::/48") and cluster.serviceCIDRs == ("10.2.0.0/16",)
        assert cluster.nodePortRange == (30000, 31000) and cluster.nodeCIDRMaskV4 == 25


def test_settings_of_a_wrong_kind_are_problems_with_lines() -> None:
    text = PROXY.replace("NodeCIDR", "Nonsense").replace("masqueradeBit: 20", "masqueradeBit: 64")
    result = read(text)
    assert [(p.code, p.line) for p in result.problems] == [("READ-07", 5), ("READ-07", 6)]
    assert result.project.cluster.kubeProxy.detectLocalMode == "ClusterCIDR"
    assert result.project.cluster.kubeProxy.masqueradeBit == 14


def test_flannel_config_map() -> None:
    conf = '{"Network": "10.5.0.0/16", "Backend": {"Type": "host-gw"}}'
    cluster = read(config_map("kube-flannel-cfg", "net-conf.json", conf, "kube-flannel")).project.cluster
    assert (cluster.cni.plugin, cluster.cni.backend, cluster.podCIDRs) == ("flannel", "host-gw", ("10.5.0.0/16",))
    broken = read(config_map("kube-flannel-cfg", "net-conf.json", "{", "kube-flannel"))
    assert [p.code for p in broken.problems] == ["READ-07"]


POOL = """apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: %s}
spec: {cidr: %s, %s}
---
"""
FOUR, SIX = POOL % ("four", "10.6.0.0/17", "ipipMode: Always, natOutgoing: true"), POOL % ("six", "fd00::/64", "")


@pytest.mark.parametrize("text", [FOUR + SIX, SIX + FOUR])
def test_pools_of_two_families_say_each_for_itself(text: str) -> None:
    """docs.tigera.io, "IP pool": each has its own modes; IPv6 mostly none, which is nothing that IPv4 goes by."""
    result = read(text)
    assert (result.project.cluster.cni.backend, result.project.cluster.cni.natOutgoing) == ("ipip", True)
    assert [(p.code, "a pool of IPv6" in p.title) for p in result.problems] == [("READ-15", True)] * 2


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("vxlanMode: Always, natOutgoing: true", ["spec.encapsulation"]),
        ("ipipMode: Always", ["spec.natOutgoing"]),
        ("ipipMode: Always, natOutgoing: true", []),
    ],
)
def test_a_second_pool_that_says_otherwise_is_told(other: str, told: list[str]) -> None:
    result = read(FOUR + POOL % ("more", "10.6.128.0/17", other))
    assert (result.project.cluster.cni.backend, result.project.cluster.cni.natOutgoing) == ("ipip", True)
    assert [p.field for p in result.problems if p.code == "READ-15"] == told


def test_options_of_flannel_s_backend() -> None:
    """Its documentation, "Backends": DirectRouting of vxlan, whose VNI is 1 and port 8472; wireguard is another."""

    def flannel(backend: str) -> ImportResult:
        conf = f'{{"Network": "10.5.0.0/16", "Backend": {{{backend}}}}}'
        return read(config_map("kube-flannel-cfg", "net-conf.json", conf, "kube-flannel"))

    direct = flannel('"Type": "vxlan", "DirectRouting": true, "VNI": 1, "Port": 8472')
    assert direct.project.cluster.cni.directRouting and not direct.problems
    assert not flannel('"Type": "vxlan"').project.cluster.cni.directRouting
    told = [(p.code, p.severity) for p in flannel('"Type": "vxlan", "VNI": 4096, "Port": 4789').problems]
    assert told == [("READ-15", "warning")] * 2
    (other,) = flannel('"Type": "wireguard"').problems
    assert other.code == "READ-15" and "wireguard" in other.title
    assert [p.code for p in flannel('"Type": "vxlam"').problems] == ["READ-07"]


def test_calico_pool() -> None:
    text = """apiVersion: crd.projectcalico.org/v1
kind: IPPool
metadata: {name: p}
spec: {cidr: 10.6.0.0/16, ipipMode: CrossSubnet, vxlanMode: Never, blockSize: 27, natOutgoing: true}
"""
    cni = read(text).project.cluster.cni
    assert (cni.plugin, cni.backend, cni.pool) == ("calico", "ipip-crosssubnet", ("10.6.0.0/16",))
    assert (cni.blockSize, cni.natOutgoing) == (27, True)
    plain = read("apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.6.0.0/16}\n")
    # Calico's IPPool reference: ipipMode and vxlanMode default to Never, natOutgoing to false, blockSize to 26.
    cni = plain.project.cluster.cni
    assert (cni.backend, cni.blockSize, cni.natOutgoing) == ("bgp", 26, False)


def test_plugin_is_known_by_its_daemon_set() -> None:
    for name, plugin in (
        ("calico-node", "calico"),
        ("kube-flannel-ds", "flannel"),
        ("weave-net", "weave"),
        ("cilium", "cilium"),
    ):
        text = f"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}, namespace: kube-system}}\n"
        assert read(text).project.cluster.cni.plugin == plugin
    assert read(text).project.cluster.cni.backend == "vxlan"


DAEMONSET = """apiVersion: apps/v1
kind: DaemonSet
metadata: {name: %s, namespace: kube-system}
spec: {template: {spec: {containers: [{name: c, env: [%s]}]}}}
"""


def test_pool_and_backend_from_the_plugins_environment() -> None:
    env = "{name: CALICO_IPV4POOL_IPIP, value: CrossSubnet}, {name: CALICO_IPV4POOL_CIDR, value: 10.7.0.0/16}"
    cni = read(DAEMONSET % ("calico-node", env)).project.cluster.cni
    assert (cni.plugin, cni.backend, cni.pool) == ("calico", "ipip-crosssubnet", ("10.7.0.0/16",))
    cni = read(DAEMONSET % ("weave-net", "{name: IPALLOC_RANGE, value: 10.8.0.0/16}")).project.cluster.cni
    assert (cni.plugin, cni.backend, cni.pool) == ("weave", "fastdp", ("10.8.0.0/16",))


def test_service_cidr_named_kubernetes_is_the_range() -> None:
    text = "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: %s}\nspec: {cidrs: [10.9.0.0/16]}\n"
    assert read(text % "kubernetes").project.cluster.serviceCIDRs == ("10.9.0.0/16",)
    assert read(text % "more").project.cluster.serviceCIDRs == ("10.96.0.0/12",)


def test_ranges_and_sizes_that_cannot_be_are_problems() -> None:
    kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {serviceSubnet: nonsense}\n"
    pool = "apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: %s, blockSize: %s}\n"
    for text in (
        kubeadm,
        PROXY.replace("10.1.0.0/16", "10.1/x"),
        pool % ("10.999.0.0/16", 26),
        pool % ("10.6.0.0/16", 99),
    ):
        result = read(text, assuming=True)
        assert "READ-07" in [problem.code for problem in result.problems]
        assert result.project.cluster.serviceCIDRs == ("10.96.0.0/12",)
        assert result.project.cluster.cni.blockSize == 26


def test_odd_settings_of_a_project_do_not_stop_an_export() -> None:
    for odd in ((), ("nonsense",)):
        project = read(PROXY, assuming=True).project
        project = replace(project, cluster=project.cluster.replace(serviceCIDRs=odd, nodeNetwork="x"))
        assert read_texts(export(project)).project.cluster.serviceCIDRs == odd


def test_plugin_without_a_profile_is_said() -> None:
    for name in ("kindnet", "aws-node", "canal"):
        text = f"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: {name}, namespace: kube-system}}\n"
        result = read(text, assuming=True)
        (problem,) = result.problems
        assert (problem.code, problem.severity, problem.line) == ("READ-11", "warning", 1)
        assert "setting:cni" in result.project.cluster.assumed


def test_metallb_pools() -> None:
    text = "apiVersion: metallb.io/v1beta1\nkind: IPAddressPool\nmetadata: {name: p}\n"
    text += "spec: {addresses: [203.0.113.8-203.0.113.9]}\n"
    (pool,) = read(text).project.cluster.loadBalancer.pools
    assert (pool.name, pool.addresses) == ("p", ("203.0.113.8-203.0.113.9",))
    manual = read(text.replace("spec: {", "spec: {autoAssign: false, "))
    assert not manual.project.cluster.loadBalancer.pools


def test_what_was_given_is_not_called_assumed() -> None:
    assert "setting:cni" in read(PROXY, assuming=True).project.cluster.assumed
    proxied = read(PROXY, assuming=True).project.cluster.assumed
    assert "setting:podCIDRs" not in proxied and "setting:kubeProxy.mode" not in proxied
    flannel = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: kube-flannel-ds, namespace: kube-flannel}\n"
    assumed = read(flannel + "---\n" + PROXY.replace('""', "nftables"), assuming=True).project.cluster.assumed
    assert "setting:cni" not in assumed and "setting:kubeProxy.mode" not in assumed
    assert "setting:serviceCIDRs" in assumed
