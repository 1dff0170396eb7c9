"""What was typed as YAML and not applied waits for its object."""

from designer.model import Project, Service
from designer.ui.panels.inspector import InspectorPanel
from tests.ui.panels.conftest import Desk


def test_typed_yaml_waits_while_another_object_is_looked_at(shop: Desk) -> None:
    first, second = [service.id for service in shop.project.of(Service)][:2]
    panel = shop.panel(InspectorPanel, 320, 700)
    shop.selection.select((first,))
    panel.header.views.set_value("yaml")
    text = panel.yaml.editor.toPlainText()
    typed = f"{text}  unfinished: ["
    panel.yaml.editor.setPlainText(typed)
    shop.selection.select((second,))
    assert panel.yaml.editor.toPlainText() != typed
    assert not panel.yaml.pending
    shop.selection.select((first,))
    assert panel.yaml.editor.toPlainText() == typed
    assert panel.yaml.apply_button.isEnabled()
    assert "not applied" in panel.yaml.banner.message()
    panel.yaml.revert()
    shop.selection.select((second,))
    shop.selection.select((first,))
    assert panel.yaml.editor.toPlainText() == text


def test_typed_yaml_does_not_reach_another_project(shop: Desk) -> None:
    first = next(service.id for service in shop.project.of(Service))
    panel = shop.panel(InspectorPanel, 320, 700)
    shop.selection.select((first,))
    panel.header.views.set_value("yaml")
    text = panel.yaml.editor.toPlainText()
    panel.yaml.editor.setPlainText(f"{text}  unfinished: [")
    before = shop.project
    shop.session.session.new(Project())
    shop.selection.clear()
    shop.session.session.new(before)
    shop.selection.select((first,))
    assert panel.yaml.editor.toPlainText() == text
