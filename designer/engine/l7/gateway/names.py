"""Texts of Gateway API as its CRDs define them: host names, object names, header names, origins, durations."""

from __future__ import annotations

import re

from designer.engine.l7.gateway.schema import Number, Text

_LABELS = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_DNS = "a DNS name in lower case, without port"

HOSTNAME = Text(
    re.compile(rf"^(\*\.)?{_LABELS}$"), f"{_DNS}; a wildcard stands alone in the first label (*.example.com)", 1, 253
)
PRECISE_HOSTNAME = Text(re.compile(rf"^{_LABELS}$"), f"{_DNS} and without wildcard", 1, 253)
SECTION = Text(re.compile(rf"^{_LABELS}$"), "a name of lower-case letters, digits, dashes and dots", 1, 253)
API_GROUP = Text(re.compile(rf"^$|^{_LABELS}$"), "an API group such as apps or example.com, or empty", 0, 253)
KIND = Text(re.compile(r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$"), "a kind such as Service", 1, 63)
NAMESPACE = Text(re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), "the name of a namespace", 1, 63)
OBJECT_NAME = Text(least=1, most=253)
HEADER_NAME = Text(re.compile(r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$"), "the name of a header (RFC 9110, token)", 1, 256)
HEADER_VALUE = Text(least=1, most=4096)
CONTROLLER = Text(re.compile(rf"^{_LABELS}/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$"), "a domain, a slash and a path", 1, 253)
ADDRESS_TYPE = Text(
    re.compile(rf"^Hostname|IPAddress|NamedAddress|{_LABELS}/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$"),
    "IPAddress, Hostname, or a domain, a slash and a name",
    1,
    253,
)
DURATION = Text(re.compile(r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"), "a duration such as 10s or 1m30s")
ORIGIN = Text(
    re.compile(r"(^\*$)|(^(http(s)?)://(((\*\.)?([a-zA-Z0-9\-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$)"),
    "*, or scheme and host such as https://www.example.com or https://*.example.com:8443",
    1,
    253,
)
# Names of labels and annotations: an optional domain, then up to 63 characters.
LABEL_KEY = re.compile(rf"({_LABELS}/)?([A-Za-z0-9][-A-Za-z0-9_.]{{0,61}})?[A-Za-z0-9]")
ABSOLUTE_URI = Text(
    re.compile(r"^(([^:/?#]+):)(//([^/?#]*))([^?#]*)(\?([^#]*))?(#(.*))?"), "a URI with scheme and //", 1, 253
)
PATH_CHARACTERS = re.compile(r"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$")
PORT = Number(1, 65535)
PROTOCOL = Text(
    re.compile(
        r"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$"
        r"|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/[A-Za-z0-9]+$"
    ),
    "HTTP, HTTPS, TLS, TCP, UDP, or a domain and a name",
    1,
    255,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")

_DURATION_PART = re.compile(r"([0-9]+)(ms|h|m|s)")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def milliseconds(text: str) -> int:
    """The length of a duration (GEP-2257) in milliseconds."""
    return sum(int(number) * _MILLISECONDS[unit] for number, unit in _DURATION_PART.findall(text))
