"""How controllers see a path: Traefik's page "Request Path" (v3.7), Go's URL.JoinPath; the API text is silent."""

import pytest

from designer.engine.l7 import RouteDecision
from designer.engine.l7.seen_paths import cleaned, traefik_path
from tests.engine.l7.test_nginx import ask as ask_nginx
from tests.engine.l7.test_nginx import made, row
from tests.engine.l7.test_routing import HOST, ask, one


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/", "/"), ("//", "/"), ("/a//b", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../../b", "/b"),
        # net/url, JoinPath: a slash at the end is kept, a last segment of dots leaves none.
        ("/a/b/", "/a/b/"), ("/a/..", "/"), ("/a/b/..", "/a"), ("/a/b/../", "/a/"), ("/a/.", "/a"),
    ],
)  # fmt: skip
def test_segments_are_cleaned_as_go_does(path: str, wanted: str) -> None:
    assert cleaned(path) == wanted


def test_escapes_of_unreserved_characters_are_decoded_and_others_written_in_capitals() -> None:
    """RFC 3986 sections 2.3 and 6.2.2.1: %61 is a, %7e is ~; a reserved %3a keeps its escape."""
    assert traefik_path("/%61%7e%3ax").sent == "/a~%3Ax"
    assert traefik_path("/caf%c3%a9").routed == "/café"
    assert traefik_path("/a%3ab").routed == "/a%3Ab"
    assert traefik_path("/%2e%2e/a").sent == "/a"


def to_traefik(path: str) -> RouteDecision:
    return ask("traefik", path, one((HOST, "/api", "Prefix", "a"), (HOST, "/", "Prefix", "b")))


@pytest.mark.parametrize("path", ["/x/../api/v1", "//api/v1", "/./api/v1", "/%61pi/v1"])
def test_traefik_routes_the_cleaned_path_and_sends_it_on(path: str) -> None:
    found = to_traefik(f"{path}?q=1")
    assert (found.service, found.path) == ("Service:default/a", "/api/v1?q=1")


def test_traefik_sends_a_plain_path_on_as_it_is() -> None:
    assert to_traefik("/api/v1?q=1").path == ""


@pytest.mark.parametrize("sign", ["%2f", "%5C", "%00", "%3b", "%25", "%3F", "%23"])
def test_ambiguous_escapes_at_traefik_cannot_be_told(sign: str) -> None:
    """v3.6.4 refused them, v3.6.7 lets them through, later pages refuse them again."""
    found = to_traefik(f"/api{sign}x")
    assert found.kind == "cannot-tell"
    assert "encodedCharacters" in found.reason


def test_a_broken_escape_is_a_bad_request_at_traefik() -> None:
    """net/url: invalid URL escape, for which net/http answers 400."""
    assert to_traefik("/%zz").status == 400


def test_of_an_unknown_controller_only_what_holds_for_both_readings_is_told() -> None:
    rows = (HOST, "/api", "Prefix", "a"), (HOST, "/", "Prefix", "b")
    assert ask("spec", "/x/../api", one(*rows)).kind == "cannot-tell"
    assert ask("spec", "//api", one(*rows)).kind == "cannot-tell"
    assert ask("spec", "/x/../y", one(*rows)).service == "Service:default/b"


def test_a_default_backend_beside_rules_leaves_other_hosts_open_in_the_api_text() -> None:
    """ingress-gateway.md 2, row 'Default backend': for the hosts of the Ingress, or for all."""
    both = one((HOST, "/api", "Prefix", "a"), default="b")
    assert ask("spec", "/other", both).service == "Service:default/b"
    assert ask("spec", "/other", both, host="other.org").kind == "cannot-tell"


@pytest.mark.parametrize("wrong", ["/b[", "/b(", "/[[:alpha:]]+", "/b{,3}"])
def test_an_expression_that_cannot_be_read_leaves_its_whole_host_open(wrong: str) -> None:
    """nginx loads no configuration with a broken expression, so a healthy path beside it proves nothing."""
    kind = "ImplementationSpecific"
    both = made("i", row("/healthy/path", "a", kind), row(wrong, "b", kind), use_regex="true")
    assert ask_nginx("/healthy/path", both).kind == "cannot-tell"
    assert ask_nginx("/", both, host="other.example.com").status == 404


def test_classes_of_expressions_are_those_of_ascii() -> None:
    r"""PCRE without Unicode properties, as nginx compiles: \d is 0-9."""
    found = made("i", row(r"/v\d$", "a", "ImplementationSpecific"), use_regex="true")
    assert ask_nginx("/v1", found).service == "Service:default/a"
    assert ask_nginx("/v\u0661", found).status == 404
