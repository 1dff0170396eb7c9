"""TLS, TCP and UDP through a Gateway (`domain/ingress-gateway.md` section 6, Listener and Result)."""

from fractions import Fraction

import pytest

from designer.engine.compile import ClusterState
from tests.engine.l7.gateway.gate import CERTIFICATE, gateway, https, route
from tests.engine.trace.clusters import ask, hops, service
from tests.engine.trace.gates import ADDRESS, proxy, shop

TO_A = "- {backendRefs: [{name: a, port: 80}]}"
OPEN = "allowedRoutes: {namespaces: {from: All}}"


def one(protocol: str, listener: str, *texts: str, listen: int = 443) -> ClusterState:
    text = f"name: l, port: {listen}, protocol: {protocol}, {OPEN}" + (f", {listener}" if listener else "")
    return shop(gateway("web", text), *texts, proxies=proxy(listen, listen + 10000))


@pytest.mark.parametrize("mode", ["Passthrough", "Terminate"])
def test_tls_goes_by_the_server_name(mode: str) -> None:
    tls = f"tls: {{mode: {mode}, certificateRefs: [{{name: cert}}]}}"
    if mode == "Passthrough":
        tls = "tls: {mode: Passthrough}"
    state = one("TLS", tls, route("t", TO_A, "db.example.com", "TLSRoute"), CERTIFICATE)
    found = ask(state, "internet", "tls://db.example.com")
    assert found.verdict == "delivered", found.reason
    (stop,) = hops(found, "relay")
    assert stop.outcome == "to shop/a:80"
    assert dict(stop.details)["Server name"] == "db.example.com"
    assert ask(state, "internet", f"tls://{ADDRESS}").verdict == "rejected", "no server name, and the route wants one"


def test_https_inside_passthrough_reaches_the_backend() -> None:
    state = one("TLS", "tls: {mode: Passthrough}", route("t", TO_A, "db.example.com", "TLSRoute"))
    found = ask(state, "internet", "https://db.example.com/x")
    assert found.verdict == "delivered", found.reason


def test_a_server_name_that_no_listener_has_fails_the_handshake() -> None:
    web = gateway("web", https(more="hostname: shop.example.com"))
    state = shop(web, route("r", TO_A), CERTIFICATE, proxies=proxy(443, 10443))
    found = ask(state, "internet", f"https://{ADDRESS}/", headers=(("Host", "shop.example.com"),))
    assert (found.verdict, "handshake fails" in found.reason) == ("rejected", True)
    assert ask(state, "internet", "https://shop.example.com/").verdict == "delivered"


def test_a_misdirected_request() -> None:
    # Listener hostname: a Host that belongs to another listener than the server name gets 421.
    web = gateway("web", https("x", more="hostname: x.example.com"), https("y", more="hostname: y.example.com"))
    state = shop(web, route("r", TO_A), CERTIFICATE, proxies=proxy(443, 10443))
    found = ask(state, "internet", "https://x.example.com/", headers=(("Host", "y.example.com"),))
    assert (found.verdict, hops(found, "http")[0].outcome) == ("rejected", "421")


def test_tcp_shares_go_by_weight_and_an_invalid_backend_rejects() -> None:
    refs = "- {backendRefs: [{name: a, port: 80, weight: 3}, {name: x, namespace: far, port: 80}]}"
    found = ask(one("TCP", "", route("t", refs, kind="TCPRoute"), listen=5432), "internet", f"tcp://{ADDRESS}:5432")
    ends: dict[str, Fraction] = {}
    for path in found.trace.paths():
        ends[path.verdict] = ends.get(path.verdict, Fraction(0)) + path.share
    assert ends == {"delivered": Fraction(3, 4), "rejected": Fraction(1, 4)}


def test_tcp_without_a_route_is_rejected() -> None:
    found = ask(one("TCP", "", listen=5432), "internet", f"tcp://{ADDRESS}:5432")
    assert (found.verdict, "has no route" in found.reason) == ("rejected", True)


def test_udp_reaches_udp_endpoints() -> None:
    udp = service("udp", namespace="shop", app="a", ports=[{"port": 53, "targetPort": 5353, "protocol": "UDP"}])
    text = f"name: l, port: 5353, protocol: UDP, {OPEN}"
    refs = "- {backendRefs: [{name: udp, port: 53}]}"
    proxies = proxy(5353, 15353, "UDP")
    state = shop(gateway("web", text), route("u", refs, kind="UDPRoute"), proxies=proxies, more=(udp,))
    found = ask(state, "internet", f"udp://{ADDRESS}:5353")
    (stop,) = hops(found, "relay")
    assert stop.outcome == "to shop/udp:53"
    sent = [hop for hop in hops(found, "send") if hop.at == "Pod:infra/proxy"]
    assert sent[0].after is not None and (sent[0].after.protocol, sent[0].after.dport) == ("UDP", 5353)
    assert found.verdict == "cannot-tell", "no container of the backend declares 5353/UDP"


def test_a_plain_connection_to_an_http_listener_is_accepted() -> None:
    text = f"name: l, port: 80, protocol: HTTP, {OPEN}"
    found = ask(shop(gateway("web", text)), "internet", f"tcp://{ADDRESS}:80")
    assert (found.verdict, hops(found, "relay")[0].outcome) == ("delivered", "accepted")
    found = ask(one("TLS", "tls: {mode: Passthrough}"), "internet", f"http://{ADDRESS}:443/")
    assert found.verdict == "rejected", "plain HTTP where TLS is expected"


def test_grpc_goes_by_service_and_method() -> None:
    rule = "- {matches: [{method: {service: shop.Cart, method: Get}}], backendRefs: [{name: a, port: 80}]}"
    text = f"name: l, port: 80, protocol: HTTP, {OPEN}"
    state = shop(gateway("web", text), route("g", rule, "grpc.example.com", "GRPCRoute"))
    assert ask(state, "internet", "grpc://grpc.example.com:80/shop.Cart/Get", method="POST").verdict == "delivered"
    missed = ask(state, "internet", "grpc://grpc.example.com:80/shop.Cart/Put", method="POST")
    assert (missed.verdict, hops(missed, "http")[0].outcome) == ("no-matching-route", "gRPC status 12")
