"""Backticks of sentences: names lose them, everything else is quoted, rules keep theirs."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from designer.ui.kit.plain_words import plain_words
from designer.ui.kit.table_model import Column
from designer.ui.panels.fitted_table import FittedTable


@pytest.mark.parametrize(
    ("marked", "shown"),
    [
        ("Correct `spec.ports[0].port`.", "Correct spec.ports[0].port."),
        ("Write `key: value` lines below it.", "Write “key: value” lines below it."),
        ("Align the `-` of a list.", "Align the “-” of a list."),
        ("Give `spec` or `specs`.", "Give spec or specs."),
        ("a mapping (`key: value`)", "a mapping (“key: value”)"),
        ("Host(`a.example`) && PathPrefix(`/`)", "Host(`a.example`) && PathPrefix(`/`)"),
        ("one ` alone", "one ` alone"),
        ("nothing marked", "nothing marked"),
    ],
)
def test_marks_of_code_are_not_shown(marked: str, shown: str) -> None:
    assert plain_words(marked) == shown


def test_a_table_shows_plain_words_and_exports_what_the_command_line_prints(qtbot: QtBot) -> None:
    table = FittedTable((Column("Fix", 100), Column("Rule", 100, mono=True)), (50, 50), "Test", "empty")
    qtbot.addWidget(table)
    table.set_rows([("Correct `port`.", "goes by `dev eth0`")])
    cells = [table.rows_model.data(table.rows_model.index(0, place), Qt.ItemDataRole.DisplayRole) for place in (0, 1)]
    assert cells == ["Correct port.", "goes by `dev eth0`"]
    assert table.rows_model.text(0, 0) == "Correct `port`."
