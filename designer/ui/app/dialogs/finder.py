"""The finder: type a part of a name or an address and go there; with actions it does anything by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from designer.edits.keptreferences import is_gateway_api, kind_of
from designer.model import split_id
from designer.ui.app.action_set import spec_icon
from designer.ui.app.actions import ACTIONS, ActionSpec
from designer.ui.app.conditions import holds
from designer.ui.app.shell import Shell
from designer.ui.kit.icons import icon, kind_icon
from designer.ui.kit.style import set_property, set_role

MOST_SHOWN = 60
INSERT = "&Insert"  # its actions are looked for by what they do, too


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be chosen: an action or an object, with the words to find it by."""

    words: str
    detail: str
    search: str
    action: ActionSpec | None = None
    oid: str = ""
    kind: str = ""


def object_targets(shell: Shell) -> Iterator[Target]:
    """Every object and derived Pod, findable by kind, name, namespace, labels' values and addresses."""
    state = shell.bridge.session.state
    for obj in shell.bridge.project.all():
        yield _object_target(obj.id, "")
    for oid in sorted(shell.bridge.project.foreign):
        if is_gateway_api(oid):
            yield _object_target(oid, "")
    if state is None:
        return
    for pod in state.control.pods.values():
        if pod.owner is not None:
            yield _object_target(pod.id, " ".join(pod.ips))


def _addresses(shell: Shell) -> dict[str, str]:
    state = shell.bridge.session.state
    if state is None:
        return {}
    found = {service.id: " ".join(service.cluster_ips) for service in state.control.services.values()}
    found.update({node.id: " ".join(node.addresses) for node in state.control.nodes.values()})
    found.update({pod.id: " ".join(pod.ips) for pod in state.control.pods.values()})
    return found


def _object_target(oid: str, addresses: str) -> Target:
    kind, namespace, name = kind_of(oid), *split_id(oid)[1:]
    detail = " · ".join(part for part in (kind, namespace, addresses) if part)
    return Target(name, detail, f"{name} {kind} {namespace} {addresses}".lower(), None, oid, kind)


def action_targets(shell: Shell) -> Iterator[Target]:
    """Every action that can be done now."""
    for spec in ACTIONS:
        if spec.id != "edit.commands" and holds(shell, spec.when):
            path = " ▸ ".join(part.replace("&", "") for part in spec.menu)
            keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            detail = f"{path}   {keys}".strip()
            search = f"{spec.words} {path} {spec.tip} {'add new create' if spec.menu[0] == INSERT else ''}"
            yield Target(spec.words, detail, search.lower(), spec)


def rank(target: Target, words: list[str]) -> int | None:
    """How well a target fits the typed words, smaller is better; None when one of them is not in it."""
    if not all(word in target.search for word in words):
        return None
    name, whole = target.words.lower(), " ".join(words)
    first = words[0] if words else ""
    fits = (
        name == whole,
        name in words,
        name.startswith(whole),
        name.startswith(first) and all(word in name for word in words),
        name.startswith(first),
        first in name,
    )
    return next((place for place, fit in enumerate(fits) if fit), len(fits))


class FinderDialog(QDialog):
    """A line to type in and the list of what fits; Enter goes there, Escape leaves."""

    def __init__(self, shell: Shell, *, with_actions: bool, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("finder")
        set_property(self, "floating", True)
        title = "Do or find anything" if with_actions else "Find an object"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._shell = shell
        addresses = _addresses(shell)
        objects = [_object_target(t.oid, addresses.get(t.oid, "")) for t in object_targets(shell)]
        self._targets = [*(action_targets(shell) if with_actions else ()), *objects]
        self.line = QLineEdit()
        self.line.setPlaceholderText("An action or an object" if with_actions else "A name, a kind or an address")
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(self.fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("What fits")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self.choose)
        self.count = QLabel()
        set_role(self.count, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.line)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)
        self._shown: list[Target] = []
        self.fill("")

    def fill(self, text: str) -> None:
        """Nothing; shows what fits the typed words, the best first."""
        words = text.lower().split()
        ranked = [(rank(target, words), place, target) for place, target in enumerate(self._targets)]
        fitting = (
            sorted(((r, p, t) for r, p, t in ranked if r is not None), key=lambda each: each[:2]) if words else None
        )
        found = [t for _, _, t in fitting] if fitting is not None else list(self._targets)
        self._shown = found[:MOST_SHOWN]
        self.list.clear()
        for target in self._shown:
            item = QListWidgetItem(_icon(target), f"{target.words}    {target.detail}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        rest = len(found) - len(self._shown)
        self.count.setText(f"and {rest} more" if rest > 0 else "" if found else "Nothing fits. Try fewer letters.")

    def texts(self) -> list[str]:
        """The words of what is shown."""
        return [target.words for target in self._shown]

    def choose(self) -> None:
        """Nothing; goes to the chosen object, or does the chosen action."""
        row = self.list.currentRow()
        if not 0 <= row < len(self._shown):
            return
        target = self._shown[row]
        self.accept()
        if target.action is not None:
            self._shell.window.action_set.actions[target.action.id].trigger()
        else:
            self._shell.selection.show(target.oid)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whether a key of the line was used: the arrows move in the list, Enter chooses."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}.get(
                Qt.Key(event.key())
            )
            if step is not None and self.list.count():
                row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.choose()
                return True
        return super().eventFilter(watched, event)

    def open(self) -> None:
        """Nothing; opens below the top of the window, in its middle."""
        super().open()
        parent = self.parentWidget()
        if parent is not None:
            corner = parent.mapToGlobal(QPoint((parent.width() - self.width()) // 2, 96))
            self.move(corner)

    def sizeHint(self) -> QSize:
        """A comfortable list."""
        return QSize(620, 420)


def _icon(target: Target) -> QIcon:
    if target.action is None:
        return kind_icon(target.kind)
    # Without any icon the words would not stand in one column.
    return spec_icon(target.action) if target.action.icon else icon("arrow-right", "muted")
