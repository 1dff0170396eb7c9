"""A banner for notes on a result: the first, and how many more; closed once, the same notes are not told again."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from designer.ui.kit.messages import InlineBanner


class NotesBanner(InlineBanner):
    """An `InlineBanner` that remembers which notes a person has read and closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[str, ...] = ()
        self._read: tuple[str, ...] = ()
        self.closed.connect(self._on_closed)

    def show_notes(self, notes: tuple[str, ...], rest: str) -> None:
        """Nothing; shows the first of the notes, and in the words of `rest` where the others are; none hide it."""
        self._shown = notes
        if notes and notes != self._read:
            more = f" And {len(notes) - 1} more: {rest}" if len(notes) > 1 else ""
            self.show_message(f"{notes[0]}{more}", "warning")
        else:
            self.hide()

    def _on_closed(self) -> None:
        self._read = self._shown
