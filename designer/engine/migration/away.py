"""What a location of nginx sends elsewhere, as RequestRedirect filters; and the paths whose rest can be kept.

A redirect of an annotation, a rewrite-target that is a URL, and the redirect to HTTPS, with what of them Gateway API
has no words for.
"""

from __future__ import annotations

import re
from typing import Any

from designer.engine.l7.nginx import CATCH_ALL, Location, Server
from designer.engine.l7.nginx_texts import AWAY
from designer.engine.migration.losses import Loss, When, tell

PLAIN = re.compile(r"/[A-Za-z0-9_\-./~]*")
# `/something(/|$)(.*)` and its kin: the path in front, and which group holds the rest without its slash.
TAIL = re.compile(
    r"(?P<head>/[A-Za-z0-9_\-./~]*?)(?P<tail>\(/\|\$\)\(\.\*\)|/\(\.\*\)|/\.\*|/\?\(\.\*\)|\(/\.\*\)\??)\$?"
)
REST_GROUP = {"(/|$)(.*)": 2, "/(.*)": 1, "/?(.*)": 1}
_URL = re.compile(r"(?:(?P<scheme>[a-z]+)://)?(?P<host>[^/:?#]*)(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^?#]*)?")
REDIRECT_CODES = (301, 302, 303, 307, 308)


def parts_of(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of a URL; its query and fragment are left out."""
    found = _URL.match(url)
    assert found is not None, "every text has these parts"
    port = found["port"]
    return found["scheme"] or "http", found["host"], int(port) if port else None, found["path"] or "/"


def redirect(status: int, url: str = "", **parts: Any) -> dict[str, Any]:
    """A RequestRedirect filter; `url` gives scheme, host, port and path."""
    made: dict[str, Any] = {"statusCode": status, **parts}
    if url.startswith("/"):
        made["path"] = {"type": "ReplaceFullPath", "replaceFullPath": url.partition("?")[0]}
    elif url:
        scheme, host, port, path = parts_of(url)
        made |= {"scheme": scheme, "hostname": host} | ({"port": port} if port else {})
        made["path"] = {"type": "ReplaceFullPath", "replaceFullPath": path}
    return {"type": "RequestRedirect", "requestRedirect": made}


def tell_query(server: Server, losses: list[Loss]) -> None:
    """That redirects of nginx have a fixed URL, without the query of the request; once for a host."""
    owner = next((found.entry for found in server.locations if found.entry is not None), None)
    urls = [found.notes.redirect for found in server.locations if found.notes.redirect] + [server.app_root]
    url = next((url for url in urls if url and "$request_uri" not in url and "$args" not in url), "")
    if url and owner is not None:
        shown = server.host if server.host != CATCH_ALL else "every other host"
        own = " and has a query of its own, which RequestRedirect has no field for" if "?" in url else ""
        why = f"the redirect of {shown} to {url} leaves the query of a request out{own}; a Gateway keeps the request's"
        when: When = "" if "?" in url else "query"
        fix = "Nothing, unless a query matters."
        tell(losses, Loss(owner.ingress, "metadata.annotations", why, fix, server.host, when=when))


def leaves(location: Location) -> bool:
    """Whether the location answers with a redirect of its own, which goes before that to HTTPS."""
    notes = location.notes
    return bool(notes.redirect) or (notes.rewrites(location.path) and notes.rewrite.startswith(AWAY))


def tell_slash(server: Server, location: Location, losses: list[Loss]) -> None:
    """That the redirect to HTTPS goes to another path where the request's ends in a slash; once for a host."""
    if location.notes.trailing or location.entry is None:
        return
    shown = server.host if server.host != CATCH_ALL else "every other host"
    why = f"ingress-nginx leaves a final slash out when it redirects {shown} to https, a Gateway keeps it"
    fix = "Nothing, unless a path without its slash matters."
    if not any(loss.why == why for loss in losses):
        losses.append(Loss(location.entry.ingress, "spec.tls", why, fix, server.host, when="slash"))


def redirected(location: Location, losses: list[Loss]) -> list[dict[str, Any]]:
    """The redirect that an annotation asks for."""
    notes, entry = location.notes, location.entry
    status = notes.code
    if status not in REDIRECT_CODES:
        status = 302 if status < 301 or status > 303 else 301
        if entry is not None:
            why = f"RequestRedirect has no status {notes.code}; {status} is used"
            tell(
                losses,
                Loss(
                    entry.ingress,
                    "metadata.annotations",
                    why,
                    "Use 301, 302, 303, 307 or 308.",
                    entry.host or CATCH_ALL,
                ),
            )
    url = notes.redirect
    if url.endswith("$request_uri") and "$" not in url[: -len("$request_uri")]:
        made = redirect(status, url.removesuffix("$request_uri"))
        del made["requestRedirect"]["path"]
        return [made]
    if "$" in url and entry is not None:
        why = f"the redirect to {url} holds variables of nginx"
        tell(
            losses,
            Loss(entry.ingress, "metadata.annotations", why, "Write the redirect by hand.", entry.host or CATCH_ALL),
        )
    return [redirect(status, url.partition("$")[0])]


def target_of(location: Location) -> str:
    """The rewrite-target; what names a group that the path has not is empty."""
    path, target = location.rule_path, location.notes.rewrite
    groups = location.pattern.groups if location.pattern is not None else 0 if PLAIN.fullmatch(path) else 9
    return re.sub(r"\$([0-9])", lambda found: found[0] if int(found[1]) <= groups else "", target)


def sent_away(location: Location, losses: list[Loss]) -> list[dict[str, Any]]:
    """The redirect that nginx makes of a rewrite-target that is a URL; none where Gateway API cannot say it."""
    target, entry = target_of(location), location.entry
    tail = TAIL.fullmatch(location.rule_path)
    group = REST_GROUP.get(tail["tail"]) if tail is not None else None
    front = target.removesuffix(f"/${group}") if group is not None else target
    if "$" not in front and "?" not in front:
        made = redirect(302, front)
        if front != target:
            kept = parts_of(front)[3]
            made["requestRedirect"]["path"] = {"type": "ReplacePrefixMatch", "replacePrefixMatch": kept}
        return [made]
    if entry is not None:
        why = (
            f"nginx redirects to rewrite-target {target}, which it puts together in a way that RequestRedirect has not"
        )
        key = "metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]"
        tell(
            losses,
            Loss(entry.ingress, key, why, "The path is left out: write the redirect by hand.", entry.host or CATCH_ALL),
        )
    return []
