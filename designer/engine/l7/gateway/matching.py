"""Whether a match of an HTTPRoute or GRPCRoute takes a request, and how specific it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from designer.engine.expressions import Expression, expression
from designer.engine.l7.asked import Asked

EXACT, PREFIX, REGEX = "Exact", "PathPrefix", "RegularExpression"


@dataclass(frozen=True, slots=True)
class ValueMatch:
    """A header or query parameter that must have a value, or match an expression."""

    name: str
    value: str
    pattern: Expression | None = None

    def holds(self, value: str | None, whole: bool | None) -> bool | None:
        """Whether a value fits; None where it depends on the implementation."""
        if value is None:
            return False
        return value == self.value if self.pattern is None else self.pattern.matches(value, whole)


@dataclass(frozen=True, slots=True)
class HttpMatch:
    """One match of an HTTPRoute. `path` of a prefix has no trailing slash ("" for ``/``), `text` is as written."""

    type: str
    path: str
    text: str
    method: str
    headers: tuple[ValueMatch, ...]
    query: tuple[ValueMatch, ...]
    pattern: Expression | None = None

    @property
    def rank(self) -> tuple[int, ...]:
        """Smaller goes first: Exact path, characters of the prefix, method, headers, query parameters.

        (HTTPRouteRule ``matches``; a regular expression's place is the implementation's, see `choosing`.)
        """
        exact = self.type == EXACT
        length = len(self.text) if self.type == PREFIX else 0
        return (0 if exact else 1, -length, 0 if self.method else 1, -len(self.headers), -len(self.query))

    @property
    def shown(self) -> str:
        """``PathPrefix /cart, method GET, 1 header``."""
        parts = [f"{self.type} {self.text}"]
        if self.method:
            parts.append(f"method {self.method}")
        parts += [f"header {h.name}" for h in self.headers]
        parts += [f"query parameter {q.name}" for q in self.query]
        return ", ".join(parts)

    def fits(self, asked: Asked, whole: bool | None) -> bool | None:
        """Whether it takes a request; None where that depends on the implementation."""
        if self.method and self.method != asked.method:
            return False
        path: bool | None
        match self.type:
            case "Exact":
                path = asked.path == self.path
            case "PathPrefix":
                path = prefix_matches(self.path, asked.path)
            case _:
                path = self.pattern.matches(asked.path, whole) if self.pattern else False
        return _all((path, *_values(self.headers, asked, whole), *self._parameters(asked, whole)))

    def _parameters(self, asked: Asked, whole: bool | None) -> list[bool | None]:
        return [q.holds(asked.parameters.get(q.name), whole) for q in self.query]


@dataclass(frozen=True, slots=True)
class GrpcMatch:
    """One match of a GRPCRoute; "" for any service or method. `patterns` stand for both where they are expressions."""

    service: str
    method: str
    headers: tuple[ValueMatch, ...]
    patterns: tuple[Expression | None, Expression | None] | None = None

    @property
    def rank(self) -> tuple[int, ...]:
        """Smaller goes first: characters of the service, of the method, then headers (GRPCRouteRule ``matches``)."""
        return (-len(self.service), -len(self.method), -len(self.headers), 0, 0)

    @property
    def shown(self) -> str:
        """``service shop.Cart, method Get``."""
        parts = [f"service {self.service}"] * bool(self.service) + [f"method {self.method}"] * bool(self.method)
        parts += [f"header {h.name}" for h in self.headers]
        return ", ".join(parts) or "every call"

    def fits(self, asked: Asked, whole: bool | None) -> bool | None:
        """Whether it takes a call; None where that depends on the implementation."""
        service, method = call_of(asked.path)
        if self.patterns is None:
            named = (not self.service or self.service == service) and (not self.method or self.method == method)
            parts: tuple[bool | None, ...] = (named,)
        else:
            pairs = zip(self.patterns, (service, method), strict=True)
            parts = tuple(True if pattern is None else pattern.matches(value, whole) for pattern, value in pairs)
        return _all((*parts, *_values(self.headers, asked, whole)))


AnyMatch = HttpMatch | GrpcMatch


def call_of(path: str) -> tuple[str, str]:
    """Service and method of a gRPC call's path, ``/package.Service/Method``."""
    service, _, method = path.lstrip("/").rpartition("/")
    return service, method


def prefix_matches(prefix: str, path: str) -> bool:
    """Whether a path lies under a prefix, element by element; `prefix` has no trailing slash."""
    return path.startswith(prefix) and (len(path) == len(prefix) or path[len(prefix)] == "/")


def _values(wanted: tuple[ValueMatch, ...], asked: Asked, whole: bool | None) -> list[bool | None]:
    return [one.holds(asked.header(one.name, "") if asked.has_header(one.name) else None, whole) for one in wanted]


def _all(parts: Sequence[bool | None]) -> bool | None:
    """All of them: False where one is False, None where one is not known."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def _named(items: Sequence[Mapping[str, Any]], fold: bool) -> tuple[ValueMatch, ...]:
    """Value matches; of several with an equivalent name only the first counts."""
    found: dict[str, ValueMatch] = {}
    for item in items:
        name, value = str(item["name"]), str(item["value"])
        pattern = expression(value) if item.get("type") == REGEX else None
        found.setdefault(name.lower() if fold else name, ValueMatch(name, value, pattern))
    return tuple(found.values())


def http_match(data: Mapping[str, Any]) -> HttpMatch:
    """The match that an entry of ``matches`` is; without path it takes every path."""
    given = data.get("path") or {}
    kind, text = str(given.get("type", PREFIX)), str(given.get("value", "/"))
    path = text.rstrip("/") if kind == PREFIX else text
    return HttpMatch(
        kind,
        path,
        text,
        str(data.get("method", "")),
        _named(data.get("headers", ()), fold=True),
        _named(data.get("queryParams", ()), fold=False),
        expression(text) if kind == REGEX else None,
    )


def grpc_match(data: Mapping[str, Any]) -> GrpcMatch:
    """The match that an entry of a GRPCRoute's ``matches`` is."""
    given = data.get("method") or {}
    service, method = str(given.get("service", "")), str(given.get("method", ""))
    headers = _named(data.get("headers", ()), fold=True)
    if given.get("type") != REGEX:
        return GrpcMatch(service, method, headers)
    return GrpcMatch(
        service, method, headers, (expression(service) if service else None, expression(method) if method else None)
    )


def expressions_of(match: AnyMatch) -> tuple[tuple[str, Expression], ...]:
    """The regular expressions of a match, each with its field below the match."""
    found: list[tuple[str, Expression]] = []
    if isinstance(match, HttpMatch):
        if match.pattern is not None:
            found.append(("path.value", match.pattern))
        found += [(f"queryParams[{i}].value", q.pattern) for i, q in enumerate(match.query) if q.pattern]
    elif match.patterns is not None:
        fields = ("method.service", "method.method")
        found += [(name, one) for name, one in zip(fields, match.patterns, strict=True) if one]
    found += [(f"headers[{i}].value", h.pattern) for i, h in enumerate(match.headers) if h.pattern]
    return tuple(found)
