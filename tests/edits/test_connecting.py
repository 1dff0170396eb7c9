"""Lines drawn between objects: what the API server holds of what they make is asked of Gateway API's schemas."""

import pytest

from designer.edits.connecting import connect, connects, may_connect
from designer.edits.create import create
from designer.edits.gatewaykinds import MADE_KINDS
from designer.engine.l7.gateway.objects import read_object
from designer.manifests import read_texts
from designer.model import Ingress, Project

API = "gateway.networking.k8s.io/v1"
TEXT = """\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80}, {name: dns, port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {name: blog, namespace: shop}
spec: {selector: {app: blog}, ports: [{port: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: far, namespace: other}
spec: {selector: {app: far}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: shop.example.com, http: {paths: [
  {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: own}
spec: {controllerName: example.com/own}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec: {gatewayClassName: own, listeners: [{name: http, port: 80, protocol: HTTP}]}
"""
GATEWAY, CART, BLOG, FAR = f"{API}/Gateway:infra/edge", "Service:shop/cart", "Service:shop/blog", "Service:other/far"
INGRESS = "Ingress:shop/web"


@pytest.fixture
def project() -> Project:
    return read_texts([("a.yaml", TEXT)]).project


def made(project: Project, kind: str, target: str | None = None, namespace: str = "shop") -> tuple[Project, str]:
    edit = create(project, kind, namespace=namespace, target=target)
    assert edit.ok, edit.problems
    return edit.project, edit.select[0]


@pytest.mark.parametrize("kind", MADE_KINDS)
@pytest.mark.parametrize("empty", [True, False])
def test_what_is_made_is_taken_by_the_api_server(project: Project, kind: str, empty: bool) -> None:
    """Each kind twice, in an empty project and beside others: no schema of Gateway API refuses it."""
    found, first = made(Project() if empty else project, kind)
    found, second = made(found, kind)
    assert first != second
    for oid in (first, second):
        read, problems = read_object(found.foreign[oid])
        assert problems == () and read is not None and read.kind == kind


@pytest.mark.parametrize(
    ("kind", "port"), [("HTTPRoute", 80), ("GRPCRoute", 80), ("TLSRoute", 80), ("TCPRoute", 80), ("UDPRoute", 53)]
)
def test_a_route_leads_to_the_port_of_its_protocol(project: Project, kind: str, port: int) -> None:
    found, oid = made(project, kind, CART)
    spec = found.foreign[oid].data["spec"]
    assert spec["parentRefs"] == [{"name": "edge", "namespace": "infra"}]
    assert spec["rules"][0]["backendRefs"] == [{"name": "cart", "port": port}]
    assert ("hostnames" in spec) == (kind not in ("TCPRoute", "UDPRoute"))


def test_a_line_from_a_route_leads_to_a_service_and_to_a_gateway(project: Project) -> None:
    found, oid = made(project, "GRPCRoute", CART)
    edit = connect(found, oid, BLOG)
    assert edit.ok and edit.label == "Lead GRPCRoute cart to Service blog"
    assert [ref["name"] for ref in edit.project.foreign[oid].data["spec"]["rules"][0]["backendRefs"]] == [
        "cart",
        "blog",
    ]
    again = may_connect(edit.project, oid, BLOG)
    assert (again.ok, again.reason) == (False, "Its first rule leads to this Service already.")
    assert may_connect(found, oid, GATEWAY).reason == "It names this parent already."
    assert may_connect(found, oid, "Namespace:shop").reason == "Draw it to a Gateway, a ListenerSet or a Service."


def test_a_listener_set_belongs_to_the_gateway_that_its_line_leads_to(project: Project) -> None:
    found, other = made(project, "Gateway", namespace="shop")
    found, oid = made(found, "ListenerSet", other)
    edit = connect(found, oid, GATEWAY)
    assert edit.ok
    assert edit.project.foreign[oid].data["spec"]["parentRef"] == {"name": "edge", "namespace": "infra"}


def test_a_tls_policy_is_for_services_of_its_namespace(project: Project) -> None:
    found, oid = made(project, "BackendTLSPolicy", CART)
    edit = connect(found, oid, BLOG)
    assert [one["name"] for one in edit.project.foreign[oid].data["spec"]["targetRefs"]] == ["cart", "blog"]
    far = may_connect(found, oid, FAR)
    assert (far.ok, far.reason) == (False, "A BackendTLSPolicy names Services of its own namespace, shop.")


def test_a_line_from_an_ingress_adds_a_path(project: Project) -> None:
    """A path by the Service's name where / is taken; what the rule had stays as it was."""
    assert connects(project, INGRESS) and not connects(project, CART)
    assert may_connect(project, INGRESS, BLOG).reason == "shop.example.com/blog will lead to Service blog, port 8080."
    edit = connect(project, INGRESS, BLOG)
    ingress = edit.project.find(Ingress, INGRESS)
    assert edit.ok and ingress is not None and ingress.spec.rules[0].http is not None
    paths = [
        (p.path, p.pathType, p.backend.service and p.backend.service.name) for p in ingress.spec.rules[0].http.paths
    ]
    assert paths == [("/", "Prefix", "cart"), ("/blog", "Prefix", "blog")]
    assert edit.label == "Lead Ingress web to Service blog"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (CART, "It leads to this Service already."),
        (FAR, "An Ingress leads to Services of its own namespace, shop."),
        (GATEWAY, "Draw it to a Service."),
    ],
)
def test_a_line_that_an_ingress_cannot_have_is_refused_with_the_reason(
    project: Project, target: str, reason: str
) -> None:
    edit = connect(project, INGRESS, target)
    assert not edit.ok and edit.project is project
    assert [problem.title for problem in edit.problems] == [reason]
