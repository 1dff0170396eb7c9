"""When Python's cycle collector may walk over everything: when another project is opened, not while somebody works."""

from __future__ import annotations

import gc

from PySide6.QtCore import QTimer

from designer.session import Change
from designer.ui.bridge.session import SessionBridge

# New values before the collector looks at the young ones; how often it then looks at the older ones, and at all.
PACE = (50_000, 20, 1_000_000)

# Pods and Services of a cluster over which the walk takes a tenth of a second.
LARGE = 2_000


def is_large(change: Change) -> bool:
    """Whether a walk over the new project's values would be felt."""
    ledger = change.after.ledger
    return len(ledger.pods) + len(ledger.services) > LARGE


def pace_collector(bridge: SessionBridge) -> None:
    """Nothing; lets the whole walk wait for the moments at which another project has taken the place of the old one.

    One walk over all values of a cluster with 10,000 Services stops the window for a second and a half: where such a
    one was opened, the walk waits for a smaller one. Young cycles go as before; little that is old is in a cycle.
    """
    gc.set_threshold(*PACE)

    def on_change(change: Change) -> None:
        if change.replaced and not is_large(change):
            QTimer.singleShot(0, bridge, gc.collect)

    bridge.changed.connect(on_change)
