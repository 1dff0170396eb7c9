"""Drags from the palette over the canvas, and the name of what they make."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.edits.arrange import place
from designer.edits.create import create
from designer.edits.palette import PALETTE_KINDS
from designer.model import CANVAS_VIEWS, Ingress, Placement, Pod, Project, Service
from designer.ui.canvas.facts import OUTSIDE
from designer.ui.canvas.gestures.palette_drop import MIME_KIND
from designer.ui.canvas.items.frame import FrameItem
from designer.ui.canvas.marking import without
from tests.ui.canvas.bench import CART, NONE, Bench, Key, Left
from tests.ui.canvas.projects import project_of


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(qtbot, project_of())
    yield bench
    bench.gestures.cancel()
    bench.view.close()


def palette_data(kind: str) -> QMimeData:
    data = QMimeData()
    data.setData(MIME_KIND, kind.encode())
    return data


def hover(bench: Bench, kind: str, at: QPoint) -> QDragMoveEvent:
    data, viewport = palette_data(kind), bench.view.viewport()
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(viewport, enter)
    assert enter.isAccepted()
    move = QDragMoveEvent(at, Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(viewport, move)
    return move


def drop(bench: Bench, kind: str, at: QPoint) -> QDropEvent:
    hover(bench, kind, at)
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, palette_data(kind), Left, NONE)
    QApplication.sendEvent(bench.view.viewport(), event)
    return event


def test_a_drop_makes_a_named_object_where_it_was_dropped(bench: Bench) -> None:
    at = bench.free()
    point = bench.view.mapToScene(at)
    event = drop(bench, "Service", at)
    assert event.isAccepted()
    made = next(s for s in bench.project.of(Service) if s.id != CART)
    assert bench.selection.ids == (made.id,)
    placed = bench.project.canvas.placement(made.id, "nodes")
    assert placed is not None
    assert (placed.x % 8, placed.y % 8) == (0, 0)
    assert abs(placed.x - point.x()) < 32
    assert bench.gestures.name_field is not None
    assert bench.gestures.name_field.text() == made.name


def test_the_name_of_a_new_object_can_be_typed_at_once_and_escape_keeps_it(bench: Bench) -> None:
    drop(bench, "Node", bench.free())
    field = bench.gestures.name_field
    assert field is not None
    assert field.text() == "node-3"
    QTest.keyClicks(field, "edge-1")
    QTest.keyClick(field, Key.Key_Return)
    assert bench.project.get("Node:edge-1") is not None
    assert bench.selection.ids == ("Node:edge-1",)
    assert bench.gestures.rename("Node:edge-1")
    again = bench.gestures.name_field
    assert again is not None
    QTest.keyClicks(again, "other")
    QTest.keyClick(again, Key.Key_Escape)
    assert bench.project.get("Node:edge-1") is not None


@pytest.mark.parametrize("zoom", [1.0, 1.5, 2.0])
def test_the_field_of_a_name_stands_over_the_title_at_every_zoom(bench: Bench, zoom: float) -> None:
    rect = bench.scene.rect_of("Node:node-1")
    assert rect is not None
    bench.view.zoom_to(zoom)
    bench.view.centre_on(rect.topLeft())
    assert bench.gestures.rename("Node:node-1")
    field = bench.gestures.name_field
    assert field is not None
    title = bench.view.mapFromScene(QRectF(rect.x(), rect.y(), rect.width(), 32)).boundingRect()
    assert abs(field.geometry().center().y() - title.center().y()) <= 1
    assert title.top() <= field.y() and field.geometry().bottom() <= title.bottom()
    # Typed as large as the title is written: 13 pixels at 100 %.
    assert abs(field.font().pixelSize() - 13 * zoom) <= 1
    bench.view.zoom_to(1.0)
    assert field.height() == 28


def test_a_name_that_is_taken_is_refused_and_can_be_mended(bench: Bench) -> None:
    assert bench.gestures.rename("Node:node-1")
    field = bench.gestures.name_field
    assert field is not None
    QTest.keyClicks(field, "node-2")
    QTest.keyClick(field, Key.Key_Return)
    assert [problem.code for problem in bench.problems] == ["EDIT-05"]
    assert field.isVisible()
    QTest.keyClick(field, Key.Key_Escape)
    assert bench.project.get("Node:node-1") is not None


def test_a_pod_dropped_on_a_node_runs_there_also_over_its_pods(bench: Bench) -> None:
    chip = next(pod for pod in bench.session.state.control.pods.values() if pod.node == "node-2")
    drop(bench, "Pod", bench.middle(chip.id))
    assert [pod.spec.nodeName for pod in bench.project.of(Pod)] == ["node-2"]


def test_what_cannot_take_a_drop_is_greyed_and_says_why(bench: Bench) -> None:
    before = bench.project
    event = hover(bench, "Node", bench.middle(CART))
    assert not event.isAccepted()
    assert CART in bench.scene.marks.greyed
    assert bench.gestures.hint.isVisible()
    assert bench.gestures.hint.text() == "A Node cannot stand inside a Service."
    assert not drop(bench, "Node", bench.middle(CART)).isAccepted()
    assert bench.project is before
    assert bench.scene.marks.greyed == frozenset()
    assert not bench.gestures.hint.isVisible()


def test_pods_that_take_a_service_stand_out_of_their_greyed_node(bench: Bench) -> None:
    """A Node takes no Service, its Pods do: only what refuses is greyed, and the veil has a hole for each of them."""
    hover(bench, "Service", bench.middle(CART))
    pods = [pod.id for pod in bench.session.state.control.pods.values() if pod.node == "node-2"]
    assert "Node:node-2" in bench.scene.marks.greyed and set(pods) <= bench.scene.marks.spared
    box, chip = bench.scene.rect_of("Node:node-2"), bench.scene.places.pod_rect(pods[0])
    assert box is not None and chip is not None
    pieces = without([box], [chip])
    assert sum(p.width() * p.height() for p in pieces) == box.width() * box.height() - chip.width() * chip.height()
    assert not any(piece.intersects(chip) for piece in pieces)
    QApplication.sendEvent(bench.view.viewport(), QDragLeaveEvent())
    assert bench.scene.marks.spared == frozenset()


def test_a_drag_that_leaves_takes_its_marks_with_it(bench: Bench) -> None:
    event = hover(bench, "Ingress", bench.middle(CART))
    assert event.isAccepted()
    assert bench.scene.marks.drop_target == CART
    assert "lead to this Service" in bench.gestures.hint.text()
    QApplication.sendEvent(bench.view.viewport(), QDragLeaveEvent())
    assert bench.scene.marks.drop_target == ""
    assert bench.scene.marks.greyed == frozenset()


def test_a_drag_of_something_else_is_left_to_the_window(bench: Bench) -> None:
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(bench.free(), Qt.DropAction.CopyAction, data, Left, NONE)
    QApplication.sendEvent(bench.view.viewport(), event)
    assert not event.isAccepted()


def test_one_name_is_edited_at_a_time_and_leaving_the_field_keeps_it(bench: Bench) -> None:
    assert bench.gestures.rename("Node:node-1")
    first = bench.gestures.name_field
    assert first is not None
    QTest.keyClicks(first, "left")
    assert bench.gestures.rename("Node:node-2")
    QApplication.processEvents()
    second = bench.gestures.name_field
    assert second is not None
    assert second is not first
    assert second.oid == "Node:node-2"
    QTest.keyClicks(second, "right")
    bench.view.setFocus()
    assert bench.gestures.name_field is None
    assert bench.project.get("Node:right") is not None


def test_the_field_goes_with_its_object(bench: Bench) -> None:
    drop(bench, "Node", bench.free())
    assert bench.gestures.name_field is not None
    bench.session.undo()
    assert bench.gestures.name_field is None


def test_a_name_that_this_view_does_not_show_is_not_asked_for_later(bench: Bench) -> None:
    wanted: list[str] = []
    bench.gestures.inspectorWanted.connect(wanted.append)
    drop(bench, "Namespace", bench.free())
    assert bench.gestures.name_field is None
    assert wanted == list(bench.selection.ids)  # the inspector's name field is where it can be typed now
    bench.scene.set_view("namespaces")
    assert bench.gestures.name_field is None


def test_a_pinned_node_that_grows_pushes_what_nobody_placed(bench: Bench) -> None:
    below = bench.scene.rect_of("Node:node-1")
    assert below is not None
    made = create(bench.project, "Node", view="nodes", at=(below.x(), below.y() - 2000.0))
    bench.session.apply(made)
    node = made.select[0]
    small = bench.scene.rect_of(node)
    assert small is not None
    close = Placement(x=below.x(), y=below.y() - small.height() - 8, pinned=True)
    bench.session.apply(place(bench.project, "nodes", {node: close}))
    for _ in range(12):
        bench.session.apply(create(bench.project, "Pod", target=node))
    grown, pushed = bench.scene.rect_of(node), bench.scene.rect_of("Node:node-1")
    assert grown is not None
    assert pushed is not None
    assert (grown.x(), grown.y()) == (close.x, close.y)
    assert grown.height() > small.height() + 8
    assert not grown.intersects(pushed)


def test_the_outside_stands_to_the_left_of_a_cluster_wherever_that_was_put(qtbot: QtBot) -> None:
    bench = Bench(qtbot, Project())
    bench.session.apply(create(bench.project, "Node", view="nodes", at=(-40.0, -80.0)))
    outside = next(item for oid, item in bench.scene.drawn().items() if "utside" in oid)
    frame = next(item for item in bench.scene.drawn().values() if isinstance(item, FrameItem))
    assert outside.rect.right() < frame.rect.left()
    bench.view.close()


@pytest.mark.parametrize("kind", ["ExternalClient", "ExternalHost"])
def test_what_belongs_outside_can_be_dropped_on_the_outside(bench: Bench, kind: str) -> None:
    event = drop(bench, kind, bench.middle(OUTSIDE))
    assert event.isAccepted()
    made = bench.selection.ids[0]
    assert made.partition(":")[0] == kind
    assert bench.project.get(made) is not None
    items = bench.scene.drawn()
    assert not items[made].rect.intersects(items[OUTSIDE].rect)


def test_a_service_is_no_thing_of_the_outside(bench: Bench) -> None:
    assert not drop(bench, "Service", bench.middle(OUTSIDE)).isAccepted()


def test_a_service_dropped_near_pods_selects_them_and_stands_where_it_was_dropped(bench: Bench) -> None:
    pod = next(pod for pod in bench.session.state.control.pods.values() if pod.node == "node-1")
    bench.view.show_view("namespaces")
    box = bench.scene.rect_of("Deployment:shop/cart")
    assert box is not None
    at = bench.view.mapFromScene(QPointF(box.right() + 40, box.center().y()))
    bench.session.session.end_merge()
    hover(bench, "Service", at)
    assert bench.scene.marks.drop_target == "Deployment:shop/cart"
    point = bench.view.mapToScene(at)
    drop(bench, "Service", at)
    made = next(s for s in bench.project.of(Service) if s.id != CART)
    assert made.namespace == pod.namespace == "shop"
    assert dict(made.spec.selector or {}) == {"app": "cart"}
    placed = bench.project.canvas.placement(made.id, "namespaces")
    assert placed is not None
    assert abs(placed.x - point.x()) < 32


def test_with_alt_a_service_near_pods_selects_nothing_of_them(bench: Bench) -> None:
    bench.view.show_view("namespaces")
    box = bench.scene.rect_of("Deployment:shop/cart")
    assert box is not None
    at = bench.view.mapFromScene(QPointF(box.right() + 40, box.center().y()))
    hover(bench, "Service", at)
    alt = Qt.KeyboardModifier.AltModifier
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, palette_data("Service"), Left, alt)
    QApplication.sendEvent(bench.view.viewport(), event)
    made = next(s for s in bench.project.of(Service) if s.id != CART)
    assert dict(made.spec.selector or {}) == {"app": made.name} != {"app": "cart"}


@pytest.mark.parametrize("view", CANVAS_VIEWS)
@pytest.mark.parametrize("kind", sorted(PALETTE_KINDS))
def test_every_kind_greys_exactly_what_refuses_it_and_says_why(bench: Bench, kind: str, view: str) -> None:
    bench.view.show_view(view)
    before = bench.project
    asked = 0
    for oid, item in sorted(bench.scene.drawn().items()):
        if isinstance(item, FrameItem) and item.facts.tint is None:
            continue  # the cluster and zones are no targets
        at = bench.view.mapFromScene(item.rect.topLeft() + QPointF(item.rect.width() / 2, 8))
        if bench.scene.object_at(bench.view.mapToScene(at)) != item.owner:
            continue  # a rule's row, a Pod's chip
        event = hover(bench, kind, at)
        greyed = oid in bench.scene.marks.greyed
        assert event.isAccepted() is not greyed, (kind, oid, bench.gestures.hint.text())
        if greyed:
            assert bench.gestures.hint.text().endswith("."), (kind, oid)
            assert not drop(bench, kind, at).isAccepted()
            assert bench.project is before
        asked += 1
    assert asked >= 2


def test_an_ingress_dropped_on_a_service_makes_a_rule_that_its_controller_serves(bench: Bench) -> None:
    known = {ingress.id for ingress in bench.project.of(Ingress)}
    assert drop(bench, "Ingress", bench.middle(CART)).isAccepted()
    (made,) = [ingress for ingress in bench.project.of(Ingress) if ingress.id not in known]
    backend = made.spec.rules[0].http.paths[0].backend.service  # type: ignore[union-attr]
    assert backend is not None and (made.namespace, backend.name) == ("shop", "cart")
    served = [routes.ingresses for routes in bench.session.state.routes.controllers.values()]
    assert any(made.id in ingresses for ingresses in served)
    assert any(edge.via == made.id and edge.target == CART for edge in bench.scene.edges.edges)
