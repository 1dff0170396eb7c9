"""Names that kube-proxy gives to its chains and sets: a hash in iptables mode, a hash and words in nftables mode."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

CLUSTER = "KUBE-SVC-"
LOCAL = "KUBE-SVL-"
EXTERNAL = "KUBE-EXT-"
FIREWALL = "KUBE-FW-"
ENDPOINT = "KUBE-SEP-"

# nftables mode.
NFT_CLUSTER = "service-"
NFT_LOCAL = "local-"
NFT_EXTERNAL = "external-"
NFT_FIREWALL = "firewall-"
NFT_ENDPOINT = "endpoint-"
NFT_AFFINITY = "affinity-"

# nftables allows names of 256 bytes, of which kube-proxy keeps 16 for its prefixes.
_NFT_LONGEST = 240


@lru_cache(maxsize=1 << 17)
def chain_suffix(name: str, protocol: str, endpoint: str = "") -> str:
    """The first 16 characters of base32(SHA-256) over port name, lower-case protocol and, for endpoints, ``ip:port``.

    `domain/kube-proxy.md` section "iptables mode", test vectors there.
    """
    digest = hashlib.sha256(f"{name}{protocol}{endpoint}".encode()).digest()
    return base64.b32encode(digest[:10]).decode("ascii")


@lru_cache(maxsize=1 << 17)
def nft_base(port: str, endpoint: str = "") -> str:
    """The name without its prefix: 8 characters of base32(SHA-256) over the rest, ``-``, and the rest.

    `port` is ``ns/name/protocol/portname``, `endpoint` ``ip/port``. Colons, which nftables does not allow, become dots;
    what is longer than 240 is cut and ends in ``...``. `domain/kube-proxy.md` section "nftables mode".
    """
    name = f"{port}__{endpoint.replace(':', '.')}" if endpoint else port
    digest = hashlib.sha256(name.encode()).digest()
    text = f"{base64.b32encode(digest[:5]).decode('ascii')}-{name}"
    return text if len(text) <= _NFT_LONGEST else f"{text[: _NFT_LONGEST - 3]}..."
