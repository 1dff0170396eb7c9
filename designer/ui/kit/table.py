"""The table view of every panel: sort, filter, copy, export, activate; smooth at 100,000 rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from designer.ui.kit.fields import SearchField
from designer.ui.kit.fonts import BODY, mono_font, ui_font
from designer.ui.kit.icons import icon
from designer.ui.kit.slices import finished, in_slices
from designer.ui.kit.table_csv import csv_steps
from designer.ui.kit.table_model import Column, Row, RowsModel
from designer.ui.kit.theme import current_theme
from designer.ui.kit.tokens import ROW_HEIGHT
from designer.ui.kit.verdict import draw_verdict

_PADDING = 8
_MARK = 13


def words_token(token: str | None, *, lit: bool) -> str:
    """The colour token of a cell's words; on a row that is selected or under the mouse (`lit`) never a verdict's.

    Orange and green reach 4.1 : 1 there (WCAG AA: 4.5); words and sign say the verdict, the mark keeps its colour.
    """
    return "text" if token is None or (lit and token.startswith("verdict:")) else token


class _CellDelegate(QStyledItemDelegate):
    """Draws cells straight from the model: one band over the whole selected row, words elided as columns say.

    Asking through item roles and the style sheet costs several times as much for each frame of a scroll.
    """

    def __init__(self, table: DataTable) -> None:
        super().__init__(table)
        self._table = table
        self._fonts = (ui_font(12), mono_font(12))
        self._metrics = tuple(QFontMetrics(font) for font in self._fonts)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Nothing; draws one cell."""
        model, place, shown = self._table.rows_model, index.column(), index.row()
        column, theme = model.columns[place], current_theme()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("hover"))
        words = area.adjusted(_PADDING, 0, -_PADDING, 0)
        value = model.row(shown)[place]
        if column.verdict and value:
            mark = QRectF(words.left(), words.center().y() - _MARK / 2 + 0.5, _MARK, _MARK)
            draw_verdict(painter, mark, str(value), theme)
            words.setLeft(words.left() + _MARK + 6)
        painter.setFont(self._fonts[column.mono])
        lit = bool(state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver))
        painter.setPen(theme.color(words_token(model.color_token(shown, place), lit=lit)))
        cut = Qt.TextElideMode.ElideMiddle if column.middle else Qt.TextElideMode.ElideRight
        text = self._metrics[column.mono].elidedText(column.text(value), cut, max(words.width(), 0))
        align = {"right": Qt.AlignmentFlag.AlignRight, "center": Qt.AlignmentFlag.AlignHCenter}.get(
            column.align, Qt.AlignmentFlag.AlignLeft
        )
        painter.drawText(words, align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        if state & QStyle.StateFlag.State_HasFocus and self._table.several_selected():
            painter.setPen(theme.color("accent"))
            painter.drawRect(area.adjusted(0, 0, -1, -1))


class DataTable(QTableView):
    """A table of rows: click a title to sort (a third click unsorts), type in an attached search field to filter.

    Ctrl+C copies the selected rows as tab-separated text. `row_activated` (Return, double click) and `row_selected`
    carry the row tuple, `row_selected` None when nothing is selected. `filtered` carries (shown, total);
    `export_failed` carries the sentence to show when the menu's export could not write.
    """

    row_activated = Signal(object)
    row_selected = Signal(object)
    filtered = Signal(int, int)
    export_failed = Signal(str)

    def __init__(
        self, columns: Sequence[Column], name: str, empty_text: str = "Nothing here yet.", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows_model = RowsModel(columns, self)
        self.empty_text = empty_text
        # What a panel adds to the menu: icon, words, and what happens with the first selected row.
        self.extras: list[tuple[str, str, Callable[[Row], object]]] = []
        self.no_match_text = "Nothing matches the search. Clear it to see every row."
        self.setAccessibleName(name)
        self.setModel(self.rows_model)
        self.setItemDelegate(_CellDelegate(self))
        self._dress()
        self._size_columns()
        self.activated.connect(self._on_activated)
        self.selectionModel().selectionChanged.connect(self._on_selection)

    def _dress(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        # Any other mode measures rows, which is what makes big tables slow.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        titles = self.horizontalHeader()
        titles.setHighlightSections(False)
        titles.setSectionsMovable(True)
        titles.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        titles.setSortIndicatorClearable(True)
        titles.setMinimumSectionSize(32)
        self.setSortingEnabled(True)

    def _size_columns(self) -> None:
        titles = self.horizontalHeader()
        stretching = [place for place, column in enumerate(self.rows_model.columns) if column.stretch]
        titles.setStretchLastSection(not stretching)
        for place, column in enumerate(self.rows_model.columns):
            self.setColumnWidth(place, column.width)
        for place in stretching:
            titles.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Nothing; shows other rows; sorting, filter, scroll position and a selected row that is still there stay."""
        self._keep_place(lambda: self.rows_model.set_rows(rows))

    def set_filter(self, text: str) -> None:
        """Nothing; shows the rows that hold every word of the text."""
        self._keep_place(lambda: self.rows_model.set_filter(text))

    def _keep_place(self, change: Callable[[], None]) -> None:
        chosen = self.first_selected()
        scroll = self.verticalScrollBar().value()
        self.selectionModel().blockSignals(True)
        change()
        self.selectionModel().blockSignals(False)
        place = self.rows_model.place_of(chosen) if chosen is not None else -1
        if place >= 0:
            self.selectRow(place)
        elif chosen is not None:
            self.row_selected.emit(None)
        self.verticalScrollBar().setValue(scroll)
        self.filtered.emit(self.rows_model.rowCount(), self.rows_model.total())

    def attach_search(self, field: SearchField) -> None:
        """Nothing; filters by what is typed into a search field, and lets Down in it move here."""
        field.searched.connect(self.set_filter)
        field.next_widget = self

    def selected_places(self) -> list[int]:
        """The shown places of the selected rows, top to bottom."""
        # Not selectedRows(): it makes an index for every row, seconds for a whole table.
        ranges = self.selectionModel().selection()
        places: set[int] = set()
        for number in range(ranges.count()):
            places.update(range(ranges.at(number).top(), ranges.at(number).bottom() + 1))
        return sorted(places)

    def selected_rows(self) -> list[Row]:
        """The selected row tuples, top to bottom."""
        return [self.rows_model.row(place) for place in self.selected_places()]

    def first_selected(self) -> Row | None:
        """The topmost selected row, or None."""
        ranges = self.selectionModel().selection()
        tops = [ranges.at(number).top() for number in range(ranges.count())]
        return self.rows_model.row(min(tops)) if tops else None

    def several_selected(self) -> bool:
        """True when more than one row is selected, so that the current one needs a mark of its own."""
        ranges = self.selectionModel().selection()
        return ranges.count() > 1 or (ranges.count() == 1 and ranges.first().height() > 1)

    def select_place(self, place: int) -> None:
        """Nothing; selects the row at a shown place and scrolls to it; -1 selects nothing."""
        if not 0 <= place < self.rows_model.rowCount():
            self.clearSelection()
            return
        # Not selectRow(): with Ctrl held down it would add the row to those that are selected.
        index, flags = self.rows_model.index(place, 0), QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _on_activated(self, index: QModelIndex) -> None:
        self.row_activated.emit(self.rows_model.row(index.row()))

    def _on_selection(self) -> None:
        self.row_selected.emit(self.first_selected())

    def _visual_columns(self) -> list[int]:
        titles = self.horizontalHeader()
        return [titles.logicalIndex(place) for place in range(titles.count()) if not self.isColumnHidden(place)]

    def selection_as_text(self, *, titles: bool = False) -> str:
        """The selected rows as tab-separated lines, columns as they stand on the screen."""
        columns = self._visual_columns()
        lines = [[self.rows_model.columns[column].title for column in columns]] if titles else []
        lines += [[self.rows_model.text(place, column) for column in columns] for place in self.selected_places()]
        return "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line) for line in lines)

    def copy_selection(self, *, titles: bool = False) -> None:
        """Nothing; puts the selected rows on the clipboard; with nothing selected the clipboard stays."""
        text = self.selection_as_text(titles=titles)
        if text and self.selected_places():
            QGuiApplication.clipboard().setText(text)

    def csv_text(self) -> str:
        """The shown rows, sorted and filtered as on the screen, as CSV with a line of titles (RFC 4180)."""
        return finished(csv_steps(self.rows_model, self._visual_columns()))

    def export_csv(self, path: Path) -> str:
        """An empty string when the shown rows were written to the file, or it was stopped; else what went wrong."""
        from designer.manifests.export_files import replace_file  # late: the first window needs none of it

        text = in_slices(self, f"Writing {path.name}…", csv_steps(self.rows_model, self._visual_columns()))
        if text is None:
            return ""
        try:
            replace_file(path, text.encode())
        except OSError as problem:
            return f"The table could not be written to {path}: {problem.strerror or problem}. Choose another place."
        return ""

    def choose_and_export(self) -> None:
        """Nothing; exports to the file that a person chooses and announces what went wrong, if anything did."""
        chosen, _kind = QFileDialog.getSaveFileName(
            self, "Export the table", f"{self.accessibleName().lower()}.csv", "CSV (*.csv)"
        )
        problem = self.export_csv(Path(chosen)) if chosen else ""
        if problem:
            self.export_failed.emit(problem)

    def context_menu(self) -> QMenu:
        """The menu of the table: copy, copy with titles, export. Owned by the table."""
        menu = QMenu(self)
        copy = menu.addAction(icon("copy"), "Copy", self.copy_selection)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        titled = menu.addAction("Copy with titles", lambda: self.copy_selection(titles=True))
        for action in (copy, titled):
            action.setEnabled(bool(self.selected_places()))
        chosen = self.first_selected()
        if self.extras and chosen is not None:
            menu.addSeparator()
            for name, words, wanted in self.extras:
                menu.addAction(icon(name), words, lambda wanted=wanted: wanted(chosen))
        menu.addSeparator()
        export = menu.addAction(icon("download"), "Export CSV…", self.choose_and_export)
        export.setEnabled(self.rows_model.rowCount() > 0)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Nothing; opens the menu."""
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        """Whether an event was taken; copying and selecting all are about the rows while the table has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.SelectAll) or (event.matches(keys.Copy) and self.selected_places()):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing; Ctrl+C copies the rows, Return activates, the rest is Qt's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._on_activated(self.currentIndex())
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws the rows, or says why there are none."""
        super().paintEvent(event)
        if self.rows_model.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setFont(ui_font(BODY))
        painter.setPen(current_theme().color("muted"))
        words = self.no_match_text if self.rows_model.total() else self.empty_text
        area = self.viewport().rect().adjusted(24, 8, -24, -8)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        painter.end()
