"""What an import read, set, assumed, kept and skipped, each line with file and line; and the problems on the way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from designer.manifests.report import ImportReport
from designer.model import Problem
from designer.present.problem_rows import problems_text
from designer.present.report_text import HEADINGS, report_text
from designer.present.words import count_text, object_text, place_text
from designer.ui.app.dialogs.frame import Buttons, FramedDialog
from designer.ui.bridge.selection import Selection
from designer.ui.kit.buttons import push_button
from designer.ui.kit.fonts import BODY, SEMIBOLD, ui_font

_FIRST_SHOWN = 2000
# Groups that are worth reading at once; the others open with a click.
_OPEN = ("problems", "assumed", "set", "skipped")


def summary(report: ImportReport) -> str:
    """One sentence about an import: how many objects of which kinds, how much was assumed, kept and skipped."""
    objects = report.objects()
    kinds = ", ".join(count_text(count, kind, _plural(kind)) for kind, count in objects.items())
    counts = report.counts()
    rest = [f"{counts[kind]} {kind}" for kind in ("assumed", "kept", "skipped") if counts.get(kind)]
    return f"{count_text(sum(objects.values()), 'object')} read ({kinds}){'; ' + ', '.join(rest) if rest else ''}."


def _plural(kind: str) -> str:
    """A kind's name for several: ``Ingresses``, ``NetworkPolicies``, ``Pods``."""
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


class ImportReportDialog(FramedDialog):
    """The report as a tree of groups; Enter on a line selects its object on the canvas."""

    def __init__(
        self, report: ImportReport, problems: tuple[Problem, ...], selection: Selection, parent: QWidget
    ) -> None:
        super().__init__("Import report", parent, Buttons.Close, summary(report))
        self.setObjectName("importReport")
        self._selection = selection
        self._text = report_text(report) + (f"\n\n{problems_text(problems)}" if problems else "")
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["What", "Where"])
        self.tree.setAccessibleName("Import report")
        self.tree.setWordWrap(True)
        self.tree.setAlternatingRowColors(False)
        if problems:
            ordered = sorted(problems, key=lambda problem: problem.sort_key)
            rows = [
                (f"{p.title} — {p.fix}" if p.fix else p.title, place_text(p.file, p.line), p.object) for p in ordered
            ]
            self._add("problems", "Problems", rows)
        for kind, heading in HEADINGS.items():
            entries = report.of(kind)  # type: ignore[arg-type]
            words = [(object_text(e.object) if kind == "read" else e.text, e) for e in entries]
            self._add(kind, heading, [(text, place_text(e.file, e.line), e.object) for text, e in words])
        self.tree.setColumnWidth(0, 560)
        self.tree.itemActivated.connect(self._on_activated)
        self.body.addWidget(self.tree)
        self.tree.setCurrentIndex(self.tree.model().index(0, 0))
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)
        copy = push_button("Copy all", self.copy, icon_name="copy")
        self.add_button(copy)
        self.open_at(900, 600, share=0.45)

    def _add(self, kind: str, heading: str, rows: list[tuple[str, str, str]]) -> None:
        if not rows:
            return
        group = QTreeWidgetItem(self.tree, [f"{heading} ({len(rows)})"])
        group.setFont(0, ui_font(BODY, SEMIBOLD))
        group.setFirstColumnSpanned(True)
        for text, place, oid in rows[:_FIRST_SHOWN]:
            item = QTreeWidgetItem(group, [text, place])
            item.setToolTip(0, text)
            item.setFirstColumnSpanned(not place)
            item.setData(0, 256, oid)
        if len(rows) > _FIRST_SHOWN:
            QTreeWidgetItem(group, [f"and {len(rows) - _FIRST_SHOWN} more; Copy all gives every line"])
        group.setExpanded(kind in _OPEN or len(rows) <= 12)

    def _on_activated(self, item: QTreeWidgetItem, _column: int) -> None:
        oid = item.data(0, 256)
        if oid:
            self._selection.show(oid)

    def copy(self) -> None:
        """Nothing; puts the whole report on the clipboard as text."""
        QGuiApplication.clipboard().setText(self._text)
