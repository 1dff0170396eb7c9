"""HTTP through a Gateway: its proxies, its decision and its own connection (`domain/ingress-gateway.md` 5 and 6)."""

from fractions import Fraction

import pytest

from designer.engine.compile import compile_project
from designer.engine.trace.hops import TraceResult
from tests.engine.l7.gateway.gate import CERTIFICATE, gateway, http, https, made, route, to
from tests.engine.trace.clusters import ask, hops, pod, policy, service
from tests.engine.trace.gates import ADDRESS, LABEL, addressed, bound, proxy, shop

WEB = gateway("web", http())
CART = route("r", to("a", "/cart") + to("none", "/none"), "shop.example.com")


def details(found: TraceResult, kind: str = "http") -> dict[str, str]:
    return dict(hops(found, kind)[0].details)


def test_from_outside_by_the_routes_host_through_the_proxy_to_the_pods() -> None:
    found = ask(shop(WEB, CART), "internet", "http://shop.example.com/cart/1")
    assert found.verdict == "delivered", found.reason
    shares = sorted((one.share, one.labels[-1].partition(" ")[0]) for one in found.trace.paths())
    assert shares == [(Fraction(1, 2), "a1"), (Fraction(1, 2), "a2")]
    assert "Taken for granted" in hops(found, "resolve")[-1].reason
    (stop,) = hops(found, "http")
    assert (stop.at, stop.node, stop.outcome) == ("Pod:infra/proxy", "node-3", "to shop/a:80")
    assert stop.decided_by[0].object.endswith("HTTPRoute:shop/r")
    assert stop.decided_by[0].field == "spec.rules[0]"
    told = details(found)
    assert told["Listener"] == "listener http of Gateway infra/web"
    assert told["Rule"] == "HTTPRoute shop/r, rule 1 (PathPrefix /cart)"


def test_the_proxys_own_connection_goes_straight_to_an_endpoint() -> None:
    """ingress-gateway.md 8, row 'Straight to the Pod'."""
    # Section 5: kube-proxy and the ClusterIP are not involved; the backend sees the proxy Pod's address.
    state = shop(WEB, CART)
    path = ask(state, "internet", "http://shop.example.com/cart").trace.paths()[0]
    after = path.hops[[hop.kind for hop in path.hops].index("http") + 1 :]
    second = next(hop for hop in after if hop.kind == "send")
    assert second.at == "Pod:infra/proxy" and second.after is not None
    assert second.after.src == state.control.pods["Pod:infra/proxy"].ips[0]
    assert second.after.dport == 8080
    assert second.after.dst not in state.control.services["Service:shop/a"].cluster_ips
    assert [hop.at for hop in path.hops if hop.kind == "deliver" and hop.direction == "reply"] == [
        "Pod:infra/proxy", "outside",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "verdict", "status"),
    [
        ("http://shop.example.com/", "no-matching-route", "404"),
        ("http://shop.example.com/cartoons", "no-matching-route", "404"),
        (f"http://{ADDRESS}/cart", "no-matching-route", "404"),
        ("http://shop.example.com/none", "rejected", "503"),
    ],
)
def test_the_gateway_answers_itself(url: str, verdict: str, status: str) -> None:
    found = ask(shop(WEB, CART), "internet", url)
    assert (found.verdict, hops(found, "http")[0].outcome) == (verdict, status)
    assert hops(found, "deliver", "reply")[-1].at == "outside", "its answer goes back to the client"


@pytest.mark.parametrize(("status", "verdict"), [(204, "delivered"), (403, "rejected"), (404, "rejected")])
def test_a_rule_that_answers_directly_is_a_rule_that_matches(status: int, verdict: str) -> None:
    """GEP-2826: the status of a DirectResponse is the rule's own, whichever it is."""
    refs = f"- {{filters: [{{type: DirectResponse, directResponse: {{statusCode: {status}}}}}]}}"
    found = ask(shop(WEB, route("r", refs, "shop.example.com")), "internet", "http://shop.example.com/")
    assert (found.verdict, hops(found, "http")[0].outcome) == (verdict, str(status))


def test_a_backend_without_grant_gets_its_share_of_500() -> None:
    """ingress-gateway.md 8, row 'Needs a grant'."""
    # Section 6, ReferenceGrant: requests to that backend get 500; weights: share = weight / sum.
    refs = "- {backendRefs: [{name: a, port: 80, weight: 4}, {name: x, namespace: far, port: 80, weight: 1}]}"
    found = ask(shop(WEB, route("r", refs, "shop.example.com")), "internet", "http://shop.example.com/")
    ends: dict[str, Fraction] = {}
    for path in found.trace.paths():
        ends[path.verdict] = ends.get(path.verdict, Fraction(0)) + path.share
    assert ends == {"delivered": Fraction(4, 5), "rejected": Fraction(1, 5)}
    assert found.mixed and found.verdict == "rejected" and "500" in found.reason


def test_a_route_whose_only_backend_is_refused_is_a_500_of_the_gateway() -> None:
    refs = "- {backendRefs: [{name: x, namespace: far, port: 80}]}"
    found = ask(shop(WEB, route("r", refs, "shop.example.com")), "internet", "http://shop.example.com/")
    assert (found.verdict, hops(found, "http")[0].outcome) == ("rejected", "500")


def test_losers_and_filters_are_shown() -> None:
    rewrite = (
        "- matches: [{path: {type: PathPrefix, value: /cart}}]\n"
        "  filters:\n"
        "  - {type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}}\n"
        "  - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-who, value: gw}]}}\n"
        "  backendRefs: [{name: a, port: 80}]\n"
    )
    found = ask(
        shop(WEB, route("r", rewrite + to("b"), "shop.example.com")), "internet", "http://shop.example.com/cart/7?q=1"
    )
    told = details(found)
    assert told["Sent on"] == "GET http://shop.example.com/v2/7?q=1"
    assert told["Header x-who"] == "gw"
    assert "It goes on to shop/a as GET http://shop.example.com/v2/7?q=1." in hops(found, "http")[0].reason
    assert told["Lost: HTTPRoute shop/r, rule 2 (PathPrefix /)"] == "a longer prefix goes first"


def test_policies_see_the_proxys_address() -> None:
    # Section 5: NetworkPolicies on backends must allow the controller's Pods.
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}
    only_shop = policy("only-shop", {"app": "a"}, "shop", ingress=[{"from": [peer]}])
    found = ask(shop(WEB, CART, more=(only_shop,)), "internet", "http://shop.example.com/cart")
    assert found.verdict == "denied"
    assert found.trace.paths()[0].policies == ("NetworkPolicy:shop/only-shop",)
    assert "Gateway infra/web cannot get an answer from shop/a" in found.reason
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "infra"}}}
    only_infra = policy("only-infra", {"app": "a"}, "shop", ingress=[{"from": [peer]}])
    found = ask(shop(WEB, CART, more=(only_infra,)), "internet", "http://shop.example.com/cart")
    assert found.verdict == "delivered"


def test_from_a_pod_by_name_by_address_and_by_the_service_of_the_proxies() -> None:
    state = shop(WEB, CART)
    assert ask(state, "shop/client", "http://shop.example.com/cart").verdict == "delivered"
    headers = (("Host", "shop.example.com"),)
    for url in (f"http://{ADDRESS}/cart", "http://web-proxy.infra/cart"):
        found = ask(state, "shop/client", url, headers=headers)
        assert found.verdict == "delivered", found.reason
        assert hops(found, "http")[0].at == "Pod:infra/proxy"


def test_the_pods_own_address_leads_to_the_listener_too() -> None:
    state = shop(WEB, CART)
    address = state.control.pods["Pod:infra/proxy"].ips[0]
    found = ask(state, "shop/client", f"http://{address}:10080/cart", headers=(("Host", "shop.example.com"),))
    assert found.verdict == "delivered"
    assert details(found)["Listener"] == "listener http of Gateway infra/web"


@pytest.mark.parametrize(
    "labels",
    [
        {"gateway.envoyproxy.io/owning-gateway-name": "web", "gateway.envoyproxy.io/owning-gateway-namespace": "infra"},
        {"gateway.envoyproxy.io/owning-gatewayclass": "gc"},
    ],
)
def test_envoy_gateways_labels_in_its_own_namespace(labels: dict[str, str]) -> None:
    found = ask(
        shop(WEB, CART, proxies=proxy(labels=labels, namespace="far")), "internet", "http://shop.example.com/cart"
    )
    assert found.verdict == "delivered", found.reason
    assert hops(found, "http")[0].at == "Pod:far/proxy"


def test_proxies_that_several_gateways_share_are_told_by_the_address() -> None:
    # Traefik and others serve all Gateways with the Pods of one Service, whose address the Gateways have.
    found = ask(shop(bound(ADDRESS), CART, proxies=proxy(labels={})), "internet", "http://shop.example.com/cart")
    assert found.verdict == "delivered", found.reason
    other = gateway("other", http())
    both = shop(bound(ADDRESS), other, CART, proxies=proxy(labels={}))
    assert (
        ask(both, "internet", f"http://{ADDRESS}/cart", headers=(("Host", "shop.example.com"),)).verdict == "delivered"
    )


def test_two_gateways_that_cannot_be_told_apart() -> None:
    other = gateway("other", http())
    second = route("s", to("b", "/cart"), "shop.example.com", parentRefs=[{"name": "other", "namespace": "infra"}])
    labels = {"gateway.envoyproxy.io/owning-gatewayclass": "gc"}
    found = ask(shop(WEB, other, CART, second, proxies=proxy(labels=labels)), "internet", f"http://{ADDRESS}/cart",
                headers=(("Host", "shop.example.com"),))  # fmt: skip
    assert found.verdict == "cannot-tell"
    assert "Gateway infra/other and Gateway infra/web share" in found.reason


@pytest.mark.parametrize("text", [addressed("203.0.113.7"), bound("203.0.113.7")])
@pytest.mark.parametrize("source", ["internet", "shop/client"])
def test_an_address_without_proxies_shows_the_decision_and_cannot_tell(text: str, source: str) -> None:
    found = ask(shop(text, CART, proxies=[]), source, "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "Where the proxies of Gateway infra/web run is not in the input" in found.reason
    (stop,) = hops(found, "http")
    assert stop.outcome == "to shop/a:80"
    assert details(found)["Backend"].startswith("shop/a:80, endpoints 10.244.")


def test_a_pod_that_may_not_leave_never_reaches_the_gateway() -> None:
    closed = policy(
        "closed",
        {"app": "client"},
        "shop",
        policyTypes=["Egress"],
        egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}],
    )
    found = ask(
        shop(addressed("203.0.113.7"), CART, proxies=[], more=(closed,)), "shop/client", "http://shop.example.com/cart"
    )
    assert found.verdict == "denied"


def test_a_gateway_without_any_address_shows_the_decision() -> None:
    found = ask(shop(WEB, CART, proxies=[]), "internet", "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "Gateway infra/web has no address in the input" in found.reason
    assert hops(found, "http")[0].outcome == "to shop/a:80"


def test_the_gateway_as_an_object() -> None:
    state = shop(WEB, route("r", to("a"), "shop.example.com"))
    for source in ("internet", "shop/client"):
        found = ask(state, source, "Gateway:infra/web")
        assert found.verdict == "delivered", found.reason
        assert hops(found, "http")[0].what == "GET http://shop.example.com/"
    assert ask(state, "internet", "Gateway:infra/missing").verdict == "cannot-tell"


def test_a_route_as_the_destination() -> None:
    exact = route("r", to("b", "/health", "Exact") + to("a", "/cart"), "shop.example.com")
    for source in ("internet", "shop/client"):
        found = ask(shop(WEB, exact), source, "HTTPRoute:shop/r")
        assert found.verdict == "delivered", found.reason
        assert hops(found, "http")[0].what == "GET http://shop.example.com/health"
        assert "HTTPRoute shop/r, rule 1 (Exact /health) is asked for at listener http of Gateway infra/web" in (
            hops(found, "resolve")[0].reason
        )


def test_a_route_that_wants_a_header_first_is_asked_for_by_its_plain_match() -> None:
    # HTTPRouteRule, matches: fields of one match are ANDed, matches are ORed.
    wants = to("b", "/x", more=", headers: [{name: X, value: '1'}]") + to("a", "/y")
    found = ask(shop(WEB, route("r", wants, "*.example.com")), "internet", "HTTPRoute:shop/r")
    assert hops(found, "http")[0].what == "GET http://www.example.com/y"
    only = route("r", to("b", "/x", more=", headers: [{name: X, value: '1'}]"), "shop.example.com")
    assert ask(shop(WEB, only), "internet", "HTTPRoute:shop/r").verdict == "no-matching-route"
    with_header = ask(shop(WEB, only), "internet", "HTTPRoute:shop/r", headers=(("X", "1"),))
    assert with_header.verdict == "delivered"


def test_a_route_that_is_attached_nowhere_has_no_way() -> None:
    lost = route("r", to("a"), "shop.example.com", parentRefs=[{"name": "none", "namespace": "infra"}])
    found = ask(shop(WEB, lost), "internet", "HTTPRoute:shop/r")
    assert (found.verdict, "attached to no Gateway" in found.reason) == ("no-matching-route", True)
    other = route("r", to("a"), "shop.example.com")
    narrow = gateway("web", http(more="hostname: other.example.org"))
    assert ask(shop(narrow, other), "internet", "HTTPRoute:shop/r").verdict == "no-matching-route"
    assert ask(shop(WEB), "internet", "HTTPRoute:shop/missing").verdict == "cannot-tell"
    assert "at port 81" in ask(shop(WEB, other), "internet", "HTTPRoute:shop/r:81").reason


def test_a_host_that_two_gateways_serve() -> None:
    other = gateway("other", http(more="hostname: shop.example.com"))
    found = ask(shop(WEB, other, CART), "internet", "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "Gateway infra/other and Gateway infra/web both serve" in found.reason


def test_one_address_of_two_gateways_for_a_host() -> None:
    # Both have the address of one load balancer and lead to the same proxy: whichever name public DNS has, it is that.
    both = [bound(ADDRESS), bound(ADDRESS).replace("name: web", "name: other")]
    found = ask(shop(*both, CART), "internet", "http://shop.example.com/cart")
    assert "to which of them public DNS leads" not in found.reason


def test_the_listeners_host_name_is_enough() -> None:
    """ingress-gateway.md 6, row 'Wildcard', and ingress-gateway.md 7, row 'Wildcard host'."""
    host = gateway("web", http(more="hostname: '*.example.com'"))
    found = ask(shop(host, route("r", to("a"))), "internet", "http://a.b.example.com/")
    assert found.verdict == "delivered", "a wildcard stands for any number of labels (section 6, Listener)"


def test_a_redirect_to_https_is_followed() -> None:
    """ingress-gateway.md 7, row 'Redirect to HTTPS'."""
    redirect = "- filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]"
    ref = [{"name": "web", "namespace": "infra", "sectionName": "http"}]
    plain = route("plain", redirect, "shop.example.com", parentRefs=ref)
    ref = [{"name": "web", "namespace": "infra", "sectionName": "https"}]
    secure = route("secure", to("a"), "shop.example.com", parentRefs=ref)
    ports = [{"name": "a", "port": 80, "targetPort": 10080}, {"name": "b", "port": 443, "targetPort": 10443}]
    both = gateway("web", http(), https())
    found = ask(
        shop(both, plain, secure, CERTIFICATE, proxies=proxy(ports=ports)), "internet", "http://shop.example.com/"
    )
    assert found.verdict == "delivered", found.reason
    first, second = hops(found, "http")
    assert (first.outcome, second.outcome) == ("301", "to shop/a:80")


def test_a_redirect_elsewhere_ends_with_its_url() -> None:
    redirect = "- filters: [{type: RequestRedirect, requestRedirect: {hostname: other.example.org}}]"
    found = ask(shop(WEB, route("r", redirect, "shop.example.com")), "internet", "http://shop.example.com/x")
    assert found.verdict == "cannot-tell"
    assert "Trace http://other.example.org/x to go on." in found.reason


def test_a_port_that_no_listener_has() -> None:
    ports = [{"name": "a", "port": 80, "targetPort": 10080}, {"name": "b", "port": 8080, "targetPort": 18080}]
    found = ask(shop(WEB, CART, proxies=proxy(ports=ports)), "internet", f"http://{ADDRESS}:8080/cart")
    assert found.verdict == "cannot-tell", "what else listens in the proxy's Pod is not known"


def test_a_gateway_that_is_not_programmed_answers_nothing() -> None:
    # Listeners that cannot be told apart: none is accepted, the port is closed (section 6, Listener).
    conflict = gateway("web", http("one"), http("two"))
    found = ask(shop(conflict, CART), "internet", f"http://{ADDRESS}/cart")
    assert found.verdict == "cannot-tell", "whether anything listens in the proxy's Pod is not known"


def test_cilium_answers_in_the_node() -> None:
    state = shop(WEB, CART, controller="io.cilium/gateway-controller")
    found = ask(state, "internet", "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "which is no Pod" in found.reason
    assert hops(found, "http")[0].outcome == "to shop/a:80"


@pytest.mark.parametrize(
    ("controller", "verdict"),
    [("example.com/controller", "cannot-tell"), ("gateway.nginx.org/nginx-gateway-controller", "delivered")],
)
def test_an_unknown_controller_may_call_the_cluster_ip(controller: str, verdict: str) -> None:
    # internalTrafficPolicy Local binds callers of the ClusterIP only (services.md 2); node-3 has no endpoint.
    local = service("local", app="a", namespace="shop", internalTrafficPolicy="Local")
    text = shop(WEB, route("r", to("local"), "shop.example.com"), more=(local,), controller=controller)
    found = ask(text, "internet", "http://shop.example.com/")
    assert found.verdict == verdict, found.reason
    if verdict == "cannot-tell":
        assert "its own affair, and they do not end alike" in found.reason


def test_a_listener_that_asks_for_a_client_certificate() -> None:
    # GatewayTLSConfig frontend (v1.5): by default a client without a valid certificate is turned away.
    ca = made("ConfigMap", "infra/ca", None, "v1").replace(
        "spec: null", "data: {ca.crt: '-----BEGIN CERTIFICATE-----'}"
    )
    ref = {"group": "", "kind": "ConfigMap", "name": "ca"}
    tls = {"frontend": {"default": {"validation": {"caCertificateRefs": [ref]}}}}
    web = gateway("web", https(), tls=tls)
    state = shop(web, CART, CERTIFICATE, ca, proxies=proxy(443, 10443))
    found = ask(state, "internet", "https://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "asks for a client certificate" in found.reason
    assert "shop/a" in hops(found, "http")[0].outcome
    assert LABEL in state.control.services["Service:infra/web-proxy"].labels


def test_tls_to_a_backend_is_told() -> None:
    validation = {"hostname": "a.example.com", "wellKnownCACertificates": "System"}
    spec = {"targetRefs": [{"group": "", "kind": "Service", "name": "a"}], "validation": validation}
    found = ask(shop(WEB, CART, made("BackendTLSPolicy", "shop/p", spec)), "internet", "http://shop.example.com/cart")
    assert details(found)["TLS to it"] == "BackendTLSPolicy shop/p: a certificate for a.example.com"
    assert "To shop/a it speaks TLS" in hops(found, "http")[0].reason


def test_a_listener_of_a_protocol_of_its_controllers_own_is_not_guessed() -> None:
    # Istio's waypoints listen for HBONE on port 15008, which Gateway API does not know.
    way = gateway("web", "name: mesh, port: 15008, protocol: HBONE")
    proxies = proxy(15008, 15008)
    state = shop(way, proxies=proxies)
    declared = state.project.with_object(
        pod("proxy", 3, 15008, namespace="infra", labels={"app": "proxy", LABEL: "web"})
    )
    found = ask(compile_project(declared), "shop/client", "tcp://web-proxy.infra:15008")
    assert (found.verdict, "protocol HBONE" in found.reason) == ("cannot-tell", True)


def test_a_typed_protocol_that_no_listener_has_is_sent_all_the_same() -> None:
    found = ask(shop(WEB, CART), "internet", "Gateway:infra/web:80/udp")
    assert not hops(found, "http")
    sent = hops(found, "send")[0].after
    assert sent is not None and sent.protocol == "UDP"
