"""Keys of Pods in ledger and canvas: an object's id for a drawn Pod, its owner's id with a mark for a derived one.

``Deployment:ns/name#0`` counts replicas, ``DaemonSet:ns/name@node-1`` names the Node; neither mark can stand in a name.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"[#@]")


def split_key(key: str) -> tuple[str, str, str]:
    """Owner's id, mark (``#``, ``@`` or "") and what stands after it."""
    match = _MARK.search(key)
    return (key[: match.start()], match[0], key[match.end() :]) if match else (key, "", "")


def owner_of(key: str) -> str:
    """The id of the object that a Pod key or an id belongs to."""
    return split_key(key)[0]
