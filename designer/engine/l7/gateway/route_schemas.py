"""What the API server takes of routes (gateway-api v1.5 apis/v1, CRD and CEL rules), and the schema of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from designer.engine.l7.gateway.filter_schemas import (
    BACKEND_FIELDS,
    GRPC_FILTER,
    GRPC_FILTERS,
    HTTP_FILTER,
    HTTP_FILTERS,
    NEEDS_PORT,
    filter_rules,
)
from designer.engine.l7.gateway.names import (
    API_GROUP,
    DURATION,
    HEADER_NAME,
    HEADER_VALUE,
    HOSTNAME,
    KIND,
    METHODS,
    NAMESPACE,
    OBJECT_NAME,
    PATH_CHARACTERS,
    PORT,
    SECTION,
    milliseconds,
)
from designer.engine.l7.gateway.schema import Fields, Listing, Node, Number, Rule, Text
from designer.engine.l7.gateway.schemas import (
    BACKEND_TLS_POLICY,
    GATEWAY,
    GATEWAY_CLASS,
    LISTENER_SET,
    REFERENCE_GRANT,
)

Map = Mapping[str, Any]
GROUP, EXPERIMENTAL = "gateway.networking.k8s.io", "gateway.networking.x-k8s.io"

_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F", "#")
_GRPC_SERVICE = re.compile(r"^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$", re.IGNORECASE)
_GRPC_METHOD = re.compile(r"^[A-Za-z_][A-Za-z_0-9]*$")
_IP = re.compile(r"^\d+\.\d+\.\d+\.\d+$")
MAX_MATCHES = 128


def _parents_distinct(value: Map) -> bool:
    """References to one parent differ in sectionName or port, and all of them give the same of these fields.

    The API server fills in group and kind first, but no namespace.
    """
    seen: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
    for ref in value.get("parentRefs", ()):
        parent = (ref.get("group", GROUP), ref.get("kind", "Gateway"), ref["name"], ref.get("namespace") or "")
        seen.setdefault(parent, []).append((ref.get("sectionName") or None, ref.get("port") or None))
    return all(
        len(set(refs)) == len(refs) and len({(s is None, p is None) for s, p in refs}) == 1 for refs in seen.values()
    )


_PARENT = Fields(
    {
        "group": API_GROUP,
        "kind": KIND,
        "namespace": NAMESPACE,
        "name": OBJECT_NAME,
        "sectionName": SECTION,
        "port": PORT,
    },
    ("name",),
)
PARENTS: dict[str, Node] = {
    "parentRefs": Listing(_PARENT, most=32),
    "useDefaultGateways": Text(words=("All", "None")),
}
PARENTS_DISTINCT = Rule(
    "names the same parent twice without telling the two apart", "Give each a sectionName or port of its own.",
    _parents_distinct, "parentRefs",
)  # fmt: skip
_WEIGHT = Number(0, 1_000_000)


def _path_rules() -> Iterator[Rule]:
    def plain(x: Map) -> bool:
        return x.get("type", "PathPrefix") in ("Exact", "PathPrefix")

    yield Rule(
        "must be an absolute path and start with /", "Put a / in front of it.",
        lambda x: not plain(x) or str(x.get("value", "/")).startswith("/"), "value",
    )  # fmt: skip
    for part in _BAD_PARTS:
        yield Rule(
            f"must not contain {part}", "Write the path without it.",
            lambda x, part=part: not plain(x) or part not in x.get("value", "/"), "value",  # type: ignore[misc]
        )  # fmt: skip
    yield Rule(
        "must not end in /.. or /.", "Write the path without it.",
        lambda x: not plain(x) or not str(x.get("value", "/")).endswith(("/..", "/.")), "value",
    )  # fmt: skip
    yield Rule(
        "holds characters that no path has", "Write them percent-encoded (RFC 3986).",
        lambda x: not plain(x) or bool(PATH_CHARACTERS.match(x.get("value", "/"))), "value",
    )  # fmt: skip


_PLAIN_PATH = re.compile(r"(/[-A-Za-z0-9_~!$&'()*+,;=:@]+)*/?")  # every path of this form keeps all rules
_PATH = Fields(
    {"type": Text(words=("Exact", "PathPrefix", "RegularExpression")), "value": Text(most=1024)},
    rules=tuple(_path_rules()),
    sound=lambda x: bool(x.get("value", "/")) and _PLAIN_PATH.fullmatch(x.get("value", "/")) is not None,
)
_VALUE_TYPE = Text(words=("Exact", "RegularExpression"))
_HEADER_MATCHES = Listing(
    Fields({"type": _VALUE_TYPE, "name": HEADER_NAME, "value": HEADER_VALUE}, ("name", "value")), key="name"
)
_HTTP_MATCH = Fields(
    {
        "path": _PATH,
        "headers": _HEADER_MATCHES,
        "queryParams": Listing(
            Fields({"type": _VALUE_TYPE, "name": HEADER_NAME, "value": Text(least=1, most=1024)}, ("name", "value")),
            key="name",
        ),
        "method": Text(words=METHODS),
    }
)


def _replaces_prefix(filters: Any) -> bool:
    for one in filters or ():
        path = (one.get("requestRedirect") or one.get("urlRewrite") or {}).get("path") or {}
        if path.get("type") == "ReplacePrefixMatch":
            return True
    return False


def _one_prefix(rule: Map) -> bool:
    """ReplacePrefixMatch needs exactly one PathPrefix match (the default match is one)."""
    if not _replaces_prefix(rule.get("filters")) and not any(
        _replaces_prefix(ref.get("filters")) for ref in rule.get("backendRefs") or ()
    ):
        return True
    matches = rule.get("matches", ({"path": {}},))
    if len(matches) != 1:
        return False
    return bool((matches[0].get("path") or {}).get("type", "PathPrefix") == "PathPrefix")


def _without_backends(kind: str) -> Rule:
    return Rule(
        f"{kind} filter must not be used together with backendRefs", "Remove one of them.",
        lambda x: not x.get("backendRefs") or all(f["type"] != kind for f in x.get("filters", ())), "filters",
    )  # fmt: skip


def _times_fit(value: Map) -> bool:
    whole, one = value.get("request"), value.get("backendRequest")
    if whole is None or one is None or milliseconds(whole) == 0:
        return True
    return milliseconds(one) <= milliseconds(whole)


def _backend(filters: Node | None = None, rules: tuple[Rule, ...] = ()) -> Fields:
    fields = {**BACKEND_FIELDS, "weight": _WEIGHT}
    if filters is not None:
        fields["filters"] = Listing(filters)
    return Fields(fields, ("name",), (NEEDS_PORT, *rules), sound=lambda x: "port" in x and not x.get("filters"))


def _named_once(value: Map) -> bool:
    names = [rule["name"] for rule in value.get("rules", ()) if "name" in rule]
    return len(set(names)) == len(names)


def _few_matches(value: Map) -> bool:
    return sum(len(rule.get("matches", ())) for rule in value.get("rules", ())) <= MAX_MATCHES


_COMMON_RULES = (
    PARENTS_DISTINCT,
    Rule("two rules have the same name", "Give each rule a name of its own.", _named_once, "rules"),
    Rule(f"has more than {MAX_MATCHES} matches in all", "Split the route.", _few_matches, "rules"),
)
# HTTPRouteRetry (GEP-1731) and SessionPersistence (GEP-1619), both experimental.
_RETRY = Fields({"codes": Listing(Number(400, 599), most=2**31), "attempts": Number(0, 2**31 - 1), "backoff": DURATION})
_SESSION = Fields(
    {
        "sessionName": Text(most=128),
        "absoluteTimeout": DURATION,
        "idleTimeout": DURATION,
        "type": Text(words=("Cookie", "Header")),
        "cookieConfig": Fields({"lifetimeType": Text(words=("Permanent", "Session"))}),
    },
    rules=(
        Rule("must be given for a cookie of lifetimeType Permanent", "Add absoluteTimeout, such as 24h.",
             lambda x: (x.get("cookieConfig") or {}).get("lifetimeType") != "Permanent" or "absoluteTimeout" in x,
             "absoluteTimeout"),
    ),
)  # fmt: skip
_HTTP_RULE = Fields(
    {
        "name": SECTION,
        "matches": Listing(_HTTP_MATCH, most=64),
        "filters": Listing(HTTP_FILTER),
        "backendRefs": Listing(_backend(HTTP_FILTER, filter_rules(HTTP_FILTERS))),
        "timeouts": Fields(
            {"request": DURATION, "backendRequest": DURATION},
            rules=(Rule("backendRequest cannot be longer than request", "Shorten backendRequest.", _times_fit),),
        ),
        "retry": _RETRY,
        "sessionPersistence": _SESSION,
    },
    rules=(
        *filter_rules(HTTP_FILTERS),
        *(_without_backends(kind) for kind in ("RequestRedirect", "DirectResponse")),
        Rule(
            "ReplacePrefixMatch needs exactly one PathPrefix match", "Keep one match with type PathPrefix.",
            _one_prefix, "matches",
        ),
    ),
    sound=lambda x: not x.get("filters") and not any(ref.get("filters") for ref in x.get("backendRefs", ())),
)  # fmt: skip
HTTP_ROUTE = Fields({**PARENTS, "hostnames": Listing(HOSTNAME), "rules": Listing(_HTTP_RULE, 1)}, rules=_COMMON_RULES)


def _exact(match: Map) -> bool:
    return bool(match.get("type", "Exact") == "Exact")


_GRPC_METHOD_MATCH = Fields(
    {"type": _VALUE_TYPE, "service": Text(most=1024), "method": Text(most=1024)},
    rules=(
        Rule("needs a service, a method or both", "Add service or method.",
             lambda x: bool(x.get("service") or x.get("method"))),
        Rule("service is no name of a gRPC service", "Write it like package.Service, without slash.",
             lambda x: not _exact(x) or not x.get("service") or bool(_GRPC_SERVICE.match(x["service"])), "service"),
        Rule("method is no name of a gRPC method", "Write it like GetItem, without slash.",
             lambda x: not _exact(x) or not x.get("method") or bool(_GRPC_METHOD.match(x["method"])), "method"),
    ),
)  # fmt: skip
_GRPC_RULE = Fields(
    {
        "name": SECTION,
        "matches": Listing(Fields({"method": _GRPC_METHOD_MATCH, "headers": _HEADER_MATCHES}), most=64),
        "filters": Listing(GRPC_FILTER),
        "backendRefs": Listing(_backend(GRPC_FILTER, filter_rules(GRPC_FILTERS))),
        "sessionPersistence": _SESSION,
    },
    rules=filter_rules(GRPC_FILTERS),
)
GRPC_ROUTE = Fields({**PARENTS, "hostnames": Listing(HOSTNAME), "rules": Listing(_GRPC_RULE)}, rules=_COMMON_RULES)

_STREAM_RULES = Listing(Fields({"name": SECTION, "backendRefs": Listing(_backend(), 1)}, ("backendRefs",)), 1, 1)
# Before v1 a rule could be without backends, and there could be several.
_OLD_STREAM_RULES = Listing(Fields({"name": SECTION, "backendRefs": Listing(_backend())}), 1, 16)
_STREAM = (PARENTS_DISTINCT,)
STREAM_ROUTE = Fields({**PARENTS, "rules": _STREAM_RULES}, ("rules",), _STREAM)
OLD_STREAM_ROUTE = Fields({**PARENTS, "rules": _OLD_STREAM_RULES}, ("rules",), _STREAM)
_NO_ADDRESS = Rule(
    "hostnames cannot contain an IP address", "Use names: a TLS client sends no address as server name.",
    lambda x: not any(_IP.match(h) for h in x.get("hostnames", ())), "hostnames",
)  # fmt: skip
TLS_ROUTE = Fields(
    {**PARENTS, "hostnames": Listing(HOSTNAME, 1, 1024), "rules": _STREAM_RULES},
    ("hostnames", "rules"),
    (*_STREAM, _NO_ADDRESS),
)
OLD_TLS_ROUTE = Fields(
    {**PARENTS, "hostnames": Listing(HOSTNAME), "rules": _OLD_STREAM_RULES}, ("rules",), (*_STREAM, _NO_ADDRESS)
)

# (API group, kind) → versions that were ever served with the fields as they are now, each with its schema.
SCHEMAS: dict[tuple[str, str], dict[str, Node]] = {
    (GROUP, "GatewayClass"): {"v1": GATEWAY_CLASS, "v1beta1": GATEWAY_CLASS},
    (GROUP, "Gateway"): {"v1": GATEWAY, "v1beta1": GATEWAY},
    (GROUP, "ListenerSet"): {"v1": LISTENER_SET},
    (EXPERIMENTAL, "XListenerSet"): {"v1alpha1": LISTENER_SET},
    (GROUP, "HTTPRoute"): {"v1": HTTP_ROUTE, "v1beta1": HTTP_ROUTE},
    (GROUP, "GRPCRoute"): {"v1": GRPC_ROUTE, "v1alpha2": GRPC_ROUTE},
    (GROUP, "TLSRoute"): {"v1": TLS_ROUTE, "v1alpha3": TLS_ROUTE, "v1alpha2": OLD_TLS_ROUTE},
    (GROUP, "TCPRoute"): {"v1": STREAM_ROUTE, "v1alpha2": OLD_STREAM_ROUTE},
    (GROUP, "UDPRoute"): {"v1": STREAM_ROUTE, "v1alpha2": OLD_STREAM_ROUTE},
    (GROUP, "ReferenceGrant"): {"v1": REFERENCE_GRANT, "v1beta1": REFERENCE_GRANT, "v1alpha2": REFERENCE_GRANT},
    (GROUP, "BackendTLSPolicy"): {"v1": BACKEND_TLS_POLICY, "v1alpha3": BACKEND_TLS_POLICY},
}
