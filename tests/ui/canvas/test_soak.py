"""Random user actions: the scene shows what the project says at any time, and undo ends in the starting state.

``python -m benchmarks.canvas_soak`` does the same with other seeds, and says what was done how often.
"""

from __future__ import annotations

from typing import Final

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.canvas.bench import Bench
from tests.ui.canvas.projects import project_of
from tests.ui.canvas.soak import Soak

ACTIONS: Final = 5000
EVERY: Final = 200


@pytest.mark.timeout(600)
def test_five_thousand_random_actions_are_taken_back_to_the_start(qtbot: QtBot) -> None:
    bench = Bench(qtbot, project_of())
    soak = Soak(bench, seed=1)
    drawn = set(bench.scene.drawn())
    for number in range(1, ACTIONS + 1):
        name = soak.act()
        if number <= 100 or number % EVERY == 0:
            assert soak.differences() == [], (number, name)
    end = bench.project
    steps = soak.take_back()
    assert steps > 1000
    assert bench.project is soak.start
    bench.view.show_view("nodes")
    assert set(bench.scene.drawn()) == drawn
    assert soak.differences() == []
    for _ in range(steps):
        bench.session.redo()
    assert bench.project is end
    bench.view.close()
