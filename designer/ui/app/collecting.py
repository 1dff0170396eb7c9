"""When Python's cycle collector may walk over everything: when another project is opened, not while somebody works."""

from __future__ import annotations

import gc

from PySide6.QtCore import QTimer

from designer.session import Change
from designer.ui.bridge.session import SessionBridge

# New values before the collector looks at the young ones; how often it then looks at the older ones, and at all.
PACE = (50_000, 20, 1_000_000)


def pace_collector(bridge: SessionBridge) -> None:
    """Nothing; lets the whole walk wait for the moments at which another project has taken the place of the old one.

    One walk over all values of a cluster with 10,000 Services stops the window for a second and a half. Young cycles go
    as before; little that is old is in a cycle.
    """
    gc.set_threshold(*PACE)

    def on_change(change: Change) -> None:
        if change.replaced:
            QTimer.singleShot(0, bridge, gc.collect)

    bridge.changed.connect(on_change)
