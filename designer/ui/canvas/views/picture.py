"""Which function makes the picture of which view."""

from __future__ import annotations

from collections.abc import Callable

from designer.ui.canvas.describe import Describer
from designer.ui.canvas.views.edge import Edge, Picture, Slot
from designer.ui.canvas.views.folding import folded_picture
from designer.ui.canvas.views.layering import layered_picture
from designer.ui.canvas.views.namespaces import namespaces_picture
from designer.ui.canvas.views.nodes import nodes_picture
from designer.ui.canvas.views.traffic import traffic_picture

PICTURES: dict[str, Callable[[Describer], Picture]] = {
    "nodes": nodes_picture,
    "namespaces": namespaces_picture,
    "traffic": traffic_picture,
}


def picture_of(view: str, describer: Describer) -> Picture:
    """The picture of a view ("nodes" for an unknown one), with the groups collapsed and layers hidden as wanted."""
    return layered_picture(folded_picture(PICTURES.get(view, nodes_picture)(describer), describer), describer)


__all__ = ["PICTURES", "Edge", "Picture", "Slot", "picture_of"]
