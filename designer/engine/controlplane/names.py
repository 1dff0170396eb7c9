"""Reverse names: the names of DNS under which an address is asked for."""

from __future__ import annotations

import ipaddress


def reverse_name(ip: str) -> str:
    """The name under which an address is asked for, without trailing dot: ``7.1.244.10.in-addr.arpa``."""
    return ipaddress.ip_address(ip).reverse_pointer


def reverse_address(name: str) -> str | None:
    """The address that an ``in-addr.arpa`` or ``ip6.arpa`` name stands for; None when it is none."""
    if name.endswith(".in-addr.arpa"):
        text = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
    elif name.endswith(".ip6.arpa"):
        digits = "".join(reversed(name.removesuffix(".ip6.arpa").split(".")))
        text = ":".join(digits[i : i + 4] for i in range(0, len(digits), 4))
    else:
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
