"""Help in the window: contents, search, topics with links, and the way back."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from designer.present.help_topics import chapters, search, topics
from designer.ui.panels.help_panel import KEY, HelpPanel


def made(qtbot: QtBot) -> HelpPanel:
    panel = HelpPanel({"page:keys": lambda: "<p>Ctrl+Q ends it</p>"})
    qtbot.addWidget(panel)
    panel.resize(340, 600)
    panel.show()
    return panel


def leaves(panel: HelpPanel) -> list[QTreeWidgetItem]:
    tops = [panel.tree.topLevelItem(place) for place in range(panel.tree.topLevelItemCount())]
    found = [top.child(n) for top in tops if top is not None for n in range(top.childCount())]
    return [item for item in found if item is not None]


def test_the_contents_have_every_topic_under_its_chapter(qtbot: QtBot) -> None:
    panel = made(qtbot)
    assert panel.tree.topLevelItemCount() == len(chapters())
    assert [item.data(0, KEY) for item in leaves(panel)] == list(topics())
    assert not panel.back.isEnabled()


def test_a_topic_is_opened_with_the_keyboard_and_left_with_backspace(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.tree.setCurrentItem(next(item for item in leaves(panel) if item.data(0, KEY) == "NP-08"))
    panel.tree.setFocus()
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert panel.key == "NP-08"
    assert panel.heading.text().startswith("NP-08")
    assert "Each dash" in panel.text.toPlainText()
    assert "Kubernetes documentation, Network Policies" in panel.text.toPlainText()
    QTest.keyClick(panel, Qt.Key.Key_Backspace)
    assert panel.key == ""


def test_a_link_leads_to_another_topic_and_back(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.show_topic("reason:no-load-balancer")
    assert 'href="SVC-22"' in panel.text.toHtml()
    panel.text.anchorClicked.emit(QUrl("SVC-22"))
    assert panel.key == "SVC-22"
    panel.back.click()
    assert panel.key == "reason:no-load-balancer"


def test_search_lists_what_holds_the_words_and_says_when_nothing_does(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.search.setText("source ranges")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    shown = [panel.tree.topLevelItem(n) for n in range(panel.tree.topLevelItemCount())]
    assert [item.data(0, KEY) for item in shown if item is not None] == [one.key for one in search("source ranges")]
    panel.search.setText("frobnicate")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert not panel.tree.isVisible()
    panel.home.click()
    assert panel.tree.topLevelItemCount() == len(chapters())
    assert panel.search.text() == ""


def test_a_page_has_what_only_the_window_knows(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.show_topic("page:keys")
    assert "Ctrl+Q ends it" in panel.text.toPlainText()


def test_a_key_that_help_does_not_have_shows_the_contents(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.show_topic("SVC-01")
    panel.show_topic("hop:frobnicate")
    assert panel.key == ""
    assert panel.tree.isVisible()


def test_a_topic_is_copied_as_text_and_escape_leaves(qtbot: QtBot) -> None:
    panel = made(qtbot)
    panel.show_topic("DNS-01")
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text().startswith("DNS-01  A short name of another namespace\n")
    with qtbot.waitSignal(panel.left, timeout=500):
        QTest.keyClick(panel.text, Qt.Key.Key_Escape)
