"""HTTP through an Ingress controller: `domain/ingress-gateway.md` sections 2, 4 and 5."""

from fractions import Fraction
from typing import Any

import pytest

from designer.engine.compile import ClusterState
from designer.model import KubeObject
from tests.engine.trace.clusters import ask, cluster, dns, hops, make, pod, service

POOLS = {"pools": [{"addresses": ["192.168.10.200-192.168.10.210"]}]}


def path(text: str, backend: str, port: int = 80) -> dict[str, Any]:
    return {"path": text, "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}


def ingress(name: str, host: str, *paths: dict[str, Any], kind: str = "edge", tls: bool = False) -> KubeObject:
    spec: dict[str, Any] = {"ingressClassName": kind, "rules": [{"host": host, "http": {"paths": list(paths)}}]}
    if tls:
        spec["tls"] = [{"hosts": [host], "secretName": "cert"}]
    return make("Ingress", name, spec)


def edge(name: str = "edge", where: int = 3, profile: str = "ingress-nginx", **spec: Any) -> list[KubeObject]:
    """A controller of one Pod with its Service of type LoadBalancer and its class."""
    names = {"ingress-nginx": "k8s.io/ingress-nginx", "traefik": "traefik.io/ingress-controller"}
    ports = [{"name": "http", "containerPort": 80}, {"name": "https", "containerPort": 443}]
    both = [{"name": "http", "port": 80}, {"name": "https", "port": 443}]
    body = {"profile": profile, "controller": f"example.com/{name}" if name != "edge" else names[profile],
            "workload": f"Pod:default/{name}", "service": f"Service:default/{name}"}  # fmt: skip
    kind = make("IngressClass", name, {"controller": body["controller"]})
    return [
        pod(name, where, ports=ports),
        service(name, ports=both, **{"type": "LoadBalancer", **spec}),
        make("IngressController", name, body),
        kind,
    ]


def shop(*more: KubeObject, tls: bool = False, plugin: str = "calico", **spec: Any) -> ClusterState:
    rules = ingress("shop", "shop.example.com", path("/cart", "cart"), path("/none", "empty"), tls=tls)
    backends = (pod("c1", 1, app="cart"), pod("c2", 2, app="cart"), service("cart"), service("empty"))
    return cluster(*edge(**spec), rules, pod("a", 1), *backends, *dns(), *more, plugin=plugin, loadBalancer=POOLS)


@pytest.mark.parametrize("plugin", ["calico", "flannel", "weave"])
def test_outside_through_load_balancer_and_controller(plugin: str) -> None:
    found = ask(shop(plugin=plugin), "internet", "http://shop.example.com/cart/1")
    assert found.verdict == "delivered"
    shares = [(one.share, one.labels[-1].partition(" ")[0]) for one in found.trace.paths()]
    assert sorted(shares) == [(Fraction(1, 2), "c1"), (Fraction(1, 2), "c2")]
    assert all("in turn" in one.labels[-1] for one in found.trace.paths()), "the controller takes endpoints in turn"
    (http,) = hops(found, "http")
    assert http.decided_by[0].object == "Ingress:default/shop"
    assert http.what == "GET http://shop.example.com/cart/1"


def test_the_address_of_the_host_is_an_assumption_that_is_said() -> None:
    found = ask(shop(), "internet", "http://shop.example.com/cart")
    lookup = hops(found, "resolve")[-1]
    assert "Taken for granted" in lookup.reason
    assert "192.168.10.200" in lookup.reason


def test_controller_connects_straight_to_the_pod() -> None:
    """ingress-gateway.md 5, row 'Straight to Pods'."""
    found = ask(shop(), "internet", "http://shop.example.com/cart")
    state = shop()
    kinds = [hop.kind for hop in found.trace.paths()[0].hops if hop.direction == "request"]
    after = found.trace.paths()[0].hops[kinds.index("http") + 1 :]
    second = next(hop for hop in after if hop.kind == "send")
    assert second.at == "Pod:default/edge"
    assert second.after is not None
    assert second.after.src == state.control.pods["Pod:default/edge"].ips[0], "the backend sees the controller's Pod"
    assert second.after.dport == 8080, "the endpoint's port, not the Service's"
    assert second.after.dst not in state.control.services["Service:default/cart"].cluster_ips


def test_both_connections_are_answered() -> None:
    found = ask(shop(), "internet", "http://shop.example.com/cart")
    answered = [hop.at for hop in hops(found, "deliver", "reply")]
    assert answered == ["Pod:default/edge", "outside"]


@pytest.mark.parametrize(
    ("url", "verdict", "status"),
    [
        ("http://shop.example.com/", "no-matching-route", "404"),
        ("http://shop.example.com/cartoons", "no-matching-route", "404"),
        ("http://192.168.10.200/cart", "no-matching-route", "404"),
        ("http://shop.example.com/none", "rejected", "503"),
    ],
)
def test_the_controller_answers_itself(url: str, verdict: str, status: str) -> None:
    found = ask(shop(), "internet", url)
    assert found.verdict == verdict
    assert hops(found, "http")[0].outcome == status
    assert hops(found, "deliver", "reply")[-1].at == "outside", "its answer goes back to the client"


def test_nginx_refuses_methods_whatever_its_rules_say() -> None:
    """ngx_http_process_request_header: TRACE gets 405, also from a host without rules; other controllers route it."""
    for url in ("http://shop.example.com/cart", "http://192.168.10.200/cart"):
        found = ask(shop(), "internet", url, method="TRACE")
        assert (found.verdict, hops(found, "http")[0].outcome) == ("rejected", "405")
    assert (
        ask(shop(profile="traefik"), "internet", "http://shop.example.com/cart", method="TRACE").verdict == "delivered"
    )


def test_host_header_decides() -> None:
    found = ask(shop(), "internet", "http://192.168.10.200/cart", headers=(("Host", "shop.example.com"),))
    assert found.verdict == "delivered"


def test_plain_http_is_redirected_to_https() -> None:
    # Section 4, ingress-nginx facts: ssl-redirect: 308 when the host has TLS.
    found = ask(shop(tls=True), "internet", "http://shop.example.com/cart")
    assert found.verdict == "delivered"
    first, second = hops(found, "http")
    assert first.outcome == "308"
    assert second.what == "GET https://shop.example.com/cart"
    sent = [hop.after.dport for hop in hops(found, "send") if hop.after and hop.at == "outside"]
    assert sent == [80, 443]


def test_the_redirect_to_https_is_followed_to_the_path_without_its_slash() -> None:
    """lua_ingress.lua: the redirect leaves a final slash out, and a browser goes where it says."""
    for url, second in (("http://shop.example.com/cart/", "/cart"), ("http://SHOP.example.com/cart", "/cart")):
        found = ask(shop(tls=True), "internet", url)
        assert found.verdict == "delivered", found.reason
        assert hops(found, "http")[0].outcome == "308"
        assert hops(found, "http")[1].what.lower() == f"get https://shop.example.com{second}"


def test_what_nginx_answers_itself_is_delivered() -> None:
    """server.go: /healthz of the server for every host."""
    found = ask(shop(), "internet", "http://192.168.10.200/healthz")
    assert (found.verdict, hops(found, "http")[0].outcome) == ("delivered", "200")


def test_pods_use_the_public_host_too() -> None:
    found = ask(shop(), "a", "http://shop.example.com/cart")
    assert found.verdict == "delivered"
    assert "Taken for granted" in hops(found, "resolve")[-1].reason


def test_two_controllers_for_one_host_cannot_be_told() -> None:
    other = [*edge("second", 2, "traefik"), ingress("shop2", "shop.example.com", path("/", "cart"), kind="second")]
    found = ask(shop(*other), "internet", "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "edge and second both serve" in found.reason


def test_a_controller_that_nothing_outside_reaches_is_not_what_public_dns_means() -> None:
    # An A record needs an address that is reachable: a controller behind a ClusterIP alone has none for the outside.
    rules = ingress("shop2", "shop.example.com", path("/", "cart"), kind="second")
    inner = [*edge("second", 2, "traefik", type="ClusterIP"), rules]
    for source in ("internet", "a"):
        found = ask(shop(*inner), source, "http://shop.example.com/cart")
        assert found.verdict == "delivered", found.reason
        assert hops(found, "http")[0].decided_by[0].object == "Ingress:default/shop"
    balanced = [*edge("second", 2, "traefik", externalIPs=["192.168.10.9"], type="ClusterIP"), rules]
    found = ask(shop(*balanced), "internet", "http://shop.example.com/cart")
    assert found.verdict == "cannot-tell"
    assert "192.168.10.200 leads to edge" in found.reason
    meant = ask(shop(*balanced), "internet", "http://192.168.10.200/cart", headers=(("Host", "shop.example.com"),))
    assert meant.verdict == "delivered"


def test_an_ingress_object_as_destination() -> None:
    assert ask(shop(), "internet", "Ingress:default/shop").verdict == "delivered"
    assert ask(shop(), "a", "Ingress:default/shop").verdict == "delivered"
    assert ask(shop(), "internet", "IngressController:default/edge:80").verdict == "delivered"
    assert ask(shop(), "internet", "Ingress:default/missing").verdict == "cannot-tell"


def test_an_ingress_that_nobody_serves() -> None:
    orphan = ingress("orphan", "orphan.example.com", path("/", "cart"), kind="missing")
    found = ask(shop(orphan), "internet", "Ingress:default/orphan")
    assert found.verdict == "no-matching-route"


def test_node_port_exposure_asks_for_the_port() -> None:
    """ingress-gateway.md 5, row 'NodePort'."""
    ports = [{"name": "http", "port": 80, "nodePort": 30080}, {"name": "https", "port": 443, "nodePort": 30443}]
    rules = ingress("shop", "shop.example.com", path("/cart", "cart"))
    controller = edge(type="NodePort")
    controller[1] = service("edge", type="NodePort", ports=ports)
    state = cluster(*controller, rules, pod("c1", 1, app="cart"), service("cart"))
    assert ask(state, "internet", "http://shop.example.com:30080/cart").verdict == "delivered"
    refused = ask(state, "internet", "http://shop.example.com/cart")
    assert refused.verdict == "cannot-tell"
    assert "30080" in refused.reason


@pytest.mark.parametrize("way", ["hostNetwork", "hostPort"])
def test_controller_on_the_node_s_own_ports(way: str) -> None:
    """ingress-gateway.md 5, row 'hostPort and hostNetwork'."""
    ports = [{"containerPort": 80, **({"hostPort": 80} if way == "hostPort" else {})}]
    host: dict[str, Any] = {"hostNetwork": True} if way == "hostNetwork" else {}
    state = cluster(
        pod("edge", 2, ports=ports, **host),
        make("IngressController", "edge", {"profile": "ingress-nginx", "workload": "Pod:default/edge"}),
        make("IngressClass", "edge", {"controller": "k8s.io/ingress-nginx"}),
        ingress("shop", "shop.example.com", path("/cart", "cart")),
        pod("c1", 1, app="cart"),
        service("cart"),
    )
    found = ask(state, "internet", "http://shop.example.com/cart")
    assert found.verdict == "delivered"
    assert hops(found, "wire")[0].toward == "Node:node-2"
    first = hops(found, "deliver")[0]
    assert dict(first.details)["Source seen"] == "203.0.113.7", "the client's address arrives"


def test_plain_http_to_a_service_asks_no_controller() -> None:
    found = ask(shop(), "a", "http://cart/whatever")
    assert found.verdict == "delivered"
    assert not hops(found, "http")


def test_a_controller_known_by_its_service_only_routes_too() -> None:
    objects = edge()
    objects[2] = make("IngressController", "edge", {"profile": "ingress-nginx", "service": "Service:default/edge"})
    rules = ingress("shop", "shop.example.com", path("/cart", "cart"))
    state = cluster(*objects, rules, pod("c1", 1, app="cart"), service("cart"), loadBalancer=POOLS)
    assert ask(state, "internet", "http://shop.example.com/cart").verdict == "delivered"
    assert ask(state, "internet", "http://shop.example.com/x").verdict == "no-matching-route"


def noted(name: str, backend: str, **notes: str) -> KubeObject:
    """An Ingress of the shop's host with annotations of ingress-nginx."""
    spec = {
        "ingressClassName": "edge",
        "rules": [{"host": "shop.example.com", "http": {"paths": [path("/", backend)]}}],
    }
    return make("Ingress", name, spec, annotations={f"nginx.ingress.kubernetes.io/{key}": value
                                                     for key, value in notes.items()})  # fmt: skip


def test_a_canary_takes_its_share_of_the_ways() -> None:
    """annotations.md, "Canary": weight 25 of 100."""
    objects = [noted("main", "main"), noted("canary", "new", canary="true", **{"canary-weight": "25"})]
    backends = [pod("m", 1, app="main"), pod("n", 2, app="new"), service("main"), service("new")]
    found = ask(cluster(*edge(), *objects, *backends, loadBalancer=POOLS), "internet", "http://shop.example.com/")
    assert {one.labels[-1].partition(":")[0]: one.share for one in found.trace.paths()} == {
        "to default/main": Fraction(3, 4), "to default/new": Fraction(1, 4)}  # fmt: skip
    assert found.verdict == "delivered" and not found.mixed


@pytest.mark.parametrize(("policy", "verdict"), [("Local", "rejected"), ("Cluster", "delivered")])
def test_a_source_range_is_held_against_the_address_that_the_controller_sees(policy: str, verdict: str) -> None:
    """domain/ingress-gateway.md section 5: with policy Cluster another Node's address takes the client's place.

    ingress-gateway.md 5, rows 'Load balancer, Cluster', 'Load balancer, Local'.
    """
    limited = noted("main", "main", **{"denylist-source-range": "203.0.113.0/24"})
    state = cluster(*edge(externalTrafficPolicy=policy), limited, pod("m", 1, app="main"), service("main"),
                    loadBalancer=POOLS)  # fmt: skip
    found = ask(state, "203.0.113.7", "http://shop.example.com/")
    assert verdict in {one.verdict for one in found.trace.paths()}
    if policy == "Local":
        assert found.verdict == "rejected" and "403" in found.reason


def test_what_is_sent_on_after_a_rewrite_is_shown() -> None:
    found = ask(cluster(*edge(), noted("main", "main", **{"rewrite-target": "/new"}), pod("m", 1, app="main"),
                        service("main"), loadBalancer=POOLS), "internet", "http://shop.example.com/old")  # fmt: skip
    (http,) = hops(found, "http")
    assert ("Path sent on", "/new") in http.details


def test_the_controllers_stop_tells_rule_backend_and_who_lost() -> None:
    """ingress-gateway.md 2: the longest path wins; the shorter ones match too and are told with the reason."""
    both = ingress("i", "shop.example.com", path("/", "main"), path("/cart", "cart"))
    found = ask(cluster(*edge(), both, pod("m", 1, app="main"), pod("c", 2, app="cart"), service("main"),
                        service("cart"), loadBalancer=POOLS), "internet", "http://shop.example.com/cart/1")  # fmt: skip
    (http,) = hops(found, "http")
    told = dict(http.details)
    assert told["Rule"].endswith("shop.example.com/cart (Prefix)")
    (lost,) = [name for name in told if name.startswith("Lost: ")]
    assert lost.endswith("shop.example.com/ (Prefix)") and "longest path wins" in told[lost]
    assert told["Backend"].startswith("default/cart:80, endpoints 10.")
    assert "matches too and loses: /cart is longer" in http.reason


def test_a_redirect_to_elsewhere_is_no_answer_of_a_backend() -> None:
    gone = noted("main", "main", **{"permanent-redirect": "https://new.example.org"})
    found = ask(cluster(*edge(), gone, pod("m", 1, app="main"), service("main"), loadBalancer=POOLS), "internet",
                "http://shop.example.com/")  # fmt: skip
    assert found.verdict == "cannot-tell"
    assert "301 to https://new.example.org" in found.reason


def test_an_external_name_backend_leads_to_a_name() -> None:
    """ingress-gateway.md 5, row 'ExternalName': where such a Service leads the controller's own resolver says."""
    out = make("Service", "out", {"type": "ExternalName", "externalName": "api.example.com", "ports": [{"port": 80}]})
    state = cluster(*edge(), ingress("i", "shop.example.com", path("/", "out")), out, loadBalancer=POOLS)
    found = ask(state, "internet", "http://shop.example.com/")
    assert found.verdict == "cannot-tell"
    assert "is a DNS name for api.example.com" in found.reason
