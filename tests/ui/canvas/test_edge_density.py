"""The shade of very many edges: its size, and where it is dark."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from designer.ui.canvas.edge_density import MOST_PIXELS, density_image
from designer.ui.kit.theme import current_theme


@pytest.mark.parametrize(
    ("width", "height"),
    [(1000.0, 1000.0), (500.0, 400_000.0), (400_000.0, 500.0), (1.0, 1e9), (1e9, 1.0), (1.0, 1.0)],
)
def test_the_shade_stays_small_however_long_and_narrow_its_area_is(width: float, height: float) -> None:
    image = density_image(np.array([(0.0, 0.0, width, height)]), QRectF(0, 0, width, height), current_theme())
    assert 1 <= image.width() * image.height() <= MOST_PIXELS


def test_the_shade_keeps_the_proportions_of_its_area() -> None:
    image = density_image(np.array([(0.0, 0.0, 400.0, 100.0)]), QRectF(0, 0, 400, 100), current_theme())
    assert image.width() / image.height() == pytest.approx(4.0, rel=0.02)


def alpha(image: QImage, across: float, down: float) -> int:
    x, y = int(across * (image.width() - 1)), int(down * (image.height() - 1))
    return image.pixelColor(x, y).alpha()


def test_the_more_edges_run_somewhere_the_stronger_it_is() -> None:
    ends = np.array([(0.0, 0.0, 100.0, 0.0)] * 50 + [(0.0, 100.0, 100.0, 100.0)])
    image = density_image(ends, QRectF(0, 0, 100, 100), current_theme())
    # 48 points of each level edge are drawn: the first of them lies in the corner.
    assert alpha(image, 0, 0) > alpha(image, 0, 1) > alpha(image, 0, 0.5) == 0
