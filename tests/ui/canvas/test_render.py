"""Pictures of the canvas in each format are whole files of the asked size; a wrong wish is told, not drawn."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

from designer.cli.desktop import RenderOptions
from designer.edits.verification import keep_verification
from designer.engine.compile import ClusterState, compile_project
from designer.engine.trace import Request, trace
from designer.model import CANVAS_VIEWS
from designer.ui.canvas.render import paint_canvas
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.finding import finding_token
from designer.ui.kit.tokens import DARK, LIGHT, THEMES
from tests.ui.canvas.projects import sample_state, state_of
from tests.ui.verified import result_for


@pytest.mark.parametrize("view", CANVAS_VIEWS)
def test_a_png_has_the_asked_size_and_the_colour_of_its_theme(qapp: object, tmp_path: Path, view: str) -> None:
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        out = tmp_path / f"{name}.png"
        assert paint_canvas(state_of(), out, None, RenderOptions(view, name, 640, 400)) == ()
        image = QImage(str(out))
        assert (image.width(), image.height()) == (640, 400)
        assert image.pixelColor(1, 1).name().upper() == theme.canvas.upper()
        colors = {image.pixel(x, y) for x in range(0, 640, 4) for y in range(0, 400, 4)}
        assert len(colors) > 5


def test_an_svg_is_well_formed_and_holds_the_words(qapp: object, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    assert paint_canvas(state_of(), out, None, RenderOptions()) == ()
    root = ElementTree.parse(out).getroot()
    assert root.tag.endswith("svg")
    words = " ".join(text.strip() for text in root.itertext())
    for wanted in ("node-1", "cart", "192.168.10.11", "kube-proxy", "shop.example.com /"):
        assert wanted in words


def test_a_pdf_is_one_page_of_the_size_of_the_drawing(qapp: object, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    assert paint_canvas(state_of(), out, None, RenderOptions()) == ()
    data = out.read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert len(boxes) == 1
    scene = CanvasScene()
    scene.show(state_of())
    extent = scene.stock.extent()
    assert float(boxes[0][0]) == pytest.approx((extent.width() + 64) * 0.75, abs=1)
    assert float(boxes[0][1]) == pytest.approx((extent.height() + 64) * 0.75, abs=1)


def test_an_empty_project_makes_an_empty_picture(qapp: object, tmp_path: Path) -> None:
    from designer.engine.compile import compile_project
    from designer.model import EMPTY_PROJECT

    out = tmp_path / "a.png"
    assert paint_canvas(compile_project(EMPTY_PROJECT), out, None, RenderOptions(width=64, height=40)) == ()
    assert QImage(str(out)).width() == 64


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("a.gif", RenderOptions(), ".png"),
        ("a.png", RenderOptions(view="sideways"), "nodes"),
        ("a.png", RenderOptions(theme="pink"), "light"),
        ("a.png", RenderOptions(width=0), "16384"),
        ("a.png", RenderOptions(height=10**6), "16384"),
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_written(
    qapp: object, tmp_path: Path, name: str, options: RenderOptions, word: str
) -> None:
    (problem,) = paint_canvas(state_of(), tmp_path / name, None, options)
    assert problem.severity == "error"
    assert word in problem.fix
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(qapp: object, tmp_path: Path) -> None:
    (problem,) = paint_canvas(state_of(), tmp_path / "none" / "a.png", None, RenderOptions())
    assert "could not be written" in problem.title


def test_a_trace_is_drawn_along_its_hops(qapp: object, tmp_path: Path) -> None:
    state = sample_state("first-steps")
    source = next(pod.id for pod in state.control.pods.values() if pod.name.startswith("frontend"))
    result = trace(state, Request(source, "http://backend"))
    assert result.verdict == "delivered"
    pictures = []
    for found in (None, result):
        out = tmp_path / "a.png"
        assert paint_canvas(state, out, found, RenderOptions(width=800, height=500)) == ()
        pictures.append(QImage(str(out)))
    green = THEMES["light"].verdict_color(result.verdict).rgb()
    hits = [sum(image.pixel(x, y) == green for x in range(800) for y in range(500)) for image in pictures]
    assert hits[0] == 0 and hits[1] > 50


def test_marks_of_verify_stand_on_the_edges_that_were_tried(qapp: object, tmp_path: Path) -> None:
    """Where a result is kept and asked for; otherwise the picture is as before."""
    plain = sample_state("first-steps")
    kept = compile_project(keep_verification(plain.project, result_for(plain.project)).project)

    def strokes(state: ClusterState, verified: bool) -> int:
        """How many lines a picture has in the colour of what is confirmed."""
        out = tmp_path / "a.svg"
        assert paint_canvas(state, out, None, RenderOptions("traffic", verified=verified)) == ()
        color = LIGHT.color(finding_token("confirmed")).name()
        return len(re.findall(f'stroke="{color}"', out.read_text(), re.IGNORECASE))

    assert strokes(kept, True) > strokes(kept, False) == strokes(plain, True) == strokes(plain, False)
