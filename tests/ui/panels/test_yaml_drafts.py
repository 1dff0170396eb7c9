"""The YAML tab: applied, refused with its line, followed; what was typed and not applied waits for its object."""

import pytest

from designer.edits.fields import set_field
from designer.model import Project, Service
from designer.ui.panels.inspector import InspectorPanel
from tests.ui.panels.conftest import Desk
from tests.ui.panels.test_inspector import API, inspector, value


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


def test_yaml_is_applied_reverted_and_follows_edits(shop: Desk) -> None:
    panel = inspector(shop, API)
    panel.header.views.set_value("yaml")
    text = panel.yaml.editor.toPlainText()
    assert not panel.yaml.apply_button.isEnabled()
    panel.yaml.editor.setPlainText(text.replace("port: 8080", "port: 9090"))
    panel.yaml.apply()
    assert value(shop, API, "spec.ports[0].port") == 9090
    assert shop.session.apply(set_field(shop.project, API, "spec.sessionAffinity", "ClientIP"))
    assert "sessionAffinity: ClientIP" in panel.yaml.editor.toPlainText()
    panel.yaml.editor.setPlainText("kind: [")
    panel.yaml.revert()
    assert "sessionAffinity: ClientIP" in panel.yaml.editor.toPlainText()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("port: 8080", "port: eighty", 10), ("  selector:", "  selector", 8), ("name: api", "name: NOT VALID", 4)],
)
def test_wrong_yaml_is_marked_with_its_line(shop: Desk, old: str, new: str, line: int) -> None:
    panel = inspector(shop, API)
    panel.header.views.set_value("yaml")
    before = shop.project
    typed = panel.yaml.editor.toPlainText().replace(old, new, 1)
    panel.yaml.editor.setPlainText(typed)
    panel.yaml.apply()
    assert shop.project is before
    assert panel.yaml.banner.kind() == "error"
    assert panel.yaml.editor.error_line == line
    assert panel.yaml.banner.message().startswith(f"Line {line}")
    assert panel.yaml.editor.toPlainText() == typed


def test_renaming_in_yaml_keeps_the_object_selected(shop: Desk) -> None:
    panel = inspector(shop, API)
    panel.header.views.set_value("yaml")
    panel.yaml.editor.setPlainText(panel.yaml.editor.toPlainText().replace("name: api", "name: other", 1))
    panel.yaml.apply()
    assert shop.selection.single == "Service:shop/other"
    assert "name: other" in panel.yaml.editor.toPlainText()
    assert not panel.yaml.pending
