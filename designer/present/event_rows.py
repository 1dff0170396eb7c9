"""One hop for the event list: the packet as it comes in and as it leaves, in one short text each."""

from __future__ import annotations

from typing import Final

from designer.engine.trace.hops import Header, Hop

# How long the animation takes to a hop at 1×, in milliseconds, and how long it rests where the packet has changed.
HOP_MS: Final = 600
PAUSE_MS: Final = 250
# The TTL falls at every router, so it alone is no change worth a mark.
_COMPARED: Final = ("tunnel", "outer_src", "outer_dst", "protocol", "src", "sport", "dst", "dport", "mark")


def coming_text(hop: Hop) -> str:
    """The packet as it comes to the hop, in the same form as `leaving_text`; "" where it begins there."""
    return _text(hop.before)


def leaving_text(hop: Hop) -> str:
    """The packet as it leaves the hop, the wrapping header first: ``VXLAN 192.168.10.11 → 192.168.10.12 [ … ]``."""
    return _text(hop.after or hop.before)


def _text(header: Header | None) -> str:
    if header is None:
        return ""
    if header.outer_dst:
        return f"{header.tunnel} {header.outer_src} → {header.outer_dst} [{header.text()}]"
    return header.text()


def is_changed(hop: Hop) -> bool:
    """Whether the packet leaves the hop with another header than it came with (the TTL alone does not count)."""
    if hop.before is None or hop.after is None:
        return False
    return any(getattr(hop.before, name) != getattr(hop.after, name) for name in _COMPARED)


def times_of(hops: tuple[Hop, ...]) -> tuple[int, ...]:
    """When the animation reaches each hop at 1×, in milliseconds: the time line of the player, not of a network."""
    found, now = [], 0
    for at, hop in enumerate(hops):
        found.append(now)
        rests = hop.before is not None and hop.after is not None and hop.before != hop.after and at > 0
        now += HOP_MS + (PAUSE_MS if rests else 0)
    return tuple(found)
