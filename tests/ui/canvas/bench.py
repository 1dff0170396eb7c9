"""A canvas that can be edited, with everything round it, and the mouse and keys of a person."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.model import Problem, Project
from designer.session import Session
from designer.ui.bridge.selection import Selection
from designer.ui.bridge.session import SessionBridge
from designer.ui.canvas.gestures.controller import CanvasGestures
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.view import CanvasView

Left = Qt.MouseButton.LeftButton
Key = Qt.Key
Keys = Qt.KeyboardModifier
NONE = Keys.NoModifier
CART = "Service:shop/cart"
CLIENT = "ExternalClient:client"


class Bench:
    """A view that can be edited, with everything round it."""

    def __init__(self, qtbot: QtBot, project: Project) -> None:
        self.session = SessionBridge(Session(project))
        self.selection = Selection()
        self.scene = CanvasScene()
        self.scene.show(self.session.state, self.session.project)
        self.session.changed.connect(self.scene.reconcile)
        self.view = CanvasView(self.scene, self.selection)
        qtbot.addWidget(self.view)
        self.view.resize(1600, 1000)
        self.view.show()
        self.view.zoom_to_fit(animated=False)
        self.gestures = CanvasGestures(self.view, self.session, self.selection)
        self.problems: list[Problem] = []
        self.session.failed.connect(self.problems.extend)
        self.view.activateWindow()
        self.view.setFocus()
        QApplication.processEvents()

    @property
    def project(self) -> Project:
        return self.session.project

    @property
    def undo_label(self) -> str:
        return self.session.session.undo_label

    def middle(self, oid: str) -> QPoint:
        rect = self.scene.rect_of(oid)
        assert rect is not None
        return self.view.mapFromScene(rect.center())

    def header(self, node: str) -> QPoint:
        rect = self.scene.rect_of(node)
        assert rect is not None
        return self.view.mapFromScene(QPointF(rect.center().x(), rect.top() + 12))

    def free(self) -> QPoint:
        extent = self.scene.stock.extent()
        return self.view.mapFromScene(extent.bottomLeft() + QPointF(24, 24))

    def press(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.view.viewport(), Left, keys, at)

    def move(self, at: QPoint) -> None:
        QTest.mouseMove(self.view.viewport(), at)
        QApplication.processEvents()

    def release(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseRelease(self.view.viewport(), Left, keys, at)

    def drag(self, start: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(start, keys)
        self.move(start + (end - start) / 2)
        self.move(end)
        self.release(end, keys)

    def click(self, at: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mouseClick(self.view.viewport(), Left, keys, at)

    def double(self, at: QPoint) -> None:
        QTest.mouseDClick(self.view.viewport(), Left, NONE, at)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)
