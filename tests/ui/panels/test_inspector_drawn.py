"""What the Inspector says of things that are drawn and are no objects: never that they are gone."""

import pytest
from PySide6.QtWidgets import QApplication

from designer.edits.notes import add_note
from designer.model import Node
from designer.ui.panels.inspector.computed_view import RowView
from designer.ui.panels.inspector.panel import InspectorPanel
from tests.ui.panels.conftest import Desk


@pytest.mark.parametrize(
    ("oid", "words"),
    [
        ("Zone:zone-a", "topology.kubernetes.io/zone=zone-a"),
        ("outside", "beyond the cluster"),
        ("cluster", "in the cluster"),
        ("Namespace:kube-system", "taken to exist"),
    ],
)
def test_what_is_drawn_is_not_said_to_be_gone(shop: Desk, oid: str, words: str) -> None:
    panel = shop.panel(InspectorPanel)
    shop.selection.select((oid,))
    assert words in panel.header._below.text()
    assert panel.header.name.isReadOnly()


@pytest.mark.parametrize("oid", ["Zone:nowhere", "Namespace:nowhere", "Service:shop/nowhere"])
def test_what_is_gone_is_said_to_be(shop: Desk, oid: str) -> None:
    panel = shop.panel(InspectorPanel)
    shop.selection.select((oid,))
    assert panel.header._below.text() == "not in the project any more"


def test_a_zone_lists_its_nodes_and_leads_to_them(shop: Desk) -> None:
    panel = shop.panel(InspectorPanel)
    shop.selection.select(("Zone:zone-a",))
    QApplication.processEvents()
    label = "topology.kubernetes.io/zone"
    nodes = [node.id for node in shop.project.of(Node) if node.metadata.labels.get(label) == "zone-a"]
    rows = [row for row in panel.computed.findChildren(RowView) if row.row.oid]
    assert nodes and [row.row.oid for row in rows] == nodes
    rows[0].pressed.emit(rows[0].row.oid)
    assert shop.selection.ids == (nodes[0],)


def test_a_note_is_shown_with_its_words(shop: Desk) -> None:
    panel = shop.panel(InspectorPanel)
    edit = add_note(shop.project, "Ask who owns this", 0.0, 0.0)
    shop.session.apply(edit)
    (note,) = shop.project.canvas.notes
    shop.selection.select((note,))
    assert (panel.header._kind.text(), panel.header.name.text()) == ("Note", "Ask who owns this")
    assert "drawing alone" in panel.header._below.text()
