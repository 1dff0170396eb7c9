"""Where traffic policy Local drops: the DROP rules that kube-proxy v1.36.2 itself wrote, case by case, node by node."""

import re
from dataclasses import replace

import pytest

from designer.engine.kubeproxy.local_drops import local_drops
from designer.model import ClusterSettings, FrozenMap, KubeProxySettings
from tests.engine.kubeproxy.load_case import Case, case_names, load_case
from tests.engine.kubeproxy.small_cluster import EXTERNAL_IP, POD_B, cluster, endpoint, service

DROPPED = re.compile(r'-A (KUBE-\S+) .*--comment "(\S+) has no local endpoints" .*-p (\w+) .*-j DROP')
NAMES = case_names()


def in_mode(case: Case, mode: str, plugin: str = "calico") -> ClusterSettings:
    return case.settings.model_copy(
        update={
            "kubeProxy": case.settings.kubeProxy.model_copy(update={"mode": mode}),
            "cni": case.settings.cni.model_copy(update={"plugin": plugin}),
        }
    )


@pytest.mark.parametrize("name", NAMES)
def test_they_are_the_ports_that_kube_proxy_drops(name: str) -> None:
    case = load_case(name)
    drops = local_drops(case.control, in_mode(case, "iptables"))
    for node in case.control.nodes:
        text = case.expected("iptables", node)
        expected = {
            (match[2], "internal" if match[1] == "KUBE-SERVICES" else "external", match[3].upper())
            for match in DROPPED.finditer(text)
        }
        assert {(drop.name, drop.traffic, drop.protocol) for drop in drops if node in drop.nodes} == expected


def test_the_cases_have_drops_of_both_kinds() -> None:
    found = [drop for name in NAMES for drop in local_drops(load_case(name).control, ClusterSettings())]
    assert {drop.traffic for drop in found} == {"external", "internal"}
    assert all(not set(drop.nodes) & set(drop.covered) for drop in found)


@pytest.mark.parametrize("name", NAMES)
def test_in_ipvs_mode_only_virtual_servers_without_real_ones_are_told(name: str) -> None:
    """A virtual server that has no real server in kube-proxy's own ipvs text, for a Service that has endpoints."""
    case = load_case(name)
    found = [drop for drop in local_drops(case.control, in_mode(case, "ipvs")) if drop.traffic == "internal"]
    assert {drop.outcome for drop in found} <= {"rejected"}
    for drop in found:
        address = case.control.services[drop.service].cluster_ips[0]
        for node in drop.nodes:
            lines = [line for line in case.expected("ipvs", node).splitlines() if f"{address}:{drop.port} " in line]
            assert [line[:2] for line in lines] == ["-A"], "a virtual server and no real one"
    if name == "24-internal-policy-local":
        assert found


@pytest.mark.parametrize("name", NAMES)
def test_in_ipvs_mode_a_bare_node_has_the_real_servers_of_other_nodes(name: str) -> None:
    """So it does not drop external traffic: kube-proxy's own text lists real servers behind its virtual server."""
    case = load_case(name)
    for drop in local_drops(case.control, in_mode(case, "ipvs")):
        if drop.traffic == "external":
            assert drop.outcome == "lost"
            address = case.control.services[drop.service].cluster_ips[0]
            for node in drop.nodes:
                lines = case.expected("ipvs", node).splitlines()
                assert any(line.startswith("-a") and f"{address}:{drop.port} " in line for line in lines)


def test_one_service_alone() -> None:
    case = load_case("70-real-webshop")
    every = local_drops(case.control, in_mode(case, "iptables"))
    one = every[0].service
    assert local_drops(case.control, in_mode(case, "iptables"), one) == tuple(
        drop for drop in every if drop.service == one
    )


def test_without_any_endpoint_nothing_is_dropped_for_the_policy() -> None:
    """No usable endpoint anywhere: REJECT on every node (`domain/kube-proxy.md`, "No endpoints")."""
    case = load_case("17-lb-local-healthcheck")
    assert local_drops(case.control, in_mode(case, "iptables"))
    assert local_drops(replace(case.control, slices=FrozenMap({})), case.settings) == ()


def test_in_ipvs_mode_a_plugin_that_masks_the_source_brings_the_replies_back() -> None:
    """`domain/cni.md` section 5: Flannel's and Weave Net's rules masquerade what comes from outside to remote Pods."""
    case = load_case("17-lb-local-healthcheck")
    lost = [len(local_drops(case.control, in_mode(case, "ipvs", plugin))) for plugin in ("calico", "flannel", "weave")]
    assert lost[0] > 0 and lost[1:] == [0, 0]


@pytest.mark.parametrize(
    ("mode", "allowed", "told"),
    [
        ("iptables", True, [("external", "dropped"), ("internal", "dropped")]),
        ("iptables", False, [("internal", "dropped")]),
        ("ipvs", True, [("external", "lost")]),
        # Nothing leads to it from outside: its virtual server gets no endpoint of other nodes.
        ("ipvs", False, [("internal", "rejected")]),
    ],
)
def test_external_ips_that_do_not_count_drop_nothing(mode: str, allowed: bool, told: list[tuple[str, str]]) -> None:
    """Feature gate AllowServiceExternalIPs (KEP-5707); `ExternallyAccessible` of pkg/proxy/serviceport.go."""
    web = service(external_ips=(EXTERNAL_IP,), external_policy="Local", internal_policy="Local")
    proxy = KubeProxySettings(mode=mode, allowServiceExternalIPs=allowed)
    settings = ClusterSettings(kubeProxy=proxy, cni={"plugin": "calico", "backend": "vxlan"})
    drops = local_drops(cluster(web, [endpoint(POD_B)]), settings)
    assert [(drop.traffic, drop.outcome) for drop in drops if drop.nodes == ("node-1",)] == told
