"""Lines of ``{ingress-controller}`` for routes of the Gateway API: those that a listener takes, and no others.

Rules: Gateway API, Listener ``allowedRoutes`` and ``hostname``, CommonRouteSpec ``parentRefs``; TCPRoute and UDPRoute.
"""

import pytest

from designer.engine.compile import compile_project
from designer.engine.reach import Reach, reach
from designer.manifests import read_texts
from tests.engine.reach.test_ingress_controllers import WEB

CLASS = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: some}
spec: {controllerName: example.com/some}
"""
GATEWAY = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec: {gatewayClassName: some, listeners: [LISTENER]}
"""
ROUTE = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [PARENT]
  hostnames: [www.example.com]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
STREAM = """\
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: KIND
metadata: {name: r-NAME, namespace: shop, creationTimestamp: "20NAME-01-01T00:00:00Z"}
spec:
  parentRefs: [{name: edge, namespace: infra}]
  rules: [{backendRefs: [{name: dns, port: PORT}]}]
"""
DNS = """\
---
apiVersion: v1
kind: Pod
metadata: {name: dns, namespace: shop, labels: {app: dns}}
spec: {containers: [{name: dns, image: dns, ports: [{containerPort: 5353, protocol: UDP}, {containerPort: 5353}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: dns, namespace: shop}
spec:
  selector: {app: dns}
  ports: [{name: u, port: 53, protocol: UDP, targetPort: 5353}, {name: t, port: 54, targetPort: 5353}]
"""
OPEN = "{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}"
PARENT = "{name: edge, namespace: infra}"
LINE = {"shop/web[Deployment]": "TCP 8080"}


def found(*texts: str) -> Reach:
    result = read_texts([("all.yaml", "".join(texts))])
    return reach(compile_project(result.project))


def lines(answer: Reach) -> dict[str, str]:
    return {dst.text: ports.text() for dst, ports in answer.ingress_lines()}


def gateway(listener: str = OPEN) -> str:
    return GATEWAY.replace("LISTENER", listener)


def route(parent: str = PARENT) -> str:
    return ROUTE.replace("PARENT", parent)


@pytest.mark.parametrize(
    ("listener", "parent", "taken"),
    [
        (OPEN, PARENT, True),
        (OPEN.replace("All", "Same"), PARENT, False),
        ("{name: http, port: 80, protocol: HTTP}", PARENT, False),
        (OPEN.replace("port: 80", "port: 80, hostname: '*.example.com'"), PARENT, True),
        (OPEN.replace("port: 80", "port: 80, hostname: shop.example.org"), PARENT, False),
        (OPEN.replace("{namespaces", "{kinds: [{kind: GRPCRoute}], namespaces"), PARENT, False),
        (OPEN, "{name: edge, namespace: infra, sectionName: http}", True),
        (OPEN, "{name: edge, namespace: infra, sectionName: https}", False),
        (OPEN, "{name: edge, namespace: infra, port: 8080}", False),
        (OPEN, "{name: edge}", False),
    ],
)
def test_a_line_is_there_where_a_listener_takes_the_route(listener: str, parent: str, taken: bool) -> None:
    answer = found(WEB, CLASS, gateway(listener), route(parent))
    assert lines(answer) == (LINE if taken else {})
    assert answer.notes == ()


def test_a_class_that_is_not_in_the_input_is_taken_to_be_there() -> None:
    answer = found(WEB, gateway(), route())
    assert lines(answer) == LINE
    assert answer.notes == ("GatewayClass some is not in the input: it is taken to be there.",)
    assert lines(found(WEB, gateway(OPEN.replace("All", "Same")), route())) == {}, "its listeners hold all the same"


def test_routes_without_any_gateway_have_their_lines_with_a_note() -> None:
    answer = found(WEB, route())
    assert lines(answer) == LINE
    (note,) = answer.notes
    assert note.startswith("No Gateway is in the input")


def test_a_gateway_that_the_api_server_refuses_is_none_that_is_left_out() -> None:
    assert lines(found(WEB, CLASS, gateway("{name: http, port: 0, protocol: HTTP}"), route())) == {}


def stream(kind: str, name: str, port: int) -> str:
    return STREAM.replace("KIND", kind).replace("NAME", name).replace("PORT", str(port))


def test_a_udp_route_leads_to_udp_ports() -> None:
    listener = "{name: dns, port: 53, protocol: UDP, allowedRoutes: {namespaces: {from: All}}}"
    assert lines(found(DNS, CLASS, gateway(listener), stream("UDPRoute", "20", 53))) == {"shop/dns[Pod]": "UDP 5353"}
    assert lines(found(DNS, CLASS, gateway(listener), stream("UDPRoute", "20", 54))) == {}, "a port of TCP"


def test_of_two_tcp_routes_at_a_listener_the_older_one_leads_somewhere() -> None:
    """TCPRoute has nothing to tell connections by: the oldest is taken (Gateway API, conflicting routes)."""
    listener = "{name: any, port: 53, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}"
    good, lost = stream("TCPRoute", "20", 54), stream("TCPRoute", "21", 54)
    assert lines(found(DNS, CLASS, gateway(listener), good)) == {"shop/dns[Pod]": "TCP 5353"}
    nowhere = stream("TCPRoute", "19", 54).replace("name: dns, port", "name: gone, port")
    assert lines(found(DNS, CLASS, gateway(listener), nowhere, lost)) == {}
