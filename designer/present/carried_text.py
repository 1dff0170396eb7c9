"""What the connection of a request carries once it stands: the line of HTTP, or that it is encrypted."""

from __future__ import annotations

from designer.engine.trace.hops import RELAYS, Hop, Path, Request
from designer.engine.trace.request import parse_request


def carried_text(request: Request, path: Path, index: int) -> str:
    """What the packets of the connection at hop `index` carry, "" where the request says nothing about it.

    The packet of a trace is the first of its connection: it carries nothing yet. Behind an Ingress controller or
    a Gateway it is another connection, in which these send what their rules make of the request.
    """
    parsed, _problems = parse_request(request)
    hop = path.hops[index]
    header = hop.after or hop.before
    if parsed is None or not parsed.http or header is None or header.protocol != "TCP":
        return ""  # a lookup of the name goes by UDP and carries a question of DNS
    controllers = [place for place, each in enumerate(path.hops[:index]) if each.kind in RELAYS]
    if controllers and not _is_back_at_the_client(path, index):
        asked: Hop = path.hops[controllers[-1]]
        who = "Gateway" if asked.place.startswith("Gateway ") else "Ingress controller"
        return f"HTTP as the {who} sends it on, for {asked.what}"
    if hop.direction == "reply":
        return "the answer, encrypted by TLS" if parsed.tls else "the HTTP answer"
    host = f" for host {parsed.host}" if parsed.kind != "object" else ""
    if parsed.tls:
        return f"TLS{host}; the HTTP inside is encrypted"
    if parsed.text.lower().startswith("grpc:"):
        return f"gRPC over HTTP/2{host}"
    return f"HTTP {request.method} {parsed.path}{host}"


def _is_back_at_the_client(path: Path, index: int) -> bool:
    """Whether a reply is already on the connection between the controller and its caller."""
    sent = [at for at, hop in enumerate(path.hops[: index + 1]) if hop.direction == "reply" and hop.kind == "send"]
    return len(sent) > 1
