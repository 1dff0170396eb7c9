"""The CORS filter (HTTPCORSFilter; compared with conformance: httproute-cors)."""

from typing import Any

import pytest
import yaml

from designer.engine.l7.gateway.cors import origin_matches
from designer.engine.l7.outcome import Answer
from tests.engine.l7.gateway.gate import ask, gateway, http, route, table

FULL = {
    "allowOrigins": ["https://www.foo.com", "https://*.bar.com"],
    "allowMethods": ["GET", "OPTIONS"],
    "allowHeaders": ["x-header-1", "x-header-2"],
    "exposeHeaders": ["x-header-3", "x-header-4"],
    "allowCredentials": True,
    "maxAge": 3600,
}
ALLOW = "Access-Control-Allow-"


def call(cors: dict[str, Any], method: str = "GET", **headers: str) -> Answer:
    rules = [{"filters": [{"type": "CORS", "cors": cors}], "backendRefs": [{"name": "a", "port": 80}]}]
    return ask(table(gateway("web", http()), route("r", yaml.safe_dump(rules))), "http://x/", method=method, **headers)


def preflight(cors: dict[str, Any], origin: str, method: str = "GET", headers: str = "") -> Answer:
    more = {"access_control_request_headers": headers} if headers else {}
    return call(cors, "OPTIONS", Origin=origin, access_control_request_method=method, **more)


@pytest.mark.parametrize("origin", ["https://www.foo.com", "https://www.bar.com", "https://xpto.www.bar.com"])
def test_a_preflight_request_of_an_allowed_origin_is_answered_by_the_gateway(origin: str) -> None:
    """ingress-gateway.md 6, row 'CORS'."""
    answer = preflight(FULL, origin, headers="x-header-1, x-header-2")
    assert (answer.status, answer.backend, answer.forwarded) == (200, "", None)
    assert answer.response_headers == {
        f"{ALLOW}Origin": origin,
        f"{ALLOW}Credentials": "true",
        f"{ALLOW}Methods": "GET, OPTIONS",
        f"{ALLOW}Headers": "x-header-1, x-header-2",
        "Access-Control-Expose-Headers": "x-header-3, x-header-4",
        "Access-Control-Max-Age": "3600",
    }


def test_a_preflight_request_of_another_origin_gets_no_cors_headers() -> None:
    answer = preflight(FULL, "https://foobar.com")
    assert answer.status in (200, 204, 403) and answer.response_headers == {} and answer.forwarded is None


def test_a_request_of_an_allowed_origin_goes_on_and_its_response_may_be_shared() -> None:
    answer = call(FULL, Origin="https://www.bar.com")
    assert answer.backend == "shop/a"
    assert answer.response_headers[f"{ALLOW}Origin"] == "https://www.bar.com"
    assert answer.response_headers[f"{ALLOW}Credentials"] == "true"


@pytest.mark.parametrize("sent", [{"Origin": "https://foobar.com"}, {}])
def test_other_requests_go_on_without_cors_headers(sent: dict[str, str]) -> None:
    answer = call(FULL, **sent)
    assert (answer.backend, answer.response_headers) == ("shop/a", {})


def test_max_age_is_5_by_default_and_credentials_are_left_out() -> None:
    answer = preflight({"allowOrigins": ["https://www.foo.com"], "allowMethods": ["*"]}, "https://www.foo.com", "POST")
    assert answer.response_headers == {
        f"{ALLOW}Origin": "https://www.foo.com", f"{ALLOW}Methods": "POST", "Access-Control-Max-Age": "5",
    }  # fmt: skip


WILD = {"allowOrigins": ["*"], "allowMethods": ["*"], "allowHeaders": ["*"], "exposeHeaders": ["*"]}


def test_with_credentials_wildcards_are_never_sent() -> None:
    answer = preflight({**WILD, "allowCredentials": True}, "https://other.foo.com", "PUT", "x-header-1, x-header-2")
    assert answer.response_headers == {
        f"{ALLOW}Origin": "https://other.foo.com", f"{ALLOW}Credentials": "true", f"{ALLOW}Methods": "PUT",
        f"{ALLOW}Headers": "x-header-1, x-header-2", "Access-Control-Max-Age": "5",
    }  # fmt: skip
    without = preflight({**WILD, "allowCredentials": True}, "https://other.foo.com", "PUT")
    assert f"{ALLOW}Headers" not in without.response_headers


@pytest.mark.parametrize(
    ("pattern", "origin", "good"),
    [
        ("*", "https://foobar.com:12345", True), ("https://www.foo.com", "https://www.foo.com:443", True),
        ("https://www.foo.com", "http://www.foo.com", False),
        ("https://www.foo.com", "https://www.foo.com:8443", False),
        ("https://*.bar.com", "https://bar.com", False), ("https://*.bar.com", "https://a.b.bar.com", True),
        ("https://*.bar.com", "https://a.bar.com.evil.org", False), ("https://*", "https://any.example", True),
        ("http://*:8080", "http://any.example:8080", True), ("http://a.com", "http://a.com:80", True),
        ("https://*.bar.com", "null", False), ("https://*.bar.com", "https://A.BAR.com", True),
    ],
)  # fmt: skip
def test_origins(pattern: str, origin: str, good: bool) -> None:
    assert origin_matches(pattern, origin) is good
