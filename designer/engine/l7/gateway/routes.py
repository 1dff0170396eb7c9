"""Routes, each by itself: matches, filters and backends of its rules, and whether its references hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from designer.engine.l7.gateway.filters import Filters, Troubles, read_filters
from designer.engine.l7.gateway.matching import AnyMatch, expressions_of, grpc_match, http_match
from designer.engine.l7.gateway.names import milliseconds
from designer.engine.l7.gateway.objects import HTTP_KINDS, GatewayObject
from designer.engine.l7.gateway.world import Trouble, World
from designer.model import Problem

# Reason of a condition → code of the problem (`domain/pitfalls.md`, "Ingress and Gateway").
CODES = {"RefNotPermitted": "GW-03", "UnsupportedValue": "GW-91"}
UNRESOLVED, TARGET_PORT, NO_WEIGHT = "GW-92", "GW-06", "GW-05"


@dataclass(frozen=True, slots=True)
class Backend:
    """One backendRef: Service as ``ns/name``, its port, its weight; `trouble` says why it is invalid."""

    service: str
    port: int | None
    weight: int
    trouble: Trouble | None
    filters: Filters


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule does with requests; `patience` says how long it waits for a backend, "" for ever."""

    filters: Filters
    backends: tuple[Backend, ...]
    patience: str = ""

    @property
    def weight(self) -> int:
        """The weights of all backends together."""
        return sum(backend.weight for backend in self.backends)


@dataclass(frozen=True, slots=True)
class Entry:
    """One match of one rule for one host name of its route; what competes for a request.

    `rank` sorts entries of one host name: smaller goes first.
    """

    route: GatewayObject
    hostname: str
    match: AnyMatch
    action: Action
    rule: int
    rank: tuple[Any, ...]

    @property
    def shown(self) -> str:
        """``HTTPRoute shop/cart, rule 1 (PathPrefix /cart)``; rules are counted from 1 as people do."""
        return f"{self.route.shown}, rule {self.rule + 1} ({self.match.shown})"


@dataclass(frozen=True, slots=True)
class RouteState:
    """A route. `refused` says why no Gateway accepts it, `partly` which rules are not valid; "" and None for none.

    `resolved` is its ResolvedRefs condition: None where all references hold. `services` are those that it names.
    """

    route: GatewayObject
    hostnames: tuple[str, ...]
    actions: tuple[Action, ...]
    entries: tuple[Entry, ...]
    services: frozenset[str]
    resolved: Trouble | None
    refused: Trouble | None
    partly: str
    problems: tuple[Problem, ...]


def route_state(route: GatewayObject, world: World) -> RouteState:
    """What a route is, in this world."""
    hostnames = tuple(route.spec.get("hostnames") or ())
    actions: list[Action] = []
    entries: list[Entry] = []
    troubles: Troubles = []
    dropped: list[tuple[str, str]] = []
    for index, rule in enumerate(_rules(route)):
        path = f"spec.rules[{index}]"
        action = _action(route, rule, world, path, troubles)
        matches = _matches(route, rule)
        wrong = _wrong(matches, action, path)
        if wrong is not None:
            dropped.append(wrong)
            continue
        actions.append(action)
        for place, match in enumerate(matches):
            rank = (*match.rank, *route.age, index, place)
            entries += [Entry(route, host, match, action, index, rank) for host in hostnames or ("",)]
    refused = Trouble("UnsupportedValue", dropped[0][1]) if dropped and not actions else None
    services = frozenset(
        f"{backend.service}" for action in actions for backend in action.backends if backend.trouble is None
    )
    return RouteState(
        route,
        hostnames,
        tuple(actions),
        tuple(entries),
        services,
        troubles[0][1] if troubles else None,
        refused,
        _partly(actions, dropped),
        _problems(route, world, actions, troubles, dropped),
    )


def _partly(actions: Sequence[Action], dropped: Sequence[tuple[str, str]]) -> str:
    """What the condition PartiallyInvalid says: rules that are left out, or whose filter fails; "" where all are alike.

    A filter that does not hold fails closed, its rule is not left out (conformance:
    httproute-external-auth-partially-invalid).
    """
    if dropped:
        return f"Dropped Rule: {'; '.join(text for _, text in dropped)}" if actions else ""
    failing = [action.filters.failing for action in actions if action.filters.failing]
    return "; ".join(dict.fromkeys(failing)) if 0 < len(failing) < len(actions) else ""


def _rules(route: GatewayObject) -> list[Mapping[str, Any]]:
    """The rules; an HTTPRoute without any has one that takes every request and leads nowhere."""
    given = route.spec.get("rules")
    if given is None:
        return [{}] if route.kind == "HTTPRoute" else []
    return list(given)


def _matches(route: GatewayObject, rule: Mapping[str, Any]) -> tuple[AnyMatch, ...]:
    if route.kind not in HTTP_KINDS:
        return ()
    read = http_match if route.kind == "HTTPRoute" else grpc_match
    given: Sequence[Mapping[str, Any]] = rule.get("matches") or ({},)
    return tuple(read(data) for data in given)


def _action(route: GatewayObject, rule: Mapping[str, Any], world: World, path: str, troubles: Troubles) -> Action:
    filters = read_filters(rule.get("filters") or (), route, world, f"{path}.filters", troubles)
    backends = []
    for index, ref in enumerate(rule.get("backendRefs") or ()):
        here = f"{path}.backendRefs[{index}]"
        trouble = world.backend(route, ref)
        if trouble is not None:
            troubles.append((here, trouble))
        own = read_filters(ref.get("filters") or (), route, world, f"{here}.filters", troubles)
        if own.direct:
            own = replace(own, undecided="only a whole rule is said to answer by itself, and not one of its backends")
        service = f"{ref.get('namespace') or route.namespace}/{ref['name']}"
        backends.append(Backend(service, ref.get("port"), int(ref.get("weight", 1)), trouble, own))
    return Action(filters, tuple(backends), _patience(rule.get("timeouts") or {}))


def _patience(timeouts: Mapping[str, str]) -> str:
    """The shorter one of the timeouts as it is written; zero stands for none (HTTPRouteTimeouts)."""
    given = [text for text in timeouts.values() if milliseconds(text)]
    return min(given, key=milliseconds, default="")


def _wrong(matches: tuple[AnyMatch, ...], action: Action, path: str) -> tuple[str, str] | None:
    """Field and words of what makes a rule invalid, None where it is valid."""
    for place, match in enumerate(matches):
        for field, found in expressions_of(match):
            if found.error:
                return f"{path}.matches[{place}].{field}", f'"{found.text}" {found.error}'
    for filters in (action.filters, *(backend.filters for backend in action.backends)):
        if filters.invalid:
            return filters.invalid.partition(" ")[0], filters.invalid
    return None


def _problems(
    route: GatewayObject, world: World, actions: list[Action], troubles: Troubles, dropped: list[tuple[str, str]]
) -> tuple[Problem, ...]:
    found = []
    for path, trouble in troubles:
        code, fix = CODES.get(trouble.reason, UNRESOLVED), "Correct the reference, or add the object."
        if trouble.reason == "RefNotPermitted":
            fix = "Add a ReferenceGrant to the namespace of the object."
        service = _meant_target(route, world, path)
        if service:
            code, fix = TARGET_PORT, f"Use the Service's own port: {service}."
        why = "Requests that would go there get status 500; connections of TCP, UDP and TLS routes are refused."
        found.append(Problem(code, "error", f"{route.shown}: {trouble.text}", route.id, path, why, fix))
    for path, text in dropped:
        why = "A rule that is not valid is left out; the other rules of the route hold."
        title = f"{route.shown}: {path} {text}"
        found.append(Problem(CODES["UnsupportedValue"], "error", title, route.id, path, why, "Correct the rule."))
    for index, action in enumerate(actions):
        if action.backends and not action.weight:
            title = f"{route.shown}: all backends of rule {index + 1} have weight 0"
            why = "Requests that this rule takes get status 500."
            path = f"spec.rules[{index}].backendRefs"
            found.append(Problem(NO_WEIGHT, "warning", title, route.id, path, why, "Give one a weight above 0."))
    return tuple(found)


def _meant_target(route: GatewayObject, world: World, path: str) -> str:
    """The Service's own port, where a backendRef names a targetPort in its place; "" where it does not."""
    rule, _, rest = path.removeprefix("spec.rules[").partition("]")
    if not rest.startswith(".backendRefs[") or rest.count("[") != 1:
        return ""
    ref = _rules(route)[int(rule)]["backendRefs"][int(rest[len(".backendRefs[") : -1])]
    service = world.services.get(f"Service:{ref.get('namespace') or route.namespace}/{ref['name']}")
    if service is None or any(port.port == ref.get("port") for port in service.ports):
        return ""
    return ", ".join(str(port.port) for port in service.ports if port.target_port == ref.get("port"))
