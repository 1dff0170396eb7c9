"""What F1 is about: the problem, hop, verdict or field where the keyboard is, else what the canvas shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QApplication, QWidget

from designer.present.help_topics import reason_key
from designer.ui.app.shell import Shell


@runtime_checkable
class Explained(Protocol):
    """A widget that knows which topic of Help explains what is chosen in it."""

    def help_key(self) -> str:
        """The key of a topic, "" where nothing is chosen."""


def key_here(shell: Shell) -> str:
    """The key of the topic that a person most likely means, "" for none: then the contents are."""
    return next((key for key in _keys(shell) if key), "")


def _keys(shell: Shell) -> Iterator[str]:
    widget, modal = QApplication.focusWidget(), QApplication.activeModalWidget()
    if modal is not None and (widget is None or not modal.isAncestorOf(widget)):
        widget = modal
    while isinstance(widget, QWidget):
        if isinstance(widget, Explained):
            yield widget.help_key()
        widget = widget.parentWidget()
    window = shell.window
    if window.messages.toast.isVisible():
        yield window.messages.code
    chosen = shell.selection.single
    problems = window.bottom.panels.get("problems")
    if chosen and problems is not None:
        found = sorted(getattr(problems, "problems", ()), key=lambda problem: problem.sort_key)
        yield next((problem.code for problem in found if problem.object == chosen), "")
    path = shell.player.path
    if path is not None and not shell.prediction.asking:
        yield reason_key(path.verdict, path.reason)
