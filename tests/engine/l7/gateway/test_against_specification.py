"""Random routes and requests against a slow matcher written straight from the specification.

The matcher asks every match of every rule of every route and sorts those that fit by the criteria of HTTPRouteRule and
GRPCRouteRule in their order; it shares no code with the engine.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from designer.engine.l7.asked import Asked
from designer.engine.l7.gateway import compile_gateways
from designer.engine.memo import Memo
from designer.model import ForeignObject, FrozenMap, Project
from tests.engine.l7.gateway.gate import API, CLASS, control, gateway, http, project

SERVICES = tuple(f"shop/s{n}" for n in range(12))
HOSTS = ("", "a.example.com", "b.example.com", "*.example.com", "*.a.example.com", "*.com", "example.com")
PATHS = ("/", "/a", "/a/", "/a/b", "/a/b/", "/ab", "/b")
TIMES = ("", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
CONTROL = control("", SERVICES)

pairs = st.lists(st.tuples(st.sampled_from(("x", "X", "y")), st.sampled_from("12")), max_size=2,
                 unique_by=lambda pair: pair[0])  # fmt: skip


@st.composite
def http_matches(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["path"] = {"type": draw(st.sampled_from(("Exact", "PathPrefix"))), "value": draw(st.sampled_from(PATHS))}
    if draw(st.integers(0, 3)) == 0:
        found["method"] = draw(st.sampled_from(("GET", "POST")))
    for name in ("headers", "queryParams"):
        if draw(st.integers(0, 2)) == 0:
            found[name] = [{"name": n, "value": v} for n, v in draw(pairs)]
    return found


@st.composite
def routes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """HTTPRoutes of namespace shop; the rules of all of them lead to different Services."""
    found, number = [], 0
    for index in range(draw(st.integers(1, 4))):
        rules = []
        for _ in range(draw(st.integers(1, 3))):
            matches = draw(st.lists(http_matches(), max_size=2))
            rule: dict[str, Any] = {"backendRefs": [{"name": f"s{number}", "port": 80}]}
            rules.append({**rule, "matches": matches} if matches else rule)
            number += 1
        hosts = draw(st.lists(st.sampled_from(HOSTS[1:]), max_size=2, unique=True))
        meta = {"name": draw(st.sampled_from(("m", "k", "z"))) + str(index), "namespace": "shop"}
        created = draw(st.sampled_from(TIMES))
        spec = {"parentRefs": [{"name": "web", "namespace": "infra"}], "hostnames": hosts, "rules": rules}
        data = {"apiVersion": API, "kind": "HTTPRoute", "metadata": meta, "spec": spec}
        if created:
            meta["creationTimestamp"] = created
        found.append(data)
    return found


requests = st.builds(
    lambda host, path, method, headers, query: Asked(
        "http", host, 80, path, "&".join(f"{n}={v}" for n, v in query), method, dict(headers)
    ),
    st.sampled_from(("a.example.com", "x.a.example.com", "example.com", "other.org", "B.Example.com:8")),
    st.sampled_from((*PATHS, "/a/b/c", "/abc")),
    st.sampled_from(("GET", "POST")),
    pairs.map(lambda found: {name.lower(): value for name, value in found}.items()),
    st.lists(st.tuples(st.sampled_from(("x", "X", "y")), st.sampled_from("12")), max_size=3),
)  # fmt: skip


def slow_host(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        labels, wanted = host.split("."), pattern.split(".")[1:]
        return len(labels) > len(wanted) and labels[-len(wanted) :] == wanted
    return pattern == host


def slow_path(path: dict[str, str], asked: str) -> bool:
    if path["type"] == "Exact":
        return asked == path["value"]
    wanted = [element for element in path["value"].split("/") if element]
    return [element for element in asked.split("/") if element][: len(wanted)] == wanted


def first_values(pairs: list[tuple[str, str]], fold: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name.lower() if fold else name, value)
    return found


def slow_answer(found: list[dict[str, Any]], asked: Asked) -> str:
    """The Service that the specification sends a request to, "" for none."""
    host = asked.authority.split(":")[0].lower()
    headers = {name.lower(): value for name, value in asked.headers.items()}
    query = first_values([tuple(p.split("=")) for p in (asked.query or "").split("&") if p], fold=False)  # type: ignore[misc]
    candidates = []
    for route in found:
        names = [name for name in route["spec"]["hostnames"] if slow_host(name, host)]
        if route["spec"]["hostnames"] and not names:
            continue
        exact = max((len(name) for name in names if "*" not in name), default=0)
        longest = max((len(name) for name in names), default=0)
        key = f"{route['metadata']['namespace']}/{route['metadata']['name']}"
        age = route["metadata"].get("creationTimestamp") or "9999"
        for index, rule in enumerate(route["spec"]["rules"]):
            for match in rule.get("matches") or [{}]:
                path = match.get("path", {"type": "PathPrefix", "value": "/"})
                wanted = first_values([(h["name"], h["value"]) for h in match.get("headers", ())], fold=True)
                asked_for = first_values([(q["name"], q["value"]) for q in match.get("queryParams", ())], fold=False)
                if (
                    slow_path(path, asked.path)
                    and match.get("method", asked.method) == asked.method
                    and all(headers.get(name) == value for name, value in wanted.items())
                    and all(query.get(name) == value for name, value in asked_for.items())
                ):
                    order = (
                        -exact, -longest, path["type"] != "Exact",
                        -len(path["value"]) if path["type"] == "PathPrefix" else 0,
                        "method" not in match, -len(wanted), -len(asked_for), age, key, index,
                    )  # fmt: skip
                    candidates.append((order, rule["backendRefs"][0]["name"]))
    return min(candidates)[1] if candidates else ""


def kept(found: list[dict[str, Any]]) -> dict[str, ForeignObject]:
    ids = {f"{API}/HTTPRoute:shop/{data['metadata']['name']}": data for data in found}
    return {oid: ForeignObject(oid, data) for oid, data in ids.items()}


BASE = project(CLASS + gateway("web", http()))


@settings(max_examples=150, deadline=None)
@given(routes(), st.lists(requests, min_size=1, max_size=6))
def test_the_engine_chooses_as_the_specification_says(found: list[dict[str, Any]], asked: list[Asked]) -> None:
    whole = Project(foreign=FrozenMap({**BASE.foreign, **kept(found)}))
    compiled = compile_gateways(whole, CONTROL)
    assert compiled.problems == ()
    for request in asked:
        expected = slow_answer(found, request)
        answer = compiled.answer("infra/web", request)
        assert answer.backend == (f"shop/{expected}" if expected else ""), answer.reason
        assert answer.status == (200 if expected else 404)


@settings(max_examples=60, deadline=None)
@given(st.lists(routes(), min_size=2, max_size=4), requests)
def test_compiling_what_changed_gives_what_compiling_all_gives(steps: list[list[dict[str, Any]]], asked: Asked) -> None:
    memo = Memo()
    for found in steps:
        whole = Project(foreign=FrozenMap({**BASE.foreign, **kept(found)}))
        again, fresh = compile_gateways(whole, CONTROL, memo), compile_gateways(whole, CONTROL)
        assert (again.conditions, again.listeners, again.problems) == (
            fresh.conditions,
            fresh.listeners,
            fresh.problems,
        )
        assert again.answer("infra/web", asked) == fresh.answer("infra/web", asked)


CALLS = st.tuples(st.sampled_from(("s.A", "s.AB", "t")), st.sampled_from(("Get", "Put")))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(("", "s.A", "s.AB", "t")), st.sampled_from(("", "Get", "Put")), pairs),
             min_size=1, max_size=8),
    CALLS, pairs,
)  # fmt: skip
def test_grpc_rules_are_chosen_as_the_specification_says(
    found: list[tuple[str, str, list[tuple[str, str]]]], call: tuple[str, str], sent: list[tuple[str, str]]
) -> None:
    rules, candidates = [], []
    headers = {name.lower(): value for name, value in sent}
    for index, (service, method, wanted) in enumerate(found):
        match: dict[str, Any] = {"headers": [{"name": n, "value": v} for n, v in wanted]}
        if service or method:
            match["method"] = {k: v for k, v in (("service", service), ("method", method)) if v}
        rules.append({"matches": [match], "backendRefs": [{"name": f"s{index}", "port": 80}]})
        needed = first_values(wanted, fold=True)
        if service in ("", call[0]) and method in ("", call[1]) and needed.items() <= headers.items():
            candidates.append(((-len(service), -len(method), -len(needed), index), f"shop/s{index}"))
    spec = {"parentRefs": [{"name": "web", "namespace": "infra"}], "rules": rules}
    oid = f"{API}/GRPCRoute:shop/g"
    route = {"apiVersion": API, "kind": "GRPCRoute", "metadata": {"name": "g", "namespace": "shop"}, "spec": spec}
    whole = Project(foreign=FrozenMap({**BASE.foreign, oid: ForeignObject(oid, route)}))
    asked = Asked("http", "x", 80, f"/{call[0]}/{call[1]}", None, "POST", headers, protocol="grpc")
    answer = compile_gateways(whole, CONTROL).answer("infra/web", asked)
    assert (answer.backend, answer.grpc) == ((min(candidates)[1], 0) if candidates else ("", 12))
