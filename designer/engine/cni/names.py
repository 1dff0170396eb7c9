"""Names of the veth devices that a plugin makes for a Pod.

Calico's name is a function of the Pod (first 11 hexadecimal digits of the SHA-1 of ``namespace.name``); the others draw
theirs at random or from the container's id, so a repeatable one stands in for it.
"""

from __future__ import annotations

from hashlib import sha1

from designer.engine.cni.profile import CniProfile

# How many hexadecimal digits follow the prefix.
DIGITS = {"cali": 11, "veth": 8, "vethwepl": 7, "lxc": 12}


def veth_name(profile: CniProfile, namespace: str, name: str) -> str:
    """The host side of the Pod's veth: ``cali7f94ce7c295``, ``veth1c9a0b2d``, ``vethwepl03f1a9c``, ``lxc…``."""
    digest = sha1(f"{namespace}.{name}".encode(), usedforsecurity=False).hexdigest()
    return profile.veth_prefix + digest[: DIGITS[profile.veth_prefix]]


def is_exact(profile: CniProfile) -> bool:
    """Whether `veth_name` is the very name that the plugin would use."""
    return profile.veth_prefix == "cali"
