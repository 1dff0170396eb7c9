"""A saved request through an Ingress controller: both connections are tried, and what is not tested is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from designer.engine.compile import ClusterState, compile_project
from designer.lab.asking import RELAYED, RELAYED_NOTE, make_probes
from designer.lab.capabilities import capabilities
from designer.lab.client import Worker
from designer.lab.planning import make_plan
from designer.lab.run import Lab, in_mode, run_lab
from designer.model import FrozenMap, Scenario
from tests.engine.trace.clusters import policy
from tests.engine.trace.test_ingress import shop
from tests.lab.kernel import skip_unless_possible
from tests.lab.test_mutations import text


def saved(state: ClusterState, **urls: tuple[str, str]) -> ClusterState:
    kept = {name: Scenario(name=name, source=source, destination=url) for name, (source, url) in urls.items()}
    return compile_project(replace(state.project, scenarios=FrozenMap(kept)))


def address(state: ClusterState, name: str) -> str:
    return state.control.pods[f"Pod:default/{name}"].ips[0]


CART = ("outside", "http://shop.example.com/cart")


def test_a_request_becomes_one_connection_to_the_controller_and_one_to_each_endpoint() -> None:
    """Of the two endpoints the controller may take either: 1 connection and 2."""
    state = saved(shop(), cart=CART)
    probes = make_probes(state, make_plan(state), "scenarios")
    asked = [(probe.source, probe.address, probe.port, probe.entry) for probe in probes]
    balanced = state.control.services["Service:default/edge"].load_balancer[0].ip
    (outer,) = [one for one in asked if one[0] == "outside"]
    assert outer[:3] == ("outside", balanced, 80)
    assert outer[3] in state.control.nodes, "the Node that announces the address"
    assert {one for one in asked if one[0] != "outside"} == {
        ("Pod:default/edge", address(state, name), 8080, "") for name in ("c1", "c2")
    }
    assert len(asked) == 3
    assert {probe.note for probe in probes} == {RELAYED_NOTE}
    assert {probe.scenario for probe in probes} == {"cart"}
    ends = {way.end.who for probe in probes for way in probe.prediction.ways}
    assert ends == {"Pod:default/edge", "Pod:default/c1", "Pod:default/c2"}


def test_a_redirect_is_two_connections_of_the_client() -> None:
    state = saved(shop(tls=True), cart=CART)
    probes = make_probes(state, make_plan(state), "scenarios")
    assert {probe.port for probe in probes if probe.source == "outside"} == {80, 443}
    assert {probe.port for probe in probes if probe.source != "outside"} == {8080}


def test_what_the_controller_answers_itself_ends_there() -> None:
    state = saved(shop(), nothing=("outside", "http://shop.example.com/"))
    probes = make_probes(state, make_plan(state), "scenarios")
    assert {probe.source for probe in probes} == {"outside"}
    assert {way.end.who for probe in probes for way in probe.prediction.ways} == {"Pod:default/edge"}


GUARD = policy("guard", {"matchLabels": {"app": "cart"}}, policyTypes=["Ingress"], ingress=[
    {"from": [{"podSelector": {"matchLabels": {"app": "edge"}}}]}])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["iptables", "nftables"])
def test_the_kernel_agrees_with_both_connections(mode: str) -> None:
    urls = {"cart": CART, "inside": ("Pod:default/a", CART[1]), "none": ("outside", "http://shop.example.com/none")}
    state = in_mode(saved(shop(GUARD), **urls), mode)
    skip_unless_possible(state)
    report = run_lab(state, "scenarios")
    assert not report.differs, report.text()
    assert report.count("not-testable") == 0, report.text()
    assert {row.why for row in report.rows} == {RELAYED_NOTE}
    assert RELAYED in report.left_out
    assert {probe.scenario for probe in report.probes} == {"cart", "inside", "none"}


@pytest.mark.slow
def test_a_policy_that_keeps_the_controller_out_is_noticed() -> None:
    """The connection from the controller is a real one: what is broken on its way shows in its row alone."""
    state = saved(shop(GUARD), cart=CART)
    skip_unless_possible(state)
    with Worker() as worker:
        able = capabilities(worker)
        plan = make_plan(state, able.restore)
        probes = make_probes(state, plan, "scenarios")
        lab = Lab(state, text("node node-2", r"^add rule .* ingress-\d+ .* return\n", "", 9)(plan), worker)
        lab.build()
        rows = lab.report("scenarios", probes, able, 0).rows
    there = address(state, "c2")
    assert [row.destination for row in rows if row.status == "different"] == [f"cart ({there}:8080)"]
