"""URLs against RFC 3986 and the standard library's own reading of them."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from designer.engine.l7.urls import decoded, host_of, parameters_of, read_url, without_port


@pytest.mark.parametrize(
    ("url", "authority", "port", "path", "query"),
    [
        ("http://shop.example.com", "shop.example.com", None, "/", None),
        ("HTTPS://Shop.example.com:8443/a?b=c#d", "Shop.example.com:8443", 8443, "/a", "b=c"),
        ("http://[2001:db8::7]:81/c=GB?objectClass?one", "[2001:db8::7]:81", 81, "/c=GB", "objectClass?one"),
        ("http://user:secret@shop/x", "shop", None, "/x", None),
        ("http://shop?", "shop", None, "/", ""),
        ("http://shop//a/../b;p=%2F", "shop", None, "//a/../b;p=%2F", None),
        ("tcp://", "", None, "/", None),
        ("tls://db.example.com:5432", "db.example.com:5432", 5432, "/", None),
        ("http://shop:/", "shop:", None, "/", None),
    ],
)
def test_parts(url: str, authority: str, port: int | None, path: str, query: str | None) -> None:
    found, problem = read_url(url)
    assert found is not None, problem
    assert (found.authority, found.port, found.path, found.query) == (authority, port, path, query)


@pytest.mark.parametrize(
    "url", ["", "shop/x", "//shop/x", "ftp://shop/", "http:/shop", "http:///x", "http://a b/", "http://x:0/",
            "http://x:65536/", "http://x:port/", "http://[::1/", "http://x/\n"],
)  # fmt: skip
def test_what_is_no_url_says_why(url: str) -> None:
    found, problem = read_url(url)
    assert found is None and url in problem


@pytest.mark.parametrize(
    ("authority", "host"),
    [("Shop.Example.com:80", "shop.example.com"), ("shop.", "shop"), ("[2001:DB8::7]:81", "[2001:db8::7]"),
     ("me@shop", "shop"), ("", "")],
)  # fmt: skip
def test_host_of_an_authority(authority: str, host: str) -> None:
    assert host_of(authority) == host


@pytest.mark.parametrize(
    ("authority", "host"),
    [("Shop:80", "Shop"), ("shop", "shop"), ("[2001:db8::7]:81", "[2001:db8::7]"), ("[::1]", "[::1]"), ("a:", "a")],
)
def test_an_authority_without_its_port(authority: str, host: str) -> None:
    assert without_port(authority) == host


@given(st.text("abcXYZ/.;=%2Fe&+~-_", max_size=20), st.text("ab=&+%4E3C3A9;/?", max_size=20))
def test_path_and_query_are_those_of_the_standard_library(path: str, query: str) -> None:
    url = f"http://shop:81/{path}?{query}"
    found, _ = read_url(url)
    parts = urlsplit(url)
    assert found is not None
    assert (found.authority, found.port, found.path, found.query) == (parts.netloc, 81, parts.path, parts.query)


@given(st.text("ab=&+%4E3C3A9;/?", max_size=30))
def test_parameters_are_those_of_the_standard_library(query: str) -> None:
    assert list(parameters_of(query)) == parse_qsl(query, keep_blank_values=True)


def test_a_byte_that_is_no_utf8_is_replaced() -> None:
    assert decoded("a%E3%81%82+%FF") == "aあ \ufffd"


def test_a_host_beyond_ascii_is_asked_for_in_its_form_on_the_wire() -> None:
    """RFC 5891: a name with other letters is sent as its A-label."""
    assert "xn--" in read_url("http://b\u00fccher.example/")[1]
    assert read_url("http://xn--bcher-kva.example/")[1] == ""
