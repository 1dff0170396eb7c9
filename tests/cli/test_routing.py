"""The command route: the form of its requests and answers, as issue 7 words them, and bad requests."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text

Answer = tuple[int, str, str]

CLUSTER = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: gc}
spec: {controllerName: example.com/controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: infra}
spec:
  gatewayClassName: gc
  listeners:
  - {name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: web, namespace: infra}]
  hostnames: [shop.example.com]
  rules:
  - matches: [{path: {value: /cart}}]
    filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}}]
    backendRefs:
    - {name: cart, port: 80, weight: 3}
    - name: next
      port: 80
      filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-New, value: "1"}]}}]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http: {paths: [{path: /cart, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}]}
"""
SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {{name: {0}, namespace: shop}}
spec: {{selector: {{app: {0}}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, namespace: shop}}
spec:
  replicas: {1}
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec: {{containers: [{{name: main, image: shop, ports: [{{containerPort: 8080}}]}}]}}
"""
CART = {"id": "cart", "gateway": "infra/web", "listenerPort": 80, "method": "GET", "headers": {"A": "b"},
        "url": "http://shop.example.com/cart/1?q=2"}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    (tmp_path / "cluster.yaml").write_text(CLUSTER + SERVICE.format("cart", 2) + SERVICE.format("next", 1))

    def call(requests: Any, *more: str) -> Answer:
        text = requests if isinstance(requests, str) else json.dumps(requests)
        (tmp_path / "requests.json").write_text(text)
        status = main(["route", str(tmp_path / "cluster.yaml"), "--requests", str(tmp_path / "requests.json"), *more])
        out, err = capsys.readouterr()
        return status, out, err

    return call


def test_the_answer_has_the_form_of_its_schema_and_of_the_issue(run: Callable[..., Answer]) -> None:
    status, out, _ = run([CART], "--output", "json")
    answer = json.loads(out)
    assert status == 0
    jsonschema.validate(answer, json.loads(read_text("schemas/route.schema.json")))
    (result,) = answer["results"]
    assert result == {
        "id": "cart",
        "status": 200,
        "backend": "shop/cart",
        "backends": {"shop/cart": 0.75, "shop/next": 0.25},
        "route": "HTTPRoute shop/shop",
        "redirect": None,
        "forwarded": {"method": "GET", "url": "http://shop.example.com/v2/1?q=2", "headers": {"A": "b"}},
        "responseHeaders": {},
        "mirrors": [],
        "forwardedByBackend": {
            "shop/cart": {"method": "GET", "url": "http://shop.example.com/v2/1?q=2", "headers": {"A": "b"}},
            "shop/next": {"method": "GET", "url": "http://shop.example.com/v2/1?q=2",
                          "headers": {"A": "b", "X-New": "1"}},
        },
        "endpoints": 2,
        "reason": result["reason"],
    }  # fmt: skip
    assert "rule 1 (PathPrefix /cart)" in result["reason"]
    assert {"object": "HTTPRoute shop/shop", "type": "Accepted", "status": "True", "reason": "Accepted",
            "listener": None, "parent": "Gateway infra/web", "message": ""} in answer["conditions"]  # fmt: skip
    assert answer["listeners"] == [
        {"object": "Gateway infra/web", "listener": "http", "attachedRoutes": 1,
         "supportedKinds": ["HTTPRoute", "GRPCRoute"]}
    ]  # fmt: skip


def test_an_ingress_class_is_asked_in_the_same_way(run: Callable[..., Answer]) -> None:
    asked = {**CART, "gateway": None, "ingressClass": "nginx"}
    _, out, _ = run([asked, {**asked, "id": 2, "url": "http://shop.example.com/x"}], "--output", "json")
    found, nothing = json.loads(out)["results"]
    assert (found["status"], found["backend"], found["backends"]) == (200, "shop/cart", {"shop/cart": 1})
    assert (found["route"], found["endpoints"]) == ("Ingress shop/shop", 2)
    assert found["forwarded"]["url"] == CART["url"]
    assert (nothing["status"], nothing["backend"], nothing["route"]) == (404, None, None)


def test_a_class_or_gateway_that_does_not_exist_is_nobody(run: Callable[..., Answer]) -> None:
    requests = [{**CART, "gateway": "infra/none"}, {**CART, "id": 2, "gateway": None, "ingressClass": "none"}]
    _, out, _ = run(requests, "--output", "json")
    assert [(r["status"], r["backend"]) for r in json.loads(out)["results"]] == [(0, None), (0, None)]


def test_a_request_for_nobody_in_particular_is_not_guessed(run: Callable[..., Answer]) -> None:
    _, out, _ = run([{"id": 1, "url": "http://shop.example.com/cart"}], "--output", "json")
    (result,) = json.loads(out)["results"]
    assert result["status"] == 0 and result["reason"].startswith("Cannot tell")


def test_the_text_names_route_backends_and_reason(run: Callable[..., Answer]) -> None:
    _, out, _ = run([CART, {**CART, "id": "gone", "url": "http://shop.example.com/"}])
    assert out.splitlines()[0] == "cart: 200 from shop/cart (3/4), shop/next (1/4) (2 endpoints)"
    assert "gone: 404" in out and "X-New: 1" in out


def test_requests_come_from_standard_input(
    run: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps([CART]).encode())))
    assert main(["route", str(tmp_path / "cluster.yaml"), "--requests", "-"]) == 0
    assert capsys.readouterr().out.startswith("cart: 200")
    assert main(["route", "-", "--requests", "-"]) == 2


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ("[", "no JSON"),
        ("{}", "list of requests, not an object"),
        ([7], "request 1: must be a JSON object, not 7"),
        ([{"url": "http://x/"}], "`id` is missing"),
        ([CART, CART], 'request 2 (cart): id "cart" is that of request 1'),
        ([{"id": 1}], "request 1 (1): `url` is missing"),
        ([{**CART, "url": 5}], "`url` must be a text, not 5"),
        ([{**CART, "url": "shop.example.com/cart"}], "has no scheme"),
        ([{**CART, "url": "http://"}], "names no host"),
        ([{**CART, "url": "http://x:99999/"}], "is no URL"),
        ([{**CART, "url": "http://x/a b"}], "white space"),
        ([{**CART, "gateway": "web"}], "must be namespace/name"),
        ([{**CART, "ingressClass": "nginx"}], "both given"),
        ([{**CART, "listenerPort": "80"}], '`listenerPort` must be a number from 1 to 65535, not "80"'),
        ([{**CART, "listenerPort": 0}], "`listenerPort` must be"),
        ([{**CART, "headers": ["a"]}], "`headers` must be a JSON object of texts"),
        ([{**CART, "headers": {"a": 1}}], "`headers` must be a JSON object of texts"),
        ([{**CART, "backendResponseHeaders": 1}], "`backendResponseHeaders` must be"),
        ([{**CART, "protocol": "smtp"}], "`protocol` must be one of http, grpc, h2c"),
        ([{**CART, "method": 1}], "`method` must be a text"),
        ([{**CART, "sni": 3}], "`sni` must be a text, not 3"),
        ([{**CART, "headers": {"Accept": "a", "accept": "b"}}], "`headers` names Accept and accept"),
        ([{**CART, "url": "tcp://x", "listenerPort": None}], "`listenerPort` is missing"),
    ],
)
def test_bad_requests_are_told_and_the_others_answered(run: Callable[..., Answer], requests: Any, said: str) -> None:
    good = {**CART, "id": "good"}
    status, out, err = run([*requests, good] if isinstance(requests, list) else requests, "--output", "json")
    assert status == 2
    assert said in err and "Traceback" not in err
    if isinstance(requests, str):
        assert out == "", "nothing to answer"
        return
    answer = json.loads(out)
    jsonschema.validate(answer, json.loads(read_text("schemas/route.schema.json")))
    *_, bad, last = answer["results"]
    assert [r["id"] for r in answer["results"]] == [r.get("id") if isinstance(r, dict) else None for r in requests] + [
        "good"
    ]
    assert (bad["status"], bad["backend"], bad["route"]) == (0, None, None)
    assert bad["reason"].startswith("The request cannot be read: ")
    assert (last["status"], last["backend"]) == (200, "shop/cart")


@pytest.mark.parametrize("given", ["a", "", 7, 1.5, True, None, ["a", 1], {"b": [None]}])
def test_an_id_of_any_json_type_comes_back(run: Callable[..., Answer], given: Any) -> None:
    status, out, err = run([{**CART, "id": given}], "--output", "json")
    (result,) = json.loads(out)["results"]
    assert (status, err, result["id"], type(result["id"])) == (0, "", given, type(given))


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", str(tmp_path), "--requests", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_problems_of_routes_are_told_with_file_line_object_and_field(
    run: Callable[..., Answer], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run([CART])
    text = CLUSTER.replace("{value: /cart}", "{value: cart}")
    line = 1 + next(n for n, found in enumerate(text.splitlines()) if "value: cart}" in found)
    (tmp_path / "cluster.yaml").write_text(text)
    assert main(["route", str(tmp_path / "cluster.yaml"), "--requests", str(tmp_path / "requests.json")]) == 0
    out, err = capsys.readouterr()
    assert "HTTPRoute shop/shop: spec.rules[0].matches[0].path.value must be an absolute path" in err
    assert f"cluster.yaml:{line}" in err
    assert out.startswith("cart: 404")


def _one(tmp_path: Path, **more: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer for one request at the Ingress controller."""
    cluster, asked = tmp_path / "cluster.yaml", tmp_path / "asked.json"
    cluster.write_text(CLUSTER)
    asked.write_text(json.dumps([{"id": 1, "ingressClass": "nginx", "url": "http://shop.example.com/cart", **more}]))
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        status = main(["route", str(cluster), "--requests", str(asked), "--output", "json"])
    return status, json.loads(out.getvalue())["results"][0] if out.getvalue() else {}


@pytest.mark.parametrize(("method", "status"), [("TRACE", 405), ("CONNECT", 405), ("get", 400)])
def test_nginx_answers_some_methods_before_any_rule(tmp_path: Path, method: str, status: int) -> None:
    """ngx_http_process_request_header: 405; ngx_http_parse_request_line: lower case is no method."""
    assert _one(tmp_path, method=method)[1]["status"] == status


@pytest.mark.parametrize(
    "more",
    [
        {"method": "FOO BAR"},
        {"headers": {"Host": "other.example.com"}},
        {"headers": {"A b": "x"}},
        {"headers": {"A": "x\r\nB: y"}},
    ],
)
def test_what_no_http_request_can_be_is_refused(tmp_path: Path, more: dict[str, Any], capsys: Any) -> None:
    """RFC 9110 sections 5.5, 5.6.2 and 9.1; a second Host contradicts the URL's authority."""
    status, answer = _one(tmp_path, **more)
    assert (status, answer["status"], answer["backend"]) == (2, 0, None)
    assert "request 1 (1)" in capsys.readouterr().err


def test_a_host_header_that_repeats_the_url_is_no_second_header(tmp_path: Path) -> None:
    status, answer = _one(tmp_path, headers={"host": "SHOP.example.com", "X": "1"})
    assert status == 0
    assert "no ready" in answer["reason"] or "does not exist" in answer["reason"]
