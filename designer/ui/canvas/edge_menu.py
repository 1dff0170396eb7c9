"""What the menu of the canvas offers at a line: what the line means, and a way to each of its ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QMenu

from designer.edits.kept import spoken_kept
from designer.present.words import count_text
from designer.ui.canvas.edges import MOST_LINES, EdgeLayer
from designer.ui.canvas.views.edge import Edge

if TYPE_CHECKING:
    from designer.ui.canvas.menu import CanvasMenu, Target

# How near to a line, in pixels of the screen, a click is meant for it.
REACH: Final = 6.0
_WORDS: Final[dict[str, Callable[[str, str, Edge], str]]] = {
    "selector": lambda source, target, edge: f"{source} selects {count_text(len(edge.details), 'Pod')} of {target}",
    "backend": lambda source, target, edge: f"{spoken_kept(edge.via) if edge.via else source} leads to {target}",
    "entry": lambda source, target, _edge: f"{source} comes in by {target}",
    "call": lambda source, target, _edge: f"{source} calls {target}",
}


def edge_words(edge: Edge) -> str:
    """What a line means: ``Service web selects 2 Pods of Node node-1``."""
    source, target = spoken_kept(edge.source), spoken_kept(edge.target)
    say = _WORDS.get(edge.kind)
    words = say(source, target, edge) if say is not None else f"{source} → {target}"
    return f"{words}, {count_text(edge.count, 'relation')} in all" if edge.count > 1 else words


def edge_near(edges: EdgeLayer, at: QPointF, reach: float) -> Edge | None:
    """The line that runs nearest by a point of the scene, None when none does within `reach`, or all are a shade."""
    if len(edges.edges) > MOST_LINES:
        return None
    best, found = reach, None
    around = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
    for place in edges.visible(around).tolist():
        for polygon in edges.path_of(place).toSubpathPolygons():
            points = polygon.toList()
            for start, end in pairwise(points):
                away = _distance(at, start, end)
                if away < best:
                    best, found = away, edges.edges[place]
    return found


def _distance(at: QPointF, start: QPointF, end: QPointF) -> float:
    """How far a point is from a piece of a line."""
    along, beside = end - start, at - start
    length = QPointF.dotProduct(along, along)
    share = max(0.0, min(1.0, QPointF.dotProduct(beside, along) / length)) if length else 0.0
    rest = beside - along * share
    return float(QPointF.dotProduct(rest, rest) ** 0.5)


def add_edge_entries(menu: QMenu, canvas: CanvasMenu, at: Target, edge: Edge) -> None:
    """Nothing; puts before everything else what the line at the pointer means, and where it leads."""
    first = menu.actions()[0] if menu.actions() else None
    selection = canvas.stage.selection

    def add(words: str, do: Callable[[], object] | None) -> None:
        action = menu.addAction(words)
        action.setEnabled(do is not None)
        if do is not None:
            action.triggered.connect(lambda _checked=False: do())
        if first is not None:
            menu.removeAction(action)
            menu.insertAction(first, action)

    add(edge_words(edge), None)
    for end in (edge.source, edge.target):
        add(f"Go to {spoken_kept(end)}", lambda end=end: selection.show(end))  # type: ignore[misc]
    if edge.details:
        add("Select the Pods behind it", lambda: selection.select(edge.details))
    asked = canvas.asked(replace(at, oid=edge.source if edge.kind == "selector" else edge.target))
    if asked:
        add(f"Trace to {asked}", lambda: canvas.gestures.traceTo.emit(asked))
    if first is not None:
        menu.insertSeparator(first)
