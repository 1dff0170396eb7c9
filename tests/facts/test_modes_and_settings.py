"""Which modes kube-proxy has, and with which settings it does not start (kube-proxy.md section 1)."""

from pathlib import Path
from typing import Any

import pytest

from designer.__main__ import main
from designer.edits.settings import set_cluster
from designer.engine.checks import check
from designer.engine.kubeproxy import tables_text
from designer.manifests import read_texts
from designer.model import ClusterSettings, Project
from tests.engine.trace.clusters import ask, cluster, make, node, pod, service


def configured(text: str) -> Any:
    """What an import makes of a KubeProxyConfiguration."""
    head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    return read_texts([("kube-proxy.yaml", head + text + "\n")])


@pytest.mark.parametrize("text", ["", 'mode: ""', "mode: iptables"])
def test_iptables_is_the_default(text: str) -> None:
    """kube-proxy.md 1, row 'iptables is the default'."""
    found = configured(text)
    assert found.project.cluster.kubeProxy.mode == "iptables"
    assert not found.problems
    assert ClusterSettings().kubeProxy.mode == "iptables"


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        pytest.param("userspace", "userspace", id="kube-proxy.md 1, row 'userspace is gone'"),
        pytest.param("kernelspace", "kernelspace", id="kube-proxy.md 1, row 'kernelspace is for Windows'"),
    ],
)
def test_modes_that_linux_has_not(mode: str, word: str) -> None:
    """An import says which modes there are, and an edit refuses the mode in the same words."""
    (problem,) = configured(f"mode: {mode}").problems
    assert (problem.code, problem.file, problem.line) == ("READ-07", "kube-proxy.yaml", 3)
    assert problem.title.endswith(f"must be one of iptables, nftables, ipvs, found {word}")
    edit = set_cluster(Project(), "kubeProxy.mode", mode)
    assert [p.title for p in edit.problems] == ["kubeProxy.mode must be iptables, nftables or ipvs"]


@pytest.mark.parametrize(("version", "starts"), [("1.28", False), ("1.29", True), ("1.33", True), ("1.36", True)])
def test_nftables_by_version(version: str, starts: bool) -> None:
    """kube-proxy.md 1, row 'nftables by version': 1.29 is the first that has the mode (KEP-3866)."""
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), kubernetesVersion=version,
                    kubeProxy={"mode": "nftables"})  # fmt: skip
    told = [p.title for p in check(state) if p.code == "NODE-19"]
    said = f"kube-proxy does not start: Kubernetes {version} has no nftables mode, which came with 1.29"
    assert told == ([] if starts else [said])
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == ("delivered" if starts else "cannot-tell")
    assert ("has no nftables mode" in found.reason) is not starts


@pytest.mark.parametrize(
    ("mode", "kernel", "old"),
    [
        ("nftables", "5.4.0-150-generic", True),
        ("nftables", "4.18.0-553.el8_10.x86_64", True),
        ("nftables", "5.13.0", False),
        ("nftables", "6.1.0-13-amd64", False),
        ("nftables", "", False),
        ("iptables", "5.4.0-150-generic", False),
    ],
)
def test_nftables_needs_a_kernel(mode: str, kernel: str, old: bool) -> None:
    """kube-proxy.md 1, row 'nftables needs kernel 5.13': a Node says in its status which one it has."""
    address = [{"type": "InternalIP", "address": "192.168.10.11"}]
    machine = make("Node", "node-1", status={"addresses": address, "nodeInfo": {"kernelVersion": kernel}})
    state = cluster(machine, node(2), pod("a", 1), pod("b", 2, app="web"), service("web"), kubeProxy={"mode": mode})
    found = [p for p in check(state) if p.code == "NODE-18"]
    asked = ask(state, "a", "Service:default/web")
    assert (asked.verdict, kernel in asked.reason) == (("cannot-tell", True) if old else ("delivered", not kernel))
    assert ask(state, "node-2", "Service:default/web").verdict == "delivered", "the other Node has its rules"
    assert [p.object for p in found] == (["Node:node-1"] if old else [])
    if old:
        assert found[0].title == f"Node node-1: kernel {kernel} is too old for nftables mode"


def test_ipvs_is_deprecated() -> None:
    """kube-proxy.md 1, row 'ipvs is deprecated'."""
    (problem,) = [p for p in check(cluster(node(1), kubeProxy={"mode": "ipvs"})) if p.code == "SVC-32"]
    assert "deprecated since 1.35" in problem.why
    assert "nftables" in problem.fix


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ({"mode": "ipvs", "ipvsScheduler": "much-too-long-a-name"}, "no kernel has an IPVS scheduler much-too-long"),
        ({"detectLocalMode": "BridgeInterface"}, "detectLocalMode BridgeInterface needs bridgeInterface"),
        ({"detectLocalMode": "InterfaceNamePrefix"}, "needs interfaceNamePrefix"),
        ({"clusterCIDR": "10.244.0.0/16,10.245.0.0/16"}, "neither one range nor one of each IP family"),
        ({"nodePortAddresses": ("primary", "10.0.0.0/8")}, "holds primary beside others"),
        ({"nodePortAddresses": ("localhost",)}, "localhost, which is no address range"),
    ],
)
def test_settings_with_which_kube_proxy_does_not_start(proxy: dict[str, Any], words: str) -> None:
    """pkg/proxy/apis/config/validation/validation.go: no rule of any Service is known then."""
    state = cluster(pod("a", 1), pod("b", 1, app="web"), service("web"), kubeProxy=proxy)
    (problem,) = [p for p in check(state) if p.code == "NODE-19"]
    assert words in problem.title
    found = ask(state, "a", "Service:default/web")
    assert found.verdict == "cannot-tell"
    assert "does not start" in found.reason
    assert words in found.reason
    assert ask(state, "a", "Pod:default/b").verdict == "delivered", "Pods need no kube-proxy"
    assert ask(state, "a", "node-1:10256").verdict == "cannot-tell", "nobody serves its health endpoint"
    assert ask(state, "a", "node-1:10250").verdict == "delivered", "the kubelet runs"


@pytest.mark.parametrize("proxy", [{"clusterCIDR": ""}, {"clusterCIDR": "10.244.0.0/16,fd00::/56"},
                                   {"nodePortAddresses": ("primary",)}, {"nodePortAddresses": ("192.168.10.1/24",)},
                                   {"ipvsScheduler": "fastest"},
                                   {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}])  # fmt: skip
def test_settings_with_which_it_starts(proxy: dict[str, Any]) -> None:
    assert not [p for p in check(cluster(node(1), kubeProxy=proxy)) if p.code == "NODE-19"]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("[primary]", ("primary",)),
        ("[192.168.10.0/24, 'fd00::/8']", ("192.168.10.0/24", "fd00::/8")),
        ("[192.168.10.11/24, 010.0.0.0/8]", ("192.168.10.11/24", "010.0.0.0/8")),
        ("[primary, 10.0.0.0/8]", None),
        ("[localhost]", None),
        ("[192.168.10.11]", None),
    ],
)
def test_node_port_addresses_that_kube_proxy_takes(text: str, taken: tuple[str, ...] | None) -> None:
    """`validateKubeProxyNodePortAddress`: CIDRs, host bits and leading zeros and all, or `primary` alone."""
    found = configured(f"nodePortAddresses: {text}")
    assert found.project.cluster.kubeProxy.nodePortAddresses == (taken or ())
    assert [p.code for p in found.problems] == ([] if taken else ["READ-07"])


@pytest.mark.parametrize(("value", "good"), [(["primary"], True), (["192.168.10.11/24"], True), (["localhost"], False),
                                             (["primary", "10.0.0.0/8"], False), (["10.0.0.1"], False)])  # fmt: skip
def test_node_port_addresses_that_an_edit_takes(value: list[str], good: bool) -> None:
    assert set_cluster(Project(), "kubeProxy.nodePortAddresses", value).ok is good


@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_tables_that_kube_proxy_would_not_write_say_so(mode: str) -> None:
    """The rules are shown all the same, with a warning why no Node gets them."""
    state = cluster(node(1), service("web"), kubeProxy={"detectLocalMode": "BridgeInterface"})
    text, problems = tables_text(state.control, state.project.cluster, "node-1", mode)
    assert "default/web" in text or mode == "ipvs"
    assert [(p.severity, p.field) for p in problems] == [("warning", "kubeProxy.bridgeInterface")]
    assert "does not start: detectLocalMode BridgeInterface needs bridgeInterface" in problems[0].title


def test_where_kube_proxy_does_not_run_its_settings_are_nobodys_problem() -> None:
    settings = {"mode": "ipvs", "detectLocalMode": "BridgeInterface"}
    found = check(cluster(node(1), service("web"), plugin="cilium", kubeProxy=settings))
    assert not [p.code for p in found if p.code in ("NODE-18", "NODE-19", "NODE-20", "SVC-32")]


@pytest.mark.parametrize(
    ("value", "good"),
    [("0.0.0.0:10256", True), ("[::]:10256", True), ("127.0.0.1", True), ("::1", True), ("host:10256", False),
     ("0.0.0.0:0", False), ("0.0.0.0:http", False)],
)  # fmt: skip
def test_bind_addresses_that_an_edit_takes(value: str, good: bool) -> None:
    assert set_cluster(Project(), "kubeProxy.healthzBindAddress", value).ok is good


def test_bind_addresses_are_read_and_written() -> None:
    found = configured("healthzBindAddress: 127.0.0.1:10256\nmetricsBindAddress: ''").project.cluster.kubeProxy
    assert (found.healthzBindAddress, found.metricsBindAddress) == ("127.0.0.1:10256", "127.0.0.1:10249")


def test_nodes_with_different_modes() -> None:
    """kube-proxy.md 1, row 'Nodes with different modes': a project has one configuration; a second one is told."""
    head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    found = read_texts([("a.yaml", f"{head}mode: nftables\n"), ("b.yaml", f"{head}mode: ipvs\n")])
    assert found.project.cluster.kubeProxy.mode == "ipvs"
    (problem,) = found.problems
    assert (problem.code, problem.severity, problem.file, problem.line) == ("READ-16", "warning", "b.yaml", 3)
    assert problem.title.endswith("`kubeProxy.mode` is ipvs, but nftables in a.yaml:3")
    same = read_texts([("a.yaml", f"{head}mode: ipvs\n"), ("b.yaml", f"{head}mode: ipvs\n")])
    assert not same.problems


def test_a_second_configuration_stands_beside_every_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
    for name in ("iptables", "ipvs"):
        (tmp_path / f"{name}.yaml").write_text(f"{head}mode: {name}\n", encoding="utf-8")
    main(["tables", str(tmp_path), "--node", "node-1"])
    assert "`kubeProxy.mode` is ipvs, but iptables in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "mode", "words"),
    [
        ("1.36", "nftables", ""),
        ("1.36.2", "iptables", ""),
        ("1.33", "iptables", "Other versions write some rules otherwise"),
        ("1.30", "nftables", "took node ports on every address"),
        ("1.31", "nftables", "Other versions write some rules otherwise"),
        ("1.37", "ipvs", "Other versions write some rules otherwise"),
    ],
)
def test_rules_of_another_version_are_told(version: str, mode: str, words: str) -> None:
    """The rules are those of v1.36.2 (reference README, also on node ports of nftables mode before 1.31)."""
    found = [p for p in check(cluster(node(1), kubernetesVersion=version, kubeProxy={"mode": mode}))
             if p.code == "NODE-21"]  # fmt: skip
    assert [words in p.why for p in found] == ([True] if words else [])
    assert all(p.severity == "info" for p in found)
