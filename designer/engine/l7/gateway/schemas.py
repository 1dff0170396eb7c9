"""What the API server takes of Gateway API objects other than routes (gateway-api v1.5 apis/v1, CRD and CEL rules).

Two listeners with the same port, protocol and hostname are let in here although CRDs since v0.8 refuse them: a Gateway
that was stored before has them, and then they are Conflicted, which `listeners` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

from designer.engine.l7.gateway.names import (
    ABSOLUTE_URI,
    ADDRESS_TYPE,
    API_GROUP,
    CONTROLLER,
    HOSTNAME,
    KIND,
    LABEL_KEY,
    NAMESPACE,
    OBJECT_NAME,
    PORT,
    PRECISE_HOSTNAME,
    PROTOCOL,
    SECTION,
)
from designer.engine.l7.gateway.schema import Fields, Labels, Listing, Rule, Selector, Text

LOCAL_REFERENCE = Fields({"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME}, ("group", "kind", "name"))
OBJECT_REFERENCE = Fields(
    {"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME, "namespace": NAMESPACE}, ("group", "kind", "name")
)
SECRET_REFERENCE = Fields({"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME, "namespace": NAMESPACE}, ("name",))

Map = Mapping[str, Any]


def _protocol(listener: Map) -> str:
    return str(listener["protocol"]).upper()


def _mode(listener: Map) -> str:
    return str((listener.get("tls") or {}).get("mode") or "")


def _certified(tls: Map) -> bool:
    if tls.get("mode", "Terminate") != "Terminate":
        return True
    return bool(tls.get("certificateRefs") or tls.get("options"))


LISTENER_TLS = Fields(
    {
        "mode": Text(words=("Terminate", "Passthrough")),
        "certificateRefs": Listing(SECRET_REFERENCE, most=64),
        "options": Labels(),
    },
    rules=(Rule("has mode Terminate and no certificateRefs", "Name a Secret with the certificate.", _certified),),
)
_FROM = ("All", "Selector", "Same")
LISTENER = Fields(
    {
        "name": SECTION,
        "hostname": HOSTNAME,
        "port": PORT,
        "protocol": PROTOCOL,
        "tls": LISTENER_TLS,
        "allowedRoutes": Fields(
            {
                "namespaces": Fields({"from": Text(words=_FROM), "selector": Selector()}),
                "kinds": Listing(Fields({"group": API_GROUP, "kind": KIND}, ("kind",)), most=8),
            }
        ),
    },
    ("name", "port", "protocol"),
    (
        Rule(
            "tls must not be given for protocol HTTP, TCP or UDP", "Remove tls, or use HTTPS or TLS.",
            lambda x: "tls" not in x or _protocol(x) not in ("HTTP", "TCP", "UDP"), "tls",
        ),
        Rule(
            "mode must be Terminate for protocol HTTPS", "Use mode Terminate, or protocol TLS.",
            lambda x: _protocol(x) != "HTTPS" or _mode(x) in ("", "Terminate"), "tls.mode",
        ),
        Rule(  # the API server sets a missing tls.mode to Terminate before it looks
            "must be given for protocol TLS", "Add tls with mode Passthrough, or with certificateRefs.",
            lambda x: _protocol(x) != "TLS" or "tls" in x, "tls",
        ),
        Rule(
            "hostname must not be given for protocol TCP or UDP", "Remove hostname.",
            lambda x: not x.get("hostname") or _protocol(x) not in ("TCP", "UDP"), "hostname",
        ),
    ),
)  # fmt: skip
LISTENERS = Listing(LISTENER, 1, 64, "name")

_VALIDATION = Fields(
    {
        "caCertificateRefs": Listing(OBJECT_REFERENCE, 1, 8),
        "mode": Text(words=("AllowValidOnly", "AllowInsecureFallback")),
    },
    ("caCertificateRefs",),
)
_TLS_CONFIG = Fields({"validation": _VALIDATION})
GATEWAY_TLS = Fields(
    {
        "backend": Fields({"clientCertificateRef": SECRET_REFERENCE}),
        "frontend": Fields(
            {
                "default": _TLS_CONFIG,
                "perPort": Listing(Fields({"port": PORT, "tls": _TLS_CONFIG}, ("port", "tls")), most=64, key="port"),
            },
            ("default",),
        ),
    }
)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _once(kind: str, gateway: Map) -> bool:
    given = [one.get("value") for one in gateway.get("addresses") or () if one.get("type", "IPAddress") == kind]
    values = [value for value in given if value is not None]
    return len(set(values)) == len(values)


_HOST = re.compile(r"(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
# GatewaySpecAddress; one without value asks for any address.
_ADDRESS = Fields(
    {"type": ADDRESS_TYPE, "value": Text(most=253)},
    rules=(
        Rule("is no IP address", "Write it like 192.0.2.1 or 2001:db8::1, or give another type.",
             lambda x: x.get("type", "IPAddress") != "IPAddress" or "value" not in x or _is_address(x["value"]),
             "value"),
        Rule("is no host name", "Write it like gw.example.com, in lower case.",
             lambda x: x.get("type") != "Hostname" or not x.get("value") or _HOST.fullmatch(x["value"]) is not None,
             "value"),
    ),
)  # fmt: skip
GATEWAY = Fields(
    {
        "gatewayClassName": OBJECT_NAME,
        "listeners": LISTENERS,
        "addresses": Listing(_ADDRESS),
        "infrastructure": Fields(
            {
                "labels": Labels(8, LABEL_KEY),
                "annotations": Labels(8, LABEL_KEY),
                "parametersRef": LOCAL_REFERENCE,
            }
        ),
        "allowedListeners": Fields(
            {"namespaces": Fields({"from": Text(words=(*_FROM, "None")), "selector": Selector()})}
        ),
        "tls": GATEWAY_TLS,
        "defaultScope": Text(words=("All", "None")),
    },
    ("gatewayClassName", "listeners"),
    tuple(
        Rule(f"gives an address of type {kind} twice", "Remove one of the two.", partial(_once, kind), "addresses")
        for kind in ("IPAddress", "Hostname")
    ),
)
LISTENER_SET = Fields(
    {
        "parentRef": Fields({"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME, "namespace": NAMESPACE}, ("name",)),
        "listeners": LISTENERS,
    },
    ("parentRef", "listeners"),
)
GATEWAY_CLASS = Fields(
    {
        "controllerName": CONTROLLER,
        "parametersRef": OBJECT_REFERENCE,
        "description": Text(most=64),
    },
    ("controllerName",),
)
REFERENCE_GRANT = Fields(
    {
        "from": Listing(
            Fields({"group": API_GROUP, "kind": KIND, "namespace": NAMESPACE}, ("group", "kind", "namespace")), 1
        ),
        "to": Listing(Fields({"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME}, ("group", "kind")), 1),
    },
    ("from", "to"),
)


def _named(san: Map, kind: str, name: str) -> bool:
    return bool(san.get(name)) is bool(san["type"] == kind)


def _one_source(value: Map) -> bool:
    return bool(value.get("caCertificateRefs")) != bool(value.get("wellKnownCACertificates"))


def _distinct_targets(value: Map) -> bool:
    seen: Sequence[tuple[Any, ...]] = [
        (x["group"], x["kind"], x["name"], x.get("sectionName") or "") for x in value["targetRefs"]
    ]
    whole = {x[:3] for x in seen if not x[3]}
    return len(set(seen)) == len(seen) and not any(bool(x[3]) and x[:3] in whole for x in seen)


BACKEND_TLS_POLICY = Fields(
    {
        "targetRefs": Listing(
            Fields(
                {"group": API_GROUP, "kind": KIND, "name": OBJECT_NAME, "sectionName": SECTION},
                ("group", "kind", "name"),
            ),
            1,
        ),
        "validation": Fields(
            {
                "caCertificateRefs": Listing(LOCAL_REFERENCE, most=8),
                "wellKnownCACertificates": Text(words=("System",)),
                "hostname": PRECISE_HOSTNAME,
                "subjectAltNames": Listing(
                    Fields(
                        {"type": Text(words=("Hostname", "URI")), "hostname": HOSTNAME, "uri": ABSOLUTE_URI},
                        ("type",),
                        (
                            Rule("hostname goes with type Hostname", "Give hostname with type Hostname, and only then.",
                                 lambda x: _named(x, "Hostname", "hostname")),
                            Rule("uri goes with type URI", "Give uri with type URI, and only then.",
                                 lambda x: _named(x, "URI", "uri")),
                        ),
                    ),
                    most=5,
                ),
            },
            ("hostname",),
            (
                Rule("needs either caCertificateRefs or wellKnownCACertificates, and not both", "Give one of the two.",
                     _one_source),
            ),
        ),
        "options": Labels(),
    },
    ("targetRefs", "validation"),
    (
        Rule("select the same target twice", "Give each target once, or different sectionNames.", _distinct_targets,
             "targetRefs"),
    ),
)  # fmt: skip
