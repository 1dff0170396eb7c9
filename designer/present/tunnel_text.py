"""A tunnel's text of a header (``VXLAN, UDP 4789, VNI 4096``) taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# Bytes between the outer IP header and the inner packet, by the first word of the tunnel's name, with the headers that
# make them up (RFC 7348 section 5; RFC 8926 section 3.1 without options; RFC 2003 has nothing between).
BETWEEN: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "VXLAN": (("UDP", 8), ("VXLAN", 8), ("Ethernet", 14)),
    "Geneve": (("UDP", 8), ("Geneve", 8), ("Ethernet", 14)),
    "IPIP": (),
}
_PORT = re.compile(r"\bUDP (\d+)")
_VNI = re.compile(r"\bVNI (\d+)")


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel: its name, its first word as in `BETWEEN`, its UDP port (0: none), its VNI (None: not known)."""

    name: str
    kind: str
    port: int
    vni: int | None


def tunnel_of(text: str) -> Tunnel | None:
    """The tunnel behind a header's text, None for "" and for one whose bytes are not known here."""
    name = text.partition(",")[0].strip()
    kind = name.partition(" ")[0]
    if kind not in BETWEEN:
        return None
    port, vni = _PORT.search(text), _VNI.search(text)
    return Tunnel(name, kind, int(port[1]) if port else 0, int(vni[1]) if vni else None)
