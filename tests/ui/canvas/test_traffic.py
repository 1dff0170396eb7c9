"""The traffic view: only calls that the manifests write as host names, and what policies do with them."""

from __future__ import annotations

import pytest

from designer.engine.calls import calls_of
from designer.model import FrozenMap, Scenario
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.views.traffic import traffic_picture
from tests.ui.canvas.projects import NODE, sample_state, state_of

PAIR = (
    NODE % ("node-1", "192.168.10.11")
    + """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, env: [{name: TARGET, value: "%s"}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guard, namespace: shop}
spec:
  podSelector: {matchLabels: {app: %s}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: other}}}]
"""
)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("api:80", 80),
        ("http://api", 80),
        ("http://api.shop/items", 80),
        ("https://api:8443/x", 8443),
        ("api.shop.svc", None),
        ("api.shop.svc.cluster.local", None),
        ("tcp://api.shop.svc.cluster.local:80", 80),
    ],
)
def test_a_host_name_with_port_scheme_or_domain_is_a_call(text: str, port: int | None) -> None:
    (call,) = calls_of(state_of(PAIR % (text, "nobody")))
    assert (call.source, call.service, call.port) == ("Deployment:shop/web", "Service:shop/api", port)
    assert call.said == "env TARGET"


@pytest.mark.parametrize(
    "text", ["api", "the api is slow", "http://other", "api.elsewhere:80", "rapid:80", "api.v1:80"]
)
def test_a_bare_word_or_another_name_is_no_call(text: str) -> None:
    assert calls_of(state_of(PAIR % (text, "nobody"))) == ()


def test_a_call_that_a_policy_stops_is_marked_denied() -> None:
    for selected, verdict in (("api", "denied"), ("nobody", "")):
        picture = traffic_picture(Describer(state_of(PAIR % ("api:80", selected))))
        (edge,) = (edge for edge in picture.edges if edge.kind == "call")
        assert (edge.source, edge.target) == ("Deployment:shop/web", "Deployment:shop/api")
        assert (edge.verdict, edge.label) == (verdict, "80")


def test_a_saved_request_is_a_call() -> None:
    from dataclasses import replace

    state = state_of(PAIR % ("nothing", "nobody"))
    source = next(pod.id for pod in state.control.pods.values() if pod.name.startswith("web"))
    scenarios = FrozenMap({"try": Scenario(name="try", source=source, destination="http://api.shop")})
    (call,) = calls_of(replace(state, project=replace(state.project, scenarios=scenarios)))
    assert (call.source, call.service, call.said) == ("Deployment:shop/web", "Service:shop/api", "scenario try")


def test_an_ingress_controller_leads_to_the_workloads_behind_its_rules() -> None:
    picture = traffic_picture(Describer(sample_state("two-controllers")))
    ends = {(edge.source.rpartition("/")[2], edge.target.rpartition("/")[2]) for edge in picture.edges}
    assert {
        ("ingress-nginx-controller", "cart"),
        ("ingress-nginx-controller", "storefront"),
        ("traefik", "blog"),
    } <= ends


def test_the_lines_of_calls_do_not_cross_the_boxes_that_they_pass(qapp: object) -> None:
    scene = CanvasScene()
    scene.set_view("traffic")
    scene.show(sample_state("two-controllers"))
    rects = {oid: item.rect for oid, item in scene.drawn().items() if item.oid.startswith("Deployment:")}
    for place, edge in enumerate(scene.edges.edges):
        if edge.kind != "call":
            continue
        path = scene.edges._path(place)
        for oid, rect in rects.items():
            if oid not in (edge.source, edge.target):
                points = (path.pointAtPercent(step / 100) for step in range(101))
                assert not any(rect.contains(point) for point in points), f"{edge.source} → {edge.target} crosses {oid}"
