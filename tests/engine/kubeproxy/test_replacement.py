"""The Service lookup table of Cilium and of Calico's eBPF data plane, row by row, and that the trace agrees with it."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.checks import check
from designer.engine.compile import ClusterState
from designer.engine.kubeproxy import tables_text
from designer.engine.kubeproxy.local_drops import local_drops
from designer.engine.kubeproxy.replacement import service_table
from tests.engine.trace.clusters import ask, cluster, pod, service

BOTH = pytest.mark.parametrize(("plugin", "backend"), [("cilium", "vxlan"), ("calico", "ebpf")])
LOCAL: dict[str, Any] = {"type": "NodePort", "externalTrafficPolicy": "Local"}


def small(plugin: str, backend: str = "", **cni: Any) -> ClusterState:
    """Services of each kind; `web` has Pods on node-1 and node-2, `none` has none, `self` serves its Node's Pods."""
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    balanced: dict[str, Any] = {
        "type": "LoadBalancer",
        "status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.10"}]}},
    }
    return cluster(
        pod("web-1", 1, app="web"),
        pod("web-2", 2, app="web"),
        pod("agent", 3, ports=[{"containerPort": 9100, "hostPort": 9101}]),
        service("web", clusterIP="10.96.1.1", clusterIPs=["10.96.1.1"], ports=ports, **balanced),
        service("none", app="nobody", clusterIP="10.96.1.2", clusterIPs=["10.96.1.2"]),
        service("near", app="web", clusterIP="10.96.1.3", clusterIPs=["10.96.1.3"], internalTrafficPolicy="Local"),
        service(
            "edge",
            app="web",
            clusterIP="10.96.1.4",
            clusterIPs=["10.96.1.4"],
            ports=[{"port": 80, "targetPort": 8080, "nodePort": 30084}],
            **LOCAL,
        ),
        plugin=plugin,
        backend=backend,
        cni=cni,
    )


def rows(state: ClusterState, node: str = "node-1") -> dict[tuple[str, str], str]:
    """The last column by frontend and who calls."""
    text, problems = tables_text(state.control, state.project.cluster, node, "iptables")
    assert problems == ()
    lines = [line for line in text.splitlines() if not line.startswith("#")][1:]
    found = {}
    for line in lines:
        frontend, _kind, scope, *rest = line.split()
        found[frontend, scope] = " ".join(rest[1:])
    return found


def endpoints(state: ClusterState, *names: str) -> str:
    """Addresses of Pods as the table writes them, with equal shares."""
    found = sorted(state.control.pods[f"Pod:default/{name}"].ips[0] for name in names)
    share = f" (1/{len(found)})" if len(found) > 1 else ""
    return ", ".join(f"{address}:8080{share}" for address in found)


@BOTH
def test_cluster_ips_are_for_those_inside_and_have_every_ready_endpoint(plugin: str, backend: str) -> None:
    state = small(plugin, backend)
    found = rows(state, "node-3")
    assert found["10.96.1.1:80/TCP", "inside"] == endpoints(state, "web-1", "web-2")
    assert not any(frontend == "10.96.1.1:80/TCP" and scope != "inside" for frontend, scope in found)


@BOTH
def test_a_node_port_is_at_every_address_and_a_balancer_s_address_at_each_node(plugin: str, backend: str) -> None:
    state = small(plugin, backend)
    for node in ("node-1", "node-3"):
        found = rows(state, node)
        both = endpoints(state, "web-1", "web-2")
        assert found["0.0.0.0:30080/TCP", "anywhere"] == both
        assert found["198.51.100.10:80/TCP", "anywhere"] == both


@BOTH
def test_policy_local_keeps_the_node_s_own_for_those_that_it_concerns(plugin: str, backend: str) -> None:
    """https://kubernetes.io/docs/reference/networking/virtual-ips/ : traffic policies."""
    state = small(plugin, backend)
    both, own = endpoints(state, "web-1", "web-2"), endpoints(state, "web-1")
    here, bare = rows(state, "node-1"), rows(state, "node-3")
    assert here["10.96.1.3:80/TCP", "inside"] == own
    assert bare["10.96.1.3:80/TCP", "inside"] not in (own, both)
    assert here["0.0.0.0:30084/TCP", "outside"] == own
    assert here["0.0.0.0:30084/TCP", "inside"] == both
    assert bare["0.0.0.0:30084/TCP", "outside"] not in (own, both)


@BOTH
def test_a_service_without_endpoints_keeps_its_row(plugin: str, backend: str) -> None:
    none = rows(small(plugin, backend))["10.96.1.2:80/TCP", "inside"]
    assert ":8080" not in none
    assert "none" in none


def test_cilium_serves_host_ports_with_ebpf_and_calico_does_not() -> None:
    def ports(state: ClusterState) -> set[int]:
        return {one.port for one in service_table(state.control, state.project.cluster, "node-3", 4)}

    assert 9101 in ports(small("cilium"))
    assert 9101 not in ports(small("calico", "ebpf"))


@BOTH
@pytest.mark.parametrize("mode", ["iptables", "nftables", "ipvs"])
def test_no_mode_of_kube_proxy_writes_a_rule(plugin: str, backend: str, mode: str) -> None:
    state = small(plugin, backend)
    text, _problems = tables_text(state.control, state.project.cluster, "node-1", mode)
    assert "kube-proxy does not run on node-1" in text
    assert "KUBE-" not in text
    assert "10.96.1.1:80/TCP" in text


def test_where_cilium_leaves_services_to_kube_proxy_there_are_rules() -> None:
    state = small("cilium", kubeProxyReplacement=False)
    text, _problems = tables_text(state.control, state.project.cluster, "node-1", "iptables")
    assert "KUBE-SERVICES" in text


@BOTH
@pytest.mark.parametrize("node", ["node-1", "node-2", "node-3"])
@pytest.mark.parametrize("port", [30080, 30084])
def test_the_trace_goes_where_the_table_says(plugin: str, backend: str, node: str, port: int) -> None:
    """A client's request to a node port ends in exactly the endpoints of the row for those outside."""
    state = small(plugin, backend)
    found = rows(state, node)
    row = found.get((f"0.0.0.0:{port}/TCP", "anywhere")) or found[f"0.0.0.0:{port}/TCP", "outside"]
    paths = ask(state, "client", f"{state.control.nodes[node].addresses[0]}:{port}").trace.paths()
    ends = {hop.at for path in paths for hop in path.hops if hop.kind == "deliver" and hop.direction == "request"}
    named = {pod.id for pod in state.control.pods.values() if f"{pod.ips[0]}:" in row}
    assert ends == named
    assert sum(path.share for path in paths) == 1


@BOTH
def test_local_drops_name_the_nodes_that_refuse(plugin: str, backend: str) -> None:
    state = small(plugin, backend)
    found = {
        (drop.service, drop.traffic): (drop.nodes, drop.outcome)
        for drop in local_drops(state.control, state.project.cluster)
    }
    assert found == {
        ("Service:default/near", "internal"): (("node-3",), "rejected"),
        ("Service:default/edge", "external"): (("node-3",), "rejected"),
    }


def test_cilium_s_drop_setting_makes_packets_from_outside_vanish() -> None:
    """Helm value loadBalancer.serviceNoBackendResponse."""
    state = small("cilium", noBackendResponse="drop")
    outcomes = {d.traffic: d.outcome for d in local_drops(state.control, state.project.cluster)}
    assert outcomes == {"external": "dropped", "internal": "rejected"}, "at a socket connect() fails either way"
    (path,) = ask(state, "client", "192.168.10.13:30084").trace.paths()
    assert path.verdict == "dropped"


@BOTH
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"mode": "ipvs", "ipvsScheduler": "no-such"}, "NODE-20"),
        ({"masqueradeBit": 3}, "NODE-12"),
    ],
)
def test_checks_of_kube_proxy_are_silent_where_it_does_not_run(
    plugin: str, backend: str, said: dict[str, Any], code: str
) -> None:
    state = cluster(pod("a", 1), plugin=plugin, backend=backend, kubeProxy=said)
    assert code not in {problem.code for problem in check(state)}


@BOTH
def test_a_service_with_policy_local_is_told_to_refuse_not_to_drop(plugin: str, backend: str) -> None:
    state = small(plugin, backend)
    titles = [p.title + p.why for p in check(state) if p.object in ("Service:default/edge", "Service:default/near")]
    assert any("refuse" in words for words in titles)
    assert not any("drop" in words for words in titles)
