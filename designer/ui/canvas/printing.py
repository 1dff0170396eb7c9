"""The canvas on paper: what is shown on one page, in the light theme, as large as the page allows."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrinter

from designer.engine.trace.hops import TraceResult
from designer.ui.canvas.render import AT_ONCE, Drawing, draw, place_of
from designer.ui.canvas.scene import CanvasScene
from designer.ui.kit.tokens import THEMES

# A small cluster is not blown up beyond this many printer dots a scene unit per 96 dots to the inch.
MOST = 1.5
# Paper is white: the quiet ground of the screen would be printed as a grey sheet.
PAPER = replace(THEMES["light"], canvas="#FFFFFF")


def print_steps(scene: CanvasScene, printer: QPrinter, trace: TraceResult | None) -> Generator[None, None, bool]:
    """Whether the printer took the page, painted bit by bit; it lies on its side where the drawing is wider than high.

    Where nobody goes on with the steps, nothing is printed.
    """
    area = place_of(scene)
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
    done = False
    try:
        yield from draw(painter, Drawing(scene, area, PAPER, trace), 1.0, AT_ONCE)
        done = True
    finally:
        if not done:
            printer.abort()
        painter.end()
    return done
