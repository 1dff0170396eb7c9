"""The three ways to look at a cluster. Each is a function from a state's description to a `Picture`."""

from designer.ui.canvas.views.picture import PICTURES, Edge, Picture, Slot, picture_of

__all__ = ["PICTURES", "Edge", "Picture", "Slot", "picture_of"]
