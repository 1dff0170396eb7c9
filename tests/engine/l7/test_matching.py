"""The tables of `domain/ingress-gateway.md`, "Ingress matching rules"."""

import pytest

from designer.engine.l7.matching import host_rank, normal_host, path_matches
from designer.engine.l7.profiles import HAPROXY, INGRESS_NGINX, SPEC, TRAEFIK


@pytest.mark.parametrize(
    ("path", "kind", "request_path", "matches"),
    [
        ("/foo", "Exact", "/foo", True),
        ("/foo", "Exact", "/foo/", False),
        ("/foo", "Exact", "/bar", False),
        ("/foo", "Exact", "/Foo", False),
        ("/foo", "Prefix", "/foo", True),
        ("/foo", "Prefix", "/foo/", True),
        ("/foo", "Prefix", "/foo/bar", True),
        ("/foo", "Prefix", "/foobar", False),
        ("/foo", "Prefix", "/Foo", False),
        ("/foo/", "Prefix", "/foo", True),
        ("/foo/", "Prefix", "/foo/", True),
        ("/aaa/bb", "Prefix", "/aaa/bbb", False),
        ("/aaa/bbb", "Prefix", "/aaa/bbb/ccc", True),
        ("/", "Prefix", "/anything/at/all", True),
    ],
)
@pytest.mark.parametrize("profile", [SPEC, INGRESS_NGINX, HAPROXY], ids=lambda p: p.name)
def test_path_types_by_element(path: str, kind: str, request_path: str, matches: bool, profile: object) -> None:
    """ingress-gateway.md 2, rows 'Exact', 'Prefix', 'Prefix of the root'."""
    assert path_matches(path, kind, request_path, profile) is matches  # type: ignore[arg-type]


def test_traefik_compares_prefixes_by_character() -> None:
    """ingress-gateway.md 4, row 'Traefik, prefix'."""
    assert path_matches("/foo", "Prefix", "/foobar", TRAEFIK) is True
    assert path_matches("/foo", "Exact", "/foobar", TRAEFIK) is False


def test_implementation_specific() -> None:
    """ingress-gateway.md 2, row 'ImplementationSpecific'."""
    assert path_matches("/foo", "ImplementationSpecific", "/foobar", INGRESS_NGINX) is False
    assert path_matches("/foo", "ImplementationSpecific", "/foobar", TRAEFIK) is True
    assert path_matches("/foo", "ImplementationSpecific", "/foobar", SPEC) is None
    assert path_matches("/foo", "ImplementationSpecific", "/foo", SPEC) is True
    assert path_matches("/foo", "ImplementationSpecific", "/bar", SPEC) is False
    assert path_matches("/f.*(x)", "ImplementationSpecific", "/bar", SPEC) is None


@pytest.mark.parametrize(
    ("rule_host", "host", "rank"),
    [
        ("", "foo.bar.com", 2),
        ("foo.bar.com", "foo.bar.com", 0),
        ("foo.bar.com", "x.foo.bar.com", None),
        ("*.foo.com", "a.foo.com", 1),
        ("*.foo.com", "a.b.foo.com", None),
        ("*.foo.com", "foo.com", None),
    ],
)
def test_hosts(rule_host: str, host: str, rank: int | None) -> None:
    """ingress-gateway.md 2, rows 'Host empty', 'Host exact', 'Host wildcard'."""
    assert host_rank(rule_host, host) == rank


def test_a_request_host_is_compared_without_port_case_and_final_dot() -> None:
    assert [normal_host(h) for h in ("Shop.Example.com:8443", "shop.example.com.", "[2001:db8::1]:80")] == [
        "shop.example.com",
        "shop.example.com",
        "[2001:db8::1]",
    ]
