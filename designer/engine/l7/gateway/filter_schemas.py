"""What the API server takes of the filters of HTTPRoutes and GRPCRoutes (gateway-api v1.5 apis/v1, CRD and CEL)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.engine.l7.gateway.names import (
    API_GROUP,
    HEADER_NAME,
    HEADER_VALUE,
    KIND,
    METHODS,
    NAMESPACE,
    OBJECT_NAME,
    ORIGIN,
    PATH_CHARACTERS,
    PORT,
    PRECISE_HOSTNAME,
)
from designer.engine.l7.gateway.schema import Fields, Flag, Listing, Node, Number, Rule, Text
from designer.engine.l7.gateway.schemas import LOCAL_REFERENCE

Map = Mapping[str, Any]

NEEDS_PORT = Rule(
    "a Service needs a port", "Add the port of the Service.",
    lambda x: "port" in x or x.get("group", "") != "" or x.get("kind", "Service") != "Service", "port",
)  # fmt: skip
BACKEND_FIELDS: dict[str, Node] = {
    "group": API_GROUP,
    "kind": KIND,
    "name": OBJECT_NAME,
    "namespace": NAMESPACE,
    "port": PORT,
}
BACKEND_OBJECT = Fields(BACKEND_FIELDS, ("name",), (NEEDS_PORT,))

_HEADERS = Listing(Fields({"name": HEADER_NAME, "value": HEADER_VALUE}, ("name", "value")), key="name")
HEADER_FILTER = Fields({"set": _HEADERS, "add": _HEADERS, "remove": Listing(Text(), key="=")})

_FULL, _PREFIX = "ReplaceFullPath", "ReplacePrefixMatch"
PATH_MODIFIER = Fields(
    {"type": Text(words=(_FULL, _PREFIX)), "replaceFullPath": Text(most=1024), "replacePrefixMatch": Text(most=1024)},
    ("type",),
    (
        Rule("replaceFullPath goes with type ReplaceFullPath", "Give replaceFullPath with that type, and only then.",
             lambda x: ("replaceFullPath" in x) == (x["type"] == _FULL)),
        Rule("replacePrefixMatch goes with type ReplacePrefixMatch",
             "Give replacePrefixMatch with that type, and only then.",
             lambda x: ("replacePrefixMatch" in x) == (x["type"] == _PREFIX)),
    ),
)  # fmt: skip
REDIRECT = Fields(
    {
        "scheme": Text(words=("http", "https")),
        "hostname": PRECISE_HOSTNAME,
        "path": PATH_MODIFIER,
        "port": PORT,
        "statusCode": Number(301, 308, (301, 302, 303, 307, 308)),
    }
)
REWRITE = Fields({"hostname": PRECISE_HOSTNAME, "path": PATH_MODIFIER})
_FRACTION = Fields(
    {"numerator": Number(0, 2**31 - 1), "denominator": Number(1, 2**31 - 1)},
    ("numerator",),
    (
        Rule("numerator must not be greater than denominator", "Give a fraction of at most one.",
             lambda x: x["numerator"] <= x.get("denominator", 100)),
    ),
)  # fmt: skip
MIRROR = Fields(
    {"backendRef": BACKEND_OBJECT, "percent": Number(0, 100), "fraction": _FRACTION},
    ("backendRef",),
    (
        Rule("only one of percent and fraction may be given", "Remove one of them.",
             lambda x: not ("percent" in x and "fraction" in x)),
    ),
)  # fmt: skip


def _alone(name: str) -> Rule:
    return Rule(
        f"{name} cannot hold * beside other entries", "Keep * alone, or list the entries.",
        lambda x: "*" not in x.get(name, ()) or len(x[name]) == 1, name,
    )  # fmt: skip


CORS = Fields(
    {
        "allowOrigins": Listing(ORIGIN, most=64, key="="),
        "allowCredentials": Flag(),
        "allowMethods": Listing(Text(words=(*METHODS, "*")), most=9, key="="),
        "allowHeaders": Listing(HEADER_NAME, most=64, key="="),
        "exposeHeaders": Listing(HEADER_NAME, most=64, key="="),
        "maxAge": Number(1, 2**31 - 1),
    },
    rules=(_alone("allowOrigins"), _alone("allowMethods"), _alone("allowHeaders")),
)

DIRECT_RESPONSE = Fields(
    {"statusCode": Number(100, 599), "body": Fields({"string": Text(most=4096)}, ("string",))}, ("statusCode",)
)


def _spoken(protocol: str, name: str) -> tuple[Rule, Rule]:
    """The settings of a protocol are given with it, and only with it (HTTPExternalAuthFilter)."""
    return (
        Rule(f"{name} must be given with protocol {protocol}", f"Add {name}: {{}}.",
             lambda x: x["protocol"] != protocol or name in x),
        Rule(f"{name} goes with protocol {protocol}", f"Remove {name}, or change protocol to {protocol}.",
             lambda x: name not in x or x["protocol"] == protocol, name),
    )  # fmt: skip


_AUTH_HEADERS = Listing(Text(), most=64, key="=")
EXTERNAL_AUTH = Fields(
    {
        "protocol": Text(words=("HTTP", "GRPC")),
        "backendRef": BACKEND_OBJECT,
        "http": Fields(
            {
                "path": Text(PATH_CHARACTERS, "a path with percent-encoded characters (RFC 3986)", 1, 1024),
                "allowedHeaders": _AUTH_HEADERS,
                "allowedResponseHeaders": _AUTH_HEADERS,
            }
        ),
        "grpc": Fields({"allowedHeaders": _AUTH_HEADERS}),
        "forwardBody": Fields({"maxSize": Number(0, 2**16 - 1)}),
    },
    ("protocol", "backendRef"),
    (*_spoken("HTTP", "http"), *_spoken("GRPC", "grpc")),
)

# Type of a filter → its field and what stands there.
HTTP_FILTERS: dict[str, tuple[str, Node]] = {
    "RequestHeaderModifier": ("requestHeaderModifier", HEADER_FILTER),
    "ResponseHeaderModifier": ("responseHeaderModifier", HEADER_FILTER),
    "RequestMirror": ("requestMirror", MIRROR),
    "RequestRedirect": ("requestRedirect", REDIRECT),
    "URLRewrite": ("urlRewrite", REWRITE),
    "ExtensionRef": ("extensionRef", LOCAL_REFERENCE),
    "CORS": ("cors", CORS),
    "ExternalAuth": ("externalAuth", EXTERNAL_AUTH),
    "DirectResponse": ("directResponse", DIRECT_RESPONSE),
}
GRPC_FILTERS = {
    name: HTTP_FILTERS[name]
    for name in ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror", "ExtensionRef")
}


def _union(kinds: Mapping[str, tuple[str, Node]]) -> Fields:
    """A filter: exactly the field of its type is given."""

    def paired(name: str, kind: str) -> Callable[[Map], bool]:
        return lambda x: (name in x) == (x["type"] == kind)

    rules = tuple(
        Rule(f"{name} goes with type {kind}", f"Give {name} with type {kind}, and only then.", paired(name, kind))
        for kind, (name, _) in kinds.items()
    )
    fields: dict[str, Node] = {"type": Text(words=tuple(kinds))}
    fields.update(dict(kinds.values()))
    return Fields(fields, ("type",), rules)


HTTP_FILTER, GRPC_FILTER = _union(HTTP_FILTERS), _union(GRPC_FILTERS)
# Filters that may stand more than once in a list.
REPEATABLE = ("RequestMirror", "ExtensionRef")


def filter_rules(kinds: Mapping[str, tuple[str, Node]]) -> tuple[Rule, ...]:
    """What holds among the ``filters`` of a rule or of a backendRef."""

    def once(kind: str) -> Callable[[Map], bool]:
        return lambda x: sum(f["type"] == kind for f in x.get("filters", ())) <= 1

    rules = [
        Rule(f"{kind} filter cannot be repeated", "Put both into one filter.", once(kind), "filters")
        for kind in kinds
        if kind not in REPEATABLE
    ]
    if "URLRewrite" in kinds:
        rules.append(
            Rule("RequestRedirect and URLRewrite cannot stand together", "Keep one of them.",
                 lambda x: not {"RequestRedirect", "URLRewrite"} <= {f["type"] for f in x.get("filters", ())},
                 "filters")
        )  # fmt: skip
    return tuple(rules)
