"""Names that kube-proxy gives to its chains in iptables mode: a prefix and 16 characters of a hash."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

CLUSTER = "KUBE-SVC-"
LOCAL = "KUBE-SVL-"
EXTERNAL = "KUBE-EXT-"
FIREWALL = "KUBE-FW-"
ENDPOINT = "KUBE-SEP-"


@lru_cache(maxsize=1 << 17)
def chain_suffix(name: str, protocol: str, endpoint: str = "") -> str:
    """The first 16 characters of base32(SHA-256) over port name, lower-case protocol and, for endpoints, ``ip:port``.

    `domain/kube-proxy.md` section "iptables mode", test vectors there.
    """
    digest = hashlib.sha256(f"{name}{protocol}{endpoint}".encode()).digest()
    return base64.b32encode(digest[:10]).decode("ascii")
