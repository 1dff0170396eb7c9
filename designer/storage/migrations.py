"""Steps from one version of the file format to the next.

The table holds, for each old version, the function that makes data of the next one. It is empty because version 1 is
the first; `tests/storage/files` keeps one file of every version for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from designer.storage.envelope import VERSION

Data = dict[str, Any]
Step = Callable[[Data], Data]

MIGRATIONS: dict[int, Step] = {}


def migrate(data: Data, version: int, steps: Mapping[int, Step] = MIGRATIONS, current: int = VERSION) -> Data | None:
    """The data as version `current`, after each step on the way; None when a step is missing."""
    while version < current:
        step = steps.get(version)
        if step is None:
            return None
        data = step(data)
        version += 1
    return data
