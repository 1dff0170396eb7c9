"""What labels would change is told while they are typed, and compiled once the typing rests."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.create import create
from designer.edits.edit import Edit
from designer.engine.compile import ClusterState
from designer.session import preview
from designer.session.preview import previewed
from designer.ui.panels.inspector import form_view
from tests.ui.panels.conftest import Desk
from tests.ui.panels.test_inspector import inspector, row_of, type_into, value


def test_a_label_that_is_being_typed_shows_who_loses_pods_before_it_is_committed(
    empty: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.session.apply(create(empty.project, "Node"))
    empty.session.apply(create(empty.project, "Pod"))
    empty.session.apply(create(empty.project, "Service", target="Pod:default/web"))
    before = empty.project
    assert value(empty, "Service:default/web", "spec.selector") == {"app": "web"}
    compiled: list[str] = []

    def counted(state: ClusterState, edit: Edit) -> ClusterState | None:
        compiled.append(edit.label)
        return previewed(state, edit)

    monkeypatch.setattr(form_view, "previewed", counted)
    row = row_of(inspector(empty, "Pod:default/web"), "metadata.labels")
    text = row.editor.groups[0].editors[1][1]
    type_into(empty, text, "other")
    assert compiled == [], "nothing is compiled while keys come one after another"
    QTest.qWait(2 * form_view.PAUSE_MS)
    assert row.note.text() == "Service default/web loses 1 Pod: nobody answers any more"
    assert len(compiled) == 1
    assert empty.project is before
    QTest.keyClick(text, Qt.Key.Key_Escape)
    assert empty.project is before
    assert row.note.text() == ""
    type_into(empty, text, "other")
    QTest.keyClick(text, Qt.Key.Key_Return)
    assert value(empty, "Pod:default/web", "metadata.labels") == {"app": "other"}
    QTest.qWait(2 * form_view.PAUSE_MS)
    assert row.note.text() == ""


def test_in_a_cluster_too_large_to_look_ahead_the_form_says_so(empty: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    empty.session.apply(create(empty.project, "Node"))
    empty.session.apply(create(empty.project, "Pod"))
    monkeypatch.setattr(preview, "MOST_PODS", 0)
    row = row_of(inspector(empty, "Pod:default/web"), "metadata.labels")
    text = row.editor.groups[0].editors[1][1]
    type_into(empty, text, "other")
    QTest.qWait(2 * form_view.PAUSE_MS)
    assert row.note.text().startswith("With more than 20,000 Pods, who loses or gains some is not looked up")
    QTest.keyClick(text, Qt.Key.Key_Escape)
    assert row.note.text() == ""
