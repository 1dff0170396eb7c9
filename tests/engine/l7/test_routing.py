"""Precedence, conflicts and answers: `domain/ingress-gateway.md`, "Ingress matching rules" and "Conflicts"."""

from dataclasses import replace

from designer.engine.l7 import RouteDecision, RouteTable, compile_routes
from designer.model import FrozenMap, Provenance
from tests.engine.l7.web import control_of, controller, ingress, ingress_class, project, routes, service

HOST = "shop.example.com"
STRINGS = {"ingress-nginx": "k8s.io/ingress-nginx", "traefik": "traefik.io/ingress-controller",
           "haproxy": "haproxy.org/ingress-controller", "spec": "example.com/ingress-controller"}  # fmt: skip


def table(profile: str, *ingresses: str) -> RouteTable:
    return routes(controller(profile), ingress_class("c", STRINGS[profile]), *ingresses)


def ask(profile: str, path: str, *ingresses: str, host: str = HOST, tls: bool = False) -> RouteDecision:
    return table(profile, *ingresses).route(f"IngressController:default/{profile}", host, path, tls)


def one(*paths: tuple[str, str, str, str], **more: object) -> str:
    return ingress("i", *paths, cls="c", **more)  # type: ignore[arg-type]


def test_a_backend_is_a_service_port() -> None:
    found = ask("ingress-nginx", "/cart?x=1", one((HOST, "/", "Prefix", "a")))
    assert (found.kind, found.service, found.port) == ("backend", "Service:default/a", 80)
    assert (found.ingress, found.field) == ("Ingress:default/i", "spec.rules[0].http.paths[0]")


def test_longest_path_wins_and_the_loser_is_named() -> None:
    """ingress-gateway.md 2, row 'Longest path, then Exact', and ingress-gateway.md 8, row 'Longest wins'."""
    found = ask("spec", "/api/v1", one((HOST, "/", "Prefix", "a"), (HOST, "/api", "Prefix", "b")))
    assert found.service == "Service:default/b"
    assert [lost.entry.path for lost in found.losers] == ["/"]
    assert "longest path wins" in found.losers[0].reason


def test_exact_goes_before_prefix() -> None:
    """ingress-gateway.md 2, row 'Longest path, then Exact'."""
    rows = (HOST, "/foo", "Prefix", "a"), (HOST, "/foo", "Exact", "b")
    assert ask("spec", "/foo", one(*rows)).service == "Service:default/b"
    assert ask("spec", "/foo/", one(*rows)).service == "Service:default/a"


def test_the_most_specific_host_wins() -> None:
    """ingress-gateway.md 2, row 'Precedence of hosts'."""
    rows = ("", "/", "Prefix", "a"), ("*.example.com", "/", "Prefix", "b"), (HOST, "/", "Prefix", "c")
    assert ask("ingress-nginx", "/", one(*rows)).service == "Service:default/c"
    assert ask("ingress-nginx", "/", one(*rows), host="x.example.com").service == "Service:default/b"
    assert ask("ingress-nginx", "/", one(*rows), host="a.b.example.com").service == "Service:default/a"


def test_a_host_in_no_rule_gets_404() -> None:
    """ingress-gateway.md 4, row 'No server', and ingress-gateway.md 8, row 'Host in no rule'."""
    found = ask("ingress-nginx", "/", one((HOST, "/", "Prefix", "a")), host="other.example.com")
    assert (found.kind, found.status) == ("default-404", 404)
    assert "Host other.example.com is not in any rule" in found.reason


def test_an_nginx_server_does_not_borrow_paths_of_other_hosts() -> None:
    rows = (HOST, "/api", "Prefix", "a"), ("", "/", "Prefix", "b")
    assert ask("ingress-nginx", "/other", one(*rows)).kind == "default-404"
    assert ask("spec", "/other", one(*rows)).kind == "cannot-tell", "the API text does not rank hosts"
    assert ask("traefik", "/other", one(*rows)).service == "Service:default/b", "every rule stands for itself"


def test_traefik_prefix_reaches_longer_words() -> None:
    row = (HOST, "/foo", "Prefix", "a")
    assert ask("traefik", "/foobar", one(row)).service == "Service:default/a"
    assert ask("ingress-nginx", "/foobar", one(row)).kind == "default-404"


def test_traefik_takes_the_longest_rule() -> None:
    """ingress-gateway.md 4, row 'Traefik, rule length'."""
    rows = (HOST, "/", "Prefix", "a"), ("", "/a/very/long/path/that/beats/the/host", "Prefix", "b")
    # Host(`shop.example.com`) && PathPrefix(`/`) has 43 characters, PathPrefix(`/a/very…/host`) has 51.
    assert ask("traefik", "/a/very/long/path/that/beats/the/host", one(*rows)).service == "Service:default/b"
    assert ask("ingress-nginx", "/a/very/long/path/that/beats/the/host", one(*rows)).service == "Service:default/a"


def twins(first: str, second: str) -> tuple[str, str]:
    return (
        ingress("first", (HOST, "/", "Prefix", "a"), cls="c", created=first),
        ingress("second", (HOST, "/", "Prefix", "b"), cls="c", created=second),
    )


def test_nginx_takes_the_oldest_of_two_equal_rules() -> None:
    """ingress-gateway.md 4, row 'ingress-nginx, same path'."""
    found = ask("ingress-nginx", "/", *twins("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"))
    assert found.ingress == "Ingress:default/second"
    assert [lost.entry.ingress for lost in found.losers] == ["Ingress:default/first"]


def test_nginx_breaks_equal_ages_by_name_descending() -> None:
    """ingress-gateway.md 4, row 'Equal times'."""
    found = ask("ingress-nginx", "/", *twins("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"))
    assert found.ingress == "Ingress:default/second"


def test_unknown_ages_and_other_controllers_cannot_be_told() -> None:
    """ingress-gateway.md 4, rows 'Traefik, same path', 'Specification, same path'."""
    assert ask("ingress-nginx", "/", *twins("", "")).kind == "cannot-tell"
    dated = twins("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")
    for profile in ("traefik", "spec", "haproxy"):
        assert ask(profile, "/", *dated).kind == "cannot-tell"


def test_equal_rules_with_equal_backends_are_no_conflict() -> None:
    same = ingress("x", (HOST, "/", "Prefix", "a"), cls="c"), ingress("y", (HOST, "/", "Prefix", "a"), cls="c")
    for profile in STRINGS:
        assert ask(profile, "/", *same).service == "Service:default/a"


def test_default_backend_of_an_ingress_without_rules_takes_the_rest() -> None:
    found = ask(
        "ingress-nginx", "/x", one(default="b"), ingress("j", (HOST, "/api", "Prefix", "a"), cls="c"), host="other.org"
    )
    assert (found.kind, found.service, found.field) == ("backend", "Service:default/b", "spec.defaultBackend")


def test_default_backend_beside_rules_stands_in_for_its_hosts() -> None:
    """ingress-gateway.md 2, row 'Default backend'."""
    both = one((HOST, "/api", "Prefix", "a"), default="b")
    assert ask("ingress-nginx", "/other", both).service == "Service:default/b"
    assert ask("ingress-nginx", "/other", both, host="other.org").kind == "default-404"
    # pkg/provider/kubernetes/ingress/kubernetes.go: Traefik reads a default backend of an Ingress without rules only.
    assert ask("traefik", "/other", both).kind == "default-404"


def test_nginx_redirects_plain_http_where_the_host_has_tls() -> None:
    """ingress-gateway.md 2, row 'TLS'."""
    row = (HOST, "/", "Prefix", "a")
    found = ask("ingress-nginx", "/", one(row, tls=(HOST,)))
    assert (found.kind, found.status) == ("redirect", 308)
    assert ask("ingress-nginx", "/", one(row, tls=(HOST,)), tls=True).kind == "backend"
    # createServers: an Ingress with any TLS section gives each of its hosts a certificate, the default one at worst.
    assert ask("ingress-nginx", "/", one(row, tls=("other.example.com",))).kind == "redirect"
    off = one(row, tls=(HOST,), annotations={"nginx.ingress.kubernetes.io/ssl-redirect": "false"})
    assert ask("ingress-nginx", "/", off).kind == "backend"
    forced = one(row, annotations={"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"})
    assert ask("ingress-nginx", "/", forced).kind == "redirect"
    assert ask("traefik", "/", one(row, tls=(HOST,))).kind == "backend"
    assert ask("haproxy", "/", one(row, tls=(HOST,))).kind == "cannot-tell"


def test_a_missing_service_is_503_on_nginx_and_unknown_at_others() -> None:
    """ingress-gateway.md 2, row 'Accepted though missing'."""
    row = (HOST, "/", "Prefix", "nowhere")
    found = ask("ingress-nginx", "/", one(row))
    assert (found.kind, found.status) == ("unavailable", 503)
    assert "Service default/nowhere does not exist" in found.reason
    assert ask("haproxy", "/", one(row)).kind == "cannot-tell"


def test_traefik_leaves_out_a_rule_whose_service_or_port_is_missing() -> None:
    """pkg/provider/kubernetes/ingress, loadConfigurationFromIngresses: "Cannot create service", no router."""
    row = (HOST, "/", "Prefix", "nowhere")
    found = ask("traefik", "/", one(row))
    assert (found.kind, "Service default/nowhere does not exist" in found.reason) == ("default-404", True)
    assert ask("traefik", "/", one(row), ingress("j", ("", "/", "Prefix", "b"), cls="c")).service == "Service:default/b"
    port = one((HOST, "/", "Prefix", "a")).replace("number: 80", "number: 81")
    assert ask("traefik", "/", port).kind == "default-404"


def test_traefik_counts_no_path_where_none_is_written() -> None:
    """loadRouter: Host(`a.b`) is shorter than PathPrefix(`/api/v1`), with a path of its own it would be longer."""
    bare = ingress("i", ("a.b", "", "ImplementationSpecific", "a"), cls="c")
    other = ingress("j", ("", "/api/v1", "Prefix", "b"), cls="c")
    assert ask("traefik", "/api/v1", bare, other, host="a.b").service == "Service:default/b"
    assert ask("traefik", "/x", bare, other, host="a.b").service == "Service:default/a"
    written = ingress("i", ("a.b", "/", "Prefix", "a"), cls="c")
    assert ask("traefik", "/api/v1", written, other, host="a.b").service == "Service:default/a"
    neither = ingress("k", ("", "", "ImplementationSpecific", "c"), cls="c")
    assert ask("traefik", "/", neither).kind == "cannot-tell"


def test_no_ready_endpoint_is_503_on_nginx() -> None:
    """ingress-gateway.md 4, row 'No endpoint'."""
    objects = project("---\n".join([controller("ingress-nginx"), ingress_class("c", "k8s.io/ingress-nginx"),
                                    one((HOST, "/", "Prefix", "a")), service("a", ready=False)]))  # fmt: skip
    found = compile_routes(objects, control_of(objects)).route("IngressController:default/ingress-nginx", HOST, "/")
    assert (found.kind, found.status) == ("unavailable", 503)


def test_a_port_that_the_service_does_not_have() -> None:
    text = one((HOST, "/", "Prefix", "a")).replace("number: 80", "number: 8080")
    found = ask("ingress-nginx", "/", text)
    assert (found.kind, found.status) == ("unavailable", 503)
    assert "has no port 8080" in found.reason


def test_a_port_by_name() -> None:
    """ingress-gateway.md 2, row 'Backend'."""
    assert ask("ingress-nginx", "/", one((HOST, "/", "Prefix", "a")).replace("number: 80", "name: http")).port == 80


def test_an_unknown_controller() -> None:
    assert routes().route("IngressController:default/none", HOST, "/").kind == "cannot-tell"


def test_a_decision_knows_where_its_rule_stands() -> None:
    rows = (HOST, "/", "Prefix", "a"), (HOST, "/api", "Prefix", "b")
    objects = [controller("spec"), ingress_class("c", STRINGS["spec"]), one(*rows), service("a"), service("b")]
    made = project("---\n".join(objects))
    lines = FrozenMap({"spec.rules[0].http.paths[0]": 12, "spec.rules[1].http.paths[0]": 21})
    origin = Provenance(file="web.yaml", line=3, fieldLines=lines)
    made = replace(made, provenance=FrozenMap({"Ingress:default/i": origin}))
    found = compile_routes(made, control_of(made)).route("IngressController:default/spec", HOST, "/api/v1")
    assert (found.file, found.line, found.field) == ("web.yaml", 21, "spec.rules[1].http.paths[0]")
    assert [(lost.entry.file, lost.entry.line) for lost in found.losers] == [("web.yaml", 12)]
