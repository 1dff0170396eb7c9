"""Columns that fit: wide, narrow, too narrow, and set by hand."""

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.ui.kit.table_model import Column
from designer.ui.panels.fitted_table import FittedTable

COLUMNS = (Column("A", 100), Column("B", 200, stretch=True), Column("C", 100))
LEAST = (50, 100, 100)


def widths(qtbot: QtBot, room: int, table: FittedTable | None = None) -> list[int]:
    table = table or FittedTable(COLUMNS, LEAST, "Test", "empty")
    qtbot.addWidget(table)
    table.show()
    table.resize(room + table.width() - table.viewport().width(), 200)
    QApplication.processEvents()
    return [table.columnWidth(place) for place in range(3)]


def test_what_is_spare_goes_to_the_stretching_column(qtbot: QtBot) -> None:
    assert widths(qtbot, 700) == [100, 500, 100]


def test_columns_shrink_together_and_not_below_their_least(qtbot: QtBot) -> None:
    # 75 too few of the 150 that can be given: half of what each column can give.
    assert widths(qtbot, 325) == [75, 150, 100]
    assert widths(qtbot, 100) == [50, 100, 100]


def test_a_width_set_by_hand_stays(qtbot: QtBot) -> None:
    table = FittedTable(COLUMNS, LEAST, "Test", "empty")
    widths(qtbot, 700, table)
    table.setColumnWidth(0, 160)
    assert widths(qtbot, 600, table) == [160, 340, 100]


def test_spare_room_shows_first_what_is_cut_off(qtbot: QtBot) -> None:
    table = FittedTable(COLUMNS, LEAST, "Test", "empty")
    widths(qtbot, 900, table)
    long = "10.244.249.194:41822 → 10.244.124.193:7070"
    table.set_rows([(long, "b", "c")])
    needed = table.fontMetrics().horizontalAdvance(long)
    assert needed > 100
    assert table.columnWidth(0) >= needed
    assert sum(table.columnWidth(place) for place in range(3)) == table.viewport().width()


def test_who_lacks_a_few_pixels_is_not_cut_because_another_lacks_hundreds(qtbot: QtBot) -> None:
    columns = (Column("A", 60), Column("B", 60), Column("C", 60, stretch=True))
    table = FittedTable(columns, (40, 40, 40), "Test", "empty")
    widths(qtbot, 320, table)
    table.set_rows([("12.4 s, a bit more", "10.244.249.194:41822 → 10.244.124.193:7070 and much more of it", "c")])
    short = table.fontMetrics().horizontalAdvance("12.4 s, a bit more")
    assert 60 < short < 160
    assert table.columnWidth(0) >= short
    assert table.columnWidth(0) + table.columnWidth(1) + table.columnWidth(2) == table.viewport().width()


def test_where_room_lacks_who_needs_little_gives_before_words_are_cut(qtbot: QtBot) -> None:
    columns = (Column("A", 200), Column("B", 260), Column("C", 200, stretch=True))
    table = FittedTable(columns, (40, 60, 100), "Test", "empty")
    widths(qtbot, 520, table)
    sentence = "NodeLocal: CoreDNS (10.96.0.10)"
    table.set_rows([("A", sentence, "c")])
    # 140 too few: A and C hold one letter each and give most of it, so nothing of B is cut.
    needed = table.fontMetrics().horizontalAdvance(sentence) + 16
    assert 180 < needed <= table.columnWidth(1)
    assert sum(table.columnWidth(place) for place in range(3)) <= table.viewport().width()
    table.set_rows([("A" * 60, sentence, "c" * 90)])
    assert table.columnWidth(1) < needed
