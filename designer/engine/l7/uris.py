"""The path of a request as nginx compares it: decoded, dot segments resolved, slashes merged.

ngx_http_parse_complex_uri, with `merge_slashes` on, as it is by default.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def split_uri(uri: str) -> tuple[str, str]:
    """Path and query of a request's URI; the query has its question mark, "" without any; a fragment is left out."""
    path, mark, query = uri.partition("#")[0].partition("?")
    return path or "/", f"{mark}{query}"


def normal_uri(path: str) -> str | None:
    """The path as it is compared, or None for one that nginx answers with 400."""
    raw = path.encode("utf-8", "surrogateescape")
    if _BAD_ESCAPE.search(raw) or b"%00" in raw or not raw.startswith(b"/"):
        return None
    plain = _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), raw).decode("utf-8", "surrogateescape")
    parts: list[str] = []
    pieces = plain.split("/")[1:]
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if piece == "..":
            if not parts:
                return None
            parts.pop()
        if piece in ("", ".", ".."):
            if last:
                parts.append("")
            continue
        parts.append(piece)
    return "/" + "/".join(parts)
