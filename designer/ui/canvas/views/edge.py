"""The values of a picture: things with the slots that the layout puts them in, and computed edges between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from designer.ui.canvas.facts import Facts, GroupFacts


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the layout puts a thing: its column from left to right, the frame it is in ("" for none), what it follows.

    `beside` are the ids that it should stand level with, `first` puts it above the others of its column; things of one
    `zone` stand together; `order` is the place of what leads to it among all that leads somewhere.
    """

    column: str
    frame: str = ""
    beside: tuple[str, ...] = ()
    first: bool = False
    zone: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A computed relation. `target` is a drawn thing; `details` the Pods behind it, shown when the source is picked.

    `kind` is "selector", "backend", "entry" or "call"; `row` the place of the rule it starts at, `via` its Ingress;
    `label` a word beside it; `weak` that it goes to something that would not answer (not ready, missing); `verdict`
    is set where policies decide against it ("denied") or it is not known what they do ("cannot-tell"); `count` how many
    relations an edge of a collapsed group stands for, 0 for an edge that stands for itself.
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
    count: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that a view shows.

    `groups` are the ids that can be collapsed, each with the ids of things in it; `folded` says of what is hidden in a
    collapsed group (a thing, an Ingress of a card) which card stands for it. `hidden` names the hidden layer of what is
    not drawn because of it; things among them keep their places, so that nothing moves when they are shown.
    """

    view: str
    things: tuple[tuple[Facts, Slot], ...]
    edges: tuple[Edge, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folded: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_folded(self) -> bool:
        """Whether every group is collapsed that is not hidden itself."""
        shown = {facts.oid for facts, _slot in self.things if isinstance(facts, GroupFacts)}
        return bool(shown) and all(oid in shown or oid in self.folded for oid in self.groups)
