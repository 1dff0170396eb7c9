"""The order in which nginx answers, and what it answers with; each expectation is read off ingress-nginx' source.

kubernetes/ingress-nginx: rootfs/etc/nginx/template/nginx.tmpl and internal/ingress/controller/template/crossplane
(server.go, location.go) for the directives; rootfs/etc/nginx/lua/lua_ingress.lua and balancer.lua, which run at the end
of the rewrite phase and so before ``allow`` and ``deny``; certificate.lua; nginx' ngx_http_core_find_config_phase.
"""

from typing import Any

import pytest

from tests.engine.l7.test_nginx import HOST, ask, made, row, went
from tests.engine.l7.test_nginx_options import told
from tests.engine.l7.web import controller, ingress_class, routes, service


@pytest.mark.parametrize(
    ("uri", "notes", "url"),
    [
        ("/", {}, f"https://{HOST}"),
        ("/cart/", {}, f"https://{HOST}/cart"),
        ("/cart", {}, f"https://{HOST}/cart"),
        ("/cart/?a=b", {}, f"https://{HOST}/cart/?a=b"),
        ("/cart?a=b/", {}, f"https://{HOST}/cart?a=b"),  # request_uri has the query too
        ("/cart/", {"preserve_trailing_slash": "true"}, f"https://{HOST}/cart/"),
    ],
)
def test_the_redirect_to_https_leaves_a_final_slash_out(uri: str, notes: dict[str, str], url: str) -> None:
    found = ask(uri, made("i", row("/", "a"), tls=(HOST,), **notes))
    assert (found.status, found.url) == (308, url)


def test_the_redirect_to_https_names_the_host_as_it_was_sent_without_its_port() -> None:
    assert ask("/x", made("i", row("/", "a"), tls=(HOST,)), host="SHOP.example.com:80").url == (
        "https://SHOP.example.com/x"
    )


def test_preserve_trailing_slash_of_the_config_map() -> None:
    data = {"preserve-trailing-slash": "true"}
    assert told("/x/", made("i", row("/", "a"), tls=(HOST,)), data=data).url == f"https://{HOST}/x/"


def empty(*ingresses: str, source: str = "", **more: Any) -> str:
    """What becomes of a request for the path of a Service `none` without endpoints."""
    texts = [controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"), service("none", ready=False)]
    table = routes(*texts, *ingresses)
    return went(table.route("IngressController:default/ingress-nginx", HOST, "/", source=source, **more))


def test_without_endpoints_503_comes_before_source_ranges() -> None:
    """balancer.lua, rewrite(): in the rewrite phase; ``allow`` and ``deny`` belong to the access phase after it."""
    one = made("i", row("/", "none"), whitelist_source_range="10.0.0.0/8")
    assert empty(one, source="192.0.2.1") == "unavailable 503"
    assert empty(one) == "unavailable 503", "whoever asks"


def test_an_error_that_custom_http_errors_names_is_the_default_backends_affair() -> None:
    assert empty(made("i", row("/", "none"), custom_http_errors="404,503")) == "cannot-tell 0"
    assert empty(made("i", row("/", "none"), custom_http_errors="404")) == "unavailable 503"
    denied = made("i", row("/", "a"), whitelist_source_range="10.0.0.0/8", custom_http_errors="403")
    assert went(ask("/", denied, source="192.0.2.1")) == "cannot-tell 0"
    assert went(ask("/", denied, source="10.1.1.1")) == "a"
    assert went(told("/", made("i", row("/", "a")), data={"custom-http-errors": "503"})) == "a"
    closed = made("i", row("/", "a"), whitelist_source_range="nonsense")
    assert went(told("/", closed, data={"custom-http-errors": "503"})) == "cannot-tell 0"


def test_a_preflight_comes_before_a_redirect_and_before_https() -> None:
    """location.go: the directives of CORS stand before ``return``; Lua comes after both."""
    one = made("i", row("/", "a"), enable_cors="true", permanent_redirect="https://x.example", tls=(HOST,))
    assert went(ask("/", one, method="OPTIONS")) == "answered 204"
    assert went(ask("/", one)) == "redirect 301"


def test_a_denied_location_answers_503_and_nothing_else() -> None:
    """location.go: of a denied location only ``return 503`` is written, neither CORS nor redirects nor proxy_pass."""
    one = made("i", row("/foo/", "a"), whitelist_source_range="nonsense", enable_cors="true", tls=(HOST,),
               permanent_redirect="https://x.example")  # fmt: skip
    assert went(ask("/foo/", one, method="OPTIONS")) == "unavailable 503"
    assert went(ask("/foo/", one)) == "unavailable 503"
    assert went(ask("/foo", one)) == "unavailable 503", "no redirect to the slash: the host's root denies"


@pytest.mark.parametrize("text", ["10.0.0.0/8,", "10.0.0.0/8,,10.1.0.0/16", ",10.0.0.0/8"])
def test_an_empty_part_of_a_list_of_ranges_denies(text: str) -> None:
    """net.ParseIPNets: the empty text is neither a network nor an address."""
    assert went(ask("/", made("i", row("/", "a"), whitelist_source_range=text), source="10.1.1.1")) == "unavailable 503"


def test_the_redirect_to_the_final_slash_is_the_name_of_the_location() -> None:
    """ngx_http_core_find_config_phase: escaped_name; port_in_redirect is off."""
    found = ask("/%66oo?x=1", made("i", row("/foo/", "a")), host="SHOP.example.com:8080")
    assert (found.status, found.url) == (301, f"http://{HOST}/foo/?x=1")


def test_a_www_redirect_goes_before_an_alias() -> None:
    """nginx.tmpl: redirect servers stand first, and nginx keeps the first server of a name."""
    first = made("i", row("/", "a"), from_to_www_redirect="true")
    other = made("j", row("/", "b", host="b.example"), server_alias=f"www.{HOST}")
    assert ask("/x", first, other, host=f"www.{HOST}").url == f"http://{HOST}/x"


def test_whether_an_alias_goes_to_https_hangs_on_the_names_in_the_certificate() -> None:
    """controller/nginx.go, configureCertificates: an alias is configured where the certificate is valid for it."""
    one = made("i", row("/", "a"), server_alias="old.example", tls=(HOST,))
    assert went(ask("/", one, host="old.example")) == "cannot-tell 0"
    assert went(ask("/", one, host="old.example", tls=True)) == "a"
    forced = made("i", row("/", "a"), server_alias="old.example", tls=(HOST,), force_ssl_redirect="true")
    assert went(ask("/", forced, host="old.example")) == "redirect 308"
    never = made("i", row("/", "a"), server_alias="old.example", tls=(HOST,), ssl_redirect="false")
    assert went(ask("/", never, host="old.example")) == "a"


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/healthz", "answered 200"),
        ("/healthz/x", "answered 200"),
        ("/healthzx", "answered 200"),
        ("/nginx_status", "unavailable 403"),
        ("/health", "default-404 404"),
    ],
)
def test_pages_of_its_own_at_hosts_that_no_rule_names(uri: str, expected: str) -> None:
    """server.go: two prefix locations of the server for every host."""
    assert went(ask(uri, made("i", row("/", "a")), host="nobody.example")) == expected
    assert went(ask(uri, made("i", row("/", "a")))) == "a"


def test_a_longer_path_of_every_host_goes_before_its_own_pages() -> None:
    every = made("i", row("/", "b", host=""), row("/healthz/a", "a", host=""))
    assert went(ask("/healthz/a/x", every, host="nobody.example")) == "a"
    assert went(ask("/healthz/b", every, host="nobody.example")) == "answered 200"


def test_a_rewrite_to_a_url_is_a_redirect() -> None:
    """ngx_http_rewrite_module: a replacement that begins with http://, https:// or $scheme is answered with 302."""
    path = row("/old(/|$)(.*)", "a", "ImplementationSpecific")
    found = ask("/old/x?q=1", made("i", path, rewrite_target="https://new.example/$2"))
    assert (found.status, found.url) == (302, "https://new.example/x?q=1")
    found = ask("/old/x", made("i", path, rewrite_target="$scheme://$host/new/$2", tls=(HOST,)))
    assert (found.status, found.url) == (302, f"http://{HOST}/new/x"), "before Lua looks at HTTPS"


def test_variables_in_a_rewrite() -> None:
    path = row("/old(/|$)(.*)", "a", "ImplementationSpecific")
    assert ask("/old/x", made("i", path, rewrite_target="/$host/$2")).path == f"/{HOST}/x"
    assert went(ask("/old/x", made("i", path, rewrite_target="/$geoip_city/$2"))) == "cannot-tell 0"


def test_client_certificates_are_asked_for_by_the_whole_server() -> None:
    """controller.go: CertificateAuth is the server's, be it one Ingress of the host that has the annotation."""
    one, other = made("i", row("/a", "a"), auth_tls_secret="default/ca"), made("j", row("/b", "b"))
    assert went(ask("/b", one, other, tls=True)) == "cannot-tell 0"


def test_a_target_port_names_a_port_of_the_service() -> None:
    """controller.go, serviceEndpoints: port, targetPort or name; the API's text knows port and name only."""
    text = service("web").replace("- name: http\n    port: 80", "- name: http\n    port: 80\n    targetPort: 8080")
    assert "targetPort" in text
    one = made("i", row("/", "web")).replace("number: 80", "number: 8080")
    texts = [controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"), text, one]
    found = routes(*texts).route("IngressController:default/ingress-nginx", HOST, "/")
    assert (went(found), found.port) == ("web", 80)


def test_the_default_backend_annotation_names_a_service_of_its_own_namespace() -> None:
    """defaultbackend/main.go: the Ingress' namespace and the value."""
    other = service("b").replace("name: b", "name: b\n  namespace: other")
    one = made("i", row("/", "none"), default_backend="other/b")
    found = told("/", one, other, image="ingress-nginx/controller:v1.11.5")
    assert went(found) == "unavailable 503"


def test_a_canary_of_the_default_backend_holds_for_every_host() -> None:
    """controller.go, mergeAlternativeBackends: the catch-all alternative."""
    table = ask(
        "/", made("i", default="a"), made("k", default="b", canary="true", canary_weight="30"), host="x.example"
    )
    assert [(service.rpartition("/")[2], str(share)) for service, _, share in table.shares] == [
        ("a", "7/10"), ("b", "3/10"),
    ]  # fmt: skip


def test_a_cookie_that_keeps_a_client_leaves_a_canary_open() -> None:
    """balancer.lua, route_to_alternative_balancer: is_affinitized comes first."""
    main = made("i", row("/", "a"), affinity="cookie", session_cookie_name="sid")
    canary = made("k", row("/", "b"), canary="true", canary_weight="30")
    assert ask("/", main, canary).shares
    assert went(ask("/", main, canary, headers={"Cookie": "sid=1700000000.1|abc"})) == "cannot-tell 0"
    assert went(ask("/", main, headers={"Cookie": "sid=1700000000.1|abc"})) == "a"


@pytest.mark.parametrize(
    ("data", "headers", "expected"),
    [
        ({}, {"X-Forwarded-Proto": "https"}, f"308 https://{HOST}/x"),
        ({"use-forwarded-headers": "true"}, {"X-Forwarded-Proto": "https"}, "0 "),
        ({"use-forwarded-headers": "true"}, {"X-Forwarded-Proto": "http"}, f"308 https://{HOST}/x"),
        ({"use-forwarded-headers": "true"}, {"X-Forwarded-Host": "o.example, p"}, "308 https://o.example/x"),
        ({"use-forwarded-headers": "true"}, {}, f"308 https://{HOST}/x"),
    ],
)
def test_forwarded_headers_count_where_they_are_believed(
    data: dict[str, str], headers: dict[str, str], expected: str
) -> None:
    found = told("/x", made("i", row("/", "a"), tls=(HOST,)), data=data, headers=headers)
    assert f"{found.status} {found.url}" == expected


@pytest.mark.parametrize(
    ("data", "headers"),
    [({"use-proxy-protocol": "true"}, {}), ({"use-forwarded-headers": "true"}, {"X-Forwarded-For": "10.9.9.9"})],
)
def test_who_calls_is_not_the_connections_address_behind_such_a_balancer(
    data: dict[str, str], headers: dict[str, str]
) -> None:
    one = made("i", row("/", "a"), whitelist_source_range="10.0.0.0/8")
    assert went(told("/", one, source="10.1.1.1")) == "a"
    assert went(told("/", one, data=data, headers=headers, source="10.1.1.1")) == "cannot-tell 0"
