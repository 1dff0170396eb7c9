"""The fingerprint of a cluster: equal for two projects in which every packet does the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from designer.model import EMPTY_MAP, Canvas, Project
from designer.model.collector import collector_paused
from designer.storage.encode import encode


def fingerprint(project: Project) -> str:
    """The SHA-256 of what the engine reads of a project: objects, settings, addresses, kept objects of other kinds.

    Drawing, saved requests, file lines and a kept result of the lab do not count.
    """
    bare = replace(
        project, canvas=Canvas(), scenarios=EMPTY_MAP, provenance=EMPTY_MAP, verification=None
    )  # fmt: skip
    with collector_paused():
        return hashlib.sha256(encode(bare)).hexdigest()
