"""The packet of a hop in nested layers, outermost first: fields before and after, and the bytes of each header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from designer.engine.trace.hops import Header, Hop
from designer.present.tunnel_text import BETWEEN, tunnel_of

# Bytes of each header without options (RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 9260).
IP_BYTES: Final = {4: 20, 6: 40}
TRANSPORT_BYTES: Final = {"TCP": 20, "UDP": 8, "SCTP": 12}
UNKNOWN_MAC: Final = "MAC addresses are not known to the project"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a header before and after a hop; "" where there is no such header or no value."""

    name: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True)
class HeaderLayer:
    """The fields of one header: its name (``Outer IPv4``), its bytes (0 where it has none), and how deep it stands."""

    name: str
    size: int
    rows: tuple[FieldRow, ...]
    depth: int = 0

    @property
    def title(self) -> str:
        """Name and bytes: ``IPv4 · 20 bytes``."""
        return f"{self.name} · {self.size} bytes" if self.size else self.name


def header_layers(hop: Hop, application: str = "") -> tuple[HeaderLayer, ...]:
    """The headers of a hop's packet, outermost first; () where a hop has no packet.

    `application` is what the connection carries (see `carried_text`); it stands as the innermost layer.
    """
    before, after = hop.before, hop.after
    either = after or before
    if either is None:
        return ()
    found = [*_outer(before, after), *_inner(before, after, either)]
    if application:
        found.append(HeaderLayer("Carried later", 0, (FieldRow("Application", application, application, False),)))
    placed = tuple(HeaderLayer(layer.name, layer.size, layer.rows, depth) for depth, layer in enumerate(found))
    marks = _row("Mark", _mark(before), _mark(after), before, after)
    # The mark is no part of the packet: the kernel keeps it beside it, on one node.
    return (*placed, HeaderLayer("Kept by the kernel", 0, (marks,))) if marks else placed


def _family(address: str) -> int:
    return 6 if ":" in address else 4


def _outer(before: Header | None, after: Header | None) -> list[HeaderLayer]:
    wrapped = next((each for each in (after, before) if each is not None and each.outer_dst), None)
    if wrapped is None:
        return []
    family = _family(wrapped.outer_dst)
    rows = (
        _row("Source", _of(before, "outer_src"), _of(after, "outer_src"), before, after),
        _row("Destination", _of(before, "outer_dst"), _of(after, "outer_dst"), before, after),
    )
    found = [HeaderLayer(f"Outer IPv{family}", IP_BYTES[family], _held(rows))]
    tunnel = tunnel_of(wrapped.tunnel)
    if tunnel is None:
        text = _row("Tunnel", _of(before, "tunnel"), _of(after, "tunnel"), before, after)
        return [*found, HeaderLayer("Tunnel", 0, _held((text,)))]
    words = {
        "UDP": ("Destination port", str(tunnel.port)),
        "VXLAN": ("VNI", "not known" if tunnel.vni is None else str(tunnel.vni)),
        "Geneve": ("VNI", "not known" if tunnel.vni is None else str(tunnel.vni)),
        "Ethernet": ("Addresses", UNKNOWN_MAC),
    }
    for header, size in BETWEEN[tunnel.kind]:
        name, value = words[header]
        sides = [value if each is not None and each.outer_dst else "" for each in (before, after)]
        row = _row(name, sides[0], sides[1], before, after)
        title = {"UDP": "Outer UDP", "Ethernet": "Inner Ethernet"}.get(header, tunnel.name)
        found.append(HeaderLayer(title, size, _held((row,))))
    return found


def _inner(before: Header | None, after: Header | None, either: Header) -> list[HeaderLayer]:
    family = _family(either.dst)
    wrapped = any(each is not None and each.outer_dst for each in (before, after))
    name = f"{'Inner ' if wrapped else ''}IPv{family}"
    address = (
        _row("Source", _of(before, "src"), _of(after, "src"), before, after),
        _row("Destination", _of(before, "dst"), _of(after, "dst"), before, after),
        _row("Protocol", _of(before, "protocol"), _of(after, "protocol"), before, after),
        _row("TTL" if family == 4 else "Hop limit", _of(before, "ttl"), _of(after, "ttl"), before, after),
    )
    ports = (
        _row("Source port", _of(before, "sport"), _of(after, "sport"), before, after),
        _row("Destination port", _of(before, "dport"), _of(after, "dport"), before, after),
    )
    found = [HeaderLayer(name, IP_BYTES[family], _held(address))]
    if _held(ports):
        found.append(HeaderLayer(either.protocol, TRANSPORT_BYTES.get(either.protocol, 0), _held(ports)))
    return found


def _of(header: Header | None, attribute: str) -> str:
    value = getattr(header, attribute) if header is not None else ""
    return str(value) if value else ""


def _mark(header: Header | None) -> str:
    return f"0x{header.mark:x}" if header is not None and header.mark else ""


def _row(name: str, old: str, new: str, before: Header | None, after: Header | None) -> FieldRow | None:
    if not old and not new:
        return None
    return FieldRow(name, old, new, before is not None and after is not None and old != new)


def _held(rows: tuple[FieldRow | None, ...]) -> tuple[FieldRow, ...]:
    return tuple(row for row in rows if row is not None)


def size_text(hop: Hop, pod_mtu: int, link_mtu: int) -> str:
    """The bytes of a packet's headers and what they leave, in sentences; "" without a packet or of unknown bytes.

    `pod_mtu` is the MTU of the Pods' devices, `link_mtu` that between the nodes (`domain/cni.md`, MTU). A full packet
    is one that fills the Pods' MTU; TCP's options are not counted.
    """
    header = hop.after or hop.before
    if header is None or header.protocol not in TRANSPORT_BYTES:
        return ""
    inner = IP_BYTES[_family(header.dst)] + TRANSPORT_BYTES[header.protocol]
    if not header.outer_dst:
        room = pod_mtu - inner
        left = f"leaves {room} bytes for what {header.protocol} carries."
        return f"{inner} bytes of headers. The Pods' MTU of {pod_mtu} {left}"
    tunnel = tunnel_of(header.tunnel)
    if tunnel is None:
        return ""
    outer = IP_BYTES[_family(header.outer_dst)] + sum(size for _name, size in BETWEEN[tunnel.kind])
    full = pod_mtu + outer
    bare = " (without options)" if tunnel.kind == "Geneve" else ""
    fits = "fits" if full <= link_mtu else "is too long for"
    return (
        f"{outer + inner} bytes of headers, {outer} of them around the packet{bare}. A packet that fills the Pods' "
        f"MTU of {pod_mtu} has {full} bytes between the nodes; it {fits} the link's MTU of {link_mtu}."
    )
