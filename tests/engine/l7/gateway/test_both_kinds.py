"""HTTPRoutes and GRPCRoutes at one listener (GRPCRouteSpec ``hostnames``), against a slow reading of that rule."""

import random

import pytest
import yaml

from designer.engine.l7.gateway import GatewayTable, compile_gateways
from designer.engine.l7.gateway.hostnames import intersect
from designer.engine.memo import Memo
from designer.model import ForeignObject, FrozenMap, Project
from tests.engine.l7.gateway.gate import CLASS, asked, control, gateway, http, project, route

HOSTS = ["", "a.com", "b.com", "*.com", "x.a.com", "*.a.com", "y.x.a.com", "*.b.com"]
LISTENERS = {"all": "", "some": "'*.com'", "a": "a.com"}
WEB = gateway("web", *(http(name, more=f"hostname: {host}" if host else "") for name, host in LISTENERS.items()))
HTTP_RULES = "[{backendRefs: [{name: %s, port: 80}]}]"


def made(rng: random.Random, number: int) -> ForeignObject:
    """One route of either kind."""
    kind = rng.choice(["HTTPRoute", "GRPCRoute"])
    hosts = " ".join(dict.fromkeys(host for host in rng.choices(HOSTS, k=rng.randint(1, 2)) if host))
    created = f"2024-01-0{rng.randint(1, 3)}T00:00:00Z"
    text = route(f"r{number}", HTTP_RULES % rng.choice("abc"), hosts, kind, created)
    (one,) = project(text).foreign.values()
    return one


def kept_by(routes: list[ForeignObject], listener: str) -> set[str]:
    """Names of the routes that keep a listener, by definition: the oldest first, each unless a rival meets it."""
    pattern = LISTENERS[listener].strip("'")
    kept: list[tuple[str, list[str], str]] = []
    order = sorted(routes, key=lambda one: (one.data["metadata"]["creationTimestamp"], one.data["metadata"]["name"]))
    for one in order:
        kind, name = one.data["kind"], one.data["metadata"]["name"]
        mine = [host for host in one.data["spec"].get("hostnames", [""]) if intersect(host, pattern)]
        rivals = [theirs for other, theirs, _ in kept if other != kind]
        if mine and not any(intersect(a, b) for theirs in rivals for a in mine for b in theirs):
            kept.append((kind, mine, name))
    return {name for _, _, name in kept}


def seen(table: GatewayTable, listener: str) -> set[str]:
    responder = table.responders["infra/web"]
    (one,) = [x for x in responder.listeners if x.name == listener]
    return {state.route.name for state in responder.attached[one.key].states.values()}


@pytest.mark.parametrize("seed", range(12))
def test_the_older_route_keeps_the_listener_and_edits_give_what_compiling_all_gives(seed: int) -> None:
    rng = random.Random(seed)
    base, plane, memo = project(CLASS + WEB).foreign, control(""), Memo()
    routes: dict[str, ForeignObject] = {}
    for number in range(8):
        one = made(rng, number)
        routes[f"r{number}"] = one
    for _ in range(12):
        foreign = FrozenMap({**base, **{one.id: one for one in routes.values()}})
        table = compile_gateways(Project(foreign=foreign), plane, memo)
        fresh = compile_gateways(Project(foreign=foreign), plane)
        for listener in LISTENERS:
            assert seen(table, listener) == kept_by(list(routes.values()), listener)
        assert sorted(map(repr, table.conditions)) == sorted(map(repr, fresh.conditions))
        assert sorted(map(repr, table.problems)) == sorted(map(repr, fresh.problems))
        for host in ("a.com", "x.a.com", "z.b.com", "q.org"):
            for grpc in (False, True):
                request = asked(f"http://{host}/s.S/m", grpc=grpc)
                assert table.answer("infra/web", request) == fresh.answer("infra/web", request)
        name = rng.choice(sorted(routes))
        if rng.random() < 0.5:  # another backend: nothing that decides about listeners
            text = yaml.safe_dump(routes[name].data)
            for letter in "abc":
                text = text.replace(f"name: {letter}\n", f"name: {rng.choice('abc')}\n")
            routes[name] = ForeignObject(routes[name].id, yaml.safe_load(text))
        elif rng.random() < 0.3:
            del routes[name]
        else:
            del routes[name]
            routes[name] = made(rng, int(name[1:]))
