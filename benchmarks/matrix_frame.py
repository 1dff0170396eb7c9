"""The Matrix panel at 10,000 Pods and 1,000 policies: counting the groups, arranging, and frames while it is scrolled.

Run: ``python -m benchmarks.matrix_frame [--quick]``. Draws at 1920 × 1080 without a display, as a window would. The
column `cpu` is the median of the processor's time: on a busy machine it says more than the clock.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from functools import partial

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from benchmarks.policy_matrix import Size, pods, policy
from designer.engine.cni import profile_for
from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.enforcement import CALICO
from designer.engine.policy import compile_policies
from designer.engine.reach import reach
from designer.model import EMPTY_PROJECT, Project
from designer.present.matrix_axes import Axes, Wish
from designer.present.matrix_table import MatrixTable
from designer.ui.kit.fonts import load_fonts
from designer.ui.kit.style import apply_theme
from designer.ui.panels.matrix_grid import MatrixGrid

P95_TARGET = 16.0
FRAMES = 200


def state_of(size: Size) -> ClusterState:
    """A state of that size, made directly: the control plane's own time is measured elsewhere."""
    chance = random.Random(1)
    control = pods(size, chance)
    project: Project = EMPTY_PROJECT.with_objects([policy(n, size, chance) for n in range(size.policies)])
    empty = compile_project(EMPTY_PROJECT)
    policies = compile_policies(project, control, CALICO)
    return ClusterState(project, control, profile_for(project.cluster), policies, empty.routes, empty.gateways, ())


def frames(grid: MatrixGrid, down: int, right: int, count: int) -> tuple[float, float, float]:
    """Median, 95th percentile and processor's median of frames, in milliseconds, each after a step of scrolling."""
    clock, busy = [], []
    across, along = grid.horizontalScrollBar(), grid.verticalScrollBar()
    for _ in range(count):
        start, cpu = time.perf_counter(), time.process_time()
        along.setValue((along.value() + down) % max(1, along.maximum()))
        across.setValue((across.value() + right) % max(1, across.maximum()))
        grid.viewport().repaint()
        clock.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - cpu) * 1000)
    return statistics.median(clock), statistics.quantiles(clock, n=20)[18], statistics.median(busy)


def main() -> None:
    """Measure and print."""
    quick = "--quick" in sys.argv[1:]
    size = Size(1000, 200, False, 0) if quick else Size(10000, 1000, False, 0)
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    load_fonts()
    apply_theme(app, "light")
    state = state_of(size)
    start = time.perf_counter()
    table = MatrixTable(state, reach(state)).count()
    print(f"{size.pods} Pods, {size.policies} policies, {table.workloads} workloads, {len(table.groups)} groups")
    print(f"  all pairs and counts of groups, in a job {(time.perf_counter() - start) * 1000:9.0f} ms")
    grid = MatrixGrid()
    grid.resize(1920, 1080)
    grid.show()
    QApplication.processEvents()
    for words, opening in (("groups", False), ("every workload", True)):
        axes = Axes()
        axes.fold(table, opening=opening)
        start = time.perf_counter()
        axes.arrange(table, Wish())
        grid.show_cells(axes.rows, axes.columns, partial(axes.line, table), lambda _r, _c: "")
        grid.viewport().repaint()
        print(f"  {words}: {len(axes.rows)} × {len(axes.columns)}, shown first in "
              f"{(time.perf_counter() - start) * 1000:.0f} ms")  # fmt: skip
        for name, down, right in (("wheel down", 66, 0), ("wheel right", 0, 66), ("page by page", 990, 1400)):
            median, worst, cpu = frames(grid, down, right, FRAMES // (4 if quick else 1))
            print(
                f"    {name:14} median {median:6.2f} ms   p95 {worst:6.2f} ms   cpu {cpu:6.2f} ms   target {P95_TARGET}"
            )


if __name__ == "__main__":
    main()
