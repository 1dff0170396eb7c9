"""Which of its IPv6 addresses a machine sends from, where nothing names one (RFC 6724, section 5).

Linux asks all its interfaces, those of the outgoing one first (rule 5), then prefers an address with the destination's
label (rule 6), then the one that shares the longest prefix with it (rule 8), which counts no further than the prefix
that its own link has; of equal ones the first stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from designer.engine.netfilter.packet import address_number, in_network

# The policy table of RFC 6724, section 2.1, with its labels; the first range that holds an address counts.
LABELS: tuple[tuple[str, int], ...] = (
    ("::1/128", 0),
    ("::ffff:0:0/96", 4),
    ("2001::/32", 5),
    ("2002::/16", 2),
    ("3ffe::/16", 12),
    ("fc00::/7", 13),
    ("fec0::/10", 11),
    ("::/96", 3),
    ("::/0", 1),
)

NOT_SHARED: Mapping[str, int] = {}


def chosen_source(candidates: Iterable[str], destination: str, prefixes: Mapping[str, int] = NOT_SHARED) -> str | None:
    """The one of `candidates`, global IPv6 addresses, that a packet to `destination` gets; None where there is none.

    `prefixes` are the prefix lengths of those that are not on a link of their own (/128).
    """
    wanted = _label(destination)
    best: str | None = None
    best_rank = (False, -1)
    for address in candidates:
        shared = min(_common(address, destination), prefixes.get(address, 128))
        rank = (_label(address) == wanted, shared)
        if best is None or rank > best_rank:
            best, best_rank = address, rank
    return best


def _label(address: str) -> int:
    return next(label for cidr, label in LABELS if in_network(address, cidr))


def _common(one: str, other: str) -> int:
    """How many leading bits two addresses share."""
    return 128 - (address_number(one) ^ address_number(other)).bit_length()
