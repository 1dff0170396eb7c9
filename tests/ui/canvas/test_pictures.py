"""Pictures of a handful of scenes beside references that people looked at, with tolerance: layout, colours, contrast.

The references are small, so that the rendering of letters hardly counts. After a wanted change of the look, run
``python -m tests.ui.canvas.test_pictures`` and look at every picture before it is committed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from designer.cli.desktop import RenderOptions
from designer.edits.collapse import collapse
from designer.engine.compile import ClusterState
from designer.ui.canvas.render import paint_canvas
from tests.ui.canvas.projects import sample_state

FOLDER = Path(__file__).with_name("pictures")
LARGE, SMALL = (1280, 800), (320, 200)
# Mean difference of a channel, and the share of pixels that may differ by more than a fifth.
MEAN, SHARE = 3.0, 0.02


def folded() -> ClusterState:
    state = sample_state("shop")
    return replace(state, project=collapse(state.project, ("Zone:zone-a", "Node:node-2")).project)


SCENES: dict[str, tuple[str, str]] = {
    "shop-nodes-light": ("nodes", "light"),
    "shop-namespaces-dark": ("namespaces", "dark"),
    "shop-traffic-high-contrast": ("traffic", "high-contrast"),
    "shop-collapsed-light": ("nodes", "light"),
}


def small_picture(name: str, folder: Path) -> QImage:
    view, theme = SCENES[name]
    state = folded() if "collapsed" in name else sample_state("shop")
    out = folder / f"{name}.png"
    assert paint_canvas(state, out, None, RenderOptions(view, theme, *LARGE)) == ()
    mode = Qt.TransformationMode.SmoothTransformation
    return QImage(str(out)).scaled(*SMALL, Qt.AspectRatioMode.IgnoreAspectRatio, mode)


def pixels(image: QImage) -> NDArray[np.int16]:
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    found = np.frombuffer(bytes(plain.constBits()), dtype=np.uint8).reshape(plain.height(), plain.width(), 4)
    return found[:, :, :3].astype(np.int16)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_looks_like_its_reference(qapp: object, tmp_path: Path, name: str) -> None:
    reference = QImage(str(FOLDER / f"{name}.png"))
    assert not reference.isNull()
    off = np.abs(pixels(small_picture(name, tmp_path)) - pixels(reference))
    assert off.mean() < MEAN
    assert (off.max(axis=2) > 51).mean() < SHARE


def test_scenes_that_differ_are_told_apart(qapp: object, tmp_path: Path) -> None:
    off = np.abs(
        pixels(small_picture("shop-nodes-light", tmp_path)) - pixels(QImage(str(FOLDER / "shop-collapsed-light.png")))
    )
    assert (off.max(axis=2) > 51).mean() > SHARE or off.mean() > MEAN


if __name__ == "__main__":
    from designer.ui.app.desktop import make_application

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application()
    for scene in SCENES:
        small_picture(scene, FOLDER).save(str(FOLDER / f"{scene}.png"))
