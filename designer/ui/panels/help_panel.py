"""Help inside the window: contents that can be searched, and one topic at a time, with a way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.present.help_text import heading, topic_html, topic_text
from designer.present.help_topics import chapters, search, topic
from designer.ui.kit.buttons import tool_button
from designer.ui.kit.fields import SearchField
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font
from designer.ui.kit.messages import EmptyState
from designer.ui.kit.style import set_role

CONTENTS, PAGE, NOTHING = range(3)
KEY = Qt.ItemDataRole.UserRole
# The font has no bold of its own; what is made of its lines looks smeared.
SEMIBOLD_HEADINGS = f"b {{ font-weight: {SEMIBOLD}; }}"


class HelpPanel(QWidget):
    """Contents and topics of Help. `left` says that Escape was pressed.

    `extras` adds to pages what only the window knows, as HTML by their keys.
    """

    left = Signal()

    def __init__(self, extras: Mapping[str, Callable[[], str]] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel-help")
        self.setAccessibleName("Help")
        self._extras = extras or {}
        self._seen: list[str] = []
        self.back = tool_button("step-back", "Back to the topic before", size=16)
        self.home = tool_button("tables", "Contents of Help", size=16)
        self.copy_button = tool_button("copy", "Copy this topic", size=16)
        self.search = SearchField("Search Help")
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setAccessibleName("Contents of Help")
        self.heading = QLabel()
        self.text = QTextBrowser()
        self._stack = QStackedWidget()
        self._build()
        self._connect()
        self.show_contents()

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(4)
        for button in (self.back, self.home):
            bar.addWidget(button)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.copy_button)
        self.heading.setFont(ui_font(BODY + 2, SEMIBOLD))
        self.heading.setWordWrap(True)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setContentsMargins(4, 0, 4, 0)
        self.text.setOpenLinks(False)
        self.text.document().setDefaultStyleSheet(SEMIBOLD_HEADINGS)
        set_role(self.text, "page")
        page = QWidget()
        lines = QVBoxLayout(page)
        lines.setContentsMargins(0, 4, 0, 0)
        lines.setSpacing(6)
        lines.addWidget(self.heading)
        lines.addWidget(self.text, 1)
        nothing = EmptyState("help", "Help has nothing about that. Try another word, or clear the search.")
        for widget in (self.tree, page, nothing):
            self._stack.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self._stack, 1)
        self.search.next_widget = self.tree

    def _connect(self) -> None:
        self.back.clicked.connect(lambda _checked=False: self.go_back())
        self.home.clicked.connect(lambda _checked=False: self.show_contents())
        self.copy_button.clicked.connect(lambda _checked=False: self.copy())
        self.search.searched.connect(self._on_search)
        self.tree.itemActivated.connect(self._on_item)
        self.tree.itemClicked.connect(self._on_item)
        self.text.anchorClicked.connect(self._on_link)

    @property
    def key(self) -> str:
        """The key of the topic that is shown, "" while the contents are."""
        return self._seen[-1] if self._seen and self._stack.currentIndex() == PAGE else ""

    # --- showing

    def show_topic(self, key: str) -> None:
        """Nothing; shows a topic, the contents for a key that Help does not have."""
        found = topic(key)
        if found is None:
            self.show_contents()
            return
        if self._seen[-1:] != [found.key]:
            self._seen.append(found.key)
        self.heading.setText(heading(found))
        extra = self._extras.get(found.key)
        self.text.setHtml(topic_html(found) + (extra() if extra is not None else ""))
        self.text.setAccessibleName(heading(found))
        self._show(PAGE)

    def show_contents(self) -> None:
        """Nothing; shows all chapters, without a search."""
        self._seen.clear()
        if self.search.text():
            self.search.clear()
        self._list("")

    def go_back(self) -> None:
        """Nothing; shows the topic before, or what the search found, or the contents."""
        self._seen = self._seen[:-1]
        if self._seen:
            self.show_topic(self._seen[-1])
        else:
            self._list(self.search.text())

    def enter(self) -> None:
        """Nothing; moves the keyboard into what is shown."""
        widget = self.text if self._stack.currentIndex() == PAGE else self.search
        widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy(self) -> None:
        """Nothing; puts the topic on the clipboard."""
        found = topic(self.key)
        if found is not None:
            QGuiApplication.clipboard().setText(topic_text(found))

    def _show(self, what: int) -> None:
        self._stack.setCurrentIndex(what)
        self.back.setEnabled(what == PAGE)
        self.copy_button.setEnabled(what == PAGE)

    def _list(self, words: str) -> None:
        self.tree.clear()
        if words.strip():
            for found in search(words):
                self.tree.addTopLevelItem(_item(heading(found), found.key))
            self._show(CONTENTS if self.tree.topLevelItemCount() else NOTHING)
            return
        for place, chapter in enumerate(chapters()):
            top = _item(chapter.title, "")
            top.addChildren([_item(heading(one), one.key) for one in chapter.topics])
            self.tree.addTopLevelItem(top)
            top.setExpanded(place == 0)
        self._show(CONTENTS)

    # --- reacting

    def _on_search(self, words: str) -> None:
        if words.strip() or self._stack.currentIndex() != PAGE:
            self._seen.clear()
            self._list(words)

    def _on_item(self, item: QTreeWidgetItem) -> None:
        key = item.data(0, KEY)
        if key:
            self.show_topic(key)
        else:
            item.setExpanded(not item.isExpanded())

    def _on_link(self, url: QUrl) -> None:
        self.show_topic(url.toString())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Escape leaves Help, Backspace goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Backspace and self.back.isEnabled():
            self.go_back()
        else:
            super().keyPressEvent(event)


def _item(words: str, key: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([words])
    item.setData(0, KEY, key)
    item.setToolTip(0, words)
    return item
