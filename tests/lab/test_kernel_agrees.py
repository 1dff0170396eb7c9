"""The kernel and the traces: small clusters, every Service port and every Pod from everywhere, no difference at all.

Skipped with the reason where namespaces, tools or rights are missing.
"""

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.lab.choices import FEW, FOR_SHARES
from designer.lab.report import LabReport
from designer.lab.run import run_lab
from tests.engine.trace.clusters import cluster, make, pod, service
from tests.lab.kernel import everything, skip_unless_possible, two_nodes

pytestmark = pytest.mark.slow

# plugin, backend, mode, further settings
WHOLE: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("calico", "vxlan", "iptables", {}),
    ("calico", "vxlan", "nftables", {"dual": True}),
    ("calico", "bgp", "iptables", {"dual": True, "kubeProxy": {"masqueradeAll": True}}),
    ("calico", "bgp", "nftables", {}),
    ("calico", "vxlan-crosssubnet", "iptables", {"far": True}),
    ("flannel", "vxlan", "iptables", {"dual": True}),
    ("flannel", "vxlan", "nftables", {"far": True, "cni": {"hairpin": False}}),
    ("flannel", "host-gw", "iptables", {"far": True, "kubeProxy": {"clusterCIDR": ""}}),
    ("flannel", "host-gw", "nftables", {"dual": True, "kubeProxy": {"nodePortAddresses": ("0.0.0.0/0", "::/0")}}),
    ("weave", "fastdp", "iptables", {}),
    ("weave", "fastdp", "nftables", {"cni": {"bridgeNetfilter": False}}),
    ("flannel", "vxlan", "nftables", {"kubeProxy": {"nftablesMasqueradeAll": True}}),
    ("calico", "bgp", "nftables", {"kubeProxy": {"clusterCIDR": ""}}),
    ("flannel", "vxlan", "nftables", {"kubeProxy": {"detectLocalMode": "BridgeInterface", "bridgeInterface": "cni0"}}),
)

# plugin, backend, externalTrafficPolicy, further settings
SMALL: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("flannel", "vxlan", "Cluster", {"cni": {"bridgeNetfilter": False, "hairpin": False}}),
    ("calico", "vxlan", "Local", {"kubeProxy": {"localhostNodePorts": False, "masqueradeBit": 3}}),
    ("calico", "vxlan", "Local", {"kubeProxy": {"detectLocalMode": "NodeCIDR"}}),
    ("calico", "bgp", "Cluster", {"kubeProxy": {"mode": "nftables", "nftablesMasqueradeAll": True}}),
    ("weave", "fastdp", "Local", {"kubeProxy": {"mode": "nftables"}}),
    ("weave", "fastdp", "Cluster", {"cni": {"bridgeNetfilter": False, "hairpin": False}}),
    ("flannel", "vxlan", "Local", {"kubeProxy": {"mode": "nftables", "detectLocalMode": "BridgeInterface",
                                                 "bridgeInterface": "cni0"}}),
    ("calico", "bgp", "Local", {"kubeProxy": {"detectLocalMode": "InterfaceNamePrefix",
                                              "interfaceNamePrefix": "cali"}}),
)  # fmt: skip


def agrees(state: ClusterState, *scopes: tuple[str, int | None]) -> list[LabReport]:
    skip_unless_possible(state)
    reports = [run_lab(state, scope, sample, traced=30) for scope, sample in scopes]
    for report in reports:
        assert not report.differs, report.text()
        assert report.count("confirmed") > len(report.rows) / 2, report.text()
    return reports


@pytest.mark.parametrize(("plugin", "backend", "mode", "more"), WHOLE, ids=lambda v: v if isinstance(v, str) else "")
def test_a_cluster_with_a_bit_of_everything(plugin: str, backend: str, mode: str, more: dict[str, Any]) -> None:
    scopes = (("services", 90), ("matrix", 50), ("strays", 40))
    services, *_ = agrees(everything(plugin, backend, mode, **more), *scopes)
    assert len(services.sequences) == 30
    assert services.mode == mode


@pytest.mark.parametrize(("plugin", "backend", "traffic", "more"), SMALL)
def test_two_nodes(plugin: str, backend: str, traffic: str, more: dict[str, Any]) -> None:
    agrees(two_nodes(plugin, backend, traffic, more), ("services", None), ("matrix", None))


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_random_choices_have_the_predicted_shares(mode: str) -> None:
    """Pearson's chi-square over the three endpoints of a Service: 2 degrees of freedom, 27.6 at one in a million."""
    state = cluster(
        pod("client", 1, port=None), pod("a", 1, app="web"), pod("b", 2, app="web"), pod("c", 2, app="web"),
        service("web"), nodes=2, plugin="flannel", kubeProxy={"mode": mode},
    )  # fmt: skip
    skip_unless_possible(state)
    counts = {"a": 0, "b": 0, "c": 0}
    for _ in range(3):
        for row in run_lab(state, "services", traced=0).rows:
            for line in row.observed:
                number, _, text = line.partition(" × ")
                counts[text.partition("Pod:default/")[2][0]] += int(number)
    total = sum(counts.values())
    # Each Node makes the choice often enough to see shares; its two Pods make it a few times more.
    assert total == 3 * 2 * (FOR_SHARES + 2 * FEW)
    expected = total / 3
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 27.6


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_a_node_with_two_addresses_on_one_link_masquerades_with_its_first(mode: str) -> None:
    """RFC 6724 counts a common prefix no further than the link's: ::152 is no nearer to ::151 than ::12."""
    nodes = [
        make("Node", f"node-{n}", status={"addresses": [
            {"type": "InternalIP", "address": f"fd00:192:168:10::{low}{n}"} for low in ("1", "15")]})
        for n in (1, 2)
    ]  # fmt: skip
    ranges: dict[str, Any] = {"podCIDRs": ["fd00:10:244::/56"], "serviceCIDRs": ["fd00:10:96::/112"]}
    host = pod("host", 1, hostNetwork=True, ports=[{"containerPort": 9100}])
    proxy = {"mode": mode, "clusterCIDR": "fd00:10:244::/56"}
    state = cluster(*nodes, host, pod("a", 2), pod("b", 1), plugin="calico", kubeProxy=proxy, **ranges)
    (report,) = agrees(state, ("matrix", None))
    seen = {row.observed for row in report.rows if row.source == "Pod:default/a" and "::151" in row.destination}
    assert seen == {("1 × Pod:default/host answers, sees fd00:192:168:10::12 (TTL 63)",)}
