"""Values of annotations that ingress-nginx refuses, and what it does then.

Source: kubernetes/ingress-nginx, internal/ingress/annotations/parser/validators.go and the parser of each annotation.
Flag ``--enable-annotation-validation`` came with v1.9 and is on by default from v1.12. A parser that hands the error on
makes the controller leave the whole Ingress out (annotations.go, Extract: IsValidationError); others warn, and go on as
if the annotation were missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

# Values that strconv.ParseBool takes.
TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})

_PLAIN = r"\-._~a-zA-Z0-9/:"
_SIGNS = re.escape("^$[](){}*+?|&=\\")
Effect = Literal["out", "dropped"]
Check = Callable[[str], bool]


def _is(pattern: str, spaces: bool = True) -> Check:
    """A check against an expression; without `spaces` those are taken out first, as the validator does."""
    known = re.compile(pattern)
    return lambda text: known.fullmatch(text if spaces else text.replace(" ", "")) is not None


def _bool(text: str) -> bool:
    return text in TRUE or text in FALSE


_INT = _is(r"[+-]?[0-9]+")
_URL = _is(rf"[{_PLAIN},:?&=]*")
_CAPTURE = _is(rf"/?[{_PLAIN}$]*")
_BASIC = _is(rf"[{_PLAIN}]*", spaces=False)
_NAME = re.compile(rf"[{_PLAIN}{_SIGNS}]*")
_ORIGIN = r"((((([a-z]+://)?(\*\.)?[A-Za-z0-9\-.]*(:\d+)?,?)|null)+)|\*)?"


def _names(text: str) -> bool:
    return all(_NAME.fullmatch(part.strip()) for part in text.split(","))


CHECKS: Mapping[str, tuple[Check, Effect]] = {
    "from-to-www-redirect": (_bool, "out"),
    "temporal-redirect": (_URL, "out"),
    "temporal-redirect-code": (_INT, "out"),
    "permanent-redirect": (_URL, "out"),
    "permanent-redirect-code": (_INT, "out"),
    "relative-redirects": (_bool, "out"),
    "server-alias": (_names, "out"),
    "upstream-vhost": (_names, "out"),
    "default-backend": (_is(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"), "out"),
    "custom-http-errors": (_is(r"(?:[4,5]\d{2},?)*", spaces=False), "out"),
    "x-forwarded-prefix": (_is(rf"/?[{_PLAIN}$]*", spaces=False), "out"),
    "rewrite-target": (_CAPTURE, "dropped"),
    "app-root": (_CAPTURE, "dropped"),
    "canary-by-header": (_BASIC, "dropped"),
    "canary-by-header-value": (_BASIC, "dropped"),
    "canary-by-header-pattern": (_is(rf"[{_PLAIN}{_SIGNS}]*"), "dropped"),
    "canary-by-cookie": (_BASIC, "dropped"),
    "cors-allow-origin": (_is(_ORIGIN, spaces=False), "dropped"),
}
# While there is a temporal redirect, the parser does not look at these (redirect.go).
AFTER_TEMPORAL = ("permanent-redirect", "permanent-redirect-code")


def unfit(own: Mapping[str, str]) -> dict[str, Effect]:
    """The annotations whose values validation refuses, with what becomes of them, in the order of the table."""
    found: dict[str, Effect] = {}
    for name, (check, effect) in CHECKS.items():
        if name in AFTER_TEMPORAL and own.get("temporal-redirect"):
            continue
        if own.get(name) and not check(own[name]):
            found[name] = effect
    return found
