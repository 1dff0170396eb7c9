"""What is selected: one tuple of object ids for canvas, inspector and panels."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The selected object ids, in the order in which they were chosen.

    `changed` carries the new tuple. `reveal` asks the canvas to centre an object, `hint` to mark objects without
    selecting them (a row under the mouse, a rule's policy); an empty tuple ends the mark.
    """

    changed = Signal(object)
    reveal = Signal(str)
    hint = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The selected ids."""
        return self._ids

    @property
    def single(self) -> str | None:
        """The selected id when exactly one is selected."""
        return self._ids[0] if len(self._ids) == 1 else None

    def select(self, ids: Iterable[str]) -> None:
        """Select exactly these; says nothing when they are selected already."""
        chosen = tuple(dict.fromkeys(ids))
        if chosen != self._ids:
            self._ids = chosen
            self.changed.emit(chosen)

    def toggle(self, oid: str) -> None:
        """Add `oid`, or take it away when it is selected."""
        self.select([i for i in self._ids if i != oid] if oid in self._ids else [*self._ids, oid])

    def clear(self) -> None:
        """Select nothing."""
        self.select(())

    def show(self, oid: str) -> None:
        """Select `oid` and bring it into view."""
        self.select((oid,))
        self.reveal.emit(oid)
