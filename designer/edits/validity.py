"""Checks of single values: each says why the API server refuses one, "" when it takes it.

`refusals` has the table of the fields that they stand for. Sources: Kubernetes API conventions "Names" (RFC 1123),
"Labels and Selectors" (syntax), and the validation rules that `domain/services.md`, `domain/policies.md` and
`domain/ingress-gateway.md` list.
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


def label_key(key: Any) -> str:
    """Why `key` is no label key, "" when it is one: an optional DNS prefix and '/', then a name."""
    if not isinstance(key, str):
        return "must be text"
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


def port_name(value: Any) -> str:
    """Why `value` is no name of a port, "" when it is one (an IANA service name, RFC 6335)."""
    if isinstance(value, str) and len(value) <= 15 and _PORT_NAME.fullmatch(value):
        return ""
    return "must be a name of up to 15 lower-case letters, digits or '-' with a letter in it"


def port_or_name(value: Any) -> str:
    """Why `value` is neither a port nor the name of one, "" when it is; a number in quotes is no number."""
    if not isinstance(value, str):
        return port_number(value)
    if value.isdecimal():
        return f"must be a number without quotes: {value}"
    words = port_name(value)
    return words and words.replace("must be a name", "must be a port number, or a name")


def address(value: Any) -> str:
    """Why `value` is no IP address, "" when it is one."""
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return "must be an IP address such as 10.96.0.10"
    return ""


def cidr_list(value: Any) -> str:
    """Why `value` is no comma separated list of address ranges, "" when it is one; the empty text is an empty list."""
    parts = [part.strip() for part in str(value).split(",")] if value else []
    return next((wrong for part in parts if (wrong := cidr(part))), "")


def cidr(value: Any) -> str:
    """Why `value` is no address range, "" when it is one; host bits are refused (KEP-4858)."""
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError as error:
        if "host bits" in str(error):
            return f"has host bits set; write {ipaddress.ip_network(value, strict=False)}"
        return "must be an address range such as 10.0.0.0/8"
    return ""


def one_of(*allowed: str) -> Check:
    """A check that a value is one of `allowed`."""
    words = f"must be {', '.join(allowed[:-1])} or {allowed[-1]}"
    return lambda value: "" if value in allowed else words


def between(least: int, most: int) -> Check:
    """A check that a value is a number from `least` to `most`."""

    def check(value: Any) -> str:
        whole = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if whole else f"must be a number from {least} to {most}"

    return check


def either(first: Check, *accepted: Any) -> Check:
    """The check `first` for every value that is not one of `accepted`."""
    return lambda value: "" if value in accepted else first(value)


def at_least_zero(value: Any) -> str:
    """Why `value` is no count, "" when it is one."""
    try:
        return "" if int(value) >= 0 else "must be 0 or more"
    except (TypeError, ValueError):
        return ""  # the type itself is pydantic's to refuse


def host_name(value: Any) -> str:
    """Why `value` is no host of an Ingress, "" when it is one: a DNS name, with ``*.`` in front at most."""
    if not isinstance(value, str) or value == "":
        return "" if value == "" else "must be text"
    if not address(value):
        return "must be a DNS name, not an IP address"
    if "*" in value:
        plain = value.removeprefix("*.")
        return "may have * as its whole first label only" if "*" in plain else dns_subdomain(plain)
    return dns_subdomain(value)


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
        refused_value(oid, path_text(path), f"{path_text(path)} {words}")
        for pattern, check in checks
        for path, value in _matches(after, pattern.split("."))
        if read(before, path) != value and (words := check(value))
    ]


def refused_value(oid: str, field: str, title: str) -> Problem:
    """The problem of a value that the API server refuses."""
    return refusal(
        "EDIT-03", title, oid=oid, field=field, why="The API server refuses such a value.", fix="Correct the value."
    )
