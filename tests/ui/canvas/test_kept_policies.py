"""Policies of plugins on the canvas: a card each, shields on Pods that they select, struck out where not enforced."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.edits.staging import stage, staged_ids
from designer.engine.compile import compile_project
from designer.model import NetworkPolicy, Project
from designer.ui.canvas.describe import Describer
from designer.ui.canvas.facts import PolicyFacts
from designer.ui.canvas.items.policy import PolicyItem
from designer.ui.canvas.menu import Target
from designer.ui.canvas.pod_layer import SHIELDED, STRUCK
from tests.present.tiered_cluster import ADMIN, CILIUM, GLOBAL, NATIVE, tiered
from tests.ui.canvas.bench import Bench


def facts(bench: Bench, oid: str) -> PolicyFacts:
    found = bench.scene.stock.items[oid].facts
    assert isinstance(found, PolicyFacts)
    return found


def flags(bench: Bench) -> dict[str, int]:
    """The bits of one Pod of each workload."""
    layer = bench.scene.pods
    return {layer.pod(place).owner or "": int(layer.flags[place]) for place in range(len(layer))}


@pytest.mark.parametrize("view", ["nodes", "namespaces"])
def test_every_policy_has_a_card_with_its_kind(qtbot: QtBot, view: str) -> None:
    bench = Bench(qtbot, tiered())
    bench.scene.set_view(view)
    assert {oid for oid in (ADMIN, GLOBAL, CILIUM, NATIVE) if oid in bench.scene.stock.items} == {
        ADMIN, GLOBAL, CILIUM, NATIVE,
    }  # fmt: skip
    assert facts(bench, ADMIN).kind == "ClusterNetworkPolicy"
    assert [facts(bench, oid).idle for oid in (ADMIN, GLOBAL, CILIUM, NATIVE)] == [False, False, True, False]
    name = bench.scene.stock.items[ADMIN].accessible_name()
    assert name == (
        "ClusterNetworkPolicy no-outside for the whole cluster, egress · ClusterNetworkPolicy · Admin, priority 10"
    )


def test_shields_know_the_tiers(qtbot: QtBot) -> None:
    bench = Bench(qtbot, tiered())
    shown = flags(bench)
    # Both workloads of shop are in the subject of the admin policy; nothing selects the prober.
    assert shown["Deployment:shop/web"] & SHIELDED and shown["Deployment:shop/db"] & SHIELDED
    assert not shown["Deployment:watch/prober"] & SHIELDED
    state = bench.session.state
    web = {pod.id for pod in state.control.pods.values() if pod.owner == "Deployment:shop/web"}
    assert set(bench.scene.shields.selected_by(state, GLOBAL)) == web


def test_what_nobody_enforces_is_struck_out(qtbot: QtBot) -> None:
    bench = Bench(qtbot, tiered("flannel"))
    shown = flags(bench)
    assert shown["Deployment:shop/db"] & STRUCK and shown["Deployment:shop/db"] & SHIELDED
    assert not shown["Deployment:shop/web"] & SHIELDED
    assert facts(bench, NATIVE).idle and facts(bench, NATIVE).directions == "not enforced · ingress"
    assert all(facts(bench, oid).idle for oid in (ADMIN, GLOBAL, CILIUM))


def test_a_card_is_selected_moved_and_deleted_like_others(qtbot: QtBot) -> None:
    bench = Bench(qtbot, tiered())
    QTest.mouseClick(bench.view.viewport(), Qt.MouseButton.LeftButton, pos=bench.middle(GLOBAL))
    assert bench.selection.ids == (GLOBAL,)
    menu = bench.gestures.menu.build(_target(bench))
    words = [action.text().partition("\t")[0] for action in menu.actions()]
    assert "Edit YAML" in words and "Select what it selects" in words
    assert not {"Rename…", "Copy", "Duplicate", "Cut"} & set(words)
    bench.gestures.board.cut()
    assert GLOBAL in bench.project.foreign, "what cannot be copied is not cut"
    bench.gestures.board.delete()
    assert GLOBAL not in bench.project.foreign and GLOBAL not in bench.scene.stock.items
    bench.session.undo()
    assert GLOBAL in bench.scene.stock.items


def _target(bench: Bench) -> Target:
    rect = bench.scene.rect_of(GLOBAL)
    assert rect is not None
    return Target(GLOBAL, rect.center())


def cards(project: Project) -> dict[str, PolicyFacts]:
    describer = Describer(compile_project(project))
    native = [describer.policy(one) for one in project.of(NetworkPolicy)]
    return {facts.oid: facts for facts in (*native, *describer.kept_policies)}


@pytest.mark.parametrize(
    ("oid", "plugin"), [(NATIVE, "calico"), (ADMIN, "calico"), (GLOBAL, "calico"), (CILIUM, "cilium")]
)
def test_a_staged_policy_of_every_kind_stands_on_the_canvas_and_says_so(oid: str, plugin: str) -> None:
    project = tiered(plugin)
    before = cards(project)[oid]
    assert not before.staged and not before.idle and "staged" not in before.directions
    project = stage(project, oid).project
    (staged,) = staged_ids(project)
    card = cards(project)[staged]
    assert card.staged and card.idle and card.directions.startswith("staged, not enforced")
    assert "staged, not enforced" in PolicyItem(card).accessible_name()


def test_a_policy_that_the_plugin_does_not_know_is_struck_and_not_paused() -> None:
    card = cards(tiered("flannel"))[ADMIN]
    assert card.idle and not card.staged and card.directions.startswith("not enforced")
