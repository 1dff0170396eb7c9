"""Lines drawn between objects: what the API server holds of what they make is asked of Gateway API's schemas."""

import pytest

from designer.edits.connecting import connect, connects, may_connect
from designer.edits.create import create
from designer.edits.gatewaykinds import MADE_KINDS
from designer.engine.controlplane import control_plane
from designer.engine.l7.gateway.objects import read_object
from designer.manifests import read_texts
from designer.model import Ingress, NetworkPolicy, Project, Service
from tests.engine.controlplane.clusters import allocated

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
    assert may_connect(found, oid, "Namespace:shop").reason == "Connect it to a Gateway, a ListenerSet or a Service."


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
    assert connects(project, INGRESS) and connects(project, CART) and not connects(project, "Namespace:shop")
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
        (GATEWAY, "Connect it to a Service."),
    ],
)
def test_a_line_that_an_ingress_cannot_have_is_refused_with_the_reason(
    project: Project, target: str, reason: str
) -> None:
    edit = connect(project, INGRESS, target)
    assert not edit.ok and edit.project is project
    assert [problem.title for problem in edit.problems] == [reason]


WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api, tier: back}}
  template: {metadata: {labels: {app: api, tier: back}}, spec: {containers: [{name: a, image: a}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: shop}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: shop}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shield, namespace: shop}
spec: {podSelector: {matchExpressions: [{key: app, operator: Exists}]}, policyTypes: [Ingress]}
"""
API_PODS, SHIELD = "Deployment:shop/api", "NetworkPolicy:shop/shield"


@pytest.fixture
def running() -> Project:
    return read_texts([("a.yaml", TEXT), ("b.yaml", WORKLOADS)]).project


def test_a_line_from_a_service_selects_the_pods_and_endpoints_follow(running: Project) -> None:
    """The labels of the template become the selector; only then the control plane finds endpoints."""
    answer = may_connect(running, BLOG, f"{API_PODS}#0")
    assert answer.reason == (
        "Service blog will select what has app=api, tier=back: the Pods of Deployment api. So far: app=blog."
    )
    edit = connect(running, BLOG, API_PODS)
    service = edit.project.find(Service, BLOG)
    assert edit.ok and edit.label == "Let Service blog select Deployment api"
    assert service is not None and dict(service.spec.selector or {}) == {"app": "api", "tier": "back"}
    assert service.spec.ports == running.slice(Service)[BLOG].spec.ports
    before, after = (control_plane(allocated(each)[0])[0] for each in (running, edit.project))
    assert not [e for found in before.slices.get(BLOG, ()) for e in found.endpoints]
    behind = {e.pod for found in after.slices[BLOG] for e in found.endpoints}
    assert behind == {pod.id for pod in after.pods.values() if pod.owner == API_PODS} and len(behind) == 1
    assert may_connect(edit.project, BLOG, API_PODS).reason == "It has this selector already."


def test_a_line_from_a_policy_selects_the_pods_alone(running: Project) -> None:
    assert may_connect(running, SHIELD, API_PODS).reason.endswith("So far: an expression, which goes.")
    edit = connect(running, SHIELD, API_PODS)
    policy = edit.project.find(NetworkPolicy, SHIELD)
    assert edit.ok and policy is not None
    assert policy.dump()["spec"]["podSelector"] == {"matchLabels": {"app": "api", "tier": "back"}}
    of_service = connect(running, SHIELD, BLOG).project.find(NetworkPolicy, SHIELD)
    assert of_service is not None and dict(of_service.spec.podSelector.matchLabels or {}) == {"app": "blog"}


def test_a_line_from_a_service_to_what_leads_to_services_is_the_line_from_there(running: Project) -> None:
    for source, target in ((BLOG, INGRESS), (INGRESS, BLOG)):
        edit = connect(running, source, target)
        assert edit.label == "Lead Ingress web to Service blog"
        assert edit.project.find(Ingress, INGRESS) == connect(running, INGRESS, BLOG).project.find(Ingress, INGRESS)
    found, route = made(running, "HTTPRoute", CART)
    assert connect(found, BLOG, route).label == "Lead HTTPRoute cart to Service blog"
    assert may_connect(found, FAR, INGRESS).reason == "An Ingress leads to Services of its own namespace, shop."


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (FAR, API_PODS, "A Service selects Pods of its own namespace, other."),
        ("Service:shop/alias", API_PODS, "A Service of type ExternalName is another name for a host: it selects no"),
        (CART, "Pod:shop/bare", "Pod bare has no labels that a selector could match"),
        (CART, GATEWAY, "Connect it to a workload or a Pod"),
        (SHIELD, INGRESS, "Connect it to a workload, a Pod or a Service"),
    ],
)
def test_what_a_selector_cannot_do_is_refused_with_the_reason(
    running: Project, source: str, target: str, reason: str
) -> None:
    answer, edit = may_connect(running, source, target), connect(running, source, target)
    assert not answer.ok and answer.reason.startswith(reason)
    assert not edit.ok and edit.project is running and edit.problems[0].title == answer.reason
