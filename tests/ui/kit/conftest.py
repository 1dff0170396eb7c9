"""What the kit's tests share: an application dressed in the light theme, put back after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from designer.ui.kit import motion
from designer.ui.kit.style import apply_theme


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    apply_theme(qapp, "light")
    yield qapp
    motion.set_reduced_motion(False)
    apply_theme(qapp, "light")
