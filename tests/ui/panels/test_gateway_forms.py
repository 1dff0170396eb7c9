"""Forms of Gateway API objects: fields as the CRDs have them, each commit one step, notes beside fields."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.edits.create import create
from designer.edits.gatewaykinds import MADE_KINDS
from designer.edits.kept import replace_kept
from designer.engine.l7.gateway.objects import read_object
from designer.model import ForeignObject, Project
from designer.ui.panels.inspector.editors import ChoiceEditor, LineEditor
from designer.ui.panels.inspector.filter_groups import FILTER_FIELDS, one_filter
from designer.ui.panels.inspector.gateway_forms import GATEWAY_FORMS
from designer.ui.panels.inspector.groups import GroupList
from designer.ui.panels.inspector.panel import InspectorPanel
from tests.present.gateway_cluster import CART, EDGE, FAR, gateway_project
from tests.ui.panels.conftest import Desk


@pytest.fixture
def edge(desk_of: Callable[[Project], Desk]) -> Desk:
    return desk_of(gateway_project())


def inspector(desk: Desk, oid: str) -> InspectorPanel:
    desk.selection.select((oid,))
    panel: InspectorPanel = desk.panel(InspectorPanel, 360, 900)
    return panel


def row_of(panel: InspectorPanel, path: str) -> Any:
    return next(form.rows[path] for form in panel.forms if path in form.rows)


def cell(one: Any, key: str) -> Any:
    return next(editor for found, editor, _note in one.editors if found.key == key)


def type_into(editor: LineEditor, text: str) -> None:
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, text) if text else QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def spec(desk: Desk, oid: str) -> Any:
    return desk.project.foreign[oid].data["spec"]


def test_what_a_form_adds_is_what_the_crds_let_in() -> None:
    """Every group's new entry, put into a small object of its kind, passes the schema of the CRD."""
    base: dict[str, Any] = {
        "Gateway": {"gatewayClassName": "own", "listeners": [{"name": "a", "port": 1, "protocol": "HTTP"}]},
        "ListenerSet": {"parentRef": {"name": "a"}, "listeners": [{"name": "a", "port": 1, "protocol": "HTTP"}]},
        "GatewayClass": {"controllerName": "example.com/own"},
        "TLSRoute": {"hostnames": ["a.example.com"], "rules": [{"backendRefs": [{"name": "a", "port": 80}]}]},
        "BackendTLSPolicy": {
            "targetRefs": [{"group": "", "kind": "Service", "name": "a"}],
            "validation": {"hostname": "a.example.com", "wellKnownCACertificates": "System"},
        },
        "ReferenceGrant": {"from": [{"group": "g", "kind": "K", "namespace": "n"}], "to": [{"group": "", "kind": "K"}]},
    }
    for kind, sections in GATEWAY_FORMS.items():
        for field in (field for section in sections for field in section.fields):
            if field.group is None or not field.path.startswith("spec."):
                continue
            fresh = field.group.fresh([]) if callable(field.group.fresh) else field.group.fresh
            data = {**base.get(kind, {"rules": [{"backendRefs": [{"name": "a", "port": 80}]}]})}
            *way, last = field.path.removeprefix("spec.").split(".")
            held: dict[str, Any] = data
            for key in way:
                held[key] = {**held.get(key, {})}
                held = held[key]
            if last == "caCertificateRefs":  # or those of the system: one of the two (BackendTLSPolicyValidation)
                held.pop("wellKnownCACertificates", None)
            held[last] = fresh if field.editor == "object" else [fresh]
            api = "v1beta1" if kind == "ReferenceGrant" else "v1"
            oid = f"gateway.networking.k8s.io/{api}/{kind}:ns/x"
            found, problems = read_object(ForeignObject(oid, {"spec": data}))
            assert found is not None, (kind, field.path, problems)


def test_a_route_shows_hosts_parents_and_rules(edge: Desk) -> None:
    panel = inspector(edge, CART)
    assert panel.header.name.text() == "cart" and not panel.header.name.isReadOnly()
    assert row_of(panel, "spec.hostnames").editor.text() == "cart.example.com"
    (parent,) = row_of(panel, "spec.parentRefs").editor.groups
    assert cell(parent, "name").text() == "edge" and cell(parent, "sectionName").text() == "http"
    first, second = row_of(panel, "spec.rules").editor.groups
    (match,) = cell(first, "matches").groups
    assert cell(match, "path.value").text() == "/cart"
    assert [cell(one, "weight").text() for one in cell(first, "backendRefs").groups] == ["3", "1"]
    (redirect,) = cell(second, "filters").groups
    assert cell(redirect, "requestRedirect.path.replaceFullPath").text() == "/cart"


def test_a_weight_is_one_step_and_can_be_undone(edge: Desk) -> None:
    panel = inspector(edge, CART)
    backends = cell(row_of(panel, "spec.rules").editor.groups[0], "backendRefs")
    assert isinstance(backends, GroupList)
    type_into(cell(backends.groups[0], "weight"), "9")
    assert spec(edge, CART)["rules"][0]["backendRefs"][0]["weight"] == 9
    edge.session.undo()
    assert spec(edge, CART)["rules"][0]["backendRefs"][0]["weight"] == 3
    assert cell(cell(row_of(panel, "spec.rules").editor.groups[0], "backendRefs").groups[0], "weight").text() == "3"


def test_a_backend_says_what_stands_behind_it(edge: Desk) -> None:
    panel = inspector(edge, CART)
    cart, new = cell(row_of(panel, "spec.rules").editor.groups[0], "backendRefs").groups
    assert cart._note.text() == "2 ready endpoints."
    assert new._note.text() == "No endpoint of it is ready: requests get status 503."
    type_into(cell(new, "name"), "gone")
    assert new._note.text() == "Service shop/gone does not exist."


def test_what_the_api_server_refuses_stands_beside_its_field(edge: Desk) -> None:
    panel = inspector(edge, CART)
    row = row_of(panel, "spec.hostnames")
    type_into(row.editor, "cart.example.com:80")
    assert "DNS name" in row.row.error()
    type_into(row.editor, "cart.example.com")
    assert row.row.error() == ""


def test_a_refused_reference_stands_beside_its_rule(edge: Desk) -> None:
    panel = inspector(edge, FAR)
    assert "no ReferenceGrant in namespace far" in row_of(panel, "spec.rules").row.error()


def test_a_listener_shows_tls_only_where_its_protocol_has_it(edge: Desk) -> None:
    panel = inspector(edge, EDGE)
    http = row_of(panel, "spec.listeners").editor.groups[0]
    assert http._note.text() == "2 routes attached."
    assert "tls.mode" not in [found.key for found, _editor, _note in http.editors]
    protocol = cell(http, "protocol")
    assert isinstance(protocol, ChoiceEditor)
    protocol.setCurrentIndex(protocol.findText("HTTPS"))
    protocol.activated.emit(protocol.currentIndex())
    assert spec(edge, EDGE)["listeners"][0]["protocol"] == "HTTPS"
    http = row_of(panel, "spec.listeners").editor.groups[0]
    assert cell(http, "tls.mode").isVisibleTo(http) and cell(http, "tls.certificateRefs").isVisibleTo(http)


def test_a_filter_of_another_type_loses_the_fields_of_the_old_one() -> None:
    data: dict[str, Any] = {"type": "URLRewrite", "requestRedirect": {"scheme": "https"}}
    one_filter(data)
    assert data == {"type": "URLRewrite", "urlRewrite": {}}
    data["urlRewrite"]["path"] = {"type": "ReplacePrefixMatch", "replaceFullPath": "/new"}
    one_filter(data)
    assert data["urlRewrite"]["path"] == {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/new"}
    del data["urlRewrite"]["path"]["type"]
    one_filter(data)
    assert data == {"type": "URLRewrite", "urlRewrite": {}}


def test_the_header_renames_and_references_follow(edge: Desk) -> None:
    panel = inspector(edge, EDGE)
    type_into(panel.header.name, "front")
    new = EDGE.replace("/edge", "/front")
    assert edge.selection.single == new and spec(edge, CART)["parentRefs"][0]["name"] == "front"
    assert panel.header.name.text() == "front"


def test_form_and_yaml_are_two_sides_of_one_object(edge: Desk) -> None:
    panel = inspector(edge, CART)
    panel.header.views.set_value("yaml")
    text = panel.yaml.editor.toPlainText()
    assert "cart.example.com" in text
    panel.yaml.editor.setPlainText(text.replace("cart.example.com", "basket.example.com"))
    panel.yaml.apply()
    panel.header.views.set_value("form")
    assert row_of(panel, "spec.hostnames").editor.text() == "basket.example.com"


@pytest.mark.parametrize("kind", ["Gateway", "HTTPRoute", "ReferenceGrant"])
def test_looking_at_a_new_object_changes_nothing(desk_of: Callable[[Project], Desk], kind: str) -> None:
    empty = desk_of(Project())
    edit = create(empty.project, kind)
    assert empty.session.apply(edit)
    before = empty.project
    panel = inspector(empty, edit.select[0])
    for form in panel.forms:
        for row in form.rows.values():
            row.editor.setFocus()
    panel.header.name.setFocus()
    assert empty.project is before and panel.forms


@pytest.mark.parametrize("kind", FILTER_FIELDS)
def test_a_filter_of_any_type_is_taken_as_soon_as_its_type_is_chosen(edge: Desk, kind: str) -> None:
    """What the form puts into a filter of another type passes the schema of the CRD, and has cells of its own."""
    panel = inspector(edge, FAR)
    before = spec(edge, FAR)
    backends = [] if kind in ("RequestRedirect", "DirectResponse") else [{"name": "vault", "port": 80}]
    data = {**edge.project.foreign[FAR].data, "spec": {**before, "rules": [{"backendRefs": backends}]}}
    data["spec"]["rules"][0]["filters"] = [{"type": "RequestHeaderModifier", "requestHeaderModifier": {}}]
    assert edge.session.apply(replace_kept(edge.project, FAR, data))
    one = cell(row_of(panel, "spec.rules").editor.groups[0], "filters").groups[0]
    chosen = cell(one, "type")
    chosen.setCurrentIndex(chosen.findText(kind))
    chosen.activated.emit(chosen.currentIndex())
    (made,) = spec(edge, FAR)["rules"][0]["filters"]
    assert made["type"] == kind
    read, problems = read_object(edge.project.foreign[FAR])
    assert problems == () and read is not None
    one = cell(row_of(panel, "spec.rules").editor.groups[0], "filters").groups[0]
    shown = [found.key for found, editor, _note in one.editors if editor.isVisibleTo(one)]
    assert any(key.startswith(f"{FILTER_FIELDS[kind]}.") for key in shown)


def test_cors_and_authorisation_are_written_in_the_form_and_undone(edge: Desk) -> None:
    panel = inspector(edge, FAR)
    data = edge.project.foreign[FAR].data
    filters = [{"type": "CORS", "cors": {"allowOrigins": ["https://a.example.com"]}},
               {"type": "ExternalAuth", "externalAuth": {"protocol": "HTTP", "http": {}, "backendRef": {"name": "vault",
                "port": 80}}}]  # fmt: skip
    rules = [{**data["spec"]["rules"][0], "filters": filters}]
    assert edge.session.apply(replace_kept(edge.project, FAR, {**data, "spec": {**data["spec"], "rules": rules}}))
    cors, auth = cell(row_of(panel, "spec.rules").editor.groups[0], "filters").groups
    type_into(cell(cors, "cors.allowMethods"), "GET, POST")
    assert spec(edge, FAR)["rules"][0]["filters"][0]["cors"]["allowMethods"] == ["GET", "POST"]
    edge.session.undo()
    assert "allowMethods" not in spec(edge, FAR)["rules"][0]["filters"][0]["cors"]
    cors, auth = cell(row_of(panel, "spec.rules").editor.groups[0], "filters").groups
    protocol = cell(auth, "externalAuth.protocol")
    protocol.setCurrentIndex(protocol.findText("gRPC"))
    protocol.activated.emit(protocol.currentIndex())
    found = spec(edge, FAR)["rules"][0]["filters"][1]["externalAuth"]
    assert found["protocol"] == "GRPC" and "http" not in found and found["grpc"] == {}
    assert read_object(edge.project.foreign[FAR])[1] == ()


@pytest.mark.parametrize("kind", MADE_KINDS)
def test_every_kind_has_a_form_with_its_own_fields(desk_of: Callable[[Project], Desk], kind: str) -> None:
    empty = desk_of(Project())
    edit = create(empty.project, kind)
    assert empty.session.apply(edit)
    panel = inspector(empty, edit.select[0])
    assert any(path.startswith("spec.") for form in panel.forms for path in form.rows)


def test_a_tls_policy_says_whether_its_service_is_there(edge: Desk) -> None:
    edit = create(edge.project, "BackendTLSPolicy", namespace="shop", target="Service:shop/cart")
    assert edge.session.apply(edit)
    panel = inspector(edge, edit.select[0])
    (target,) = row_of(panel, "spec.targetRefs").editor.groups
    assert cell(target, "name").text() == "cart" and target._note.text() == ""
    type_into(cell(target, "name"), "gone")
    (target,) = row_of(panel, "spec.targetRefs").editor.groups
    assert target._note.text() == "Service shop/gone does not exist."
    assert row_of(panel, "spec.validation.hostname").editor.text() == "cart.shop.svc"


def gateway_and_class(edge: Desk) -> tuple[str, str]:
    kind = next(oid for oid in edge.project.foreign if "/GatewayClass:" in oid)
    return EDGE, kind


def test_settings_of_the_implementation_are_added_changed_and_taken_away(edge: Desk) -> None:
    _gateway, kind = gateway_and_class(edge)
    panel = inspector(edge, kind)
    editor = row_of(panel, "spec.parametersRef").editor
    assert not editor.add_button.isHidden()
    editor.add_button.click()
    # GatewayClassSpec parametersRef: group, kind and name are asked for; one made here has all three.
    assert spec(edge, kind)["parametersRef"] == {
        "group": "", "kind": "ConfigMap", "name": "options", "namespace": "default"}  # fmt: skip
    (one,) = editor.groups
    assert editor.add_button.isHidden() and one._title.text() == "Parameters"
    type_into(cell(one, "name"), "mine")
    assert spec(edge, kind)["parametersRef"]["name"] == "mine"
    one._remove.click()
    assert "parametersRef" not in spec(edge, kind)
    edge.session.undo()
    assert spec(edge, kind)["parametersRef"]["name"] == "mine"


def test_certificates_of_clients_for_all_ports_and_for_one(edge: Desk) -> None:
    panel = inspector(edge, EDGE)
    editor = row_of(panel, "spec.tls.frontend").editor
    editor.add_button.click()
    ca = {"group": "", "kind": "ConfigMap", "name": "ca"}
    assert spec(edge, EDGE)["tls"] == {"frontend": {"default": {"validation": {"caCertificateRefs": [ca]}}}}
    (one,) = editor.groups
    ports = cell(one, "perPort")
    ports.add_button.click()
    held = spec(edge, EDGE)["tls"]["frontend"]
    assert [(port["port"], port["tls"]["validation"]["caCertificateRefs"]) for port in held["perPort"]] == [(443, [ca])]
    # Without authorities there is nothing to hold certificates against; the CRD wants a `default` all the same.
    (authority,) = cell(one, "default.validation.caCertificateRefs").groups
    authority._remove.click()
    held = spec(edge, EDGE)["tls"]["frontend"]
    assert held["default"] == {} and len(held["perPort"]) == 1
    found, problems = read_object(edge.project.foreign[EDGE])
    assert found is not None, problems


def test_a_mirror_gets_a_percentage_or_a_fraction_never_both(edge: Desk) -> None:
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "cart", "port": 80}}}
    data = copy.deepcopy(edge.project.foreign[CART].data)
    data["spec"]["rules"][0]["filters"] = [mirror]
    edit = replace_kept(edge.project, CART, data)
    assert edit.ok and edge.session.apply(edit)
    panel = inspector(edge, CART)

    def shown() -> Any:
        (one,) = cell(row_of(panel, "spec.rules").editor.groups[0], "filters").groups
        return one

    def seen(key: str) -> bool:
        return any(found.key == key and editor.isVisibleTo(panel) for found, editor, _note in shown().editors)

    def held() -> Any:
        return spec(edge, CART)["rules"][0]["filters"][0]["requestMirror"]

    type_into(cell(shown(), "requestMirror.fraction.numerator"), "1")
    assert held()["fraction"] == {"numerator": 1}
    assert not cell(shown(), "requestMirror.percent").isVisibleTo(panel)
    type_into(cell(shown(), "requestMirror.fraction.denominator"), "3")
    assert held()["fraction"] == {"numerator": 1, "denominator": 3}
    type_into(cell(shown(), "requestMirror.fraction.numerator"), "")
    assert "fraction" not in held(), "a denominator alone is no share"
    type_into(cell(shown(), "requestMirror.percent"), "20")
    assert held()["percent"] == 20 and not seen("requestMirror.fraction.numerator")
