"""Signs and words of flows that run side by side do not lie over each other."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from designer.ui.canvas.flow_places import MOST_PLACED, flow_places


def line(y: float, length: float = 400.0) -> QPainterPath:
    path = QPainterPath(QPointF(0, y))
    path.lineTo(length, y)
    return path


def boxes(places: object, side: float) -> list[QRectF]:
    found = []
    for one in places:  # type: ignore[attr-defined]
        found.append(QRectF(one.at.x() - side / 2, one.at.y() - side / 2, side, side))
        if one.words is not None:
            found.append(one.words)
    return found


@pytest.mark.parametrize("apart", [0.0, 4.0, 10.0])
def test_lines_close_together_have_their_signs_and_words_apart(apart: float) -> None:
    places = flow_places([line(apart * number) for number in range(4)], 16, [40.0] * 4)
    assert not [pair for pair in combinations(boxes(places, 16), 2) if pair[0].intersects(pair[1])]
    assert [one.at.x() for one in places[:1]] == [200.0], "the first stands half way"


def test_words_that_have_no_room_are_left_out_and_the_sign_stays_on_its_line() -> None:
    # Below the second line stand the words of the first, above it and at both ends of it names.
    names = [QRectF(-600, -60, 1600, 47), QRectF(-600, -13, 600, 30), QRectF(400, -13, 600, 30)]
    places = flow_places([line(0), line(-4)], 16, [390.0, 500.0], names)
    assert places[0].words is not None and places[1].words is None
    assert places[1].at.y() == -4 and places[1].at.x() != 200


def test_of_very_many_lines_every_sign_stands_half_way() -> None:
    places = flow_places([line(0)] * (MOST_PLACED + 1), 16, [None] * (MOST_PLACED + 1))
    assert {one.at.x() for one in places} == {200.0}


def test_words_keep_off_the_names_of_the_picture_and_stand_beside_them() -> None:
    """A name lies over the middle of the line, and below it there is no room: the words stand above, further on."""
    name, below = QRectF(120, -10, 160, 20), QRectF(0, 8, 400, 60)
    (place,) = flow_places([line(0)], 16, [40.0], [name, below])
    assert place.words is not None
    sign = QRectF(place.at.x() - 8, place.at.y() - 8, 16, 16)
    assert not any(box.intersects(one) for box in (sign, place.words) for one in (name, below))


def test_where_all_of_a_line_lies_over_names_its_sign_stands_there_without_words() -> None:
    (place,) = flow_places([line(0)], 16, [40.0], [QRectF(-50, -50, 500, 100)])
    assert place.words is None and place.at.x() == 200.0
