"""What a grown box covers gives way: as when each box is compared with each other one by one, and without overlap."""

from __future__ import annotations

from itertools import combinations
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from designer.ui.canvas.layout_boxes import GAP, GRID, Box, Spot
from designer.ui.canvas.layout_keeping import arrange

SPOTS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(2, 6), st.integers(2, 6), st.booleans()),
    min_size=1,
    max_size=14,
)


def one_by_one(spots: dict[str, Spot], grown: list[str]) -> None:
    """The same, slowly: each waiting box is held against all others in their order."""
    waiting = sorted((spots[oid] for oid in grown), key=lambda spot: spot.y)
    moves = 0
    while waiting and moves < 4 * len(spots):
        above = waiting.pop(0)
        for other in spots.values():
            if other.held or other is above or not other.overlaps(above):
                continue
            lower, upper = (other, above) if above.held or other.y >= above.y else (above, other)
            lower.y = ceil((upper.y + upper.h + GAP) / GRID) * GRID
            waiting.append(lower)
            moves += 1


@given(found=SPOTS, data=st.data())
def test_pushing_is_that_of_comparing_each_with_each(
    found: list[tuple[int, int, int, int, bool]], data: st.DataObject
) -> None:
    known = {
        f"b{place}": Spot(x * 40.0, y * 40.0, w * 32.0, h * 32.0, held)
        for place, (x, y, w, h, held) in enumerate(found)
    }
    grown = data.draw(st.lists(st.sampled_from(sorted(known)), unique=True))
    expected = {oid: Spot(s.x, s.y, s.w, s.h, s.held) for oid, s in known.items()}
    one_by_one(expected, grown)
    boxes = [Box(oid, "node", s.w, s.h, "cluster") for oid, s in known.items()]
    assert arrange(boxes, known, grown) == expected


@given(count=st.integers(2, 12), height=st.integers(48, 400))
def test_a_box_that_grew_in_a_column_pushes_only_down_and_nothing_above_it(count: int, height: int) -> None:
    known = {f"b{place}": Spot(0.0, place * 72.0, 184.0, 48.0) for place in range(count)}
    boxes = [Box(oid, "service", 184.0, 48.0 if oid != "b1" else float(height), "cluster") for oid in known]
    spots = arrange(boxes, known, ["b1"])
    assert spots["b0"].y == 0 and spots["b1"].y == 72
    assert not any(one.overlaps(other) for one, other in combinations(spots.values(), 2))
    assert all(spot.y >= known[oid].y for oid, spot in spots.items())
