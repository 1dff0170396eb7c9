"""What Calico's address pools say of packets: encapsulation and natOutgoing, here one setting for all.

Each IPPool has its own (docs.tigera.io, "IP pool"): a pool of IPv6 mostly another than that of IPv4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.manifests.raw_objects import RawObject
from designer.manifests.settings_draft import SettingsDraft

# Settings → what a pool calls them.
CALLED = {"cni.backend": "encapsulation", "cni.natOutgoing": "natOutgoing"}


def add_pool(raw: RawObject, cidr: str, said: Mapping[str, tuple[Any, tuple[str, ...]]], draft: SettingsDraft) -> None:
    """Take a pool, and what it says (setting → value and where it stands): the first of IPv4 counts, else the first.

    Where another pool says otherwise, that is told.
    """
    before: tuple[str, ...] = draft.values.get("cni.pool", ())
    draft.set("cni.pool", (*before, cidr), raw, *next(iter(said.values()))[1][:1])
    counts = ":" not in cidr and all(":" in pool for pool in before)
    for setting, (value, where) in said.items():
        if before and draft.values.get(setting) != value:
            shown = draft.values.get(setting) if counts else value
            who = "a pool of IPv6" if counts or ":" in cidr else f"pool {cidr}"
            draft.unfollowed(raw, who, (where[0], CALLED[setting]), shown)
        if counts or not before:
            draft.set(setting, value, raw, *where)
