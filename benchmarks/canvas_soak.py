"""Random user actions on the canvas: ``python -m benchmarks.canvas_soak [ACTIONS] [SEED]`` (5,000 and 1).

No speed is measured. Every 100 actions the scene is compared with one that shows the same project for the first time;
at the end everything is undone, and the project has to be the very one of the start. Status 1 where anything differs.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from designer.ui.kit import motion
from designer.ui.kit.style import apply_theme
from tests.ui.canvas.bench import Bench
from tests.ui.canvas.projects import project_of
from tests.ui.canvas.soak import Soak

ACTIONS = 5000
EVERY = 100


class Keeper:
    """Holds the widgets that a bench makes, as a test does."""

    def __init__(self) -> None:
        self.widgets: list[QWidget] = []

    def addWidget(self, widget: QWidget) -> None:
        """Nothing; keeps a widget."""
        self.widgets.append(widget)


def main(arguments: list[str]) -> int:
    """0 when the scene never differed and undo led back to the start."""
    actions = int(arguments[0]) if arguments else ACTIONS
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    motion.set_reduced_motion(True)
    apply_theme(app, "light")
    keeper: Any = Keeper()
    bench = Bench(keeper, project_of())
    soak = Soak(bench, seed)
    begin, wrong = time.monotonic(), 0
    for number in range(1, actions + 1):
        name = soak.act()
        if number % EVERY == 0:
            found = soak.differences()
            wrong += bool(found)
            if found:
                print(f"after action {number} ({name}) the scene differs in {found[:5]}")
    steps = soak.take_back()
    home = bench.project is soak.start
    print(f"{actions} actions with seed {seed}: {steps} steps undone in {time.monotonic() - begin:.0f} s; ", end="")
    print("back at the start" if home else "NOT back at the start", f"; {wrong} differences")
    print(", ".join(f"{name} {count}" for name, count in sorted(soak.done.items())))
    bench.view.close()
    return 0 if home and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
