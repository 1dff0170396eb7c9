"""The inspector: the selected object as a form and as YAML, and what the engine computed for it."""

from designer.ui.panels.inspector.panel import InspectorPanel

__all__ = ["InspectorPanel"]
