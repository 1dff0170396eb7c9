"""How long a person waits for the first window, beside the target of PERFORMANCE.md.

Starts the program anew a few times and measures from the start of the process to the first painted window, then to the
sample with its trace, then to the last panel. Needs a display (or ``QT_QPA_PLATFORM=offscreen``).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from statistics import median

TARGET_S = 0.9
RUNS = 7

CHILD = """
import sys, time
began = float(sys.argv[1])
from pathlib import Path
from PySide6.QtCore import QEvent, QTimer
from designer.ui.app.desktop import make_application
from designer.ui.app.settings import Settings
from designer.ui.kit.style import apply_theme
app = make_application()
settings = Settings(Path(sys.argv[2]) / "settings.ini")
apply_theme(app, "light")
from designer.ui.app.window import MainWindow
class Timed(MainWindow):
    painted = cpu = 0.0
    def event(self, event):
        done = super().event(event)
        if event.type() == QEvent.Type.Paint and not self.painted:
            self.painted = time.time() - began
            self.cpu = time.process_time()
        return done
window = Timed(settings, Path(sys.argv[2]) / "journal")
window.show()
def start():
    window.start(None)
    ready = time.time() - began
    window.make_all()
    print(window.painted, ready, time.time() - began, window.cpu)
    window.close()
    app.quit()
QTimer.singleShot(0, window, lambda: QTimer.singleShot(0, window, start))
app.exec()
"""


def measure() -> tuple[float, ...]:
    """Seconds to the first painted window, to the sample ready to play, to the last panel; CPU until the first."""
    import time

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", CHILD, str(time.time()), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": "."})
    return tuple(float(word) for word in done.stdout.split()[-4:])


def main() -> None:
    """Print the table."""
    measure()  # fills the disk cache and the compiled modules
    runs = [measure() for _ in range(RUNS)]
    print(f"{'':34}{'median':>9}{'best':>9}{'worst':>9}   target")
    rows = ("first window painted", "sample traced, ready to play", "every panel made", "CPU until the first window")
    for place, name in enumerate(rows):
        times = [run[place] for run in runs]
        target = f"{TARGET_S:.1f} s" if place == 0 else ""
        print(f"{name:34}{median(times):8.2f}s{min(times):8.2f}s{max(times):8.2f}s   {target}")


if __name__ == "__main__":
    main()
