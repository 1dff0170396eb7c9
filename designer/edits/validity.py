"""What the API server refuses in a single value, as a table: checked where a person changes a field.

Only values that an edit changes are checked: what an import brought in stays as it is and `engine.checks` speaks about
it. Sources: Kubernetes API conventions "Names" (RFC 1123), "Labels and Selectors" (syntax), validation of Services
and Ingresses (`domain/services.md` "Validation", `domain/ingress-gateway.md` "Ingress matching rules").
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from designer.edits.edit import refusal
from designer.edits.paths import Part, path_text, read
from designer.model import Problem

Check = Callable[[Any], str]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-))*(?<!-)")

# Kinds whose name is one DNS label; the names of all others may hold dots.
LABEL_NAMES = frozenset({"Service", "Namespace"})


def dns_label(value: Any) -> str:
    """Why `value` is no DNS label, "" when it is one (RFC 1123: at most 63 characters)."""
    if isinstance(value, str) and _LABEL.fullmatch(value):
        return ""
    return "must be 1 to 63 lower-case letters, digits or '-', starting and ending with a letter or digit"


def dns_subdomain(value: Any) -> str:
    """Why `value` is no DNS subdomain, "" when it is one (RFC 1123: at most 253 characters)."""
    if isinstance(value, str) and len(value) <= 253 and _SUBDOMAIN.fullmatch(value):
        return ""
    return "must be lower-case letters, digits, '-' or '.', starting and ending with a letter or digit"


def label_value(value: Any) -> str:
    """Why `value` is no label value, "" when it is one."""
    if value == "" or (isinstance(value, str) and _QUALIFIED.fullmatch(value)):
        return ""
    return "must be empty or up to 63 letters, digits, '-', '_' or '.', starting and ending with a letter or digit"


def label_key(key: str) -> str:
    """Why `key` is no label key, "" when it is one: an optional DNS prefix and '/', then a name."""
    prefix, slash, name = key.rpartition("/")
    if _QUALIFIED.fullmatch(name) and (not slash or not dns_subdomain(prefix)):
        return ""
    return "is no label key: use letters, digits, '-', '_' or '.', with at most one prefix such as example.com/"


def port_number(value: Any) -> str:
    """Why `value` is no port, "" when it is one."""
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 65535:
        return ""
    return "must be a port from 1 to 65535"


def port_or_name(value: Any) -> str:
    """Why `value` is neither a port nor the name of one, "" when it is."""
    if isinstance(value, str) and not value.isdecimal():
        return "" if len(value) <= 15 and _PORT_NAME.fullmatch(value) else _PORT_NAME_WORDS
    return port_number(value)


_PORT_NAME_WORDS = "must be a port number, or a name of up to 15 lower-case letters, digits or '-' with a letter in it"


def address(value: Any) -> str:
    """Why `value` is no IP address, "" when it is one."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return "must be an IP address such as 10.96.0.10"
    return ""


def address_or_none(value: Any) -> str:
    """Like `address`; ``None`` (headless) and an empty text (not given yet) are fine too."""
    return "" if value in ("None", "") else address(value)


def cidr_list(value: Any) -> str:
    """Why `value` is no comma separated list of address ranges, "" when it is one; the empty text is an empty list."""
    parts = [part.strip() for part in str(value).split(",")] if value else []
    return next((wrong for part in parts if (wrong := cidr(part))), "")


def cidr(value: Any) -> str:
    """Why `value` is no address range, "" when it is one; host bits are refused (KEP-4858)."""
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        if "host bits" in str(error):
            return f"has host bits set; write {ipaddress.ip_network(value, strict=False)}"
        return "must be an address range such as 10.0.0.0/8"
    return ""


def one_of(*allowed: str) -> Check:
    """A check that a value is one of `allowed`."""
    words = f"must be {', '.join(allowed[:-1])} or {allowed[-1]}"
    return lambda value: "" if value in allowed else words


def at_least_zero(value: Any) -> str:
    """Why `value` is no count, "" when it is one."""
    try:
        return "" if int(value) >= 0 else "must be 0 or more"
    except (TypeError, ValueError):
        return ""  # the type itself is pydantic's to refuse


def url_path(value: Any) -> str:
    """Why `value` is no path of an Ingress rule, "" when it is one."""
    return "" if isinstance(value, str) and (not value or value.startswith("/")) else "must start with '/'"


PROTOCOL = one_of("TCP", "UDP", "SCTP")

# Where a check applies: kind ("" for all), and the path with * for an index or a key.
CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("", "metadata.namespace", dns_label),
    ("", "metadata.labels.*", label_value),
    ("Service", "spec.type", one_of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")),
    ("Service", "spec.selector.*", label_value),
    ("Service", "spec.ports.*.port", port_number),
    ("Service", "spec.ports.*.nodePort", port_number),
    ("Service", "spec.ports.*.targetPort", port_or_name),
    ("Service", "spec.ports.*.protocol", PROTOCOL),
    ("Service", "spec.ports.*.name", dns_label),
    ("Service", "spec.clusterIP", address_or_none),
    ("Service", "spec.externalIPs.*", address),
    ("Service", "spec.loadBalancerIP", address),
    ("Service", "spec.loadBalancerSourceRanges.*", cidr),
    ("Service", "spec.externalTrafficPolicy", one_of("Cluster", "Local")),
    ("Service", "spec.internalTrafficPolicy", one_of("Cluster", "Local")),
    ("Service", "spec.sessionAffinity", one_of("None", "ClientIP")),
    ("Ingress", "spec.rules.*.http.paths.*.path", url_path),
    (
        "Ingress",
        "spec.rules.*.http.paths.*.pathType",
        one_of("Exact", "Prefix", "ImplementationSpecific"),
    ),
    ("Ingress", "spec.rules.*.http.paths.*.backend.service.port.number", port_number),
    ("NetworkPolicy", "spec.policyTypes.*", one_of("Ingress", "Egress")),
    *(
        ("NetworkPolicy", f"spec.{way}.*.{peers}.*.ipBlock.{field}", cidr)
        for way, peers in (("ingress", "from"), ("egress", "to"))
        for field in ("cidr", "except.*")
    ),
    *(
        ("NetworkPolicy", f"spec.{way}.*.ports.*.{field}", check)
        for way in ("ingress", "egress")
        for field, check in (("port", port_or_name), ("endPort", port_number), ("protocol", PROTOCOL))
    ),
    *(
        ("", f"spec.{prefix}containers.*.ports.*.{field}", check)
        for prefix in ("", "template.spec.")
        for field, check in (
            ("containerPort", port_number),
            ("hostPort", port_number),
            ("name", port_or_name),
            ("protocol", PROTOCOL),
        )
    ),
    ("", "spec.template.metadata.labels.*", label_value),
    ("", "spec.replicas", at_least_zero),
    ("ServiceCIDR", "spec.cidrs.*", cidr),
)
# Groups whose keys are label keys.
LABEL_GROUPS: tuple[str, ...] = (
    "metadata.labels",
    "spec.selector",
    "spec.template.metadata.labels",
    "spec.podSelector.matchLabels",
    "spec.selector.matchLabels",
)


def _matches(data: Any, pattern: list[str], at: tuple[Part, ...] = ()) -> Iterator[tuple[tuple[Part, ...], Any]]:
    """Paths and values in `data` that a pattern names."""
    if not pattern:
        yield at, data
        return
    head, rest = pattern[0], pattern[1:]
    if head == "*" and isinstance(data, list):
        for index, value in enumerate(data):
            yield from _matches(value, rest, (*at, index))
    elif isinstance(data, dict):
        for key in sorted(data) if head == "*" else [head] if head in data else []:
            yield from _matches(data[key], rest, (*at, key))


def value_problems(
    checks: Iterable[tuple[str, Check]], oid: str, before: dict[str, Any], after: dict[str, Any]
) -> list[Problem]:
    """Problems of the values that differ between two states of some data; `checks` are paths with ``*``, and checks."""
    return [
        _problem(oid, path_text(path), f"{path_text(path)} {words}")
        for pattern, check in checks
        for path, value in _matches(after, pattern.split("."))
        if read(before, path) != value and (words := check(value))
    ]


def refused_values(kind: str, oid: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[Problem, ...]:
    """Problems of the values that differ between two states of an object's data, in the order of the table."""
    name_check = dns_label if kind in LABEL_NAMES else dns_subdomain
    checks: list[tuple[str, Check]] = [("metadata.name", name_check)]
    checks += [(pattern, check) for wanted, pattern, check in CHECKS if wanted in ("", kind)]
    found = value_problems(checks, oid, before, after)
    for group in LABEL_GROUPS:
        parts = tuple(group.split("."))
        keys = read(after, parts)
        known = read(before, parts)
        for key in sorted(keys) if isinstance(keys, dict) and not _is_label_selector(group, kind) else ():
            if words := "" if isinstance(known, dict) and key in known else label_key(key):
                found.append(_problem(oid, path_text((*parts, key)), f"{key} {words}"))
    return tuple(found)


def _is_label_selector(group: str, kind: str) -> bool:
    """``spec.selector`` is a plain map in Services and ReplicationControllers, a LabelSelector in all other kinds."""
    return group == "spec.selector" and kind not in ("Service", "ReplicationController")


def _problem(oid: str, field: str, title: str) -> Problem:
    return refusal(
        "EDIT-03", title, oid=oid, field=field, why="The API server refuses such a value.", fix="Correct the value."
    )
