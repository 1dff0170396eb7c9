"""The evidence beside the matrix: what a cell says, which rule decides at each end, and what the others had to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from designer.present.matrix_evidence import EndEvidence, PairEvidence, Said
from designer.ui.kit.buttons import push_button, tool_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, mono_font, ui_font
from designer.ui.kit.labels import SectionHeader
from designer.ui.kit.room import ScrollArea
from designer.ui.kit.style import set_role
from designer.ui.kit.verdict import draw_verdict
from designer.ui.panels.link_button import LinkButton
from designer.ui.panels.matrix_cells import CELL, MEANINGS, draw_cell

WORDS = {"allowed": "Open", "denied": "Closed", "cannot-tell": "Cannot tell"}
SIGNS = {"allowed": "delivered", "denied": "denied", "cannot-tell": "cannot-tell"}
CHOOSE = "Choose a cell: click it, or move with the arrows. What decides about it is told here."


@dataclass(frozen=True, slots=True)
class Detail:
    """What is said of a cell: the two ends, a line below, sentences, evidence, and pairs to go on to, each
    with what stands below it.

    `trace` is the port of a request that tries it, with its words; "" where there is none.
    """

    title: str
    line: str = ""
    sentences: tuple[str, ...] = ()
    evidence: tuple[PairEvidence, ...] = ()
    pairs: tuple[tuple[str, Callable[[], object], str], ...] = ()
    trace: str = ""


class _Sign(QWidget):
    """The shape of a verdict, or a cell as the grid draws it."""

    def __init__(self, verdict: str = "", code: int = -1) -> None:
        super().__init__()
        self._verdict, self._code = verdict, code
        self.setFixedSize(QSize(CELL, CELL) if code >= 0 else QSize(16, 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing; draws it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._code >= 0:
            draw_cell(painter, self.rect().toRectF(), self._code)
        else:
            draw_verdict(painter, self.rect().toRectF(), self._verdict)
        painter.end()


class MatrixDetail(ScrollArea):
    """`policyWanted` carries the id of a policy and the path of the field that a person wants to see."""

    policyWanted = Signal(str, str)
    helpWanted = Signal(str)

    def __init__(self, trace: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details of the connection")
        self.setMinimumWidth(220)
        self.trace_button = push_button("Trace it", trace, primary=True)
        self.extra: list[QPushButton] = []
        self.first_link: QWidget | None = None
        self.text = ""
        self._page = QWidget()

    def show_nothing(self, notes: Sequence[str], summary: str) -> None:
        """Nothing; says how a cell is chosen, what the signs mean, and what the whole matrix leaves open."""
        column = self._fresh()
        column.addWidget(_words(CHOOSE, "muted"))
        if summary:
            column.addWidget(_words(summary))
        for code, meaning in MEANINGS:
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(_Sign(code=code))
            row.addWidget(_words(meaning), 1)
            column.addLayout(row)
        if notes:
            column.addWidget(SectionHeader("What it leaves open"))
            for note in notes:
                column.addWidget(_words(note))
        self._finish(column)

    def show_detail(self, detail: Detail) -> None:
        """Nothing; shows what is known of a cell."""
        column = self._fresh()
        title = _words(detail.title)
        title.setFont(ui_font(BODY, SEMIBOLD))
        column.addWidget(title)
        if detail.line:
            said = _words(detail.line)
            said.setFont(mono_font(12))
            column.addWidget(said)
        for sentence in detail.sentences:
            column.addWidget(_words(sentence))
        self._buttons(column, detail)
        for one in detail.evidence:
            self._add_evidence(column, one)
        for words, clicked, below in detail.pairs:
            self._link(column, words, clicked, "")
            if below:
                told = _words(below, "small")
                told.setContentsMargins(2, 0, 0, 6)
                column.addWidget(told)
        self.text = detail.line
        self._finish(column)

    def _buttons(self, column: QVBoxLayout, detail: Detail) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        if detail.trace:
            self.trace_button.setText(detail.trace)
            self.trace_button.setAccessibleName(f"{detail.trace}: {detail.title}")
            row.addWidget(self.trace_button)
            self.trace_button.show()
        for button in self.extra if detail.trace else ():
            row.addWidget(button)
            button.show()
        row.addStretch(1)
        column.addLayout(row)

    def _add_evidence(self, column: QVBoxLayout, one: PairEvidence) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 8, 0, 0)
        head.setSpacing(6)
        head.addWidget(_Sign(SIGNS[one.value]), 0, Qt.AlignmentFlag.AlignTop)
        words = _words(f"{WORDS[one.value]}: {one.ports.text()}" + (f", {one.pods}" if one.pods else ""))
        words.setFont(ui_font(BODY, SEMIBOLD))
        head.addWidget(words, 1)
        column.addLayout(head)
        for end in one.ends:
            self._add_end(column, end)

    def _add_end(self, column: QVBoxLayout, end: EndEvidence) -> None:
        head = QHBoxLayout()
        head.addWidget(SectionHeader(end.title))
        head.addStretch(1)
        why = tool_button("help", f"Why? {end.title}", size=14, color_token="muted")
        why.clicked.connect(lambda _checked=False: self.helpWanted.emit(f"policy:{end.value}"))
        head.addWidget(why)
        column.addLayout(head)
        column.addWidget(_words(end.sentence))
        if end.decided is not None:
            self._said(column, end.decided, decides=True)
        if end.others:
            said = "The others said:" if end.decided is not None else "What was asked said:"
            column.addWidget(_words(said, "muted"))
            for other in end.others:
                self._said(column, other, decides=False)

    def _said(self, column: QVBoxLayout, said: Said, *, decides: bool) -> None:
        """A link to the policy, and below it field, place and, where it does not decide, what it said."""
        self._link(column, said.name, lambda: self.policyWanted.emit(said.policy, said.path), said.path)
        where = f"{said.path} · {said.place}" if said.place else said.path
        below = _words(where if decides else f"{where}: {said.words}", "small")
        below.setContentsMargins(2, 0, 0, 4)
        column.addWidget(below)

    def _link(self, column: QVBoxLayout, words: str, clicked: Callable[[], object], tip: str) -> None:
        link = LinkButton(words, clicked, tip=f"{words}\n{tip}" if tip else "")
        self.first_link = self.first_link or link
        column.addWidget(link)

    def _fresh(self) -> QVBoxLayout:
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(12, 0, 8, 6)
        column.setSpacing(4)
        self.first_link, self.text = None, ""
        # Out of the way before its old page is deleted.
        for button in (self.trace_button, *self.extra):
            button.hide()
            button.setParent(self)
        return column

    def _finish(self, column: QVBoxLayout) -> None:
        column.addStretch(1)
        self.setWidget(self._page)

    def enter(self) -> None:
        """Nothing; moves the keyboard here: to the button that traces, or to the first link."""
        target = self.trace_button if self.trace_button.isVisible() else self.first_link
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)


def _words(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if role:
        set_role(label, role)
    return label
