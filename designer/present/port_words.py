"""The ports that a person types to look for: ``6379``, ``TCP 6379``, ``53/udp``, ``UDP``, ``8000-8100, sctp``."""

from __future__ import annotations

import re

from designer.engine.policy.ports import ALL_PORTS, MAX_PORT, MIN_PORT, NO_PORTS, PROTOCOLS, PortSet

_PART = re.compile(r"(?:([a-z]+)[\s:/]*)?(?:(\d+)(?:\s*-\s*(\d+))?)?(?:\s*/\s*([a-z]+))?", re.IGNORECASE)
HOW = "Write a port like 6379, TCP 6379, 53/udp or 8000-8100."


def read_ports(text: str) -> tuple[PortSet, str]:
    """The ports that a text names, and what is wrong with it ("" where nothing is).

    Nothing typed means all. A number without protocol means TCP, as in a Service or a policy; a protocol alone means
    all of its ports.
    """
    if not text.strip():
        return ALL_PORTS, ""
    found = NO_PORTS
    for part in text.split(","):
        ports, wrong = _read(part.strip())
        if wrong:
            return ALL_PORTS, wrong
        found |= ports
    return found, ""


def _read(part: str) -> tuple[PortSet, str]:
    match = _PART.fullmatch(part)
    if match is None or not part:
        return NO_PORTS, f"“{part}” is no port. {HOW}"
    before, low, high, after = match.groups()
    if before and after:
        return NO_PORTS, f"“{part}” names two protocols. {HOW}"
    protocol = (before or after or "TCP").upper()
    if protocol not in PROTOCOLS:
        return NO_PORTS, f"“{before or after}” is none of {', '.join(PROTOCOLS)}. {HOW}"
    first = int(low) if low else MIN_PORT
    last = int(high) if high else first if low else MAX_PORT
    if not MIN_PORT <= first <= last <= MAX_PORT:
        return NO_PORTS, f"“{part}” is outside of {MIN_PORT} to {MAX_PORT}, or ends before it begins. {HOW}"
    return PortSet.of(protocol, first, last), ""
