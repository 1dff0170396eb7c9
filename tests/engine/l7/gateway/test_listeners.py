"""Listeners (gateway-api apis/v1 gateway_types.go, GatewaySpec ``listeners``; and its conformance tests, named where
they were compared)."""

import pytest

from tests.engine.l7.gateway.gate import CERTIFICATE, ask, condition, gateway, http, https, made, route, table, to

GW = "Gateway infra/web"


def kinds(found: object, listener: str = "http") -> tuple[str, ...]:
    (one,) = [x for x in found.listeners if x.listener == listener]  # type: ignore[attr-defined]
    return tuple(one.kinds)


@pytest.mark.parametrize(
    ("listener", "expected"),
    [
        ("name: x, port: 80, protocol: HTTP", ("HTTPRoute", "GRPCRoute")),
        ("name: x, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}", ("HTTPRoute", "GRPCRoute")),
        ("name: x, port: 443, protocol: TLS, tls: {mode: Passthrough}", ("TLSRoute",)),
        ("name: x, port: 443, protocol: TLS, tls: {mode: Terminate, certificateRefs: [{name: cert}]}",
         ("TLSRoute", "TCPRoute")),
        ("name: x, port: 5432, protocol: TCP", ("TCPRoute",)),
        ("name: x, port: 53, protocol: UDP", ("UDPRoute",)),
        ("name: x, port: 80, protocol: hTtP", ("HTTPRoute", "GRPCRoute")),
    ],
)  # fmt: skip
def test_supported_kinds_follow_protocol_and_tls_mode(listener: str, expected: tuple[str, ...]) -> None:
    """ingress-gateway.md 6, rows 'HTTP', 'HTTPS', 'TLS', 'TCP and UDP': which kinds of routes a listener takes."""
    found = table(CERTIFICATE, gateway("web", listener))
    assert kinds(found, "x") == expected
    assert condition(found, GW, "Accepted", "x") == ("True", "Accepted")
    assert condition(found, GW, "Programmed", "x") == ("True", "Programmed")
    assert condition(found, GW, "ResolvedRefs", "x") == ("True", "ResolvedRefs")
    assert condition(found, GW, "Conflicted", "x") == ("False", "NoConflicts")


def test_unsupported_protocol_is_not_accepted_and_other_listeners_hold() -> None:
    """ingress-gateway.md 6, row 'Listener Accepted'."""
    found = table(gateway("web", http(), "name: odd, port: 90, protocol: example.com/odd"), route("r", to("a")))
    assert condition(found, GW, "Accepted", "odd") == ("False", "UnsupportedProtocol")
    assert kinds(found, "odd") == ()
    assert condition(found, GW, "Accepted") == ("True", "ListenersNotValid")
    assert ask(found, "http://x/").backend == "shop/a"


def test_a_gateway_without_accepted_listener_is_not_accepted() -> None:
    """ingress-gateway.md 6, row 'Gateway Accepted'."""
    found = table(gateway("web", "name: odd, port: 80, protocol: example.com/odd"))
    assert condition(found, GW, "Accepted") == ("False", "ListenersNotValid")
    assert condition(found, GW, "Programmed") == ("False", "Invalid")
    assert ask(found, "http://x/").status == 0


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [("[{kind: TLSRoute}]", ()), ("[{kind: TLSRoute}, {kind: HTTPRoute}]", ("HTTPRoute",)),
     ("[{kind: HTTPRoute, group: example.com}, {kind: GRPCRoute}]", ("GRPCRoute",))],
)  # fmt: skip
def test_invalid_route_kinds_are_left_out_of_supported_kinds(allowed: str, expected: tuple[str, ...]) -> None:
    found = table(gateway("web", f"name: http, port: 80, protocol: HTTP, allowedRoutes: {{kinds: {allowed}}}"))
    assert condition(found, GW, "ResolvedRefs", "http") == ("False", "InvalidRouteKinds")
    assert kinds(found) == expected


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("{name: none}", "InvalidCertificateRef"),
        ("{name: cert, kind: ConfigMap}", "InvalidCertificateRef"),
        ("{name: cert, group: example.com}", "InvalidCertificateRef"),
        ("{name: opaque}", "InvalidCertificateRef"),
        ("{name: far, namespace: certs}", "RefNotPermitted"),
    ],
)
def test_certificate_references_that_do_not_hold(ref: str, reason: str) -> None:
    """ingress-gateway.md 6, row 'Listener ResolvedRefs'."""
    others = (
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: far, namespace: certs}\ntype: kubernetes.io/tls\n"
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: opaque, namespace: infra}\ntype: Opaque\n"
    )
    listener = f"name: https, port: 443, protocol: HTTPS, tls: {{certificateRefs: [{ref}]}}"
    found = table(CERTIFICATE, others, gateway("web", listener), route("r", to("a")))
    assert condition(found, GW, "ResolvedRefs", "https") == ("False", reason)
    assert condition(found, GW, "Programmed", "https") == ("False", "Invalid")
    assert condition(found, GW, "ResolvedRefs") == ("False", "ListenersNotResolved")
    assert ask(found, "https://x/").status == 0
    assert ("GW-95", "spec.listeners[0]") in [(p.code, p.field) for p in found.problems]


@pytest.mark.parametrize(
    ("to_", "from_", "good"),
    [
        ({"kind": "Secret"}, {"kind": "Gateway", "namespace": "infra"}, True),
        ({"kind": "Secret", "name": "far"}, {"kind": "Gateway", "namespace": "infra"}, True),
        ({"kind": "Secret", "name": "other"}, {"kind": "Gateway", "namespace": "infra"}, False),
        ({"kind": "Service"}, {"kind": "Gateway", "namespace": "infra"}, False),
        ({"kind": "Secret"}, {"kind": "HTTPRoute", "namespace": "infra"}, False),
        ({"kind": "Secret"}, {"kind": "Gateway", "namespace": "shop"}, False),
    ],
)
def test_a_reference_grant_in_the_namespace_of_the_secret_permits(
    to_: dict[str, str], from_: dict[str, str], good: bool
) -> None:
    secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: far, namespace: certs}\ntype: kubernetes.io/tls\n"
    source = {"group": "gateway.networking.k8s.io", **from_}
    grant = made("ReferenceGrant", "certs/g", {"from": [source], "to": [{"group": "", **to_}]})
    listener = "name: s, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: far, namespace: certs}]}"
    found = table(secret, grant, gateway("web", listener))
    expected = ("True", "ResolvedRefs") if good else ("False", "RefNotPermitted")
    assert condition(found, GW, "ResolvedRefs", "s") == expected


def test_one_valid_certificate_among_several_keeps_the_listener() -> None:
    listener = "name: s, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}, {name: none}]}"
    found = table(CERTIFICATE, gateway("web", listener))
    assert condition(found, GW, "ResolvedRefs", "s") == ("False", "InvalidCertificateRef")
    assert condition(found, GW, "Programmed", "s") == ("True", "Programmed")


def tls(name: str, port: int, host: str = "") -> str:
    more = f", hostname: {host}" if host else ""
    return f"name: {name}, port: {port}, protocol: TLS, tls: {{mode: Passthrough}}{more}"


@pytest.mark.parametrize(
    ("listeners", "reason"),
    [
        ((http("x"), "name: y, port: 80, protocol: http"), "HostnameConflict"),
        ((http("x", more="hostname: a.example.com"), http("y", more="hostname: a.example.com")), "HostnameConflict"),
        ((http("x"), https("y", 80)), "ProtocolConflict"),
        ((http("x"), "name: y, port: 80, protocol: TCP"), "ProtocolConflict"),
        ((https("x"), tls("y", 443)), "ProtocolConflict"),
        ((https("x", more="hostname: a.example.com"), tls("y", 443, "a.example.com")), "ProtocolConflict"),
        ((tls("x", 443), "name: y, port: 443, protocol: TCP"), "ProtocolConflict"),
    ],
)
def test_indistinct_listeners_are_all_conflicted_and_none_wins(listeners: tuple[str, str], reason: str) -> None:
    """ingress-gateway.md 6, rows 'Indistinct listeners', 'Conflicted'."""
    found = table(CERTIFICATE, gateway("web", *listeners, http("good", 8080)), route("r", to("a")))
    for name in "xy":
        assert condition(found, GW, "Conflicted", name) == ("True", reason)
        assert condition(found, GW, "Accepted", name)[0] == "False"
        assert condition(found, GW, "Programmed", name)[0] == "False"
    assert condition(found, GW, "Accepted") == ("True", "ListenersNotValid")
    assert ask(found, "http://a.example.com:80/").status == 0
    assert ask(found, "http://a.example.com:8080/").backend == "shop/a"
    assert [p.code for p in found.problems] == ["GW-04", "GW-04"]


@pytest.mark.parametrize(
    "listeners",
    [
        (http("x"), http("y", 81)),
        (http("x", more="hostname: a.example.com"), http("y", more="hostname: b.example.com")),
        (http("x"), http("y", more="hostname: '*.example.com'")),
        (https("x", more="hostname: '*.example.com'"), tls("y", 443, "abc.example.com")),
        ("name: x, port: 53, protocol: TCP", "name: y, port: 53, protocol: UDP"),
    ],
)
def test_listeners_that_differ_in_port_or_hostname_are_distinct(listeners: tuple[str, str]) -> None:
    """ingress-gateway.md 6, row 'Distinct by'."""
    found = table(CERTIFICATE, gateway("web", *listeners))
    for name in "xy":
        assert condition(found, GW, "Conflicted", name) == ("False", "NoConflicts")
        assert condition(found, GW, "Programmed", name) == ("True", "Programmed")


def test_overlapping_tls_host_names_are_marked_on_all_that_overlap() -> None:
    """ingress-gateway.md 6, row 'OverlappingTLSConfig'."""
    # The example of ListenerConditionOverlappingTLSConfig.
    found = table(
        CERTIFICATE,
        gateway("web", *(https(n, more=f"hostname: '{h}'")
                         for n, h in (("a", "foo.example.com"), ("b", "foo.example.org"), ("c", "*.example.com")))),
    )  # fmt: skip
    marked = {c.listener for c in found.conditions if c.type == "OverlappingTLSConfig"}
    assert marked == {"a", "c"}
    assert condition(found, GW, "OverlappingTLSConfig", "a") == ("True", "OverlappingHostnames")


ISOLATION = (
    ("", "empty"), ("*.example.com", "wild"), ("*.foo.example.com", "foo"), ("abc.foo.example.com", "abc"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        # conformance: gateway-http-listener-isolation
        ("bar.com", "/empty", "shop/a"), ("bar.com", "/wild", ""), ("bar.com", "/foo", ""), ("bar.com", "/abc", ""),
        ("bar.example.com", "/empty", ""), ("bar.example.com", "/wild", "shop/a"), ("bar.example.com", "/foo", ""),
        ("bar.foo.example.com", "/empty", ""), ("bar.foo.example.com", "/wild", ""),
        ("bar.foo.example.com", "/foo", "shop/a"), ("bar.foo.example.com", "/abc", ""),
        ("abc.foo.example.com", "/empty", ""), ("abc.foo.example.com", "/wild", ""),
        ("abc.foo.example.com", "/foo", ""), ("abc.foo.example.com", "/abc", "shop/a"),
        ("ABC.foo.example.com:80", "/abc", "shop/a"),
    ],
)  # fmt: skip
def test_listener_isolation_only_the_most_specific_listener_is_asked(host: str, path: str, expected: str) -> None:
    """ingress-gateway.md 6, row 'Host name inside a port'."""
    listeners = [http(name, more=f"hostname: '{h}'" if h else "") for h, name in ISOLATION]
    routes = [
        route(name, to("a", f"/{name}"), parentRefs=[{"name": "web", "namespace": "infra", "sectionName": name}])
        for _, name in ISOLATION
    ]
    answer = ask(table(gateway("web", *listeners), *routes), f"http://{host}{path}", port=80)
    assert (answer.backend, answer.status) == (expected, 200 if expected else 404)


MISDIRECTED = (
    # server name, Host, status (conformance: httproute-https-listener-detect-misdirected-requests)
    ("example.org", "example.org", 200), ("example.org", "second-example.org", 421),
    ("example.org", "unknown-example.org", 404), ("second-example.org", "second-example.org", 200),
    ("second-example.org", "example.org", 421), ("second-example.org", "unknown-example.org", 421),
    ("third-example.wildcard.org", "third-example.wildcard.org", 200),
    ("third-example.wildcard.org", "fith-example.wildcard.org", 200),
    ("third-example.wildcard.org", "fourth-example.wildcard.org", 421),
    ("third-example.wildcard.org", "second-example.org", 421),
    ("third-example.wildcard.org", "unknown-example.org", 421),
    ("fourth-example.wildcard.org", "fourth-example.wildcard.org", 200),
    ("fourth-example.wildcard.org", "fith-example.wildcard.org", 421),
    ("unknown-example.org", "example.org", 200), ("unknown-example.org", "unknown-example.org", 404),
)  # fmt: skip


@pytest.mark.parametrize(("sni", "host", "status"), MISDIRECTED)
def test_a_request_whose_host_belongs_to_another_https_listener_is_misdirected(
    sni: str, host: str, status: int
) -> None:
    hosts = ("", "second-example.org", "*.wildcard.org", "fourth-example.wildcard.org")
    listeners = [https(f"l{n}", more=f"hostname: '{h}'" if h else "") for n, h in enumerate(hosts)]
    routes = [
        route(f"r{n}", to("a", "/d"), h or "example.org",
              parentRefs=[{"name": "web", "namespace": "infra", "sectionName": f"l{n}"}])
        for n, h in enumerate(hosts)
    ]  # fmt: skip
    found = table(CERTIFICATE, gateway("web", *listeners), *routes)
    assert ask(found, f"https://{host}/d", sni=sni).status == status


def test_a_server_name_that_no_listener_is_for_ends_the_handshake() -> None:
    found = table(CERTIFICATE, gateway("web", https(more="hostname: a.example.com")), route("r", to("a")))
    assert ask(found, "https://b.example.com/").status == 0
    assert ask(found, "https://a.example.com/", sni="b.example.com").status == 0
    assert ask(found, "https://a.example.com/").status == 200
    assert ask(found, "https://b.example.com/", sni="a.example.com").status == 404


def test_a_port_without_listener_refuses_and_tls_and_plain_do_not_mix() -> None:
    found = table(CERTIFICATE, gateway("web", http(), https()), route("r", to("a")))
    for url, port in (("http://x/", 81), ("http://x/", 443), ("https://x/", 80)):
        answer = ask(found, url, port=port)
        assert (answer.status, answer.backend) == (0, "") and not answer.undecided
    assert "Connection refused" in ask(found, "http://x/", port=81).reason


def authority(**frontend: str) -> dict[str, object]:
    return {"validation": {"caCertificateRefs": [{"group": "", "kind": "ConfigMap", "name": "ca", **frontend}]}}


def config_map(key: str, text: str = "-----BEGIN CERTIFICATE-----") -> str:
    namespace, _, name = key.partition("/")
    return (
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"data: {{ca.crt: '{text}'}}\n"
    )


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        # conformance: gateway-with-invalid-clientcertificate-validation
        ({"name": "none"}, "InvalidCACertificateRef"),
        ({"kind": "Service", "name": "a"}, "InvalidCACertificateKind"),
        ({"name": "far", "namespace": "certs"}, "RefNotPermitted"),
    ],
)
def test_client_certificate_validation_of_a_port_that_does_not_hold(ref: dict[str, str], reason: str) -> None:
    per_port = [{"port": 8443, "tls": authority(**ref)}]
    spec = {"frontend": {"default": authority(), "perPort": per_port}}
    found = table(
        CERTIFICATE, config_map("infra/ca"), config_map("certs/far"),
        gateway("web", https(), https("bad", 8443), tls=spec), route("r", to("a")),
    )  # fmt: skip
    assert condition(found, GW, "ResolvedRefs", "bad") == ("False", reason)
    assert condition(found, GW, "Accepted", "bad") == ("False", "NoValidCACertificate")
    assert condition(found, GW, "Programmed", "bad")[0] == "False"
    for kind in ("ResolvedRefs", "Accepted", "Programmed"):
        assert condition(found, GW, kind, "https")[0] == "True"
    assert "client must present" in ask(found, "https://x/").reason
    assert ask(found, "https://x/", port=8443).status == 0


def test_insecure_fallback_is_a_condition_of_the_gateway() -> None:
    open_door = {"validation": {**authority()["validation"], "mode": "AllowInsecureFallback"}}  # type: ignore[dict-item]
    found = table(
        CERTIFICATE, config_map("infra/ca"), gateway("web", https(), tls={"frontend": {"default": open_door}})
    )
    assert condition(found, GW, "InsecureFrontendValidationMode") == ("True", "ConfigurationChanged")


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        # conformance: gateway-invalid-tls-backend-configuration
        ({"name": "none"}, "InvalidClientCertificateRef"),
        ({"name": "cert", "group": "wrong.group.company.io"}, "InvalidClientCertificateRef"),
        ({"name": "cert", "kind": "WrongKind"}, "InvalidClientCertificateRef"),
        ({"name": "cert", "namespace": "certs"}, "RefNotPermitted"),
        ({"name": "cert"}, ""),
    ],
)
def test_the_client_certificate_of_the_gateway(ref: dict[str, str], reason: str) -> None:
    found = table(CERTIFICATE, gateway("web", http(), tls={"backend": {"clientCertificateRef": ref}}))
    expected = ("False", reason) if reason else ("True", "ResolvedRefs")
    assert condition(found, GW, "ResolvedRefs") == expected
    assert condition(found, GW, "Accepted") == ("True", "Accepted")


def test_a_class_that_does_not_exist_leaves_the_gateway_pending() -> None:
    """ingress-gateway.md 6, row 'Gateway Programmed', and ingress-gateway.md 7, row 'Class missing'."""
    text = gateway("web", http()).replace("gatewayClassName: gc", "gatewayClassName: nobody")
    found = table(text, route("r", to("a")))
    assert condition(found, GW, "Accepted") == ("Unknown", "Pending")
    assert condition(found, GW, "Programmed") == ("Unknown", "Pending")
    assert ask(found, "http://x/").status == 0
    assert [p.code for p in found.problems] == ["GW-07", "GW-93"]


def test_parameters_that_are_not_there_make_class_and_gateway_invalid() -> None:
    """ingress-gateway.md 6, row 'GatewayClass Accepted'."""
    ref = {"group": "invalid.example.com", "kind": "InvalidKind", "name": "x"}
    odd = made("GatewayClass", "odd", {"controllerName": "example.com/c", "parametersRef": ref})
    found = table(odd, gateway("web", http(), infrastructure={"parametersRef": ref}))
    assert condition(found, "GatewayClass odd", "Accepted") == ("False", "InvalidParameters")
    assert condition(found, "GatewayClass gc", "Accepted") == ("True", "Accepted")
    assert condition(found, GW, "Accepted") == ("False", "InvalidParameters")


def test_an_address_of_an_unknown_type_is_not_supported() -> None:
    found = table(gateway("web", http(), addresses=[{"type": "test/fake-invalid-type", "value": "x"}]))
    assert condition(found, GW, "Accepted") == ("False", "UnsupportedAddress")


def test_a_listener_without_certificate_leaves_its_port_closed_and_is_named() -> None:
    """Nobody said a port: https is 443, where the only listener carries nothing; port 80 is not meant."""
    found = table(gateway("web", http(), https()), route("r", to("a")))
    answer = ask(found, "https://x/")
    assert (answer.closing, answer.status) == ("refused", 0)
    assert "port 443" in answer.reason and "Secret infra/cert is not there" in answer.reason


@pytest.mark.parametrize("maker", ["annotation", "Certificate", "ExternalSecret of another type"])
def test_a_secret_that_a_controller_makes_counts_as_there(maker: str) -> None:
    """cert-manager makes the Secret that a Certificate, or a listener of an annotated Gateway, names."""
    web = gateway("web", http(), https(more="hostname: x"))
    own = ""
    if maker == "annotation":
        web = web.replace("name: web\n", "name: web\n  annotations: {cert-manager.io/issuer: le}\n", 1)
    elif maker == "Certificate":
        own = made("Certificate", "infra/c", {"secretName": "cert"}, api="cert-manager.io/v1")
    else:
        target = {"name": "cert", "template": {"type": "Opaque"}}
        own = made("ExternalSecret", "infra/c", {"target": target}, api="external-secrets.io/v1")
    found = table(web, own, route("r", to("a")))
    if maker.startswith("External"):
        reason = ask(found, "https://x/").reason
        assert "Secret infra/cert has type Opaque" in reason, reason
    else:
        assert ask(found, "https://x/").status == 200
