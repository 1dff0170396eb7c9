"""The pictures of verdicts: one shape each, in its colour, at any size, and the badge that says it in words."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.ui.kit.style import apply_theme
from designer.ui.kit.tokens import DARK, LIGHT
from designer.ui.kit.verdict import VerdictBadge, draw_shield, draw_trace_line, draw_verdict, trace_pen
from designer.ui.kit.verdict_names import VERDICTS, verdict_shape
from tests.ui.kit.pictures import painted, painted_share, solid_colors


def _shape_only(verdict: str, size: int) -> bytes:
    """The painted shape without its colour: what somebody who sees no colours gets."""
    image = painted(lambda painter, rect: draw_verdict(painter, rect, verdict), size)
    return bytes(image.pixelColor(x, y).alpha() for y in range(size) for x in range(size))


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("size", [12, 16, 24, 64])
def test_each_verdict_is_drawn_in_its_colour_at_any_size(verdict: str, size: int) -> None:
    image = painted(lambda painter, rect: draw_verdict(painter, rect, verdict), size)
    assert painted_share(image) > 0.08
    if size >= 24:
        assert solid_colors(image) == {LIGHT.verdicts[verdict].lower()}


@pytest.mark.parametrize("size", [12, 24])
def test_shapes_differ_without_colour(size: int) -> None:
    by_shape = {verdict_shape(verdict): _shape_only(verdict, size) for verdict in VERDICTS}
    assert len(by_shape) == 6
    assert len(set(by_shape.values())) == 6


def test_an_unknown_verdict_is_a_question() -> None:
    assert _shape_only("surprised", 24) == _shape_only("cannot-tell", 24)


@pytest.mark.parametrize("size", [14, 24])
def test_the_policy_shield_says_allowed_denied_and_unknown_by_its_mark(size: int) -> None:
    marks = ("", "delivered", "denied", "cannot-tell")

    def shield(mark: str) -> QImage:
        return painted(lambda painter, rect: draw_shield(painter, rect, mark), size)

    images = [shield(mark) for mark in marks]
    alphas = [tuple(image.pixelColor(x, y).alpha() for y in range(size) for x in range(size)) for image in images]
    assert len(set(alphas)) == 4
    large = painted(lambda painter, rect: draw_shield(painter, rect, "denied"), 48)
    assert LIGHT.verdicts["denied"].lower() in solid_colors(large)


def test_a_filled_shape_covers_what_is_under_it() -> None:
    def draw(painter: QPainter, rect: QRectF) -> None:
        painter.fillRect(rect, QColor("#000000"))
        draw_verdict(painter, rect, "cannot-tell", fill=QColor("#FFFFFF"))

    image = painted(draw)
    assert image.pixelColor(12, 24).name() == "#ffffff"
    assert image.pixelColor(1, 1).name() == "#000000"


def test_pens_tell_solid_dots_and_dashes_apart() -> None:
    assert trace_pen("delivered").style() == Qt.PenStyle.SolidLine
    dots, dashes = trace_pen("dropped"), trace_pen("cannot-tell")
    assert dots.dashPattern()[0] < 0.1
    assert dashes.dashPattern()[0] > 1
    assert trace_pen("denied", 5.0, DARK).color() == DARK.verdict_color("denied")
    assert trace_pen("denied", 5.0).widthF() == 5.0


def _line_image(verdict: str) -> QImage:
    image = QImage(200, 20, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    painter = QPainter(image)
    path = QPainterPath()
    path.moveTo(5, 10)
    path.lineTo(195, 10)
    draw_trace_line(painter, path, verdict)
    painter.end()
    return image


def _gaps(image: QImage) -> int:
    alphas = [image.pixelColor(x, 10).alpha() for x in range(5, 195)]
    return sum(1 for before, after in itertools.pairwise(alphas) if before > 40 and after <= 40)


def test_a_delivered_line_is_whole_and_a_dropped_one_fades_out_in_dots() -> None:
    assert _gaps(_line_image("delivered")) == 0
    dropped = _line_image("dropped")
    assert _gaps(dropped) > 4
    assert all(dropped.pixelColor(x, 10).alpha() == 255 for x in range(10, 110)), "solid at first"
    first = max(dropped.pixelColor(x, 10).alpha() for x in range(125, 140))
    last = max(dropped.pixelColor(x, 10).alpha() for x in range(180, 195))
    assert first > last
    assert _gaps(_line_image("cannot-tell")) > 4


def test_the_badge_says_the_verdict_in_words(qtbot: QtBot) -> None:
    badge = VerdictBadge()
    qtbot.addWidget(badge)
    assert badge.text() == ""
    assert badge.accessibleName() == "No verdict yet"
    assert badge.sizeHint().width() == 0
    badge.set_verdict("denied")
    assert badge.text() == "denied by policy"
    assert badge.accessibleName() == "Verdict: denied by policy"
    badge.set_verdict("delivered", "1/2")
    assert badge.text() == "delivered 1/2"
    assert badge.width() == badge.sizeHint().width() > 100
    badge.set_verdict("surprised")
    assert badge.verdict == "cannot-tell"


def test_the_badge_wears_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    badge = VerdictBadge("delivered")
    qtbot.addWidget(badge)
    badge.resize(badge.sizeHint())
    assert LIGHT.verdicts["delivered"].lower() in solid_colors(badge.grab())
    apply_theme(qapp, "dark")
    assert DARK.verdicts["delivered"].lower() in solid_colors(badge.grab())


def test_a_narrow_badge_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    badge = VerdictBadge("no-matching-route")
    qtbot.addWidget(badge)
    assert badge.shown_text() == badge.text() == "no matching route"
    badge.resize(badge.minimumSizeHint())
    assert badge.width() < badge.sizeHint().width()
    assert badge.shown_text().endswith("…")
    assert badge.accessibleName() == "Verdict: no matching route"
