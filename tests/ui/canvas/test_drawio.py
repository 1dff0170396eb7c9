"""The draw.io diagram: well-formed, every drawn thing and edge in it, connectors between shapes that are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtPrintSupport import QPrinter

from designer.cli.desktop import RenderOptions
from designer.edits.collapse import collapse
from designer.edits.notes import add_note
from designer.model import CANVAS_VIEWS
from designer.ui.canvas.facts import ControllerFacts, PodBoxFacts, UnservedFacts
from designer.ui.canvas.printing import print_steps
from designer.ui.canvas.render import paint_canvas, shown_scene
from designer.ui.kit.slices import finished
from designer.ui.kit.tokens import THEMES
from tests.ui.canvas.projects import SAMPLES, SHOP, sample_state, state_of


def cells(path: Path) -> list[ElementTree.Element]:
    file = ElementTree.parse(path).getroot()
    assert file.tag == "mxfile"
    root = file.find("diagram/mxGraphModel/root")
    assert root is not None
    found = list(root.findall("mxCell"))
    assert [cell.get("id") for cell in found[:2]] == ["0", "1"]
    return found[2:]


@pytest.mark.parametrize("view", CANVAS_VIEWS)
@pytest.mark.parametrize("name", SAMPLES)
def test_everything_drawn_is_a_shape_and_every_edge_a_connector(
    qapp: object, tmp_path: Path, name: str, view: str
) -> None:
    out, state = tmp_path / "cluster.drawio", sample_state(name)
    assert paint_canvas(state, out, None, RenderOptions(view=view)) == ()
    found = cells(out)
    ids = [cell.get("id") for cell in found]
    assert len(ids) == len(set(ids))
    scene, _area = shown_scene(state, view, THEMES["light"])
    assert set(scene.drawn()) <= set(ids)
    vertices = {cell.get("id"): cell for cell in found if cell.get("vertex") == "1"}
    edges = [cell for cell in found if cell.get("edge") == "1"]
    assert len(edges) == len(scene.edges.edges)
    assert all(cell.get("source") in vertices and cell.get("target") in vertices for cell in edges)
    assert all(cell.get("parent") == "1" or cell.get("parent") in vertices for cell in found)
    inside = 0
    for item in scene.drawn().values():
        facts = item.facts
        inside += len(facts.pods) if isinstance(facts, PodBoxFacts) else 0
        inside += len(facts.rows) if isinstance(facts, ControllerFacts | UnservedFacts) else 0
    assert len(vertices) == len(scene.drawn()) + inside


def test_places_and_words_are_those_of_the_canvas(qapp: object, tmp_path: Path) -> None:
    out, state = tmp_path / "cluster.drawio", state_of()
    assert paint_canvas(state, out, None, RenderOptions()) == ()
    by_id = {cell.get("id"): cell for cell in cells(out)}
    scene, area = shown_scene(state, "nodes", THEMES["light"])
    node = scene.rect_of("Node:node-1")
    place = by_id["Node:node-1"].find("mxGeometry")
    assert node is not None and place is not None
    numbers = [float(place.get(key, "nan")) for key in ("x", "y", "width", "height")]
    assert numbers == [node.x() - area.x(), node.y() - area.y(), node.width(), node.height()]
    service = state.control.services["Service:shop/cart"]
    assert by_id["Service:shop/cart"].get("value") == f"cart\n{service.cluster_ips[0]}:80"
    assert "hexagon" in (by_id["Service:shop/cart"].get("style") or "")


def test_what_xml_cannot_hold_is_left_out_and_what_it_means_is_escaped(qapp: object, tmp_path: Path) -> None:
    state = state_of()
    project = add_note(state.project, 'a <b> & "c"\x00\x1b end', 0, 0).project
    out = tmp_path / "cluster.drawio"
    assert paint_canvas(replace(state, project=project), out, None, RenderOptions()) == ()
    words = [cell.get("value") for cell in cells(out) if (cell.get("id") or "").startswith("Note:")]
    assert words == ['a <b> & "c" end']


def test_a_collapsed_group_is_one_shape_with_its_sums(qapp: object, tmp_path: Path) -> None:
    state = state_of()
    folded = replace(state, project=collapse(state.project, ("Node:node-1", "Node:node-2")).project)
    out = tmp_path / "cluster.drawio"
    assert paint_canvas(folded, out, None, RenderOptions()) == ()
    values = {cell.get("value") for cell in cells(out) if cell.get("edge") == "1"}
    assert "2" in values  # three Pods on two Nodes: one Node has two


UNSERVED = """
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: lost, namespace: shop}
spec:
  ingressClassName: nobody
  rules:
    - http:
        paths:
          - {path: /a, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
          - {path: /b, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
"""


def test_the_rules_of_an_ingress_without_controller_stand_below_each_other_under_its_name(
    qapp: object, tmp_path: Path
) -> None:
    out = tmp_path / "cluster.drawio"
    assert paint_canvas(state_of(SHOP + UNSERVED), out, None, RenderOptions()) == ()
    found = cells(out)
    (card,) = (cell.get("id") for cell in found if (cell.get("value") or "").startswith("lost"))
    places = [cell.find("mxGeometry") for cell in found if cell.get("parent") == card]
    spans = [(float(at.get("y", "nan")), float(at.get("height", "nan"))) for at in places if at is not None]
    assert len(spans) == 2
    (first, height), (second, _) = sorted(spans)
    assert first >= 48, "below the card with the name"
    assert second >= first + height


def test_a_diagram_has_the_ground_of_its_theme(qapp: object, tmp_path: Path) -> None:
    """Light words on white could not be read."""
    for name in ("light", "dark"):
        out = tmp_path / f"{name}.drawio"
        assert paint_canvas(state_of(), out, None, RenderOptions(view="nodes", theme=name)) == ()
        model = ElementTree.parse(out).getroot().find("diagram/mxGraphModel")
        assert model is not None and model.get("background") == THEMES[name].color("canvas").name()


def test_the_canvas_is_printed_on_one_page(qapp: object, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    out = tmp_path / "page.pdf"
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(out))
    scene, _area = shown_scene(state_of(), "nodes", THEMES["dark"])
    assert finished(print_steps(scene, printer, None))
    data = out.read_bytes()
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") == 1
    # The drawing is wider than high, so is the page.
    size = QSizeF(printer.pageLayout().fullRect().size())
    assert size.width() > size.height()
