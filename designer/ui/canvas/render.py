"""The canvas as a file: a picture (PNG, SVG or PDF) with a trace drawn on it, or a draw.io diagram."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from designer.cli.desktop import RenderOptions
from designer.engine.compile import ClusterState
from designer.engine.trace.hops import TraceResult
from designer.manifests.export_files import replace_file
from designer.model import CANVAS_VIEWS, Problem
from designer.present.verification_marks import marks_of
from designer.ui.canvas.drawio import drawio_steps
from designer.ui.canvas.items.look import Look
from designer.ui.canvas.lab_marks import EdgeMark, draw_marks, place_marks
from designer.ui.canvas.painting import paint_picture
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace_layer import paint_trace
from designer.ui.kit.slices import finished
from designer.ui.kit.tokens import THEMES, Theme

MARGIN = 32.0
MOST_SIDE = 16_384
# Points of a PDF page for each scene unit: a scene unit is a pixel of 96 to the inch.
POINTS = 0.75
# So many boxes or cards are painted before whoever waits may look round.
AT_ONCE = 16
Steps = Generator[None, None, bytes]
FORMATS = (".png", ".svg", ".pdf", ".drawio")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is painted: a scene, the part of it, a trace over it, and the marks of Verify on Linux.

    `theme` need not be the scene's own.
    """

    scene: CanvasScene
    area: QRectF
    theme: Theme
    trace: TraceResult | None
    marks: tuple[EdgeMark, ...] = ()


def paint_canvas(
    state: ClusterState, out: Path, trace: TraceResult | None, options: RenderOptions
) -> tuple[Problem, ...]:
    """What went wrong, empty when the picture is written to `out`; its ending chooses the format.

    PNG has the size of the options, SVG and PDF that of the drawing. Needs a QGuiApplication.
    """
    refused = refusals(out, options)
    if refused:
        return refused
    scene, area = shown_scene(state, options.view, THEMES[options.theme])
    drawing = Drawing(scene, area, scene.theme, trace, marks_on(scene, state, options))
    steps = picture_steps(drawing, out, options)
    return write_whole(out, finished(steps))


def marks_on(scene: CanvasScene, state: ClusterState, options: RenderOptions) -> tuple[EdgeMark, ...]:
    """The marks of Verify on Linux where the options ask for them and they hold."""
    return place_marks(scene, marks_of(state.project.verification if options.verified else None, state))


def picture_steps(drawing: Drawing, out: Path, options: RenderOptions) -> Steps:
    """The bytes of the picture that the ending of `out` asks for, painted bit by bit; nothing is written."""
    return _WRITERS[out.suffix.lower()](drawing, options)


def write_whole(out: Path, data: bytes) -> tuple[Problem, ...]:
    """What went wrong when `data` took the place of the file `out`: it is there as a whole, or as it was."""
    try:
        replace_file(out, data)
    except OSError as error:
        title = f"{out} could not be written: {error.strerror or error}"
        return (Problem("FILE-20", "error", title, fix="Choose a folder that you may write to."),)
    return ()


def shown_scene(state: ClusterState, view: str, theme: Theme) -> tuple[CanvasScene, QRectF]:
    """A scene that shows a state in a view and theme, and the area to draw, with a margin."""
    scene = CanvasScene()
    scene.set_theme(theme)
    scene.set_view(view)
    scene.show(state)
    return scene, place_of(scene)


def place_of(scene: CanvasScene) -> QRectF:
    """The part of a scene that a picture shows: everything, with a margin."""
    area = scene.stock.extent()
    return area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if not area.isEmpty() else QRectF(0, 0, 640, 400)


def refusals(out: Path, options: RenderOptions) -> tuple[Problem, ...]:
    """What is wrong with what was asked for."""
    found = []
    if out.suffix.lower() not in FORMATS:
        title = f"{out.name} does not say which kind of picture it is"
        found.append(Problem("FILE-21", "error", title, fix=f"Let the name end in {', '.join(FORMATS)}."))
    if options.view not in CANVAS_VIEWS:
        title = f"There is no view {options.view}"
        found.append(Problem("FILE-22", "error", title, fix=f"Choose one of {', '.join(CANVAS_VIEWS)}."))
    if options.theme not in THEMES:
        title = f"There is no theme {options.theme}"
        found.append(Problem("FILE-22", "error", title, fix=f"Choose one of {', '.join(THEMES)}."))
    if not (0 < options.width <= MOST_SIDE and 0 < options.height <= MOST_SIDE):
        title = f"A picture of {options.width} × {options.height} pixels cannot be made"
        found.append(Problem("FILE-22", "error", title, fix=f"Choose sides between 1 and {MOST_SIDE} pixels."))
    return tuple(found)


def draw(painter: QPainter, drawing: Drawing, zoom: float, at_once: int = 0) -> Iterator[None]:
    """Nothing; background, picture, marks and trace in scene coordinates, with pauses as `paint_picture` makes them."""
    scene, area, theme = drawing.scene, drawing.area, drawing.theme
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.fillRect(area.adjusted(-1e5, -1e5, 1e5, 1e5), theme.color("canvas"))
    yield from paint_picture(painter, Look(theme, zoom), scene, area, at_once)
    draw_marks(painter, scene, drawing.marks, area)
    if drawing.trace is not None:
        paint_trace(painter, scene, drawing.trace, theme, zoom)


def _png(drawing: Drawing, options: RenderOptions) -> Steps:
    area = drawing.area
    image = QImage(options.width, options.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(drawing.theme.color("canvas"))
    zoom = min(options.width / area.width(), options.height / area.height(), 4.0)
    painter = QPainter(image)
    painter.translate(QPointF(options.width / 2, options.height / 2))
    painter.scale(zoom, zoom)
    painter.translate(-area.center())
    yield from ending(painter, draw(painter, drawing, zoom, AT_ONCE))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, the binding text
    return bytes(buffer.data().data())


def _svg(drawing: Drawing, options: RenderOptions) -> Steps:
    area = drawing.area
    found = QByteArray()
    buffer = QBuffer(found)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(round(area.width()), round(area.height())))
    generator.setViewBox(QRectF(0, 0, area.width(), area.height()))
    generator.setTitle(f"Canvas, {options.view}")
    generator.setResolution(96)
    painter = QPainter(generator)
    painter.setClipRect(QRectF(0, 0, area.width(), area.height()))
    painter.translate(-area.topLeft())
    yield from ending(painter, draw(painter, drawing, 1.0, AT_ONCE))
    buffer.close()
    return bytes(found.data())


def _pdf(drawing: Drawing, options: RenderOptions) -> Steps:
    area = drawing.area
    found = QByteArray()
    buffer = QBuffer(found)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(f"Canvas, {options.view}")
    writer.setCreator("Cluster Network Designer")
    writer.setResolution(288)
    size = QSizeF(area.width() * POINTS, area.height() * POINTS)
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point, "Canvas", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    dots = 288 / 72 * POINTS
    painter.scale(dots, dots)
    painter.translate(-area.topLeft())
    yield from ending(painter, draw(painter, drawing, 1.0, AT_ONCE))
    buffer.close()
    return bytes(found.data())


def _drawio(drawing: Drawing, options: RenderOptions) -> Steps:
    return (yield from drawio_steps(drawing.scene, drawing.area, options))


def ending(painter: QPainter, steps: Iterator[None]) -> Iterator[None]:
    """The same steps; the painter ends with them, and where nobody goes on with them."""
    try:
        yield from steps
    finally:
        painter.end()


_Writer = Callable[[Drawing, RenderOptions], Steps]
_WRITERS: dict[str, _Writer] = {".png": _png, ".svg": _svg, ".pdf": _pdf, ".drawio": _drawio}
