"""Policies in tiers as rules of the lab: chains by hand, and the kernel beside the verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace.ground import Ground
from designer.lab.capabilities import capabilities
from designer.lab.client import Worker
from designer.lab.planning import make_plan
from designer.lab.probes import aimed_at, probe_of
from designer.lab.run import Lab, run_lab
from designer.model import ForeignObject, FrozenMap
from tests.engine.policy.foreign import CNP, foreign
from tests.engine.trace.clusters import cluster, make, pod, policy, service
from tests.lab.kernel import BOTH, DUAL, machines, skip_unless_possible
from tests.lab.test_mutations import Mutation, text

V3 = "projectcalico.org/v3"


def with_policies(state: ClusterState, *kept: ForeignObject) -> ClusterState:
    return compile_project(replace(state.project, foreign=FrozenMap({one.id: one for one in kept})))


def pods(app: str) -> dict[str, Any]:
    return {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": app}}}}


def admin(name: str, tier: str, priority: int, app: str, **rules: Any) -> ForeignObject:
    return foreign(
        CNP, "ClusterNetworkPolicy", name, {"tier": tier, "priority": priority, "subject": pods(app), **rules}
    )


def calico(name: str, order: int, selector: str, *rules: dict[str, Any], **more: Any) -> ForeignObject:
    spec = {"order": order, "selector": selector, "types": ["Ingress"], "ingress": list(rules), **more}
    return foreign(V3, "GlobalNetworkPolicy", name, spec)


def chains(state: ClusterState, node: str) -> list[str]:
    """The rules of the policies' table of a Node, without what every line begins with."""
    (loaded,) = [
        step.get("text")
        for step in make_plan(state).steps
        if step.space == f"node {node}" and "designer-policy" in str(step.get("text"))
    ]
    said = [line for line in loaded.splitlines() if line.startswith("add rule") and "ct state" not in line]
    return [line.removeprefix("add rule inet designer-policy ") for line in said]


def test_each_tier_is_a_chain_that_leads_to_the_next() -> None:
    """Admin passes on to Baseline in Calico, past the default tier that closes: NPEP-285 and Calico's tier orders."""
    own = policy("own", {"matchLabels": {"app": "web"}}, policyTypes=["Ingress"], ingress=[
        {"from": [{"podSelector": {"matchLabels": {"app": "a"}}}]}])  # fmt: skip
    state = with_policies(
        cluster(pod("a", 1), pod("b", 1), pod("web", 2), own, nodes=2, plugin="calico"),
        admin("gate", "Admin", 10, "web", ingress=[
            {"action": "Deny", "from": [pods("b")], "protocols": [{"tcp": {"destinationPort": {"number": 8080}}}]},
            {"action": "Pass", "from": [pods("b")]}, {"action": "Accept", "from": [pods("nobody")]}]),
        admin("base", "Baseline", 10, "web", ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}]),
    )  # fmt: skip
    at = {name: state.control.pods[f"Pod:default/{name}"].ips[0] for name in ("a", "b", "web")}
    everybody = f"ip saddr {{ {at['a']}, {at['b']}, {at['web']} }}"
    assert chains(state, "node-2") == [
        f"ingress-0 ip saddr {at['b']} tcp dport 8080 drop",
        f"ingress-0 ip saddr {at['b']} goto ingress-0-tier-2",
        "ingress-0 goto ingress-0-tier-2",
        f"ingress-0-tier-2 ip saddr {at['a']} return",
        "ingress-0-tier-2 drop",
        f"ingress-0-tier-3 {everybody} drop",
        "ingress-0-tier-3 return",
        f"forward ip daddr {at['web']} jump ingress-0",
    ]


def test_strangers_are_asked_for_between_the_borders_of_the_blocks() -> None:
    """notNets cuts a hole into everybody; a network set is asked for by its addresses; a subject is demanded."""
    office = foreign(V3, "GlobalNetworkSet", "office", {"nets": ["203.0.113.0/24"]}, metadata={"labels": {"role": "o"}})
    state = with_policies(
        cluster(pod("web", 1), nodes=1, plugin="calico"),
        office,
        calico("g", 10, "app == 'web'",
               {"action": "Deny", "source": {"notNets": ["198.51.100.0/24"]}, "protocol": "UDP"},
               {"action": "Allow", "source": {"selector": "role == 'o'"}},
               {"action": "Allow", "destination": {"selector": "app == 'other'"}},
               {"action": "Log"}),
    )  # fmt: skip
    node, web = "192.168.10.11", state.control.pods["Pod:default/web"].ips[0]
    tunnel = state.control.nodes["node-1"].tunnel_ips[0]
    known = f"ip saddr != {{ {web}, {node}, {tunnel} }}"
    assert chains(state, "node-1") == [
        f"ingress-0 ip saddr {{ {web}, {node}, {tunnel} }} meta l4proto udp drop",
        f"ingress-0 meta nfproto ipv4 ip saddr != {{ 198.51.100.0/24 }} {known} meta l4proto udp drop",
        "ingress-0 meta nfproto ipv6 meta l4proto udp drop",
        f"ingress-0 ip saddr 203.0.113.0/24 {known} return",
        "ingress-0 drop",
        f"forward ip daddr {web} jump ingress-0",
    ]


def of_everything(mode: str, dual: bool) -> ClusterState:
    """Four Pods under policies of every kind that Calico reads, in five tiers, egress to what is outside included."""
    ranges: dict[str, Any] = DUAL if dual else {}
    every = {"destinationPort": {"range": {"start": 1, "end": 65535}}}
    deny_dns = {"action": "Deny", "from": [{"namespaces": {}}], "protocols": [{"udp": every}]}
    state = with_policies(
        cluster(
            *machines(2, dual), pod("client", 1, labels={"app": "client", "tier": "front"}, ports=BOTH),
            pod("other", 2, app="other", ports=BOTH), pod("web", 1, app="web", ports=BOTH),
            pod("db", 2, app="db", ports=BOTH), service("web", type="NodePort"), service("db"),
            policy("own", {"matchLabels": {"app": "db"}}, policyTypes=["Ingress"], ingress=[
                {"from": [{"podSelector": {"matchLabels": {"app": "client"}}}], "ports": [{"port": "http"}]}]),
            make("ExternalHost", "api", {"addresses": ["198.51.100.20", "2001:db8::20"], "ports": ["443", "53/udp"]}),
            make("ExternalHost", "far", {"addresses": ["203.0.113.30"], "ports": ["443/tcp"]}),
            plugin="calico", kubeProxy={"mode": mode}, **ranges,
        ),
        admin("strict", "Admin", 10, "web", ingress=[deny_dns, {"action": "Pass", "from": [pods("other")]},
                                                     {"action": "Deny", "from": [pods("db")]}]),
        admin("base", "Baseline", 5, "db", egress=[
            {"action": "Accept", "to": [{"networks": ["198.51.100.0/24", "::/0"]}]},
            {"action": "Deny", "to": [{"networks": ["0.0.0.0/0"]}]}]),
        foreign(V3, "Tier", "security", {"order": 100, "defaultAction": "Pass"}),
        foreign(V3, "GlobalNetworkSet", "office", {"nets": ["203.0.113.0/24", "192.168.10.99"]},
                metadata={"labels": {"role": "office"}}),
        calico("sec", 10, "app == 'web'", {
            "action": "Allow", "protocol": "TCP", "destination": {"notPorts": ["9000:9999"]},
            "source": {"notSelector": "app == 'other'", "notNets": ["203.0.113.0/24"]}}, tier="security"),
        calico("late", 2000, "has(app) && app != 'client'",
               {"action": "Allow", "source": {"selector": "role == 'office' || app == 'client'"}},
               {"action": "Allow", "source": {"namespaceSelector": "all()"},
                "destination": {"selector": "app == 'other'"}}),
        calico("leash", 20, "app == 'client'", types=["Egress"], ingress=[], egress=[
            {"action": "Log"}, {"action": "Deny", "destination": {"selector": "role == 'office'"}},
            {"action": "Deny", "destination": {"selector": "app == 'db'"}, "protocol": "UDP"}, {"action": "Allow"}]),
    )  # fmt: skip
    assert not state.policies.unread and not state.policies.problems
    return state


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "dual"), [("iptables", True), ("nftables", False)])
def test_the_kernel_agrees(mode: str, dual: bool) -> None:
    state = of_everything(mode, dual)
    skip_unless_possible(state)
    for scope in ("matrix", "services"):
        report = run_lab(state, scope, traced=20)
        assert not report.differs, report.text()
        about = [row for row in report.rows if row.status == "confirmed"]
        assert len(about) > len(report.rows) / 2
        ends = "; ".join(line for row in about for line in row.observed)
        assert " answers, " in ends and "no answer" in ends


N1, N2 = "node node-1", "node node-2"
BROKEN: dict[str, Mutation] = {
    "a denial is lost": text(N1, r"^add rule .* ingress-\S+ .*meta l4proto udp drop\n", ""),
    "a pass allows": text(N1, r"^(add rule .* ingress-\S+ ip .* )goto \S+$", r"\1return"),
    "a tier passes on where it closes": text(N2, r"^add rule \S+ \S+ \S+-tier-\d+ drop\n", "", 9),
    "a network set is empty": text(N1, r"^add rule \S+ \S+ egress.* 203\.0\.113\.0/24 .*drop\n", ""),
    "the baseline is missing": text(N2, r"^add rule \S+ \S+ egress.*198\.51\.100\.0/24 return\n", ""),
    "a Pod's own Node is not checked": text(
        N1, r"^(add rule \S+ \S+) forward (\S+ saddr \S+ jump egress)", r"\1 input \2"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_tier_is_noticed(name: str) -> None:
    state = of_everything("iptables", False)
    skip_unless_possible(state)
    with Worker() as worker:
        able = capabilities(worker)
        plan = make_plan(state, able.restore, able.missing("sctp"))
        probes = tuple(probe_of(Ground.of(state), plan, one) for one in aimed_at(state, "matrix"))
        lab = Lab(state, BROKEN[name](plan), worker)
        lab.build()
        assert lab.report("matrix", probes, able, 0).differs
