"""A Pod that reaches itself through a Service: domain/services.md section 6, in every mode of kube-proxy."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.kubeproxy import tables_text
from tests.engine.trace.clusters import ask, cluster, pod, policy, seen_source, service
from tests.facts.called_services import EVERY_MODE, chosen, equal, web

FROM_ITSELF: dict[str, Any] = {"from": [{"podSelector": {"matchLabels": {"app": "a"}}}]}


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
def test_the_flow_is_masqueraded(mode: str, plugin: str) -> None:
    """services.md 6, row 'The flow is masqueraded': the Pod sees the Node's address of the interface towards it."""
    state = cluster(pod("a", 1), service("self", app="a"), plugin=plugin, kubeProxy={"mode": mode})
    machine, own = state.control.nodes["node-1"], state.control.pods["Pod:default/a"].ips[0]
    found = ask(state, "a", "Service:default/self")
    assert found.verdict == "delivered"
    assert seen_source(found) in (machine.bridge_ips or machine.addresses)
    if plugin == "flannel":
        assert seen_source(found) == machine.pod_cidrs[0].replace(".0/24", ".1"), "cni0 has the first address"
    text, _ = tables_text(state.control, state.project.cluster, "node-1", mode)
    mark = {
        "iptables": f"-s {own} -j KUBE-MARK-MASQ",
        "nftables": "hairpin-connections",
        "ipvs": f"KUBE-LOOP-BACK {own},tcp:8080,{own}",
    }[mode]
    assert mark in text


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["calico", "flannel"])
def test_another_pod_of_the_service_keeps_the_callers_address(mode: str, plugin: str) -> None:
    """services.md 6, row 'The flow is masqueraded': only the flow to itself."""
    state = cluster(web("a", 1), web("b", 1), service("web"), plugin=plugin, kubeProxy={"mode": mode})
    seen = {}
    for path in ask(state, "a", "Service:default/web").trace.paths():
        stop = [h for h in path.hops if h.kind == "deliver" and h.direction == "request"][-1]
        seen[stop.at.rpartition("/")[2]] = dict(stop.details)["Source seen"]
    own = state.control.pods["Pod:default/a"].ips[0]
    assert seen["b"] == own and seen["a"] != own


@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_a_bridge_needs_hairpin_mode(mode: str) -> None:
    """services.md 6, row 'A bridge needs hairpin mode': Flannel's configuration sets it; off, 1 of n calls is lost."""
    objects = (web("a", 1), web("b", 1), web("c", 2), service("web"))
    on = cluster(*objects, plugin="flannel", kubeProxy={"mode": mode})
    assert chosen(ask(on, "a", "Service:default/web")) == equal("a", "b", "c")
    off = cluster(*objects, plugin="flannel", cni={"hairpin": False}, kubeProxy={"mode": mode})
    found = ask(off, "a", "Service:default/web")
    shares: dict[str, Fraction] = {}
    for path in found.trace.paths():
        shares[path.verdict] = shares.get(path.verdict, Fraction(0)) + path.share
    assert shares == {"delivered": Fraction(2, 3), "dropped": Fraction(1, 3)}
    assert "hairpin" in found.reason
    assert ask(off, "node-1", "Service:default/web").mixed is False, "only calls to itself are lost"


@EVERY_MODE
def test_a_routed_veth_needs_none(mode: str) -> None:
    """services.md 6, row 'A routed veth needs none': Calico has no bridge whose port could refuse the frame."""
    state = cluster(pod("a", 1), service("self", app="a"), plugin="calico", cni={"hairpin": False},
                    kubeProxy={"mode": mode})  # fmt: skip
    assert ask(state, "a", "Service:default/self").verdict == "delivered"


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["calico", "weave"])
def test_policy_engines_in_forward(mode: str, plugin: str) -> None:
    """services.md 6, row 'Policy engines in FORWARD': they see the Pod's own address, so a rule for it lets it in."""
    allowed = policy("p", {"matchLabels": {"app": "a"}}, policyTypes=["Ingress"], ingress=[FROM_ITSELF])
    state = cluster(pod("a", 1), service("self", app="a"), allowed, plugin=plugin, kubeProxy={"mode": mode})
    assert ask(state, "a", "Service:default/self").verdict == "delivered"


@EVERY_MODE
@pytest.mark.parametrize("plugin", ["calico", "weave"])
def test_policy_engines_at_the_pod(mode: str, plugin: str) -> None:
    """services.md 6, row 'Policy engines at the Pod': the Node's address there, the Pod's in FORWARD.

    Where no rule lets the Pod in, engines differ (domain/policies.md section 3), so nothing is claimed.
    """
    closed = policy("p", {"matchLabels": {"app": "a"}}, policyTypes=["Ingress"])
    state = cluster(pod("a", 1), service("self", app="a"), closed, plugin=plugin, kubeProxy={"mode": mode})
    found = ask(state, "a", "Service:default/self")
    assert found.verdict == "cannot-tell"
    assert "reaches itself through a Service, which implementations treat differently" in found.reason
