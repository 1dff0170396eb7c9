"""Bringing shapes in line with each other, and spacing them evenly. Pure geometry; one undo step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from designer.edits.arrange import place
from designer.edits.edit import Edit, refusal, refused
from designer.edits.layout import Rect
from designer.model import Placement, Project


@dataclass(frozen=True, slots=True)
class Unit:
    """What moves as one: its rectangle, and the corners of its shapes by their ids (a frame's are its members)."""

    rect: Rect
    parts: Mapping[str, tuple[float, float]]


def _left(unit: Unit) -> float:
    return unit.rect.x


def _right(unit: Unit) -> float:
    return unit.rect.x + unit.rect.w


def _top(unit: Unit) -> float:
    return unit.rect.y


def _bottom(unit: Unit) -> float:
    return unit.rect.y + unit.rect.h


@dataclass(frozen=True, slots=True)
class Line:
    """A way to align: its words, along which axis, which point of a shape, and to where of all of them (0, ½ or 1)."""

    words: str
    axis: int
    part: float


# Of each shape the part 0, ½ or 1 of its width or height comes to the same part of the rectangle round all of them.
LINES: dict[str, Line] = {
    "left": Line("Align left edges", 0, 0.0),
    "centre": Line("Align centres", 0, 0.5),
    "right": Line("Align right edges", 0, 1.0),
    "top": Line("Align top edges", 1, 0.0),
    "middle": Line("Align middles", 1, 0.5),
    "bottom": Line("Align bottom edges", 1, 1.0),
}
SPREADS: dict[str, str] = {"horizontally": "Distribute horizontally", "vertically": "Distribute vertically"}
_SPANS: tuple[tuple[Callable[[Unit], float], Callable[[Unit], float]], ...] = ((_left, _right), (_top, _bottom))


def align(project: Project, view: str, units: Sequence[Unit], line: str) -> Edit:
    """The edit that brings at least two units to one line, a key of `LINES`."""
    found = LINES[line]
    if len(units) < 2:
        return _too_few(project, found.words, "two")
    low, high = _SPANS[found.axis]
    start, end = min(map(low, units)), max(map(high, units))
    goal = start + (end - start) * found.part
    moves = [goal - (low(unit) + (high(unit) - low(unit)) * found.part) for unit in units]
    return _moved(project, view, units, moves, found.axis, found.words)


def distribute(project: Project, view: str, units: Sequence[Unit], way: str) -> Edit:
    """The edit that puts the same distance between at least three units; the outermost stay. `way`: of `SPREADS`."""
    if len(units) < 3:
        return _too_few(project, SPREADS[way], "three")
    axis = list(SPREADS).index(way)
    low, high = _SPANS[axis]
    ordered = sorted(units, key=lambda unit: (low(unit) + high(unit), low(unit)))
    first, last = ordered[0], ordered[-1]
    room = low(last) - high(first) - sum(high(unit) - low(unit) for unit in ordered[1:-1])
    gap = room / (len(ordered) - 1)
    at, moves = low(first), []
    for unit in ordered:
        moves.append(at - low(unit))
        at += high(unit) - low(unit) + gap
    return _moved(project, view, ordered, [0.0, *moves[1:-1], 0.0], axis, SPREADS[way])


def _moved(project: Project, view: str, units: Sequence[Unit], moves: Sequence[float], axis: int, words: str) -> Edit:
    places: dict[str, Placement] = {}
    for unit, by in zip(units, moves, strict=True):
        dx, dy = (by, 0.0) if axis == 0 else (0.0, by)
        for oid, (x, y) in unit.parts.items():
            known = project.canvas.placement(oid, view)
            size = {"w": known.w, "h": known.h} if known is not None else {}
            places[oid] = Placement(x=x + dx, y=y + dy, pinned=True, **size)
    edit = place(project, view, places, words)
    return edit if not edit.ok else replace(edit, label=f"{words} of {len(units)} objects", merge_key=None)


def _too_few(project: Project, words: str, least: str) -> Edit:
    problem = refusal("EDIT-09", f"{words} needs at least {least} objects", fix="Select more of them.")
    return refused(words, project, problem)
