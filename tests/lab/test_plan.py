"""The plan of a small cluster: what stands where, written down by hand from `domain/cni.md` section 3."""

from __future__ import annotations

from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.lab.asking import make_probes
from designer.lab.plan import PHASE_OF, PHASES, LabPlan, Step
from designer.lab.planning import make_plan
from designer.lab.probes import drawn
from designer.lab.run import in_mode, run_lab, unbuildable
from tests.engine.trace.clusters import address, cluster, make, node, pod, policy, service
from tests.lab.kernel import everything, two_nodes


def plan_of(plugin: str, backend: str, **more: Any) -> tuple[ClusterState, LabPlan]:
    state = two_nodes(plugin, backend, "Cluster", more)
    return state, make_plan(state)


def steps(plan: LabPlan, do: str, space: str, **told: Any) -> list[Step]:
    return [
        step
        for step in plan.steps
        if (step.do, step.space) == (do, space) and all(step.get(key) == value for key, value in told.items())
    ]


@pytest.mark.parametrize(("plugin", "backend"), [("flannel", "vxlan"), ("calico", "bgp"), ("weave", "fastdp")])
def test_each_machine_has_a_namespace(plugin: str, backend: str) -> None:
    _, plan = plan_of(plugin, backend)
    assert sorted(name for name, _ in plan.spaces) == [
        "fabric", "node node-1", "node node-2", "outside outside", "pod default/a", "pod default/far",
        "pod default/host", "pod default/near",
    ]  # fmt: skip


def test_flannel_routes_the_other_nodes_range_through_its_tunnel() -> None:
    _, plan = plan_of("flannel", "vxlan")
    (route,) = steps(plan, "route", "node node-1", destination="10.244.1.0/24")
    assert (route.get("device"), route.get("via"), route.get("onlink")) == ("flannel.1", "10.244.1.0", True)
    (far,) = steps(plan, "vxlan", "node node-2")
    (there,) = steps(plan, "neighbour", "node node-1", device="flannel.1")
    assert (there.get("address"), there.get("mac")) == ("10.244.1.0", far.get("mac"))
    (behind,) = steps(plan, "forwarding", "node node-1", device="flannel.1")
    assert (behind.get("mac"), behind.get("remote")) == (far.get("mac"), "192.168.10.12")


def test_host_gw_routes_by_the_other_node_itself() -> None:
    _, plan = plan_of("flannel", "host-gw")
    (route,) = steps(plan, "route", "node node-2", destination="10.244.0.0/24", device="eth0")
    assert route.get("via") == "192.168.10.11"
    assert not steps(plan, "vxlan", "node node-2")


def test_a_route_that_cannot_be_set_is_left_out() -> None:
    state = cluster(node(1), node(2, "192.168.20.12"), pod("a", 1), pod("b", 2), plugin="flannel", backend="host-gw")
    assert not steps(make_plan(state), "route", "node node-1", destination="10.244.1.0/24")


def test_calicos_pods_ask_their_fixed_next_hop() -> None:
    state, plan = plan_of("calico", "vxlan")
    ip = address(state, "a")
    assert steps(plan, "address", "pod default/a", address=f"{ip}/32")
    (everything_else,) = steps(plan, "route", "pod default/a", destination="0.0.0.0/0")
    assert everything_else.get("via") == "169.254.1.1"
    (veth,) = [s for s in steps(plan, "veth", "node node-1") if s.get("peer_space") == "pod default/a"]
    (back,) = steps(plan, "route", "node node-1", destination=f"{ip}/32")
    assert back.get("device") == veth.get("name")
    assert not steps(plan, "bridge", "node node-1")


@pytest.mark.parametrize(("hairpin", "filtered"), [(True, True), (False, False)])
def test_a_bridge_is_as_the_settings_say(hairpin: bool, filtered: bool) -> None:
    _, plan = plan_of("flannel", "vxlan", cni={"hairpin": hairpin, "bridgeNetfilter": filtered})
    ports = [step for step in steps(plan, "port", "node node-1") if step.get("bridge") == "cni0"]
    assert [step.get("hairpin") for step in ports] == [hairpin, hairpin]
    settings = dict(dict(plan.spaces)["node node-1"])
    assert settings["net/bridge/bridge-nf-call-iptables"] == ("1" if filtered else "0")
    assert dict(dict(plan.spaces)["fabric"])["net/bridge/bridge-nf-call-iptables"] == "0"


def test_weaves_pods_share_one_segment_over_all_nodes() -> None:
    state, plan = plan_of("weave", "fastdp")
    ip = address(state, "far")
    (known,) = steps(plan, "neighbour", "pod default/a", address=ip)
    ends = steps(plan, "forwarding", "node node-1", mac=known.get("mac"))
    assert [step.get("remote") for step in ends if step.get("device") == "vxlan-6784"] == [None, "192.168.10.12"]


def test_steps_come_in_the_order_of_what_they_need() -> None:
    _, plan = plan_of("flannel", "vxlan")
    phases = [PHASES.index(PHASE_OF.get(step.do, step.do)) for step in plan.steps]
    assert phases == sorted(phases)
    vias = [bool(step.get("via")) for step in plan.steps if step.do == "route"]
    assert vias == sorted(vias)
    assert make_plan(two_nodes("flannel", "vxlan", "Cluster", {})) == plan, "the same cluster, the same plan"


def test_the_rules_are_the_engines_own_text() -> None:
    state, plan = plan_of("calico", "vxlan", kubeProxy={"mode": "nftables"})
    loaded = {step.get("tool")[0] for step in steps(plan, "load", "node node-1")}
    assert loaded == {"ipset", "iptables-restore", "nft"}
    (nft,) = [step.get("text") for step in steps(plan, "load", "node node-1") if step.get("tool")[0] == "nft"]
    assert "add table ip kube-proxy" in nft
    assert address(state, "near") in nft


def test_what_listens_is_what_containers_declare() -> None:
    state = cluster(
        pod("web", 1, ports=[{"containerPort": 8080}, {"containerPort": 53, "protocol": "UDP"}]),
        pod("host", 1, hostNetwork=True, ports=[{"containerPort": 9100}]),
        make("ExternalHost", "api", {"addresses": ["198.51.100.20"], "ports": ["443"]}),
        nodes=1,
    )  # fmt: skip
    heard = {(one.space, one.protocol, one.port, one.who) for one in make_plan(state).listeners}
    assert heard >= {
        ("pod default/web", "TCP", 8080, "Pod:default/web"),
        ("pod default/web", "UDP", 53, "Pod:default/web"),
        ("node node-1", "TCP", 9100, "Pod:default/host"),
        ("node node-1", "TCP", 10250, "Node:node-1"),
        ("outside ExternalHost:api", "TCP", 443, "ExternalHost:api"),
    }


def test_policies_become_rules_of_their_pods_node() -> None:
    block = {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}
    guard = policy("guard", {"matchLabels": {"app": "b"}}, policyTypes=["Ingress"], ingress=[
        {"from": [{"podSelector": {"matchLabels": {"app": "a"}}}, {"ipBlock": block}],
         "ports": [{"port": "http"}, {"port": 53, "endPort": 54, "protocol": "UDP"}]}])  # fmt: skip
    state = cluster(pod("a", 1), pod("b", 2), guard, nodes=2)
    plan, one, other = make_plan(state), address(state, "a"), address(state, "b")
    (text,) = [s.get("text") for s in steps(plan, "load", "node node-2") if "designer-policy" in s.get("text")]
    rules = [line.removeprefix("add rule inet designer-policy ") for line in text.splitlines() if "add rule" in line]
    assert rules == [
        "forward ct state established,related accept",
        f"ingress-0 ip saddr {one} tcp dport 8080 return",
        f"ingress-0 ip saddr {one} udp dport 53-54 return",
        "ingress-0 ip saddr 10.0.0.0/8 ip saddr != { 10.1.0.0/16 } tcp dport 8080 return",
        "ingress-0 ip saddr 10.0.0.0/8 ip saddr != { 10.1.0.0/16 } udp dport 53-54 return",
        "ingress-0 drop",
        f"forward ip daddr {other} jump ingress-0",
    ]
    assert not [s for s in steps(plan, "load", "node node-1") if "designer-policy" in s.get("text")]


def test_a_named_port_of_an_egress_rule_is_that_of_the_pod_that_is_called() -> None:
    leash = policy("leash", {"matchLabels": {"app": "a"}}, policyTypes=["Egress"], egress=[
        {"to": [{"ipBlock": {"cidr": "10.244.0.0/16"}}], "ports": [{"port": "http"}]}])  # fmt: skip
    state = cluster(pod("a", 1, port=None), pod("b", 1, 8081), leash, nodes=1)
    text = next(s.get("text") for s in steps(make_plan(state), "load", "node node-1") if "policy" in s.get("text"))
    assert f"egress-0 ip daddr {address(state, 'b')} tcp dport 8081 return" in text
    assert "10.244.0.0/16" not in text


def test_flannel_enforces_nothing() -> None:
    closed = policy("closed", {}, policyTypes=["Ingress"])
    plan = make_plan(cluster(pod("a", 1), closed, plugin="flannel"))
    assert not [step for step in plan.steps if step.do == "load" and "designer-policy" in step.get("text")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"plugin": "cilium"}, "eBPF"),
        ({"plugin": "calico", "backend": "ebpf"}, "eBPF"),
    ],
)
def test_what_cannot_be_built_is_said_for_every_request(more: dict[str, Any], words: str) -> None:
    state = cluster(pod("a", 1), service("a"), **more)
    assert words in unbuildable(state)
    report = run_lab(state, "services")
    assert report.rows
    assert {row.status for row in report.rows} == {"not-testable"}
    assert all(words in row.why for row in report.rows)
    assert not report.differs


def test_another_mode_is_another_cluster() -> None:
    state = cluster(pod("a", 1), pod("b", 1), service("a"), plugin="flannel", kubeProxy={"mode": "ipvs"})
    assert in_mode(state, None) is state
    assert steps(make_plan(in_mode(state, "nftables")), "load", "node node-1", tool=("nft", "-f", "-"))
    assert not steps(make_plan(state), "load", "node node-1", tool=("nft", "-f", "-"))


def test_services_are_asked_for_from_everywhere() -> None:
    """One Service with a node port, two Nodes, four Pods: its ClusterIP from 6, 2 node addresses from 7, 127.0.0.1."""
    state = cluster(
        pod("a", 1), pod("b", 1), pod("c", 2), pod("d", 2), service("a", type="NodePort"), nodes=2, plugin="flannel"
    )
    probes = make_probes(state, make_plan(state), "services")
    assert len(probes) == 6 + 2 * 7 + 2
    assert len(make_probes(state, make_plan(state), "services", 5)) == 5


def test_the_matrix_asks_every_port_of_every_pod() -> None:
    """Four Pods with one port, asked by four Pods, two Nodes and somebody outside."""
    state = cluster(pod("a", 1), pod("b", 1), pod("c", 2), pod("d", 2), nodes=2, plugin="flannel")
    assert len(make_probes(state, make_plan(state), "matrix")) == 4 * 7


def test_a_load_balancers_address_is_called_through_each_node_that_it_may_choose() -> None:
    state = everything("calico", "vxlan", "iptables")
    probes = make_probes(state, make_plan(state), "services")
    entries = {probe.mark for probe in probes if "default/ranges" in probe.destination and probe.source == "outside"}
    assert entries == {1, 2, 3}


def test_a_sample_is_drawn_evenly_and_stays_the_same() -> None:
    """Of the 28 requests of the matrix above; drawn without making all of them at once."""
    state = cluster(pod("a", 1), pod("b", 1), pod("c", 2), pod("d", 2), nodes=2, plugin="flannel")
    every, total = drawn(state, "matrix")
    some, counted = drawn(state, "matrix", 10)
    assert (total, counted, len(some), len(set(some))) == (28, 28, 10, 10)
    assert [one for one in every if one in some] == list(some), "in their order"
    assert drawn(state, "matrix", 10)[0] == some
    assert drawn(state, "matrix", 100)[0] == every
    assert set(some) != set(every[:10]), "not the first ones"
