"""The table of actions as Qt's actions: menus, shortcuts, what is enabled and checked right now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from designer.ui.app.actions import ACTIONS, DYNAMIC_AFTER, MENUS, ActionSpec
from designer.ui.app.conditions import holds, why_not
from designer.ui.app.shell import Shell
from designer.ui.kit.icons import icon, kind_icon

Fill = Callable[[QMenu], None]


def spec_icon(spec: ActionSpec) -> QIcon:
    """The icon of an action, a null one where it has none."""
    if spec.icon.startswith("kind:"):
        return kind_icon(spec.icon.removeprefix("kind:"))
    return icon(spec.icon) if spec.icon else QIcon()


def _key_of(bare: str) -> Qt.Key:
    """The key of a bare name such as ``Space``."""
    return Qt.Key[f"Key_{bare}"]


class ActionSet(QObject):
    """All actions of a window. `triggered` carries the `ActionSpec` that a person chose."""

    triggered = Signal(object)

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self.actions: dict[str, QAction] = {}
        self.menus: dict[tuple[str, ...], QMenu] = {}
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._bare = {_key_of(spec.bare): spec for spec in ACTIONS if spec.bare}
        for spec in ACTIONS:
            self.actions[spec.id] = self._made(spec)

    def _made(self, spec: ActionSpec) -> QAction:
        action = QAction(spec_icon(spec), spec.text, self)
        action.setObjectName(spec.id)
        keys = [QKeySequence(key) for key in (spec.shortcut, spec.other) if key]
        action.setShortcuts(keys)
        native = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        tip = spec.tip or spec.words
        action.setToolTip(f"{tip} ({native})" if native else tip)
        action.setStatusTip(tip)
        action.setCheckable(bool(spec.checked))
        action.setIconVisibleInMenu(bool(spec.icon))
        action.triggered.connect(self._on_triggered)
        return action

    def _on_triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.triggered.emit(self._specs[action.objectName()])
            self.refresh()

    def build_menus(self, bar: QMenuBar, fill: dict[tuple[str, ...], Fill]) -> None:
        """Nothing; puts every action into its menu; `fill` fills a dynamic submenu when it is opened."""
        for title in MENUS:
            menu = bar.addMenu(title)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(self.refresh)
            self.menus[(title,)] = menu
        for spec in ACTIONS:
            menu = self._menu(spec.menu)
            if spec.line:
                menu.addSeparator()
            menu.addAction(self.actions[spec.id])
            path = DYNAMIC_AFTER.get(spec.id)
            if path is not None:
                dynamic = self._menu(path)
                dynamic.aboutToShow.connect(lambda menu=dynamic, put=fill[path]: put(menu))

    def _menu(self, path: tuple[str, ...]) -> QMenu:
        found = self.menus.get(path)
        if found is None:
            found = self.menus[path[:-1]].addMenu(path[-1])
            found.setToolTipsVisible(True)
            found.aboutToShow.connect(self.refresh)
            self.menus[path] = found
        return found

    def refresh(self) -> None:
        """Nothing; enables, checks and names every action as things are now."""
        for spec in ACTIONS:
            action = self.actions[spec.id]
            action.setEnabled(holds(self._shell, spec.when))
            if spec.checked:
                action.setChecked(holds(self._shell, spec.checked))
        session = self._shell.bridge.session
        self._name("edit.undo", "&Undo", session.undo_label)
        self._name("edit.redo", "&Redo", session.redo_label)

    def _name(self, action_id: str, word: str, label: str) -> None:
        action = self.actions[action_id]
        action.setText(f"{word} {label.replace('&', '&&')}" if label else word)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{word.replace('&', '')} {label}".strip() + f" ({keys})")

    def press(self, key: Qt.Key) -> bool:
        """Whether a bare key (Space, an arrow) did something: called with keys that nothing on the screen wanted."""
        spec = self._bare.get(key)
        if spec is None or not holds(self._shell, spec.when):
            return False
        self.actions[spec.id].trigger()
        return True

    def refused(self, event: QKeyEvent) -> str:
        """Why a key of an action does nothing now, "" for any other key: nothing on the screen wanted it."""
        pressed = QKeySequence(event.keyCombination())
        for spec in ACTIONS:
            if any(QKeySequence(key) == pressed for key in (spec.shortcut, spec.other) if key):
                reason = why_not(self._shell, spec.when)
                return f"{spec.words}: {reason[:1].lower()}{reason[1:]}" if reason else ""
        return ""
