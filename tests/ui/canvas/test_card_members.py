"""The card of a collapsed group is moved: opened again, everything in it stands where the card went, in one step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from pytestqt.qtbot import QtBot

from designer.edits.collapse import collapse
from designer.ui.canvas.items.frame import FrameItem
from tests.ui.canvas.bench import CART, Bench
from tests.ui.canvas.projects import project_of, sample_state
from tests.ui.canvas.test_collapse import ZONED

TEAM = "Namespace:shop"


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot, project_of(ZONED))
    made.view.show_view("namespaces")
    yield made
    made.gestures.cancel()
    made.view.close()


def rects(bench: Bench, group: str) -> dict[str, QRectF]:
    """The rectangles of the open frame of a group and of what is in it."""
    frame = bench.scene.item_of(group)
    assert isinstance(frame, FrameItem)
    ids = (group, *frame.facts.members)
    return {oid: QRectF(rect) for oid in ids if (rect := bench.scene.rect_of(oid)) is not None}


def corner(bench: Bench, oid: str) -> QPointF:
    rect = bench.scene.rect_of(oid)
    assert rect is not None
    return rect.topLeft()


def test_members_stand_where_a_dragged_card_went(bench: Bench) -> None:
    before = rects(bench, TEAM)
    assert len(before) > 4
    bench.gestures.board.toggle((TEAM,))
    project, first = bench.project, corner(bench, TEAM)
    start = bench.middle(TEAM)
    bench.drag(start, start + QPoint(120, 60))
    by = corner(bench, TEAM) - before[TEAM].topLeft()
    assert corner(bench, TEAM) != first
    assert bench.undo_label.startswith("Move")
    bench.gestures.board.toggle((TEAM,))
    assert rects(bench, TEAM) == {oid: rect.translated(by) for oid, rect in before.items()}
    bench.session.undo()
    bench.session.undo()
    assert bench.project is project
    bench.gestures.board.toggle((TEAM,))
    assert rects(bench, TEAM) == before


def test_arrow_keys_move_a_card_with_what_is_in_it(bench: Bench) -> None:
    before = rects(bench, TEAM)
    bench.gestures.board.toggle((TEAM,))
    bench.selection.select((TEAM,))
    assert bench.gestures.board.nudge(0, 40)
    assert bench.gestures.board.nudge(16, 0)
    by = corner(bench, TEAM) - before[TEAM].topLeft()
    bench.gestures.board.toggle((TEAM,))
    assert rects(bench, TEAM) == {oid: rect.translated(by) for oid, rect in before.items()}


def test_an_aligned_card_takes_its_members_to_the_line(bench: Bench) -> None:
    before = rects(bench, TEAM)
    bench.gestures.board.toggle((TEAM,))
    bench.selection.select((TEAM, "outside"))
    outside = corner(bench, "outside")
    bench.gestures.board.align("left")
    card = corner(bench, TEAM)
    assert card.x() == outside.x()
    bench.gestures.board.toggle((TEAM,))
    by = card - before[TEAM].topLeft()
    assert rects(bench, TEAM)[CART] == before[CART].translated(by)


def test_the_nodes_of_a_zone_go_with_its_card(bench: Bench) -> None:
    bench.view.show_view("nodes")
    before = rects(bench, "Zone:a")
    assert len(before) == 3
    bench.gestures.board.toggle(("Zone:a",))
    bench.selection.select(("Zone:a",))
    at = corner(bench, "Zone:a")
    assert bench.gestures.board.nudge(400, 320)
    assert corner(bench, "Zone:a") == at + QPointF(400, 320)
    bench.gestures.board.toggle(("Zone:a",))
    by = at + QPointF(400, 320) - before["Zone:a"].topLeft()
    assert rects(bench, "Zone:a") == {oid: rect.translated(by) for oid, rect in before.items()}


def test_a_card_that_was_never_open_is_opened_where_it_stands(qtbot: QtBot) -> None:
    project = collapse(sample_state("shop").project, (TEAM,)).project
    bench = Bench(qtbot, project)
    bench.view.show_view("namespaces")
    bench.selection.select((TEAM,))
    assert bench.gestures.board.nudge(160, 1200)
    card = corner(bench, TEAM)
    others = {
        oid: QRectF(item.rect) for oid, item in bench.scene.drawn().items() if ":shop/" not in oid and oid != TEAM
    }
    bench.gestures.board.toggle((TEAM,))
    assert corner(bench, TEAM) == card
    assert len(rects(bench, TEAM)) > 4
    assert others == {oid: rect for oid in others if (rect := bench.scene.rect_of(oid)) is not None}
    bench.view.close()


def test_a_frame_opened_from_a_card_covers_nothing_and_moves_no_other_frame(qtbot: QtBot) -> None:
    names = (TEAM, "Namespace:kube-system", "Namespace:monitoring")
    bench = Bench(qtbot, collapse(sample_state("shop").project, names).project)
    bench.view.show_view("namespaces")
    card, then = corner(bench, TEAM), {oid: corner(bench, oid) for oid in (*names[1:], "Namespace:default")}
    bench.gestures.board.toggle((TEAM,))
    frame = bench.scene.rect_of(TEAM)
    assert frame is not None and frame.x() == card.x() and frame.y() >= card.y()
    for oid, at in then.items():
        rect = bench.scene.rect_of(oid)
        assert rect is not None and not frame.intersects(rect), oid
        # What gives way goes down; the frame that was open stays.
        assert rect.x() == at.x() and (rect.y() == at.y() or (rect.y() > at.y() and oid != "Namespace:default")), oid
    bench.view.close()
