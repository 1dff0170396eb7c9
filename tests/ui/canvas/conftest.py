"""What the canvas' tests share: a dressed application without animation, small projects, and their compiled states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from designer.ui.kit import motion
from designer.ui.kit.style import apply_theme


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    motion.set_reduced_motion(True)
    apply_theme(qapp, "light")
    yield qapp
    motion.set_reduced_motion(False)
    apply_theme(qapp, "light")
