"""The drawing: where things stand. No engine pass reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from designer.model.frozen import EMPTY_MAP, FrozenMap, FrozenModel

CanvasView = Literal["nodes", "namespaces", "traffic"]
CANVAS_VIEWS: tuple[CanvasView, ...] = ("nodes", "namespaces", "traffic")


# What a person may mark things with, in the order of a theme's palette of eight.
COLOURS: tuple[str, ...] = ("blue", "violet", "teal", "amber", "rose", "olive", "steel", "grey")


class Placement(FrozenModel):
    """Position of an object's top left corner and its size, in scene units; 0 size means the natural size.

    `pinned` says that a person put it there: automatic layout leaves it.
    """

    x: float
    y: float
    w: float = 0.0
    h: float = 0.0
    pinned: bool = False


class Note(FrozenModel):
    """A text on the canvas."""

    text: str = ""
    x: float = 0.0
    y: float = 0.0
    w: float = 180.0
    h: float = 80.0


class Layer(FrozenModel):
    """A named layer of the drawing; what is on a hidden one is not drawn."""

    hidden: bool = False


class Canvas(FrozenModel):
    """Placements by view and object id, notes by their id, collapsed groups, colours and layers by object id.

    A colour is a name of `COLOURS`; any other name is drawn as none. `layers` are by name, `layer_of` says which of
    them an object was put on; a name that no layer has is none (see `layer_for`). `remembered` is where the layout had
    put what nobody placed, by the layout's own name of a view, when the window saved: it goes on from there.
    """

    view: CanvasView = "nodes"
    placements: FrozenMap[str, FrozenMap[str, Placement]] = EMPTY_MAP
    remembered: FrozenMap[str, FrozenMap[str, Placement]] = EMPTY_MAP
    notes: FrozenMap[str, Note] = EMPTY_MAP
    collapsed: tuple[str, ...] = ()
    colours: FrozenMap[str, str] = EMPTY_MAP
    layers: FrozenMap[str, Layer] = EMPTY_MAP
    layer_of: FrozenMap[str, str] = EMPTY_MAP

    def placement(self, oid: str, view: str | None = None) -> Placement | None:
        """Where `oid` stands in `view` (the current one by default), None where it was never placed."""
        return self.placements.get(view or self.view, EMPTY_MAP).get(oid)

    def layer_for(self, oid: str, owner: str = "") -> str:
        """The name of the layer that an object is on, "" for none.

        What was not put on one itself is on that of its `owner` (the workload of a derived Pod), then of its Namespace.
        """
        namespace = oid.partition(":")[2].partition("/")
        for key in (oid, owner, f"Namespace:{namespace[0]}" if namespace[1] else ""):
            name = self.layer_of.get(key, "") if key else ""
            if name in self.layers:
                return name
        return ""


class Scenario(FrozenModel):
    """A named request with the verdict that the user expects of it.

    `source` is an object id (``Pod:ns/name``, a workload, ``Node:name``, ``ExternalClient:name``) or an address;
    `destination` is what a person would type. `expect` is one of `VERDICTS` or None. `order` is its place among the
    others (see `scenarios_in_order`), 0 until somebody has put them in an order.
    """

    name: str
    source: str
    destination: str
    expect: str | None = None
    method: str = "GET"
    headers: FrozenMap[str, str] = EMPTY_MAP
    order: int = 0


def scenarios_in_order(scenarios: Mapping[str, Scenario]) -> tuple[Scenario, ...]:
    """The scenarios as a person has put them in order; those alike, and those without an order, by name."""
    return tuple(sorted(scenarios.values(), key=lambda each: (each.order, each.name)))


# The end of a trace, as PRODUCT.md words them; the value is the user-facing word.
VERDICTS: dict[str, str] = {
    "delivered": "delivered",
    "denied": "denied by policy",
    "rejected": "rejected",
    "dropped": "dropped",
    "no-route": "no route",
    "name-not-found": "name not found",
    "connection-refused": "connection refused",
    "no-matching-route": "no matching route (HTTP)",
    "cannot-tell": "cannot tell",
}
