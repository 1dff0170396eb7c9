"""What menus and the panel of layers do: layers made, named, hidden, shown, and what is selected put on them."""

from __future__ import annotations

from designer.edits.edit import Edit
from designer.edits.layers import (
    add_layer,
    hidden_layers,
    put_on_layer,
    remove_layer,
    rename_layer,
    show_layers,
)
from designer.model import split_id
from designer.ui.canvas.facts import OUTSIDE, TRAY, owner_of
from designer.ui.canvas.gestures.stage import Stage

ZONE = "Zone:"


class LayerBoard:
    """The commands; all of them are edits that can be undone."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def names(self) -> tuple[str, ...]:
        """The names of all layers, in order."""
        return tuple(sorted(self.stage.project.canvas.layers, key=str.casefold))

    def is_hidden(self, name: str) -> bool:
        """Whether a layer is hidden."""
        layer = self.stage.project.canvas.layers.get(name)
        return layer is not None and layer.hidden

    def count(self, name: str) -> int:
        """How many objects and notes were put on a layer."""
        return sum(on == name for on in self.stage.project.canvas.layer_of.values())

    def chosen(self) -> tuple[str, ...]:
        """What is selected, as far as it can be put on a layer: a derived Pod by its workload, a zone by its Nodes."""
        found: dict[str, None] = {}
        for oid in self.stage.selection.ids:
            if oid.startswith(ZONE):
                found |= dict.fromkeys(self.stage.scene.groups.get(oid, ()))
            elif oid not in (OUTSIDE, TRAY):
                thing = self.stage.object_of(owner_of(oid))
                if thing is None and split_id(oid)[0] == "Namespace":
                    thing = oid
                found |= dict.fromkeys((thing,) if thing is not None else ())
        return tuple(found)

    def layer_of_selection(self) -> str:
        """The name of the layer that all of what is selected is on, "" for none or several."""
        canvas = self.stage.project.canvas
        found = {canvas.layer_for(oid) for oid in self.chosen()}
        return found.pop() if len(found) == 1 else ""

    def add(self) -> str:
        """The name of a new layer with what is selected on it, "" when there is none."""
        number, known = 1, {name.casefold() for name in self.names()}
        while f"layer {number}" in known:
            number += 1
        name = f"Layer {number}"
        return name if self._apply(add_layer(self.stage.project, name, self.chosen())) else ""

    def put(self, name: str) -> bool:
        """Whether what is selected was put on a layer; "" takes it off."""
        chosen = self.chosen()
        return bool(chosen) and self._apply(put_on_layer(self.stage.project, chosen, name))

    def rename(self, old: str, new: str) -> bool:
        """Whether a layer has another name now."""
        return self._apply(rename_layer(self.stage.project, old, new))

    def remove(self, name: str) -> bool:
        """Whether a layer was taken away; what was on it stays."""
        return self._apply(remove_layer(self.stage.project, name))

    def show(self, name: str, shown: bool) -> bool:
        """Whether a layer was shown or hidden."""
        return self._apply(show_layers(self.stage.project, (name,), shown))

    def show_all(self, shown: bool = True) -> bool:
        """Whether all layers were shown or hidden."""
        return self._apply(show_layers(self.stage.project, self.names(), shown))

    def hidden(self) -> tuple[str, ...]:
        """The names of the hidden layers."""
        return hidden_layers(self.stage.project.canvas)

    def _apply(self, edit: Edit) -> bool:
        return self.stage.apply(edit, select=False)
