"""The marks of Verify on Linux on the canvas: on tried edges, beside the trace, in tooltips; grey when stale."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from designer.edits.fields import set_field
from designer.edits.verification import keep_verification
from designer.engine.trace.ask import ask, scenario_request
from designer.resources import resource_path
from designer.session import Session
from designer.storage import open_file
from designer.ui.bridge.lab import Verifier
from designer.ui.bridge.player import Player
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.lab_layer import LabLayer
from designer.ui.canvas.lab_note import LabNote
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace_layer import TraceLayer
from designer.ui.canvas.view import CanvasView
from designer.ui.kit.finding import draw_finding, finding_token
from designer.ui.kit.theme import current_theme
from tests.ui.verified import ABLE, FakeLab, result_for


class Stage:
    """Scene, player, layer and words of the sample “First steps”, wired as the window does."""

    def __init__(self) -> None:
        opened = open_file(resource_path("samples", "first-steps.cnd")).project
        assert opened is not None
        self.bridge = SessionBridge(Session(opened))
        self.scene = CanvasScene()
        self.view = CanvasView(self.scene)
        self.view.resize(900, 600)
        self.bridge.changed.connect(self.scene.reconcile)
        self.scene.show(self.bridge.state, self.bridge.project)
        self.player = Player()
        self.verifier = Verifier(self.bridge, run=FakeLab(), look=lambda *_asked: ABLE)
        self.trace = TraceLayer(self.scene, self.player)
        self.layer = LabLayer(self.scene, self.player, self.verifier, self.trace)
        self.note = LabNote(self.layer, self.view)

    def keep(self) -> None:
        project = self.bridge.project
        found = result_for(project)
        called = next(row for row in found.rows if row.target == "Service:default/frontend")
        client = called.model_copy(update={"source": "ExternalClient:client", "status": "confirmed", "rules": None})
        found = found.model_copy(update={"rows": (*found.rows, client)})
        assert self.bridge.apply(keep_verification(project, found))

    def marks(self) -> dict[tuple[str, str], str]:
        edges = self.scene.edges.edges
        return {(edges[m.place].source, edges[m.place].target): m.status for m in self.layer.edge_marks}

    def trace_scenario(self, place: int) -> None:
        project = self.bridge.project
        result, _ = ask(self.bridge.state, scenario_request(project.scenarios[sorted(project.scenarios)[place]]))
        self.player.load(result)


@pytest.fixture
def stage(qapp: object) -> Iterator[Stage]:
    made = Stage()
    yield made
    made.layer.close()
    made.trace.close()
    made.verifier.close()
    made.view.deleteLater()


def test_nothing_is_marked_before_anything_was_tried(stage: Stage) -> None:
    stage.trace_scenario(0)
    assert stage.marks() == {} and stage.layer.trace_status == "" and not stage.note.isVisibleTo(stage.view)


def test_every_edge_that_was_tried_has_its_mark(stage: Stage) -> None:
    stage.keep()
    marks = stage.marks()
    assert {pair: marks[pair] for pair in marks if pair[0] == "Service:default/backend"} == {
        ("Service:default/backend", "Node:node-1"): "confirmed",
        ("Service:default/backend", "Node:node-2"): "confirmed",
    }
    assert marks["Service:default/frontend", "Node:node-2"] == "different"
    assert not [pair for pair in marks if pair[0] == "Service:kube-system/kube-dns"], "not tried"


def test_marks_stand_apart_from_each_other_and_off_the_boxes(stage: Stage) -> None:
    stage.keep()
    points = [mark.at for mark in stage.layer.edge_marks]
    assert len({(round(point.x()), round(point.y())) for point in points}) == len(points)
    for mark in stage.layer.edge_marks:
        assert stage.scene.object_at(mark.at) is None


def test_the_other_views_have_marks_too(stage: Stage) -> None:
    stage.keep()
    stage.scene.set_view("traffic")
    assert stage.marks()["Deployment:default/frontend", "Deployment:default/backend"] == "confirmed"
    stage.scene.set_view("namespaces")
    assert ("Service:default/backend", "Deployment:default/backend") in stage.marks()


def test_the_trace_of_what_was_tried_says_so(stage: Stage) -> None:
    stage.keep()
    stage.trace_scenario(0)
    assert stage.layer.trace_status == "confirmed"
    assert stage.note.isVisibleTo(stage.view)
    assert stage.note.accessibleName() == "Verify on Linux: Linux does the same"
    stage.trace_scenario(1)
    assert stage.layer.trace_status == "" and not stage.note.isVisibleTo(stage.view)
    stage.trace_scenario(2)
    assert stage.layer.trace_words == "not testable on this Linux"


def test_an_edit_makes_the_marks_grey_and_says_so(stage: Stage) -> None:
    stage.keep()
    stage.trace_scenario(0)
    edit = set_field(stage.bridge.project, "Service:default/frontend", "spec.ports[0].port", 8081)
    assert stage.bridge.apply(edit)
    assert stage.layer.stale
    assert stage.note.accessibleName().endswith("tried before the last changes")
    assert stage.marks()["Service:default/backend", "Node:node-1"] == "confirmed", "what it was stays readable"
    assert finding_token("different", stale=True) == "muted" != finding_token("different")


def test_tooltips_and_readers_hear_it(stage: Stage) -> None:
    stage.keep()
    rect = stage.scene.rect_of("Service:default/frontend")
    assert rect is not None
    said = "Verify on Linux: 1 confirmed, 1 different"
    assert stage.scene.tip_at(rect.center()).endswith(said)
    assert stage.scene.name_of("Service:default/frontend").endswith(said)
    stage.bridge.undo()
    assert said not in stage.scene.tip_at(rect.center())


def test_undo_takes_the_marks_away(stage: Stage) -> None:
    stage.keep()
    assert stage.marks()
    stage.bridge.undo()
    assert stage.marks() == {}


def painted(stage: Stage, area: QRectF) -> QImage:
    """What the marks of an area look like, on nothing."""
    image = QImage(max(1, int(area.width())), max(1, int(area.height())), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.translate(-area.topLeft())
    stage.layer.paint_edges(painter, 1.0, area)
    painter.end()
    return image


def is_marked(stage: Stage, at: QPointF) -> bool:
    image = painted(stage, QRectF(at.x() - 10, at.y() - 10, 20, 20))
    return any(image.pixelColor(x, y).alpha() for x in range(20) for y in range(20))


def test_a_mark_follows_the_thing_that_a_gesture_moves(stage: Stage) -> None:
    stage.keep()
    edges = stage.scene.edges
    place, before = next(
        (mark.place, mark.at) for mark in stage.layer.edge_marks
        if edges.edges[mark.place].source == "ExternalClient:client"
    )  # fmt: skip
    assert is_marked(stage, before)
    stage.scene.shift(("ExternalClient:client",), QPointF(0, 400))
    assert not is_marked(stage, before)
    assert is_marked(stage, edges.path_of(place).pointAtPercent(0.5))
    stage.scene.restore()
    assert is_marked(stage, before)


def test_marks_stay_where_they_are_while_nothing_moves(stage: Stage) -> None:
    stage.keep()
    before = {mark.place: mark.at for mark in stage.layer.edge_marks}
    stage.layer.rebuild()
    assert {mark.place: mark.at for mark in stage.layer.edge_marks} == before


@pytest.mark.parametrize("stale", [False, True])
def test_the_three_marks_are_told_apart_without_colour(qapp: object, stale: bool) -> None:
    pictures = set()
    for status in ("confirmed", "different", "not-testable"):
        image = QImage(32, 32, QImage.Format.Format_ARGB32)
        image.fill(current_theme().color("canvas"))
        painter = QPainter(image)
        draw_finding(painter, QRectF(0, 0, 32, 32), status, current_theme(), stale=stale)
        painter.end()
        pictures.add(bytes(image.convertToFormat(QImage.Format.Format_Mono).constBits()))
    assert len(pictures) == 3
