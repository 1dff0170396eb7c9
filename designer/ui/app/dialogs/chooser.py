"""A line to type in and the list of what fits: what can be taken, and greyed with its reason what cannot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from designer.ui.app.action_set import spec_icon
from designer.ui.app.actions import ActionSpec
from designer.ui.kit.filters import while_alive
from designer.ui.kit.icons import icon, kind_icon
from designer.ui.kit.style import set_property, set_role
from designer.ui.kit.theme import current_theme

MOST_SHOWN = 60
NOTHING = "Nothing fits. Try fewer letters."


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be chosen: an action or an object, with the words to find it by.

    A `reason` says why it cannot be chosen now; it is shown then, and taken by nothing.
    """

    words: str
    detail: str
    search: str
    action: ActionSpec | None = None
    oid: str = ""
    kind: str = ""
    reason: str = ""


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


class ChooserDialog(QDialog):
    """Enter takes the chosen one, Escape leaves; at what cannot be taken Enter says why and the list stays."""

    def __init__(self, title: str, hint: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("finder")
        set_property(self, "floating", True)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._targets: tuple[Target, ...] = ()
        self._shown: list[Target] = []
        self._rest = ""
        self.line = QLineEdit()
        self.line.setPlaceholderText(hint)
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(self.fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("What fits")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self.choose)
        self.list.currentRowChanged.connect(self._on_row)
        self.count = QLabel()
        self.count.setWordWrap(True)
        set_role(self.count, "small")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.addWidget(self.line)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.count)

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Nothing; what there is to choose from, in the order in which it stands while nothing is typed."""
        self._targets = tuple(targets)
        self.fill("")

    def fill(self, text: str) -> None:
        """Nothing; shows what fits the typed words, the best first; of equals, what can be taken before the rest."""
        words = text.lower().split()
        if words:
            ranked = [(rank(each, words), bool(each.reason), place) for place, each in enumerate(self._targets)]
            found = [self._targets[p] for _, _, p in sorted((r, no, p) for r, no, p in ranked if r is not None)]
        else:
            found = list(self._targets)
        self._shown = found[:MOST_SHOWN]
        rest = len(found) - len(self._shown)
        self._rest = f"and {rest} more" if rest > 0 else "" if found else NOTHING
        self.list.clear()
        for target in self._shown:
            self.list.addItem(_item(target))
        self.list.setCurrentRow(0)
        self._on_row(self.list.currentRow())

    def texts(self) -> list[str]:
        """The words of what is shown."""
        return [target.words for target in self._shown]

    def current(self) -> Target | None:
        """What is chosen in the list, None where nothing fits."""
        row = self.list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def choose(self) -> None:
        """Nothing; takes what is chosen, unless it cannot be taken."""
        target = self.current()
        if target is not None and not target.reason:
            self.accept()
            self.take(target)

    def take(self, target: Target) -> None:
        """Nothing; does what choosing means. For subclasses."""
        raise NotImplementedError

    def told(self, target: Target) -> str:
        """What is said below the list of the chosen one: why it cannot be taken."""
        return target.reason

    def _on_row(self, _row: int) -> None:
        target = self.current()
        words = self.told(target) if target is not None else ""
        self.count.setText(words or self._rest)
        self.line.setAccessibleDescription(f"{target.words}. {words}".strip() if target is not None else self._rest)

    @while_alive
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
        # Qt would take the height that the words below the list need at this width, not that of the hint.
        self.resize(self.sizeHint())
        super().open()
        parent = self.parentWidget()
        if parent is not None:
            corner = parent.mapToGlobal(QPoint((parent.width() - self.width()) // 2, 96))
            self.move(corner)

    def sizeHint(self) -> QSize:
        """A comfortable list."""
        return QSize(620, 420)


def _item(target: Target) -> QListWidgetItem:
    item = QListWidgetItem(_icon(target), f"{target.words}    {target.reason or target.detail}")
    if target.reason:
        item.setForeground(current_theme().color("muted"))
        said = f"{target.words}, not possible: {target.reason}"
        item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        item.setToolTip(target.reason)
    return item


def _icon(target: Target) -> QIcon:
    if target.reason:
        return icon("close", "muted")
    if target.action is None:
        return kind_icon(target.kind)
    # Without any icon the words would not stand in one column.
    return spec_icon(target.action) if target.action.icon else icon("arrow-right", "muted")
