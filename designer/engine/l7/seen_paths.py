"""The path of a request as a controller other than nginx compares it, and as it sends it on.

Traefik v3.7 (pkg/server/server_entrypoint_tcp.go: normalizePath, sanitizePath; pkg/muxer/http: the routing path; its
page "Request Path"): unreserved characters are decoded, segments ``.`` and ``..`` and double slashes are resolved as
Go's URL.JoinPath does, and rules are held against the path with everything decoded that RFC 3986 does not reserve.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPES = re.compile(r"(?:%[0-9A-F]{2})+")
_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
# Refused or let through by the entry point's `encodedCharacters`, whose defaults changed from release to release.
_AMBIGUOUS = re.compile(r"%(?:2[fF]|5[cC]|00|3[bB]|25|3[fF]|23)")
_RESERVED = frozenset(b":/?#[]@!$&'()*+,;=%")


@dataclass(frozen=True, slots=True)
class SeenPath:
    """`routed` is what rules are compared with, `sent` what goes on. `refused`: answered with 400. `doubt` or ""."""

    routed: str
    sent: str
    refused: bool = False
    doubt: str = ""


def traefik_path(path: str) -> SeenPath:
    """What Traefik makes of a path (without query)."""
    if _BAD_ESCAPE.search(path):  # Go's URL parser refuses the request before any router sees it
        return SeenPath(path, path, refused=True)
    ambiguous = _AMBIGUOUS.search(path)
    if ambiguous is not None:
        why = f"whether Traefik refuses a path with {ambiguous[0]} (encodedCharacters) depends on version and settings"
        return SeenPath(path, path, doubt=why)
    sent = cleaned(_ESCAPE.sub(_unreserved, path))
    return SeenPath(_ESCAPES.sub(_decoded, sent), sent)


def cleaned(path: str) -> str:
    """The path without ``.``, ``..`` and empty segments; a slash at its end stays (Go: path.Clean, URL.JoinPath)."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    plain = "/" + "/".join(kept)
    return f"{plain}/" if path.endswith("/") and kept else plain


def _unreserved(found: re.Match[str]) -> str:
    """An escaped character that needs no escape as itself (RFC 3986 section 2.3), another escape in upper case."""
    sign = chr(int(found[0][1:], 16))
    return sign if _UNRESERVED.fullmatch(sign) else found[0].upper()


def _decoded(found: re.Match[str]) -> str:
    """A run of escapes decoded, those of reserved characters kept."""
    made = bytearray()
    for number in bytes.fromhex(found[0].replace("%", "")):
        made += b"%%%02X" % number if number in _RESERVED else bytes((number,))
    return made.decode("utf-8", "surrogateescape")
