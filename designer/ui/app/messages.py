"""What the window tells a person: a toast for what happened, a banner over the canvas for what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.model import Problem
from designer.present.words import count_text
from designer.ui.bridge.selection import Selection
from designer.ui.kit.messages import InlineBanner, Toast

if TYPE_CHECKING:
    from designer.manifests.report import ImportReport

Todo = Callable[[], object]


def sentence(problem: Problem) -> str:
    """A problem in one breath: what is wrong and what to do."""
    title = problem.title if problem.title.endswith((".", "?", "!")) else f"{problem.title}."
    return " ".join(part for part in (title, problem.fix) if part)


class BannerPlace(QWidget):
    """The room of the banner over the canvas; takes none while there is no banner."""

    def __init__(self) -> None:
        super().__init__()
        self.banner = InlineBanner()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.banner)
        self.banner.closed.connect(self.hide)
        self.hide()


class Messages(QObject):
    """Shows toasts and banners, each with at most one thing to do about it.

    `why_wanted` carries the code of a problem whose rule a person wants to read.
    """

    why_wanted = Signal(str)

    def __init__(self, place: BannerPlace, over: QWidget, selection: Selection, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._selection = selection
        self._place = place
        self.banner = place.banner
        self.toast = Toast(over)
        self.code = ""
        self._banner_todo: Todo | None = None
        self._toast_todo: Todo | None = None
        self.banner.action_triggered.connect(self._on_banner)
        self.toast.action_triggered.connect(self._on_toast)

    def tell(self, words: str, kind: str = "info", action: str = "", todo: Todo | None = None, code: str = "") -> None:
        """Nothing; says something for a few seconds; an error stays until it is closed. `code` is what F1 explains."""
        self._toast_todo, self.code = todo, code
        self.toast.show_message(words, kind, action)

    def mention(self, words: str) -> None:
        """Nothing; says something in passing; an error that nobody has closed yet stays in its place."""
        if not (self.toast.isVisible() and self.toast.kind() == "error"):
            self.tell(words)

    def outdate(self) -> None:
        """Nothing; takes away what was said of a step that is taken back now; an error stays until it is closed."""
        if self.toast.isVisible() and self.toast.kind() != "error":
            self.toast.dismiss()

    def forget(self) -> None:
        """Nothing; another project begins: what was said of the former one goes, errors too."""
        if self.toast.isVisible():
            self.toast.dismiss()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Nothing; says what went wrong, the worst first, with all the rest a click away."""
        ordered = sorted(problems, key=lambda problem: problem.sort_key)
        if not ordered:
            return
        worst = ordered[0]
        more = len(ordered) > 1 or bool(worst.why)
        self.tell(
            sentence(worst), worst.severity, "Details" if more else "Why?",
            lambda: self._details(tuple(ordered)) if more else self.why_wanted.emit(worst.code), worst.code,
        )  # fmt: skip

    def _details(self, problems: tuple[Problem, ...]) -> None:
        from designer.ui.app.dialogs.problem_list import ProblemListDialog

        dialog = ProblemListDialog(problems, self._window)
        dialog.whyWanted.connect(self.why_wanted)
        dialog.open()

    def announce_import(self, report: ImportReport, problems: tuple[Problem, ...]) -> None:
        """Nothing; says what was read; the whole report is a click away."""
        from designer.ui.app.dialogs.import_report import summary

        wrong = sum(problem.severity == "error" for problem in problems)
        words = summary(report)
        if wrong:  # stays until it is closed: something of the input is not in the cluster
            words = f"{count_text(wrong, 'error')}: something cannot be read, or Kubernetes refuses it. {words}"
        warnings = sorted((p for p in problems if p.severity == "warning"), key=lambda problem: problem.sort_key)
        if warnings and not wrong:
            words = (
                f"{count_text(len(warnings), 'warning')}: {warnings[0].title}{' …' if warnings[1:] else '.'} {words}"
            )
        kind = "error" if wrong else "warning" if warnings else "success"
        self.tell(words, kind, "Report", lambda: self.show_report(report, problems))

    def show_report(self, report: ImportReport, problems: tuple[Problem, ...]) -> None:
        """Nothing; opens the whole report of an import."""
        from designer.ui.app.dialogs.import_report import ImportReportDialog

        ImportReportDialog(report, problems, self._selection, self._window).open()

    def invite(self, words: str, action: str, todo: Todo, kind: str = "info") -> None:
        """Nothing; offers something over the canvas until it is done, closed or outdated."""
        self._banner_todo = todo
        self.banner.show_message(words, kind, action)
        self._place.show()

    def withdraw(self) -> None:
        """Nothing; takes the offer away."""
        self._banner_todo = None
        self._place.hide()

    def withdraw_invitation(self) -> None:
        """Nothing; takes a mere invitation away; a warning stays until somebody has seen to it."""
        if self.banner.kind() == "info":
            self.withdraw()

    def _on_banner(self) -> None:
        todo = self._banner_todo
        self.withdraw()
        if todo is not None:
            todo()

    def _on_toast(self) -> None:
        todo = self._toast_todo
        self.toast.dismiss()
        if todo is not None:
            todo()
