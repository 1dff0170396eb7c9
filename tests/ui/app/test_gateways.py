"""The sample with a Gateway in the window: found by name, traced through, its routes asked for a URL."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from designer.edits.remove import remove
from designer.edits.settings import set_cluster
from designer.engine.trace.hops import Request
from designer.model import Project
from designer.storage import encode
from designer.ui.app.dialogs.finder import FinderDialog, object_targets
from designer.ui.app.window import MainWindow
from designer.ui.panels.problems_panel import ProblemsPanel
from designer.ui.panels.routes_panel import RoutesPanel

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


def press(window: MainWindow, kind: str) -> Project:
    """The project after a press on a kind of the palette."""
    button = next(button for button in window.palette_panel.buttons if button.item.kind == kind)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return window.shell.bridge.project


def asked(window: MainWindow, url: str) -> str:
    """The verdict of a request from outside that a person types."""
    window.request_bar.set_request(Request("Internet", url))
    window.action_set.actions["sim.trace"].trigger()
    result = window.shell.player.result
    assert result is not None
    return result.verdict


def reached_from_outside_and_walked_back(window: MainWindow, steps: list[Project]) -> None:
    """The drawing takes requests once its load balancer has addresses; every step of it is undone and done again."""
    bridge = window.shell.bridge
    assert bridge.apply(set_cluster(bridge.project, "loadBalancer.pools", [{"addresses": ["203.0.113.0/28"]}]))
    steps.append(bridge.project)
    assert asked(window, "http://web.example.com/") == "delivered"
    for before in reversed(steps[:-1]):
        window.action_set.actions["edit.undo"].trigger()
        assert encode(bridge.project) == encode(before)
    for after in steps[1:]:
        window.action_set.actions["edit.redo"].trigger()
        assert encode(bridge.project) == encode(after)
    assert asked(window, "http://web.example.com/") == "delivered"


def test_a_gateway_is_drawn_from_nothing_with_every_step_undone_and_done_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    bridge = window.shell.bridge
    steps = [bridge.project]
    for kind in ("Node", "Deployment", "Service", "GatewayClass", "Gateway", "HTTPRoute", "TCPRoute", "TLSRoute",
                 "GRPCRoute", "ListenerSet", "ReferenceGrant", "BackendTLSPolicy"):  # fmt: skip
        steps.append(press(window, kind))
        assert steps[-1] is not steps[-2], kind
    reached_from_outside_and_walked_back(window, steps)


def test_a_certificate_that_is_made_elsewhere_is_taken_for_granted(qtbot: QtBot, sample: MainWindow) -> None:
    assert sample.files.open_sample("gateway.cnd")
    bridge = sample.shell.bridge
    secret = "v1/Secret:infra/example-com"
    assert bridge.apply(remove(bridge.project, [secret]))
    assert asked(sample, "https://shop.example.com/cart") == "connection-refused"
    panel = sample.bottom.show_panel("problems")
    assert isinstance(panel, ProblemsPanel)
    qtbot.waitUntil(lambda: any("is not there" in problem.title for problem in panel.problems))
    rows = [panel.table.rows_model.row(place) for place in range(panel.table.rows_model.rowCount())]
    panel.table.select_place(next(place for place, row in enumerate(rows) if "Secret" in row[2]))
    assert panel.detail.secret_button.isVisible()
    panel.detail.secret_button.click()
    assert bridge.project.foreign[secret].data["type"] == "kubernetes.io/tls"
    assert asked(sample, "https://shop.example.com/cart") == "delivered"
    qtbot.waitUntil(lambda: not any("is not there" in problem.title for problem in panel.problems))
    bridge.undo()
    assert secret not in bridge.project.foreign


def test_an_ingress_is_drawn_from_nothing_with_every_step_undone_and_done_again(window: MainWindow) -> None:
    bridge = window.shell.bridge
    steps = [bridge.project]
    for kind in ("Node", "Deployment", "Service", "IngressController", "Ingress"):
        steps.append(press(window, kind))
        assert steps[-1] is not steps[-2], kind
    reached_from_outside_and_walked_back(window, steps)


def test_a_url_of_the_box_is_followed_on_the_canvas(sample: MainWindow) -> None:
    assert sample.files.open_sample("gateway.cnd")
    panel = sample.bottom.show_panel("routes")
    assert isinstance(panel, RoutesPanel) and not panel.trace.isEnabled()
    QTest.keyClicks(panel.url, "tcp://shop.example.com:443")
    QTest.keyClick(panel.url, Qt.Key.Key_Return)
    assert not panel.trace.isEnabled(), "only URLs of HTTP are traced by this button"
    panel.url.clear()
    QTest.keyClicks(panel.url, "https://shop.example.com/cart/items")
    QTest.keyClicks(panel.headers, "X-Preview: 1")
    QTest.keyClick(panel.url, Qt.Key.Key_Return)
    panel.trace.click()
    result = sample.shell.player.result
    assert result is not None and result.verdict == "delivered"
    assert result.request.destination == "https://shop.example.com/cart/items"
    assert ("X-Preview", "1") in result.request.headers
    assert sample.bottom.is_in_front("trace")
    panel.method.setCurrentText("gRPC")
    panel.ask()
    panel.trace.click()
    result = sample.shell.player.result
    assert result is not None and result.request.method == "POST"
    assert ("content-type", "application/grpc") in result.request.headers, "else the trace would follow plain HTTP"
