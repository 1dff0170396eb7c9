"""Random user actions: the scene shows what the project says at any time, and undo ends in the starting state.

The run of 5,000 actions is ``python -m benchmarks.canvas_soak``.
"""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.canvas.bench import Bench
from tests.ui.canvas.projects import project_of
from tests.ui.canvas.soak import Soak


@pytest.mark.parametrize("seed", [1])
def test_random_actions_are_taken_back_to_the_start(qtbot: QtBot, seed: int) -> None:
    bench = Bench(qtbot, project_of())
    soak = Soak(bench, seed)
    drawn = set(bench.scene.drawn())
    for number in range(40):
        name = soak.act()
        if number % 20 == 19:
            assert soak.differences() == [], (number, name)
    end = bench.project
    steps = soak.take_back()
    assert steps > 5
    assert bench.project is soak.start
    bench.view.show_view("nodes")
    assert set(bench.scene.drawn()) == drawn
    assert soak.differences() == []
    for _ in range(steps):
        bench.session.redo()
    assert bench.project is end
    bench.view.close()
