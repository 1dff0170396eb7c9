"""The repeated groups of Gateway API forms: listeners, parents, matches, filters, backends; with what each leads to.

Fields and their meaning are those of Gateway API's own reference; what a form leaves out is reached in the YAML tab.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from designer.engine.compile import ClusterState
from designer.engine.l7.endpoints import ready_endpoints
from designer.present.match_notes import MatchNote
from designer.present.words import count_text
from designer.ui.panels.inspector.fields import Cell, Data, Group, Options

LISTENER_PROTOCOLS: Options = tuple((name, name) for name in ("HTTP", "HTTPS", "TLS", "TCP", "UDP"))
TLS_MODES: Options = ((None, "Terminate (default)"), ("Terminate", "Terminate"), ("Passthrough", "Passthrough"))
FROM: Options = ((None, "Same (default)"), ("Same", "Same"), ("All", "All"), ("Selector", "Selector"))
PARENT_KINDS: Options = ((None, "Gateway"), ("Gateway", "Gateway"), ("ListenerSet", "ListenerSet"))
PATH_TYPES: Options = (
    (None, "PathPrefix (default)"),
    ("PathPrefix", "PathPrefix"),
    ("Exact", "Exact"),
    ("RegularExpression", "RegularExpression"),
)
VALUE_TYPES: Options = ((None, "Exact (default)"), ("Exact", "Exact"), ("RegularExpression", "RegularExpression"))
METHODS: Options = (
    (None, "any"),
    *((name, name) for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")),
)
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
}
FORMED = ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "RequestRedirect", "URLRewrite")
PATH_EDITS: Options = (
    (None, "as it is"),
    ("ReplaceFullPath", "replace the whole path"),
    ("ReplacePrefixMatch", "replace what matched"),
)


def one_filter(data: Data) -> None:
    """Leave a filter the field of its type alone, and the field that goes with how it changes the path."""
    kept = FILTER_FIELDS.get(str(data.get("type")), "")
    for field in FILTER_FIELDS.values():
        if field != kept:
            data.pop(field, None)
    if kept in ("requestRedirect", "urlRewrite", "requestHeaderModifier", "responseHeaderModifier"):
        data.setdefault(kept, {})
    if kept == "requestMirror":
        data.setdefault(kept, {"backendRef": {"name": "copy", "port": 80}})
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


def backend_note(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """What stands behind a backendRef: its ready endpoints, or what of the reference does not hold."""
    if not isinstance(value, dict) or not value.get("name"):
        return MatchNote("Name a Service.", "warning")
    if value.get("kind", "Service") != "Service" or value.get("group"):
        return MatchNote("Only Services are a backend that every Gateway knows.", "warning")
    name = f"{value.get('namespace') or namespace}/{value['name']}"
    service = state.control.services.get(f"Service:{name}")
    if service is None:
        return MatchNote(f"Service {name} does not exist.", "error")
    known = ", ".join(str(port.port) for port in service.ports) or "none"
    if all(port.port != value.get("port") for port in service.ports):
        return MatchNote(
            f"The Service has no port {value.get('port') or '(none given)'}; its ports are {known}.", "error"
        )
    ready = ready_endpoints(state.control, name, value["port"])
    if not ready:
        return MatchNote("No endpoint of it is ready: requests get status 503.", "warning")
    return MatchNote(f"{count_text(ready, 'ready endpoint')}.", "ok")


def listener_note(state: ClusterState, namespace: str, data: Data, value: Any) -> MatchNote:
    """How many routes are attached to a listener, as its Gateway's status says."""
    name = str(data.get("metadata", {}).get("name", ""))
    shown = f"{data.get('kind')} {namespace}/{name}"
    found = [one for one in state.gateways.listeners if one.object == shown and one.listener == value.get("name")]
    if not found:
        return MatchNote("")
    return MatchNote(f"{count_text(found[0].attached, 'route')} attached.", "ok")


REFERENCES = Group(
    "reference",
    (Cell("name", "name", "mono", stretch=3), Cell("namespace", "this namespace", "mono", stretch=2)),
)


def _fresh_listener(listeners: list[Data]) -> Data:
    """A listener that no other one conflicts with: a port and a name of its own."""
    ports = [one.get("port") for one in listeners]
    port = next(number for number in (80, *range(8080, 65536)) if number not in ports)
    names = [one.get("name") for one in listeners]
    name = next(text for text in ("http", *(f"http-{n}" for n in range(2, 65536))) if text not in names)
    return {"name": name, "port": port, "protocol": "HTTP"}


def _has_tls(data: Data) -> bool:
    return data.get("protocol") in ("HTTPS", "TLS")


LISTENERS = Group(
    "listener",
    (
        Cell("name", "Name", "mono", 0, 3),
        Cell("port", "Port", "int", 0, 2),
        Cell("protocol", "Protocol", "choice", 0, 3, options=LISTENER_PROTOCOLS),
        Cell("hostname", "Host name", "mono", 1, placeholder="every host"),
        Cell("tls.mode", "TLS mode", "choice", 2, options=TLS_MODES, when=_has_tls),
        Cell("tls.certificateRefs", "Certificates (Secrets)", line=3, group=REFERENCES, when=_has_tls),
        Cell("allowedRoutes.namespaces.from", "Routes from namespaces", "choice", 4, options=FROM),
        Cell("allowedRoutes.namespaces.selector", "Namespaces with labels", "selector", 5, placeholder="team=web",
             when=lambda data: _from(data) == "Selector"),
    ),
    titled=True,
    note=listener_note,
    fresh=_fresh_listener,
)  # fmt: skip


def _from(data: Data) -> Any:
    return ((data.get("allowedRoutes") or {}).get("namespaces") or {}).get("from")


PARENTS = Group(
    "parent",
    (
        Cell("name", "Name", "mono", 0, 3),
        Cell("kind", "Kind", "choice", 0, 2, options=PARENT_KINDS),
        Cell("namespace", "Namespace", "mono", 1, placeholder="this namespace"),
        Cell("sectionName", "Listener", "mono", 1, placeholder="every one"),
        Cell("port", "Port", "int", 1, placeholder="every one"),
    ),
    titled=True,
    fresh={"name": "web"},
    empty="Attached to no Gateway: no request is routed by it.",
)
_VALUE = (
    Cell("name", "Name", "mono", 0, 3),
    Cell("value", "Value", "mono", 0, 3),
    Cell("type", "Type", "choice", 0, 3, options=VALUE_TYPES),
)
VALUES = Group("header", _VALUE, {"name": "X-Version", "value": "2"})
PARAMETERS = Group("parameter", _VALUE, {"name": "version", "value": "2"})
HTTP_MATCHES = Group(
    "match",
    (
        Cell("path.value", "Path", "mono", 0, 3, placeholder="/"),
        Cell("path.type", "Path type", "choice", 0, 3, options=PATH_TYPES),
        Cell("method", "Method", "choice", 1, options=METHODS),
        Cell("headers", "Headers", line=2, group=VALUES),
        Cell("queryParams", "Query parameters", line=3, group=PARAMETERS),
    ),
    titled=True,
    fresh={"path": {"type": "PathPrefix", "value": "/"}},
    empty="No match: the rule takes every request.",
)
GRPC_MATCHES = Group(
    "match",
    (
        Cell("method.service", "Service", "mono", 0, 3, placeholder="every service"),
        Cell("method.method", "Method", "mono", 0, 3, placeholder="every method"),
        Cell("method.type", "Type", "choice", 1, options=VALUE_TYPES),
        Cell("headers", "Headers", line=2, group=VALUES),
    ),
    titled=True,
    fresh={"method": {"service": "shop.Cart"}},
    empty="No match: the rule takes every call.",
)
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
STATUS_CODES: Options = ((None, "302 (default)"), *((code, str(code)) for code in (301, 302, 303, 307, 308)))
SCHEMES: Options = ((None, "as it is"), ("http", "http"), ("https", "https"))
FILTERS = Group(
    "filter",
    (
        Cell("type", "Type", "choice", 0, options=tuple((name, name) for name in FILTER_FIELDS)),
        *_headers("RequestHeaderModifier", 1),
        *_headers("ResponseHeaderModifier", 4),
        Cell("requestMirror.backendRef.name", "Service", "mono", 7, 3, when=_MIRROR),
        Cell("requestMirror.backendRef.port", "Port", "int", 7, 2, when=_MIRROR),
        Cell("requestMirror.percent", "Percent", "int", 7, 2, placeholder="100", when=_MIRROR),
        Cell("requestRedirect.scheme", "Scheme", "choice", 8, 3, options=SCHEMES, when=_REDIRECT),
        Cell("requestRedirect.statusCode", "Status", "choice", 8, 3, options=STATUS_CODES, when=_REDIRECT),
        Cell("requestRedirect.hostname", "Host name", "mono", 9, 3, placeholder="as it is", when=_REDIRECT),
        Cell("requestRedirect.port", "Port", "int", 9, 2, placeholder="as the scheme", when=_REDIRECT),
        *_path("RequestRedirect", 10),
        Cell("urlRewrite.hostname", "Host name", "mono", 13, placeholder="as it is", when=_REWRITE),
        *_path("URLRewrite", 14),
    ),
    titled=True,
    tidy=one_filter,
    note=lambda state, namespace, data, value: MatchNote(
        "" if value.get("type") in FORMED else "Its fields are edited in the YAML tab."
    ),
    fresh={"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "X-Own", "value": "1"}]}},
)
BACKENDS = Group(
    "backend",
    (
        Cell("name", "Service", "mono", 0, 3),
        Cell("port", "Port", "int", 0, 2),
        Cell("weight", "Weight", "int", 0, 2, placeholder="1"),
        Cell("namespace", "Namespace", "mono", 1, placeholder="this namespace"),
    ),
    titled=True,
    note=backend_note,
    fresh={"name": "web", "port": 80},
    empty="No backend: requests that no filter answers get status 500.",
)


def rules(noun: str, matches: Group | None, fresh: Data) -> Group:
    """The rules of a kind of route; those of plain connections (`matches` None) have backends alone."""
    http = () if matches is None else (Cell("matches", "Matches", line=1, group=matches),)
    filters = () if matches is None else (Cell("filters", "Filters", line=2, group=FILTERS),)
    return Group(noun, (*http, *filters, Cell("backendRefs", "Backends", line=3, group=BACKENDS)), fresh, titled=True)
