"""One hop for the event list and the packet inspector: the packet in one short text, its fields in layers."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.trace.hops import Header, Hop

# A header's field, and what a person reads.
OUTER: tuple[tuple[str, str], ...] = (
    ("tunnel", "Tunnel"),
    ("outer_src", "Source"),
    ("outer_dst", "Destination"),
)
INNER: tuple[tuple[str, str], ...] = (
    ("protocol", "Protocol"),
    ("src", "Source"),
    ("sport", "Source port"),
    ("dst", "Destination"),
    ("dport", "Destination port"),
    ("ttl", "TTL"),
    ("mark", "Mark"),
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a header before and after a hop; "" where there is no such header or no value."""

    name: str
    before: str
    after: str
    changed: bool


@dataclass(frozen=True, slots=True)
class HeaderLayer:
    """The fields of one header; `title` is "Outer header", "Inner header", or "Packet" when nothing is wrapped."""

    title: str
    rows: tuple[FieldRow, ...]


def leaving_text(hop: Hop) -> str:
    """The packet as it leaves the hop, the wrapping header first: ``VXLAN 192.168.10.11 → 192.168.10.12 [ … ]``."""
    header = hop.after or hop.before
    if header is None:
        return ""
    if header.outer_dst:
        return f"{header.tunnel} {header.outer_src} → {header.outer_dst} [{header.text()}]"
    return header.text()


def is_changed(hop: Hop) -> bool:
    """Whether the packet leaves the hop with another header than it came with (the TTL alone does not count)."""
    if hop.before is None or hop.after is None:
        return False
    return any(getattr(hop.before, name) != getattr(hop.after, name) for name, _ in (*OUTER, *INNER) if name != "ttl")


def header_layers(hop: Hop) -> tuple[HeaderLayer, ...]:
    """The headers of a hop's packet, outermost first; empty where a hop has no packet."""
    if hop.before is None and hop.after is None:
        return ()
    outer = _rows(hop, OUTER)
    inner = _rows(hop, INNER)
    if not outer:
        return (HeaderLayer("Packet", inner),)
    return (HeaderLayer("Outer header", outer), HeaderLayer("Inner header", inner))


def _rows(hop: Hop, fields: tuple[tuple[str, str], ...]) -> tuple[FieldRow, ...]:
    rows = []
    for attribute, name in fields:
        old, new = _text(hop.before, attribute), _text(hop.after, attribute)
        if old or new:
            rows.append(FieldRow(name, old, new, hop.before is not None and hop.after is not None and old != new))
    return tuple(rows)


def _text(header: Header | None, attribute: str) -> str:
    value = getattr(header, attribute) if header is not None else ""
    if attribute == "mark":
        return f"0x{value:x}" if value else ""
    return str(value) if value else ""
