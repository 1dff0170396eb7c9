"""A set of 30 rules as a team has it: what its migration loses, and the proof of the rest.

The losses are those that the Gateway API specification v1 has no field for (domain/ingress-gateway.md section 7), one
for each annotation or rule that is put in for it; the differences are those that come of a listed loss.
"""

from typing import Any

from designer.engine.l7.asked import Asked
from tests.engine.migration.sets import Row, ingress, moved, of_kind

SHOP, API, OLD = "shop.example.com", "api.example.com", "old.example.com"


def prefixes(host: str, *names: str) -> list[Row]:
    return [(host, f"/{name}" if name else "/", "Prefix", name or "frontend") for name in names]


def thirty() -> list[Any]:
    """Ten Ingresses in three Namespaces with 30 paths."""
    return [
        ingress("web", *prefixes(SHOP, "", "cart", "search", "static", "img", "login", "account", "help", "terms"),
                tls=(SHOP,)),
        ingress("health", (SHOP, "/healthz", "Exact", "health"), (SHOP, "/readyz", "Exact", "health"), tls=(SHOP,)),
        ingress("limited", *prefixes(API, "v1", "v2", "v3"), namespace="api", limit_rps="10",
                whitelist_source_range="10.0.0.0/8"),
        ingress("rewritten", ("rw.example.com", "/app(/|$)(.*)", "ImplementationSpecific", "app"),
                ("rw.example.com", "/docs(/|$)(.*)", "ImplementationSpecific", "docs"), rewrite_target="/$2"),
        ingress("moved", (OLD, "/", "Prefix", "frontend"), permanent_redirect="https://new.example.com/"),
        ingress("admin", *prefixes("admin.example.com", "", "users", "reports"), namespace="ops",
                auth_url="https://auth.example.com", app_root="/users"),
        ingress("canary", (SHOP, "/cart", "Prefix", "cart-new"), canary="true", canary_weight="10",
                canary_by_header="X-Canary", canary_by_cookie="beta"),
        ingress("tenants", *prefixes("*.tenants.example.com", "", "files"), namespace="ops"),
        ingress("blog", *prefixes("blog.example.com", "", "feed", "tags", "img"), server_alias="www.blog.example.com",
                proxy_body_size="8m", upstream_vhost="blog.internal"),
        ingress("rest", ("files.example.com", "/pub/", "Prefix", "files"),
                ("files.example.com", "/tmp", "Exact", "files"),
                ("files.example.com", "/up", "ImplementationSpecific", "up"), default="fallback",
                configuration_snippet="more_set_headers 'X: y';"),
    ]  # fmt: skip


FOUND, COMPARISON = moved(*thirty())


def test_thirty_paths_are_read() -> None:
    assert (FOUND.ingresses, FOUND.rules) == (10, 30)


def test_every_loss_is_listed_with_its_place_and_what_to_do() -> None:
    note = "metadata.annotations[nginx.ingress.kubernetes.io/{}]"
    assert {(loss.object, loss.field) for loss in FOUND.losses} == {
        ("IngressClass:nginx", "spec.tls"),
        ("IngressClass:nginx", "/healthz"),
        ("Ingress:api/limited", note.format("limit-rps")),
        ("Ingress:api/limited", note.format("whitelist-source-range")),
        ("Ingress:ops/admin", note.format("auth-url")),
        ("Ingress:ops/admin", "metadata.annotations"),
        ("Ingress:shop/moved", "metadata.annotations"),
        ("Ingress:ops/tenants", "spec.rules[].host"),
        ("Ingress:shop/blog", note.format("proxy-body-size")),
        ("Ingress:shop/canary", note.format("canary-by-cookie")),
        ("Ingress:shop/health", "spec.tls"),
        ("Ingress:shop/rest", note.format("configuration-snippet")),
        ("Ingress:shop/rewritten", "spec.rules[0].http.paths[0].path"),
        ("Ingress:shop/rewritten", "spec.rules[1].http.paths[0].path"),
    }
    assert all(loss.why and loss.fix.endswith(".") for loss in FOUND.losses)


def test_the_rest_is_proven() -> None:
    """Every request that the rules tell apart is answered alike, but for those of a listed loss."""
    assert COMPARISON.compared > 500
    assert not COMPARISON.undecided
    because = {
        "two.one.tenants.example.com": "Ingress:ops/tenants",  # one label in an Ingress
        "rw.example.com": "Ingress:shop/rewritten",  # expressions: without case, from the start of the path
        SHOP: "Ingress:shop/health",  # lua_ingress.lua: the redirect to https leaves a final slash out
        "admin.example.com": "Ingress:ops/admin",  # nginx' `return` with a fixed URL: no query of the request
        OLD: "Ingress:shop/moved",
    }
    assert {one.asked.host for one in COMPARISON.differences} == set(because)
    for one in COMPARISON.differences:
        assert {loss.object for loss in one.because} == {because[one.asked.host]}
        assert one.asked.host != SHOP or (one.asked.scheme == "http" and one.asked.path.endswith("/"))
        assert one.asked.host not in (OLD, "admin.example.com") or one.asked.query is not None


def test_what_was_written() -> None:
    kinds = [data["kind"] for data in FOUND.objects]
    assert kinds[:2] == ["Namespace", "GatewayClass"]
    (gateway,) = of_kind(FOUND.objects, "Gateway")
    listeners = {listener["name"]: listener for listener in gateway["spec"]["listeners"]}
    assert [name for name in listeners if name.startswith("https")] == ["https-shop-example-com"]
    assert listeners["http-wildcard-tenants-example-com"]["hostname"] == "*.tenants.example.com"
    # The certificate is in another Namespace than the Gateway: a ReferenceGrant lets it be named.
    (grant,) = of_kind(FOUND.objects, "ReferenceGrant")
    assert (grant["metadata"]["namespace"], grant["spec"]["to"]) == ("shop", [{"group": "", "kind": "Secret"}])
    assert all(len(route["spec"]["rules"]) <= 16 for route in of_kind(FOUND.objects, "HTTPRoute"))


def rules(name: str, namespace: str = "shop") -> list[Any]:
    """The rules of one HTTPRoute."""
    for route in of_kind(FOUND.objects, "HTTPRoute"):
        if (route["metadata"]["name"], route["metadata"]["namespace"]) == (name, namespace):
            return list(route["spec"]["rules"])
    raise AssertionError(f"no route {namespace}/{name}")


def test_tls_hosts_redirect_plain_http() -> None:
    """ssl-redirect is on by default, with 308 (ingress-nginx, `http-redirect-code`)."""
    (only,) = rules("shop-example-com-http")
    assert only["filters"] == [{"type": "RequestRedirect", "requestRedirect": {"statusCode": 308, "scheme": "https"}}]


def test_a_canary_becomes_weights_and_a_header() -> None:
    cart = [rule for rule in rules("shop-example-com") if rule["matches"][0]["path"]["value"] == "/cart"]
    weights = [{ref["name"]: ref.get("weight", 1) for ref in rule["backendRefs"]} for rule in cart]
    headers = [[(h["name"], h["value"]) for h in rule["matches"][0].get("headers", ())] for rule in cart]
    assert list(zip(headers, weights, strict=True)) == [
        ([], {"cart": 90, "cart-new": 10}),
        ([("X-Canary", "always")], {"cart-new": 1}),
        ([("X-Canary", "never")], {"cart": 1}),
    ]


def test_a_rewrite_becomes_a_prefix_that_is_replaced() -> None:
    app = next(rule for rule in rules("rw-example-com") if rule["matches"][0]["path"]["value"] == "/app")
    assert app["filters"][0]["urlRewrite"]["path"] == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}


def test_a_permanent_redirect_becomes_a_redirect() -> None:
    (only,) = rules("old-example-com")
    assert only["filters"][0]["requestRedirect"] == {
        "statusCode": 301, "scheme": "https", "hostname": "new.example.com",
        "path": {"type": "ReplaceFullPath", "replaceFullPath": "/"}}  # fmt: skip


def test_an_alias_is_a_host_of_its_own() -> None:
    assert rules("www-blog-example-com") == rules("blog-example-com")


def test_the_counter_example_of_the_wildcard_has_two_labels() -> None:
    (first, *_) = [one for one in COMPARISON.differences if "tenants" in one.asked.host]
    assert isinstance(first.asked, Asked)
    assert (first.asked.url(), first.old.status, first.new.status) == ("http://two.one.tenants.example.com/", 404, 200)
