"""The canvas on paper: what is shown on one page, in the light theme, as large as the page allows."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrinter

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.ui.canvas.render import Drawing, draw, shown_scene
from designer.ui.kit.tokens import THEMES

# A small cluster is not blown up beyond this many printer dots a scene unit per 96 dots to the inch.
MOST = 1.5
# Paper is white: the quiet ground of the screen would be printed as a grey sheet.
PAPER = replace(THEMES["light"], canvas="#FFFFFF")


def print_canvas(state: ClusterState, printer: QPrinter, view: str, trace: TraceResult | None) -> bool:
    """Whether the printer took the page; it lies on its side where the drawing is wider than high."""
    scene, area = shown_scene(state, view, PAPER)
    wide = area.width() > area.height()
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    page = QRectF(printer.pageRect(QPrinter.Unit.DevicePixel))
    zoom = min(page.width() / area.width(), page.height() / area.height(), MOST * printer.resolution() / 96)
    painter.translate((page.width() - area.width() * zoom) / 2, (page.height() - area.height() * zoom) / 2)
    painter.scale(zoom, zoom)
    painter.translate(-area.topLeft())
    painter.setClipRect(area)
    for _ in draw(painter, Drawing(scene, area, trace), 1.0):
        pass
    return painter.end()
