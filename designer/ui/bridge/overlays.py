"""Several requests on the canvas at once: which ways are drawn beside the one that is played, and in which style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Signal

from designer.engine.trace.hops import Path

# So many ways can be told apart by colour and pattern; more are not drawn.
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Overlay:
    """A way that is drawn: its name for the legend, and its style, 0 to `MOST` - 1, which gives colour and pattern."""

    name: str
    path: Path
    style: int


class Overlays(QObject):
    """The ways that are drawn beside the player's. `changed` says that they are others now.

    `wanted` are those that a person asked for, `shown` those that are drawn now: none while they would tell an answer.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wanted: tuple[Overlay, ...] = ()
        self.left_out = 0
        self.hidden = False

    @property
    def shown(self) -> tuple[Overlay, ...]:
        """The ways that are drawn now."""
        return () if self.hidden else self.wanted

    def hide(self, hidden: bool) -> None:
        """Nothing; draws none for a while, or all that are wanted again."""
        if hidden != self.hidden:
            self.hidden = hidden
            self.changed.emit()

    def show(self, ways: Sequence[tuple[str, Path]]) -> None:
        """Nothing; draws these ways by name, in this order, and no others; those beyond `MOST` are only counted.

        A name that is shown already keeps its style.
        """
        kept = {each.name: each.style for each in self.wanted}
        wanted = ways[:MOST]
        taken = {kept[name] for name, _path in wanted if name in kept}
        free = iter(style for style in range(MOST) if style not in taken)
        found = tuple(Overlay(name, path, kept[name] if name in kept else next(free)) for name, path in wanted)
        left_out = len(ways) - len(wanted)
        if (found, left_out) != (self.wanted, self.left_out):
            self.wanted, self.left_out = found, left_out
            self.changed.emit()

    def clear(self) -> None:
        """Nothing; draws none."""
        self.show(())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the ways that are drawn."""
        return tuple(each.name for each in self.wanted)

    def style_of(self, name: str) -> int:
        """The style of a way by its name, -1 where it is not drawn."""
        return next((each.style for each in self.wanted if each.name == name), -1)
