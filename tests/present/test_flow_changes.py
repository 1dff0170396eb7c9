"""What a change of policies opens and closes, with the rules behind it, checked against the policies' own text."""

from __future__ import annotations

from designer.engine.compile import compile_project
from designer.engine.policy.ports import PortSet
from designer.engine.reach import reach, reach_change
from designer.present.flow_changes import (
    NOTHING_CHANGED,
    FlowChange,
    FlowDifference,
    change_evidence,
    end_name,
    flow_difference,
    missing_words,
)
from tests.present.matrix_cluster import POLICIES, WORKLOADS, deployment, project_of

WEB, CART, REDIS = "shop/web[Deployment]", "shop/cart[Deployment]", "data/redis[Deployment]"


def difference(before: tuple[str, ...], after: tuple[str, ...]) -> FlowDifference:
    old, new = (reach(compile_project(project_of(*texts))) for texts in (before, after))
    return flow_difference(old, new, reach_change(old, new))


def test_another_port_is_a_change_with_both_sides() -> None:
    found = difference((*WORKLOADS, POLICIES), (*WORKLOADS, POLICIES.replace("6379", "6380")))
    (flow,) = found.flows
    assert (flow.what, flow.src, flow.dst, flow.words) == ("changed", CART, REDIS, "+ TCP 6380 − TCP 6379")
    assert (flow.src_id, flow.dst_id) == ("Deployment:shop/cart", "Deployment:data/redis")
    assert found.summary == "0 flows opened, 0 closed, 1 changed in ports."


def test_another_peer_closes_and_opens() -> None:
    found = difference(
        (*WORKLOADS, POLICIES), (*WORKLOADS, POLICIES.replace("{app: cart}}\n    ports", "{app: web}}\n    ports"))
    )
    assert {(flow.what, flow.src, flow.dst, flow.words) for flow in found.flows} == {
        ("opened", WEB, REDIS, "+ TCP 6379"),
        ("closed", CART, REDIS, "− TCP 6379"),
    }
    assert found.summary == "1 flow opened, 1 closed, 0 changed in ports."


def test_the_evidence_tells_now_and_before() -> None:
    found = difference((*WORKLOADS, POLICIES), (*WORKLOADS, POLICIES.replace("6379", "6380")))
    told = {(one.pods, one.value): one for one in change_evidence(found, found.flows[0])}
    assert {key: one.ports.text() for key, one in told.items()} == {
        ("now", "allowed"): "TCP 6380",
        ("now", "denied"): "TCP 6379",
        ("before", "allowed"): "TCP 6379",
        ("before", "denied"): "TCP 6380",
    }
    decided = told["now", "allowed"].ends[1].decided
    assert decided is not None and decided.name == "NetworkPolicy data/redis"


def test_ranges_that_one_side_alone_cuts_have_evidence_on_both() -> None:
    block = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]
"""
    found = difference((*WORKLOADS,), (*WORKLOADS, block))
    flow = next(one for one in found.flows if one.src == "192.0.3.0-255.255.255.255" and one.dst == WEB)
    assert flow.what == "closed"
    assert [(one.pods, one.value) for one in change_evidence(found, flow)] == [("now", "denied"), ("before", "allowed")]
    assert not [one for one in found.flows if one.src == "192.0.2.0-192.0.2.255"]


def test_what_an_ingress_controller_loses_is_explained() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
    service += "spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n"
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web, namespace: shop}\n"
    ingress += "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
    closing = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: none, namespace: shop}\n"
    closing += "spec: {podSelector: {}}\n"
    found = difference((*WORKLOADS, service, ingress), (*WORKLOADS, service, ingress, closing))
    flow = next(one for one in found.flows if one.src == "{ingress-controller}")
    assert (flow.what, flow.dst, flow.words) == ("closed", WEB, "− TCP 8080")
    assert [(one.pods, one.value) for one in change_evidence(found, flow)] == [("now", "denied"), ("before", "allowed")]


def test_what_only_one_side_has_is_said() -> None:
    found = difference((*WORKLOADS,), (*WORKLOADS, deployment("shop", "new", 80)))
    flow = next(one for one in found.flows if one.src == "shop/new[Deployment]")
    assert flow.what == "opened" and missing_words(flow, found) == "shop/new[Deployment] was not there before."


def test_the_same_has_no_flows() -> None:
    found = difference((*WORKLOADS, POLICIES), (*WORKLOADS, POLICIES))
    assert (found.flows, found.summary) == ((), NOTHING_CHANGED)


def test_ends_and_doubts_in_words() -> None:
    assert end_name("0.0.0.0-255.255.255.255") == "anywhere"
    assert end_name(WEB) == WEB
    unclear = FlowChange("unclear", WEB, REDIS, PortSet(), PortSet.of("SCTP", 5, 5))
    assert unclear.words == "? SCTP 5"
