"""What is worked out of a cluster before a scene shows it: the scene draws the same, without asking again."""

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from designer.engine.compile import compile_project
from designer.resources import resource_path
from designer.session.change import Change, whole_diff
from designer.storage import open_file
from designer.ui.canvas.beforehand import beforehand
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.shields import Shields


@pytest.mark.parametrize("view", ["nodes", "namespaces", "traffic"])
def test_a_scene_that_was_told_beforehand_draws_the_same(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    project = open_file(resource_path("samples", "first-steps.cnd")).project
    assert project is not None
    project = replace(project, canvas=project.canvas.model_copy(update={"view": view}))
    state = compile_project(project)
    change = Change(project, state.project, whole_diff(project, state.project), "Open", state, replaced=True)
    plain, told = CanvasScene(), CanvasScene()
    plain.reconcile(change)
    told.expect(beforehand(state))
    asked: list[object] = []
    monkeypatch.setattr(Shields, "has", lambda self, pod: asked.append(pod))
    told.reconcile(change)
    assert not asked and len(told.pods) == len(plain.pods)
    assert {oid: item.facts for oid, item in told.drawn().items()} == {
        oid: item.facts for oid, item in plain.drawn().items()
    }
    assert {oid: item.rect for oid, item in told.drawn().items()} == {
        oid: item.rect for oid, item in plain.drawn().items()
    }
    assert told.edges.edges == plain.edges.edges and np.array_equal(told.edges.ends, plain.edges.ends)
    for table in ("rects", "tints", "flags"):
        assert np.array_equal(getattr(told.pods, table), getattr(plain.pods, table)), table


def test_what_was_told_of_another_state_is_forgotten(qtbot: QtBot) -> None:
    project = open_file(resource_path("samples", "first-steps.cnd")).project
    assert project is not None
    told_of, other = compile_project(project), compile_project(replace(project, objects=project.objects.without("Pod")))
    scene = CanvasScene()
    scene.expect(beforehand(told_of))
    change = Change(project, other.project, whole_diff(project, other.project), "Open", other, replaced=True)
    scene.reconcile(change)
    assert all(known[0] in set(other.control.pods.values()) for known in scene.pods._known.values())
    assert scene._beforehand is None
