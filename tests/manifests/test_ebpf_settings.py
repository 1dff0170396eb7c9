"""Settings of the eBPF data planes out of real objects: cilium-config, FelixConfiguration, Calico's Installation.

Keys and defaults: cilium/cilium install/kubernetes/cilium/templates/cilium-configmap.yaml and pkg/option/config.go;
docs.tigera.io, "Felix configuration" and "Installation reference".
"""

from __future__ import annotations

import pytest

from designer.manifests import ImportResult, read_texts
from designer.model import replaces_kube_proxy


def read(*texts: str, assuming: bool = False) -> ImportResult:
    return read_texts([(f"{place}.yaml", text) for place, text in enumerate(texts)], assuming=assuming)


def config(**data: str) -> str:
    lines = "".join(f'  {key.replace("_", "-")}: "{value}"\n' for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cilium-config, namespace: kube-system}}\ndata:\n{lines}"


def problems(result: ImportResult) -> list[str]:
    return [problem.code for problem in result.problems if problem.code.startswith("READ-")]


def test_every_option_is_taken() -> None:
    text = config(
        routing_mode="native", kube_proxy_replacement="true", bpf_lb_sock_hostns_only="true",
        auto_direct_node_routes="true", ipv4_native_routing_cidr="10.1.0.0/16", enable_bpf_masquerade="true",
        enable_ipv4_masquerade="false", bpf_lb_mode="hybrid", bpf_lb_algorithm="maglev", enable_service_topology="true",
        service_no_backend_response="drop", enable_sctp="true", policy_cidr_match_mode="nodes",
        cluster_pool_ipv4_cidr="10.1.0.0/16",
    )  # fmt: skip
    result = read(text)
    cni = result.project.cluster.cni
    assert not problems(result)
    assert (cni.plugin, cni.backend, cni.pool) == ("cilium", "native", ("10.1.0.0/16",))
    assert (cni.kubeProxyReplacement, cni.socketLBHostNamespaceOnly, cni.autoDirectNodeRoutes) == (True, True, True)
    assert (cni.nativeRoutingCIDRs, cni.bpfMasquerade, cni.natOutgoing) == (("10.1.0.0/16",), True, False)
    assert (cni.loadBalancerMode, cni.loadBalancerAlgorithm, cni.noBackendResponse) == ("hybrid", "maglev", "drop")
    assert (cni.serviceTopology, cni.enableSCTP, cni.policyCIDRMatchNodes) == (True, True, True)
    said = [entry.text for entry in result.report.entries if "cni.loadBalancerMode" in entry.text]
    assert said == ["`cni.loadBalancerMode` is hybrid, from ConfigMap kube-system/cilium-config"]


def test_what_the_config_leaves_out_is_the_agent_s_default() -> None:
    """pkg/option/config.go: routing-mode tunnel, tunnel-protocol vxlan, kube-proxy-replacement false."""
    cni = read(config(cluster_name="default")).project.cluster.cni
    assert (cni.backend, cni.kubeProxyReplacement, cni.loadBalancerMode) == ("vxlan", False, "snat")


def test_older_spellings() -> None:
    """Before 1.14 `tunnel` said mode and protocol, and the replacement was strict or disabled."""
    cni = read(config(tunnel="geneve", kube_proxy_replacement="strict")).project.cluster.cni
    assert (cni.backend, cni.kubeProxyReplacement) == ("geneve", True)
    assert read(config(tunnel="disabled")).project.cluster.cni.backend == "native"
    for old in ("partial", "probe", "disabled"):
        assert read(config(kube_proxy_replacement=old)).project.cluster.cni.kubeProxyReplacement is False


def test_a_value_that_cannot_be_is_a_problem_on_its_line() -> None:
    result = read(config(routing_mode="tunnel", tunnel_protocol="vxlan", bpf_lb_mode="dsrr"))
    (found,) = [problem for problem in result.problems if problem.code == "READ-07"]
    assert "data.bpf-lb-mode" in found.title
    assert found.line == 7
    assert result.project.cluster.cni.loadBalancerMode == "snat"


def test_what_is_not_followed_is_said() -> None:
    result = read(config(enable_wireguard="true", enable_host_firewall="false"))
    assert [problem.field for problem in result.problems if problem.code == "READ-15"] == ["data.enable-wireguard"]


@pytest.mark.parametrize(
    ("option", "mode"),
    [({"enable_policy": "always"}, "always"), ({"enable_policy": "never"}, "never"),
     ({"enable_policy": "default"}, "default"), ({"policy_audit_mode": "true"}, "never"),
     ({"policy_audit_mode": "false", "enable_policy": "always"}, "always")],
)  # fmt: skip
def test_the_mode_of_policy_enforcement(option: dict[str, str], mode: str) -> None:
    """Cilium's "Policy Enforcement Modes"; in audit mode no policy is enforced ("Creating Policies from Verdicts")."""
    result = read(config(**option))
    assert not problems(result) and result.project.cluster.cni.policyEnforcement == mode


def test_kinds_of_policies_that_are_switched_off_are_said() -> None:
    result = read(config(enable_k8s_networkpolicy="false", allow_localhost="policy"))
    told = [problem.field for problem in result.problems if problem.code == "READ-15"]
    assert sorted(told) == ["data.allow-localhost", "data.enable-k8s-networkpolicy"]


PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n"
CILIUM = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: cilium, namespace: kube-system}\n"


def test_ipam_by_kubernetes_takes_the_pod_cidrs_for_the_pool() -> None:
    """https://docs.cilium.io/en/stable/network/concepts/ipam/kubernetes/ : out of the podCIDR of each Node."""
    kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nnetworking: {podSubnet: 10.99.0.0/16}\n"
    assert read(config(ipam="kubernetes"), kubeadm).project.cluster.cni.pool == ("10.99.0.0/16",)
    assert read(config(ipam="kubernetes")).project.cluster.cni.pool == ("10.244.0.0/16",)
    assert read(config(ipam="cluster-pool")).project.cluster.cni.pool == ()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        # Parts of the replacement alone: kubeproxy-free.rst, "Kube-Proxy Hybrid Modes".
        ({"kube_proxy_replacement": "false", "bpf_lb_sock": "true"}, ["data.bpf-lb-sock"]),
        ({"kube_proxy_replacement": "true", "bpf_lb_sock": "true", "enable_node_port": "true"}, []),
        ({"bpf_lb_sock": "false", "enable_node_port": "true"}, ["data.enable-node-port"]),
        ({"enable_ipv6": "true", "enable_ipv6_masquerade": "false"}, ["data.enable-ipv6-masquerade"]),
        ({"enable_ipv6": "false", "enable_ipv6_masquerade": "false"}, []),
        (
            {"routing_mode": "native", "bpf_lb_mode": "dsr", "bpf_lb_dsr_dispatch": "geneve"},
            ["data.bpf-lb-dsr-dispatch"],
        ),
        ({"routing_mode": "native", "bpf_lb_mode": "snat", "bpf_lb_dsr_dispatch": "geneve"}, []),
    ],
)
def test_what_is_not_followed_depends_on_other_options(data: dict[str, str], told: list[str]) -> None:
    result = read(config(**data))
    assert [problem.field for problem in result.problems if problem.code == "READ-15"] == told


def test_a_kube_proxy_beside_cilium_keeps_the_services() -> None:
    assert read(PROXY, CILIUM).project.cluster.cni.kubeProxyReplacement is False
    assert replaces_kube_proxy(read(PROXY, CILIUM, config(kube_proxy_replacement="true")).project.cluster) == "Cilium"


def test_without_either_the_replacement_is_assumed_and_said() -> None:
    result = read(CILIUM, assuming=True)
    assert replaces_kube_proxy(result.project.cluster) == "Cilium"
    assert "setting:cni.kubeProxyReplacement" in result.project.cluster.assumed
    assert "setting:kubeProxy.mode" not in result.project.cluster.assumed, "no kube-proxy, no mode"


FELIX = "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec: {%s}\n"
POOL = "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.6.0.0/16, %s}\n"


def test_felix_configuration_switches_ebpf_on_over_the_pool_s_encapsulation() -> None:
    for encapsulation, backend in (
        ("vxlanMode: Always", "ebpf"),
        ("vxlanMode: CrossSubnet", "ebpf-vxlan-crosssubnet"),
        ("ipipMode: Always", "ebpf-ipip"),
        ("vxlanMode: Never", "ebpf-bgp"),
    ):
        text = FELIX % "bpfEnabled: true, bpfConnectTimeLoadBalancing: Disabled, bpfExternalServiceMode: dsr"
        cni = read(text, POOL % encapsulation).project.cluster.cni
        assert (cni.plugin, cni.backend, cni.pool) == ("calico", backend, ("10.6.0.0/16",))
        assert (cni.connectTimeLoadBalancing, cni.externalServiceMode) == ("Disabled", "DSR")
    assert read(FELIX % "bpfEnabled: false", POOL % "vxlanMode: Always").project.cluster.cni.backend == "vxlan"


def test_felix_values_that_cannot_be_are_problems() -> None:
    for text in ("bpfEnabled: maybe", "bpfConnectTimeLoadBalancing: Often", "bpfExternalServiceMode: Sideways"):
        assert problems(read(FELIX % text)) == ["READ-07"]


INSTALLATION = """apiVersion: operator.tigera.io/v1
kind: Installation
metadata: {name: default}
spec:
  calicoNetwork:
    linuxDataplane: %s
    ipPools:
    - {cidr: 10.7.0.0/16, encapsulation: VXLANCrossSubnet, blockSize: 27, natOutgoing: Disabled}
"""


def test_the_operator_s_installation() -> None:
    cni = read(INSTALLATION % "BPF").project.cluster.cni
    assert (cni.plugin, cni.backend, cni.pool) == ("calico", "ebpf-vxlan-crosssubnet", ("10.7.0.0/16",))
    assert (cni.blockSize, cni.natOutgoing) == (27, False)
    assert read(INSTALLATION % "Iptables").project.cluster.cni.backend == "vxlan-crosssubnet"
    assert problems(read(INSTALLATION % "Magic")) == ["READ-07"]


def test_ip_pools_go_before_the_installation_s() -> None:
    cni = read(INSTALLATION % "BPF", POOL % "ipipMode: Always").project.cluster.cni
    assert (cni.backend, cni.pool) == ("ebpf-ipip", ("10.6.0.0/16",))


def test_calico_node_s_environment() -> None:
    env = "{name: FELIX_BPFENABLED, value: 'true'}, {name: CALICO_IPV4POOL_VXLAN, value: Always}"
    text = (
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: calico-node, namespace: kube-system}\n"
        f"spec: {{template: {{spec: {{containers: [{{name: c, env: [{env}]}}]}}}}}}\n"
    )
    assert read(text).project.cluster.cni.backend == "ebpf"


def felix(spec: str) -> str:
    return (
        f"apiVersion: crd.projectcalico.org/v1\nkind: FelixConfiguration\nmetadata: {{name: default}}\nspec: {spec}\n"
    )


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("{bpfEnabled: true, bpfExcludeCIDRsFromNAT: [169.254.20.10/32]}", ["spec.bpfExcludeCIDRsFromNAT"]),
        ("{bpfEnabled: true, bpfDSROptoutCIDRs: [10.0.0.0/8], bpfEnforceRPF: Strict}",
         ["spec.bpfDSROptoutCIDRs", "spec.bpfEnforceRPF"]),
        ("{bpfEnabled: false, bpfExcludeCIDRsFromNAT: [169.254.20.10/32]}", []),
        ("{bpfEnabled: true, bpfHostNetworkedNATWithoutCTLB: Enabled, bpfEnforceRPF: Loose}", []),
        ("{chainInsertMode: Append, defaultEndpointToHostAction: Drop}",
         ["spec.chainInsertMode", "spec.defaultEndpointToHostAction"]),
        ("{chainInsertMode: Insert, natOutgoingExclusions: IPPoolsOnly, defaultEndpointToHostAction: Accept}", []),
        ("{natOutgoingAddress: 203.0.113.4}", ["spec.natOutgoingAddress"]),
    ],
)  # fmt: skip
def test_options_of_felix_that_are_not_followed_are_told(spec: str, told: list[str]) -> None:
    """api/pkg/apis/projectcalico/v3/felixconfig.go: what the options do, and their defaults."""
    found = [problem for problem in read(felix(spec)).problems if problem.code == "READ-15"]
    assert [problem.field for problem in found] == told
    assert all(problem.line == 4 and problem.object.endswith("FelixConfiguration:default") for problem in found)


def test_the_same_option_in_two_places_of_calico_node_is_told_once() -> None:
    daemons = """apiVersion: apps/v1
kind: DaemonSet
metadata: {name: calico-node, namespace: %s}
spec:
  selector: {matchLabels: {k8s-app: calico-node}}
  template:
    metadata: {labels: {k8s-app: calico-node}}
    spec:
      containers:
      - name: calico-node
        image: docker.io/calico/node:v3.32.0
        env: [{name: FELIX_CHAININSERTMODE, value: Append}]
"""
    (found,) = (
        problem for problem in read(*(daemons % name for name in ("a", "b"))).problems if problem.code == "READ-15"
    )
    assert found.title == "calico-node sets `FELIX_CHAININSERTMODE` to Append, which the program does not follow"
    assert found.object == "DaemonSet:a/calico-node"
