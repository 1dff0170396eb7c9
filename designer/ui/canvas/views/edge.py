"""The values of a picture: things with the slots that the layout puts them in, and computed edges between them."""

from __future__ import annotations

from dataclasses import dataclass

from designer.ui.canvas.facts import Facts


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the layout puts a thing: its column from left to right, the frame it is in ("" for none), what it follows.

    `beside` are the ids that it should stand level with, `first` puts it above the others of its column.
    """

    column: str
    frame: str = ""
    beside: tuple[str, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A computed relation. `target` is a drawn thing; `details` the Pods behind it, shown when the source is picked.

    `kind` is "selector", "backend", "entry" or "call"; `row` the place of the rule it starts at, `via` its Ingress;
    `label` a word beside it; `weak` that it goes to something that would not answer (not ready, missing); `verdict`
    is set where policies decide against it ("denied") or it is not known what they do ("cannot-tell").
    """

    kind: str
    source: str
    target: str
    details: tuple[str, ...] = ()
    row: int = -1
    label: str = ""
    weak: bool = False
    verdict: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that a view shows."""

    view: str
    things: tuple[tuple[Facts, Slot], ...]
    edges: tuple[Edge, ...]
