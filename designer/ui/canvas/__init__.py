"""The drawing of a cluster: scene, items, layers, view, minimap and export.

The scene owns one map from object ids to items. Items are plain drawings that a few layers paint, because a graphics
item for every object does not hold at 5,000 Nodes and 150,000 Pods. `trace_layer.TraceLayer` draws the trace of a
player over it, `gestures.controller.CanvasGestures` makes a view editable. Canvas and panels know each other only
through `designer.ui.bridge`.
"""
