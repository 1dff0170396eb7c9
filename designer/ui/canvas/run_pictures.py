"""A run as pictures: the canvas with the token at any place of its way, for a series of PNG or an animation."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from designer.engine.reporter import SILENT, Reporter
from designer.engine.trace.hops import TraceResult
from designer.manifests.export_files import replace_file
from designer.model import Problem
from designer.present.event_rows import is_changed
from designer.present.gif import Frame, Pixels, gif_bytes
from designer.present.request_choices import source_text
from designer.ui.canvas.items.look import Look, elided, font_for
from designer.ui.canvas.painting import paint_picture
from designer.ui.canvas.render import AT_ONCE, ending
from designer.ui.canvas.scene import CanvasScene
from designer.ui.canvas.trace.drawing import card_size, paint_card
from designer.ui.canvas.trace.scenery import card_rect, paint_scenery, scenery_of
from designer.ui.canvas.trace.token import SIDE, draw_token
from designer.ui.canvas.trace.words import Card
from designer.ui.kit.fonts import SEMIBOLD
from designer.ui.kit.tokens import Theme

SIZE: Final = QSize(960, 600)
CAPTION: Final = 44
MARGIN: Final = 24.0
# Pictures between two hops, how long each stands, and how long a hop stands (longer where the packet changes).
BETWEEN, BETWEEN_MS, HOP_MS, CHANGED_MS, END_MS = 4, 90, 500, 1100, 3000


class RunPictures:
    """Pictures of one way of a trace, all of one size, over what a scene shows.

    Make it and finish its `ground_steps` in the window's thread; the pictures may be made in any, whatever the scene
    shows by then.
    """

    def __init__(self, scene: CanvasScene, theme: Theme, result: TraceResult, way: int, size: QSize = SIZE) -> None:
        self._theme, self._size = theme, size
        paths = result.trace.paths()
        self.path = paths[way]
        self._asked = f"{source_text(result.request.source)} → {result.request.destination}"
        area = scene.stock.extent()
        area = area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if not area.isEmpty() else QRectF(0, 0, 640, 400)
        self._area = area
        room = QSize(size.width(), size.height() - CAPTION)
        self._zoom = min(room.width() / area.width(), room.height() / area.height(), 2.0)
        self._scenery = scenery_of(scene, result, paths, way, self._zoom)
        self._cards = dict(self._places_of_cards(scene))
        self._ground = self._begin()

    def ground_steps(self, scene: CanvasScene) -> Generator[None, None, RunPictures]:
        """This, when what stands behind the run has been painted, bit by bit."""
        painter = self._painter(self._ground)
        yield from ending(painter, paint_picture(painter, Look(self._theme, self._zoom), scene, self._area, AT_ONCE))
        return self

    def _places_of_cards(self, scene: CanvasScene) -> Iterator[tuple[int, tuple[Card, QRectF]]]:
        """The card of each hop that has one, with its place."""
        scenery = self._scenery
        for hop in range(len(self.path.hops) if scenery is not None else 0):
            card = scenery.card_at(hop) if scenery is not None else None
            if scenery is not None and card is not None:
                yield hop, (card, card_rect(scene, scenery, hop, card, min(self._zoom, 1.0), self._area))

    @property
    def visible(self) -> bool:
        """Whether this view of the canvas shows anything of the way."""
        return self._scenery is not None

    def _begin(self) -> QImage:
        image = QImage(self._size, QImage.Format.Format_RGB32)
        image.fill(self._theme.color("canvas"))
        return image

    def _painter(self, image: QImage) -> QPainter:
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.translate(QPointF(self._size.width() / 2, (self._size.height() - CAPTION) / 2))
        painter.scale(self._zoom, self._zoom)
        painter.translate(-self._area.center())
        return painter

    def picture(self, position: float) -> QImage:
        """The canvas with the token at a position in hops, the card of the hop, and a caption below."""
        image = self._ground.copy()
        hop = min(int(position + 1e-9), len(self.path.hops) - 1)
        scenery = self._scenery
        if scenery is not None:
            course = scenery.course
            painter = self._painter(image)
            paint_scenery(painter, scenery, self._theme, self._zoom, course.length_at(position))
            if hop != course.end_hop:
                painter.save()
                painter.translate(course.point_at(position))
                painter.scale(1 / self._zoom, 1 / self._zoom)
                reply = self.path.hops[hop].direction == "reply"
                draw_token(painter, QPointF(0, 0), self._theme, self.path.verdict, reply, SIDE)
                painter.restore()
            if hop in self._cards and position == hop:
                card, rect = self._cards[hop]
                painter.translate(rect.topLeft())
                painter.scale(1 / min(self._zoom, 1.0), 1 / min(self._zoom, 1.0))
                paint_card(painter, QRectF(QPointF(0, 0), card_size(card)), card, self.path.verdict, self._theme)
            painter.end()
        self._caption(image, hop)
        return image

    def _caption(self, image: QImage, hop: int) -> None:
        theme, found = self._theme, self.path.hops[hop]
        bar = QRectF(0, self._size.height() - CAPTION, self._size.width(), CAPTION)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(bar, theme.color("panel"))
        painter.fillRect(QRectF(0, bar.top(), bar.width(), 1), theme.color("line"))
        outcome = f" — {found.outcome}" if found.outcome else ""
        lines = (
            (f"{self._asked}   ·   hop {hop + 1} of {len(self.path.hops)}", 12.0, 400, "muted"),
            (f"{found.place}: {found.what}{outcome}", 13.0, SEMIBOLD, "text"),
        )
        for at, (words, size, weight, token) in enumerate(lines):
            painter.setFont(font_for(size, weight))
            painter.setPen(theme.color(token))
            area = QRectF(16, bar.top() + 3 + at * 19, bar.width() - 32, 20)
            shown = elided(words, int(area.width()), size, weight)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.end()

    def positions(self) -> Iterator[tuple[float, int]]:
        """Every place of an animation, with how long its picture stands, in milliseconds."""
        last = len(self.path.hops) - 1
        for at, hop in enumerate(self.path.hops):
            if at == last:
                yield float(at), END_MS
                return
            yield float(at), CHANGED_MS if is_changed(hop) else HOP_MS
            if self._moves(at):
                for step in range(1, BETWEEN):
                    yield at + step / BETWEEN, BETWEEN_MS

    def _moves(self, hop: int) -> bool:
        """Whether the token goes anywhere from a hop to the next."""
        if self._scenery is None:
            return False
        lengths = self._scenery.course.lengths
        return lengths[hop + 1] - lengths[hop] > 2.0


def pixels_of(image: QImage) -> Pixels:
    """The pixels of a picture as an array of red, green, blue."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), dtype=np.uint8).reshape(plain.height(), plain.bytesPerLine())
    found: Pixels = rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()
    return found


def animation_of(pictures: RunPictures, reporter: Reporter = SILENT) -> bytes:
    """The whole run as an animated GIF. Raises `CancelledError` where `reporter` does."""
    places, frames = list(pictures.positions()), []
    for number, (at, time) in enumerate(places):
        reporter.step("Drawing the animation", number, len(places) + 1)
        frames.append(Frame(pixels_of(pictures.picture(at)), time))
    reporter.step("Choosing its colours", len(places), len(places) + 1)
    return gif_bytes(frames)


def series_of(pictures: RunPictures, first: Path, reporter: Reporter = SILENT) -> tuple[tuple[Path, bytes], ...]:
    """A PNG for each hop, with the file that it is for, named after `first`; nothing is written.

    Raises `CancelledError` where `reporter` does.
    """
    count, found = len(pictures.path.hops), []
    for at in range(count):
        reporter.step("Drawing the pictures", at, count)
        path = first.with_name(f"{first.stem}-{at + 1:0{len(str(count))}}.png")
        found.append((path, png_of(pictures.picture(float(at)))))
    return tuple(found)


def png_of(image: QImage) -> bytes:
    """A picture as a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, the binding text
    return bytes(buffer.data().data())


def write_series(pictures: RunPictures, first: Path) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files written, one PNG a hop; and what went wrong, with which it stops."""
    return write_pictures(series_of(pictures, first))


def write_pictures(found: Sequence[tuple[Path, bytes]]) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files written, each as a whole; and what went wrong, with which it stops."""
    written: list[Path] = []
    for path, data in found:
        try:
            replace_file(path, data)
        except OSError:
            title = f"{path} could not be written"
            return tuple(written), (Problem("FILE-20", "error", title, fix="Choose a folder that you may write to."),)
        written.append(path)
    return tuple(written), ()
