"""Traces through Gateways in every form in which a run leaves the program."""

import json
from pathlib import Path

import jsonschema
import pytest

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.engine.trace.lockstep import lockstep
from designer.present.carried_text import carried_text
from designer.present.pcapng import trace_pcapng
from designer.present.trace_csv import trace_csv
from designer.present.trace_html import trace_html
from designer.present.trace_mermaid import trace_mermaid
from designer.present.trace_rows import trace_json, trace_text
from tests.engine.l7.gateway.gate import gateway, http, route, to
from tests.engine.trace.clusters import ask
from tests.engine.trace.gates import addressed, shop

CART = route("r", to("a", "/cart"), "shop.example.com")
SCHEMA = Path(__file__).resolve().parents[2] / "resources" / "schemas" / "trace.schema.json"
# The Gateway's YAML, and whether its proxies are in the input.
CASES = {
    "through proxies": (gateway("web", http()), True),
    "proxies not in the input": (addressed("203.0.113.7"), False),
    "no address": (gateway("web", http()), False),
}


def run(name: str) -> tuple[TraceResult, ClusterState]:
    text, proxies = CASES[name]
    state = shop(text, CART, proxies=None if proxies else [])
    return ask(state, "internet", "http://shop.example.com/cart"), state


@pytest.mark.parametrize("name", CASES)
def test_every_form_names_gateway_rule_and_backend(name: str) -> None:
    found, _state = run(name)
    for text in (trace_text(found), trace_csv(found), trace_html(found), trace_mermaid(found)):
        assert "Gateway infra/web" in text
        assert "HTTPRoute shop/r, rule 1 (PathPrefix /cart)" in text


@pytest.mark.parametrize("name", CASES)
def test_json_keeps_to_the_schema(name: str) -> None:
    found, _state = run(name)
    data = json.loads(json.dumps(trace_json(found)))
    jsonschema.validate(data, json.loads(SCHEMA.read_text()))


def test_the_capture_holds_both_connections() -> None:
    found, state = run("through proxies")
    data = trace_pcapng(found, state)
    reached = [hop for hop in found.trace.paths()[0].hops if hop.kind == "deliver" and hop.direction == "request"]
    assert [hop.at.partition("/")[0] for hop in reached] == ["Pod:infra", "Pod:shop"]
    for hop in reached:
        assert hop.after is not None
        assert bytes(int(part) for part in hop.after.dst.split(".")) in data


def test_behind_the_gateway_another_connection_carries_the_request() -> None:
    found, _state = run("through proxies")
    path = found.trace.paths()[0]
    place = next(i for i, hop in enumerate(path.hops) if hop.kind == "http")
    assert carried_text(found.request, path, place + 1) == (
        "HTTP as the Gateway sends it on, for GET http://shop.example.com/cart"
    )


def test_lockstep_tells_where_two_requests_part() -> None:
    state = shop(gateway("web", http()), CART)
    served = ask(state, "internet", "http://shop.example.com/cart")
    missed = ask(state, "internet", "http://shop.example.com/")
    parted = lockstep(served.trace.paths()[0], missed.trace.paths()[0])
    assert parted.deciding is not None
    left, right = parted.hops_at(parted.deciding)
    assert [hop.outcome for hop in (left, right) if hop is not None] == ["to shop/a:80", "404"]
