"""How Python shares its time: when its cycle collector may walk over everything, how soon the window gets its turn."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QTimer

from designer.session import Change
from designer.ui.bridge.session import SessionBridge

# New values before the collector looks at the young ones; how often it then looks at the older ones, and at all.
PACE = (50_000, 20, 1_000_000)

# Seconds that one thread may keep the interpreter while another one wants it. Python's own 0.005 is felt: painting
# gives it away with many a call into Qt, and waits so long to get it back while something is worked out beside it.
TURN = 0.001

# Pods and Services of a cluster over which the walk takes a tenth of a second.
LARGE = 2_000


def is_large(change: Change) -> bool:
    """Whether a walk over the new project's values would be felt."""
    ledger = change.after.ledger
    return len(ledger.pods) + len(ledger.services) > LARGE


def pace_threads() -> None:
    """Nothing; lets the window's thread go on soon while another one works."""
    sys.setswitchinterval(TURN)


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
