"""The YAML of a policy that is only kept: shown, changed as one step, refused in words, undone."""

from __future__ import annotations

from collections.abc import Callable

from designer.model import Project
from designer.ui.panels.inspector import InspectorPanel
from tests.present.tiered_cluster import GLOBAL, tiered
from tests.ui.panels.conftest import Desk


def test_a_kept_policy_is_edited_as_yaml(desk_of: Callable[[Project], Desk]) -> None:
    desk = desk_of(tiered())
    panel = desk.panel(InspectorPanel, 400, 700)
    desk.selection.select((GLOBAL,))
    panel.show_field("spec.ingress[0]")
    editor = panel.yaml.editor
    assert editor.textCursor().block().text().strip() == "- action: Allow"
    editor.setPlainText(editor.toPlainText().replace("- 8080", "- 9090"))
    panel.yaml.apply()
    assert desk.project.foreign[GLOBAL].data["spec"]["ingress"][0]["destination"]["ports"] == [9090]
    panel.yaml.editor.setPlainText(editor.toPlainText().replace("kind: GlobalNetworkPolicy", "kind: Pod"))
    panel.yaml.apply()
    assert panel.yaml.banner.isVisible()
    panel.yaml.revert()
    desk.session.undo()
    assert desk.project.foreign[GLOBAL].data["spec"]["ingress"][0]["destination"]["ports"] == [8080]


def test_a_kept_policy_is_renamed_in_its_yaml(desk_of: Callable[[Project], Desk]) -> None:
    desk = desk_of(tiered())
    panel = desk.panel(InspectorPanel, 400, 700)
    desk.selection.select((GLOBAL,))
    panel.show_field("spec")
    editor = panel.yaml.editor
    editor.setPlainText(editor.toPlainText().replace("only-8080", "web-port"))
    panel.yaml.apply()
    new = GLOBAL.replace("only-8080", "web-port")
    assert desk.selection.ids == (new,) and new in desk.project.foreign
    assert "web-port" in panel.yaml.editor.toPlainText()
