"""The sample with a Gateway in the window: found by name, traced through, its routes asked for a URL."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from designer.ui.app.dialogs.finder import FinderDialog, object_targets
from designer.ui.app.window import MainWindow

GATEWAY = "gateway.networking.k8s.io/v1/Gateway:infra/public"


def test_gateways_and_routes_are_found_by_name(qtbot: QtBot, sample: MainWindow) -> None:
    assert sample.files.open_sample("gateway.cnd")
    found = {target.oid: target for target in object_targets(sample.shell)}
    assert found[GATEWAY].detail == "Gateway · infra"
    finder = FinderDialog(sample.shell, with_actions=False, parent=sample)
    qtbot.addWidget(finder)
    finder.line.setText("public gateway")
    assert finder.list.count() == 1
    finder.list.setCurrentRow(0)
    finder.choose()
    assert sample.shell.selection.single == GATEWAY


def test_the_sample_is_drawn_as_it_is_served(sample: MainWindow) -> None:
    assert sample.files.open_sample("gateway.cnd")
    edges = {(edge.source.rpartition(":")[2], edge.target.rpartition(":")[2]) for edge in sample.scene.edges.edges}
    assert {
        ("infra/public", "shop/shop"),
        ("infra/public", "infra/to-https"),
        ("shop/shop", "accounts/accounts"),
    } <= edges
    assert not any(edge.verdict for edge in sample.scene.edges.edges), "the ReferenceGrant permits what crosses"
