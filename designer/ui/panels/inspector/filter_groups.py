"""The groups of filters and backends in Gateway API forms, and the rules that hold them.

Fields and their meaning are those of Gateway API's own reference (HTTPRouteFilter, GRPCRouteFilter, BackendRef).
"""

from __future__ import annotations

from collections.abc import Callable

from designer.ui.panels.inspector.fields import Cell, Data, Group, Options
from designer.ui.panels.inspector.gateway_groups import backend_note

# Type of a filter → the field that goes with it; a filter has no other one (HTTPRouteFilter).
FILTER_FIELDS: dict[str, str] = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "CORS": "cors",
    "ExtensionRef": "extensionRef",
    "ExternalAuth": "externalAuth",
    "DirectResponse": "directResponse",
}
PATH_EDITS: Options = (
    (None, "as it is"),
    ("ReplaceFullPath", "replace the whole path"),
    ("ReplacePrefixMatch", "replace what matched"),
)


# What a filter holds at once when its type is chosen: what the CRD asks for.
_NEW_FILTERS: dict[str, Data] = {
    "requestMirror": {"backendRef": {"name": "copy", "port": 80}},
    "cors": {"allowOrigins": ["https://www.example.com"], "allowMethods": ["GET"]},
    "externalAuth": {"protocol": "HTTP", "backendRef": {"name": "auth", "port": 80}, "http": {}},
    "extensionRef": {"group": "example.com", "kind": "Filter", "name": "own"},
    "directResponse": {"statusCode": 403},
}


def _own_protocol(data: Data) -> Data:
    """The field of a filter as its type goes: an authorisation server has settings of its own protocol alone."""
    if "protocol" not in data:
        return data
    own = {"HTTP": "http", "GRPC": "grpc"}.get(str(data["protocol"]), "")
    kept = {key: value for key, value in data.items() if key not in ("http", "grpc") or key == own}
    return {**kept, own: kept.get(own, {})} if own else kept


def one_filter(data: Data) -> None:
    """Leave a filter the field of its type alone, and the field that goes with how it changes the path."""
    kept = FILTER_FIELDS.get(str(data.get("type")), "")
    for field in FILTER_FIELDS.values():
        if field != kept:
            data.pop(field, None)
    if kept in ("requestRedirect", "urlRewrite", "requestHeaderModifier", "responseHeaderModifier"):
        data.setdefault(kept, {})
    if kept in _NEW_FILTERS:
        data.setdefault(kept, _NEW_FILTERS[kept])
    if isinstance(data.get(kept), dict):
        data[kept] = _own_protocol(data[kept])
    mirror = data.get("requestMirror")
    fraction = mirror.get("fraction") if isinstance(mirror, dict) else None
    if isinstance(mirror, dict) and isinstance(fraction, dict) and "numerator" not in fraction:
        del mirror["fraction"]
    path = data.get(kept, {}).get("path") if isinstance(data.get(kept), dict) else None
    if isinstance(path, dict):
        own = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}
        wanted = own.get(str(path.get("type")), "")
        if not wanted:
            del data[kept]["path"]
            return
        text = next((path[field] for field in own.values() if field in path), "/")
        for field in own.values():
            path.pop(field, None)
        path[wanted] = text


def _type_is(*types: str) -> Callable[[Data], bool]:
    return lambda data: data.get("type") in types


def _path_is(field: str, kind: str) -> Callable[[Data], bool]:
    def shown(data: Data) -> bool:
        found = data.get(field)
        path = found.get("path") if isinstance(found, dict) else None
        return isinstance(path, dict) and path.get("type") == kind

    return shown


HEADERS = Group(
    "header", (Cell("name", "name", "mono"), Cell("value", "value", "mono")), {"name": "X-Own", "value": "1"}
)


def _headers(kind: str, line: int) -> tuple[Cell, ...]:
    field, shown = FILTER_FIELDS[kind], _type_is(kind)
    return (
        Cell(f"{field}.set", "Set headers", line=line, group=HEADERS, when=shown),
        Cell(f"{field}.add", "Add headers", line=line + 1, group=HEADERS, when=shown),
        Cell(f"{field}.remove", "Remove headers", "list", line + 2, placeholder="X-Own, X-Other", when=shown),
    )


def _path(kind: str, line: int) -> tuple[Cell, ...]:
    field = FILTER_FIELDS[kind]
    full, prefix = _path_is(field, "ReplaceFullPath"), _path_is(field, "ReplacePrefixMatch")
    return (
        Cell(f"{field}.path.type", "Path", "choice", line, options=PATH_EDITS, when=_type_is(kind)),
        Cell(f"{field}.path.replaceFullPath", "New path", "mono", line + 1, when=full),
        Cell(f"{field}.path.replacePrefixMatch", "New prefix", "mono", line + 2, when=prefix),
    )


_REDIRECT, _REWRITE, _MIRROR = _type_is("RequestRedirect"), _type_is("URLRewrite"), _type_is("RequestMirror")
_CORS, _AUTH, _EXTENSION = _type_is("CORS"), _type_is("ExternalAuth"), _type_is("ExtensionRef")
_DIRECT = _type_is("DirectResponse")
STATUS_CODES: Options = ((None, "302 (default)"), *((code, str(code)) for code in (301, 302, 303, 307, 308)))
SCHEMES: Options = ((None, "as it is"), ("http", "http"), ("https", "https"))
CREDENTIALS: Options = ((None, "not allowed (default)"), (True, "allowed"), (False, "not allowed"))
AUTH_PROTOCOLS: Options = (("HTTP", "HTTP"), ("GRPC", "gRPC"))


def _auth_speaks(protocol: str) -> Callable[[Data], bool]:
    return lambda data: _AUTH(data) and (data.get("externalAuth") or {}).get("protocol") == protocol


def _service(field: str, line: int, shown: Callable[[Data], bool]) -> tuple[Cell, ...]:
    return (
        Cell(f"{field}.name", "Service", "mono", line, 3, when=shown),
        Cell(f"{field}.port", "Port", "int", line, 2, when=shown),
        Cell(f"{field}.namespace", "Namespace", "mono", line, 3, placeholder="this namespace", when=shown),
    )


def _mirrors(field: str, *, given: bool) -> Callable[[Data], bool]:
    """Whether a mirror has a field: its share is a percentage or a fraction, never both."""
    return lambda data: _MIRROR(data) and ((data.get("requestMirror") or {}).get(field) is not None) is given


_MIRROR_CELLS = (
    *_service("requestMirror.backendRef", 7, _MIRROR),
    Cell("requestMirror.percent", "Percent", "int", 8, placeholder="100", when=_mirrors("fraction", given=False)),
    # A line of its own, the last one: what stands on one line is shown or hidden together.
    Cell(
        "requestMirror.fraction.numerator",
        "or parts",
        "int",
        31,
        placeholder="all",
        when=_mirrors("percent", given=False),
    ),
    Cell(
        "requestMirror.fraction.denominator", "of", "int", 31, placeholder="100", when=_mirrors("percent", given=False)
    ),
)
_REDIRECT_CELLS = (
    Cell("requestRedirect.scheme", "Scheme", "choice", 9, 3, options=SCHEMES, when=_REDIRECT),
    Cell("requestRedirect.statusCode", "Status", "choice", 9, 3, options=STATUS_CODES, when=_REDIRECT),
    Cell("requestRedirect.hostname", "Host name", "mono", 10, 3, placeholder="as it is", when=_REDIRECT),
    Cell("requestRedirect.port", "Port", "int", 10, 2, placeholder="as the scheme", when=_REDIRECT),
    *_path("RequestRedirect", 11),
)
_REWRITE_CELLS = (
    Cell("urlRewrite.hostname", "Host name", "mono", 14, placeholder="as it is", when=_REWRITE),
    *_path("URLRewrite", 15),
)
_CORS_CELLS = (
    Cell("cors.allowOrigins", "Origins", "list", 18, placeholder="https://www.example.com", when=_CORS),
    Cell("cors.allowMethods", "Methods", "list", 19, placeholder="GET, POST", when=_CORS),
    Cell("cors.allowHeaders", "Headers of requests", "list", 20, placeholder="X-Own", when=_CORS),
    Cell("cors.exposeHeaders", "Headers that scripts see", "list", 21, placeholder="X-Own", when=_CORS),
    Cell("cors.allowCredentials", "Credentials", "choice", 22, 3, options=CREDENTIALS, when=_CORS),
    Cell("cors.maxAge", "Kept for (seconds)", "int", 22, 2, placeholder="5", when=_CORS),
)
_AUTH_CELLS = (
    Cell("externalAuth.protocol", "Protocol", "choice", 23, options=AUTH_PROTOCOLS, when=_AUTH),
    *_service("externalAuth.backendRef", 24, _AUTH),
    Cell("externalAuth.http.path", "Path before the request's own", "mono", 25, when=_auth_speaks("HTTP")),
    Cell("externalAuth.http.allowedHeaders", "Headers sent to it", "list", 26, when=_auth_speaks("HTTP")),
    Cell("externalAuth.http.allowedResponseHeaders", "Headers taken from it", "list", 27, when=_auth_speaks("HTTP")),
    Cell("externalAuth.grpc.allowedHeaders", "Headers sent to it", "list", 28, when=_auth_speaks("GRPC")),
)
_EXTENSION_CELLS = (
    Cell("extensionRef.group", "API group", "mono", 29, 3, when=_EXTENSION),
    Cell("extensionRef.kind", "Kind", "mono", 29, 2, when=_EXTENSION),
    Cell("extensionRef.name", "Name", "mono", 30, when=_EXTENSION),
)
_DIRECT_CELLS = (
    Cell("directResponse.statusCode", "Status", "int", 31, placeholder="403", when=_DIRECT),
    Cell("directResponse.body.string", "Body", "mono", 32, placeholder="empty", when=_DIRECT),
)
_HEADER_CELLS = (*_headers("RequestHeaderModifier", 1), *_headers("ResponseHeaderModifier", 4))
_FRESH: Data = {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "X-Own", "value": "1"}]}}
GRPC_TYPES = ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef")


def _filters(types: tuple[str, ...], *cells: Cell) -> Group:
    kinds: Options = tuple((name, name) for name in types)
    return Group(
        "filter", (Cell("type", "Type", "choice", 0, options=kinds), *cells), titled=True, tidy=one_filter, fresh=_FRESH
    )


HTTP_FILTERS = _filters(
    tuple(FILTER_FIELDS), *_HEADER_CELLS, *_MIRROR_CELLS, *_REDIRECT_CELLS, *_REWRITE_CELLS, *_CORS_CELLS,
    *_AUTH_CELLS, *_EXTENSION_CELLS, *_DIRECT_CELLS,
)  # fmt: skip
GRPC_FILTERS = _filters(GRPC_TYPES, *_HEADER_CELLS, *_MIRROR_CELLS, *_EXTENSION_CELLS)


def backends(filters: Group | None) -> Group:
    """The backends of a rule; `filters` are those that one of them may have, None for plain connections."""
    own = () if filters is None else (Cell("filters", "Filters of this backend", line=2, group=filters),)
    return Group(
        "backend",
        (
            Cell("name", "Service", "mono", 0, 3),
            Cell("port", "Port", "int", 0, 2),
            Cell("weight", "Weight", "int", 0, 2, placeholder="1"),
            Cell("namespace", "Namespace", "mono", 1, placeholder="this namespace"),
            *own,
        ),
        titled=True,
        note=backend_note,
        fresh={"name": "web", "port": 80},
        empty="No backend: requests that no filter answers get status 500.",
    )


_TIMEOUTS = (
    Cell("timeouts.request", "Timeout of a request", "mono", 4, placeholder="the controller's own"),
    Cell("timeouts.backendRequest", "Timeout of a backend", "mono", 4, placeholder="the controller's own"),
)


def rules(noun: str, matches: Group | None, fresh: Data, filters: Group | None = None) -> Group:
    """The rules of a kind of route; those of plain connections (no `matches`, no `filters`) have backends alone."""
    http = () if matches is None else (Cell("matches", "Matches", line=1, group=matches),)
    applied = () if filters is None else (Cell("filters", "Filters", line=2, group=filters),)
    times = _TIMEOUTS if filters is HTTP_FILTERS else ()
    led = Cell("backendRefs", "Backends", line=3, group=backends(filters))
    return Group(noun, (*http, *applied, led, *times), fresh, titled=True)
