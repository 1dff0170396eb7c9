"""The repeated groups of Gateway API forms: listeners, parents, matches and others; `filter_groups` has the filters.

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


ROUTE_KIND = Group("kind", (Cell("kind", "kind", "mono"),), {"kind": "HTTPRoute"})
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
        Cell("allowedRoutes.kinds", "Kinds of routes (none: all of the protocol)", line=6, group=ROUTE_KIND),
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
        Cell("sectionName", "Listener", "mono", 1, placeholder="all"),
        Cell("port", "Port", "int", 1, placeholder="all"),
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
AUTHORITY_KINDS: Options = (("ConfigMap", "ConfigMap"), ("Secret", "Secret"))
_AUTHORITY = (
    Cell("name", "name", "mono", stretch=3),
    Cell("kind", "kind", "choice", stretch=2, options=AUTHORITY_KINDS),
)
_FRESH_AUTHORITY: Data = {"group": "", "kind": "ConfigMap", "name": "ca"}
LOCAL_AUTHORITIES = Group("authority", _AUTHORITY, _FRESH_AUTHORITY)
AUTHORITIES = Group(
    "authority",
    (
        Cell("name", "name", "mono", stretch=3),
        Cell("kind", "kind", "choice", stretch=4, options=AUTHORITY_KINDS),  # "ConfigMap" must not be cut off
        Cell("namespace", "this namespace", "mono", stretch=2),
    ),
    _FRESH_AUTHORITY,
)
CLIENT_MODES: Options = (
    (None, "are refused (default)"),
    ("AllowValidOnly", "are refused"),
    ("AllowInsecureFallback", "are let in all the same"),
)


def _validates(*path: str) -> Callable[[Data], bool]:
    def shown(data: Data) -> bool:
        found: Any = data
        for key in (*path, "validation"):
            found = found.get(key) if isinstance(found, dict) else None
        return bool(found)

    return shown


def _one_validation(config: Any) -> None:
    """Leave out a validation that names no authority: what a mode would then mean is not defined, and it is refused."""
    if isinstance(config, dict) and not (config.get("validation") or {}).get("caCertificateRefs"):
        config.pop("validation", None)


def tidy_clients(data: Data) -> None:
    """What the CRD asks for: a `default`, be it empty, and no validation without authorities."""
    _one_validation(data.setdefault("default", {}))


def _tidy_port(data: Data) -> None:
    _one_validation(data.setdefault("tls", {}))


def _fresh_port(ports: list[Data]) -> Data:
    taken = [one.get("port") for one in ports]
    port = next(number for number in (443, *range(8443, 65536)) if number not in taken)
    return {"port": port, "tls": {"validation": {"caCertificateRefs": [_FRESH_AUTHORITY]}}}


CLIENT_PORTS = Group(
    "port",
    (
        Cell("port", "Port", "int", 0),
        Cell("tls.validation.caCertificateRefs", "Clients need a certificate signed by (none: none is asked for)",
             line=1, group=AUTHORITIES),
        Cell("tls.validation.mode", "Clients without a valid one", "choice", 2, options=CLIENT_MODES,
             when=_validates("tls")),
    ),
    titled=True,
    tidy=_tidy_port,
    fresh=_fresh_port,
)  # fmt: skip
CLIENTS = Group(
    "certificates of clients",
    (
        Cell("default.validation.caCertificateRefs", "Clients need a certificate signed by (none: none is asked for)",
             line=0, group=AUTHORITIES),
        Cell("default.validation.mode", "Clients without a valid one", "choice", 1, options=CLIENT_MODES,
             when=_validates("default")),
        Cell("perPort", "Otherwise on single ports", line=2, group=CLIENT_PORTS),
    ),
    titled=True,
    single=True,
    tidy=tidy_clients,
    fresh={"default": {"validation": {"caCertificateRefs": [_FRESH_AUTHORITY]}}},
    empty="No client is asked for a certificate.",
)  # fmt: skip
CLIENT_CERTIFICATE = Group(
    "certificate of the Gateway",
    (
        Cell("name", "Secret", "mono", 0, 3),
        Cell("namespace", "Namespace", "mono", 0, 2, placeholder="this namespace"),
    ),
    titled=True,
    single=True,
    fresh={"name": "gateway-client"},
)


def parameters(*, local: bool) -> Group:
    """The object with settings of the implementation's own; a `local` one lives in the Gateway's namespace."""
    where = () if local else (Cell("namespace", "Namespace", "mono", 1, 2, placeholder="none"),)
    return Group(
        "parameters",
        (
            Cell("kind", "Kind", "mono", 0, 3),
            Cell("group", "API group (none: core)", "or-none", 0, 3),
            Cell("name", "Name", "mono", 1, 3),
            *where,
        ),
        titled=True,
        single=True,
        fresh={"group": "", "kind": "ConfigMap", "name": "options", **({} if local else {"namespace": "default"})},
    )


ADDRESS_TYPES: Options = ((None, "IPAddress (default)"), ("IPAddress", "IPAddress"), ("Hostname", "Hostname"))
ADDRESSES = Group(
    "address",
    (Cell("value", "192.0.2.10", "mono", stretch=3), Cell("type", "type", "choice", stretch=2, options=ADDRESS_TYPES)),
    {"value": "192.0.2.10"},
)
TARGETS = Group(
    "target",
    (Cell("name", "Service", "mono", 0, 3), Cell("sectionName", "Port by name", "mono", 0, 2, placeholder="all")),
    {"group": "", "kind": "Service", "name": "web"},
    titled=True,
    note=lambda state, namespace, data, value: _target_note(state, namespace, value),
    empty="It names no Service.",
)
ALTERNATIVE_TYPES: Options = (("Hostname", "Host name"), ("URI", "URI"))
ALTERNATIVES = Group(
    "name",
    (
        Cell("type", "Type", "choice", 0, 2, options=ALTERNATIVE_TYPES),
        Cell("hostname", "Host name", "mono", 0, 3, when=lambda data: data.get("type") == "Hostname"),
        Cell("uri", "URI", "mono", 0, 3, when=lambda data: data.get("type") == "URI"),
    ),
    {"type": "Hostname", "hostname": "web.example.com"},
    tidy=lambda data: _one_name(data),
)


def _one_name(data: Data) -> None:
    """Leave an alternative name the field of its type, with something in it."""
    kept, other = ("uri", "hostname") if data.get("type") == "URI" else ("hostname", "uri")
    data.pop(other, None)
    data.setdefault(kept, "spiffe://cluster.local/ns/web" if kept == "uri" else "web.example.com")


def _target_note(state: ClusterState, namespace: str, value: Any) -> MatchNote:
    """Whether there is a Service of that name, and the port where one is named."""
    name = str(value.get("name") or "") if isinstance(value, dict) else ""
    service = state.control.services.get(f"Service:{namespace}/{name}")
    if service is None:
        return MatchNote(f"Service {namespace}/{name} does not exist." if name else "Name a Service.", "error")
    section, known = value.get("sectionName"), [port.name for port in service.ports if port.name]
    if section and section not in known:
        return MatchNote(f"The Service has no port {section}; its names are {', '.join(known) or 'none'}.", "error")
    return MatchNote("")
