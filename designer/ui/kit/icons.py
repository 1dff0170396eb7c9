"""Icons as tinted line drawings: our own for kinds of objects, Material Symbols for actions.

An icon keeps no pixels of its own: it is drawn when it is painted, in the colours of the theme shown then, at the
resolution of the screen it is painted on. So icons set once in menus and buttons follow a change of theme.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from designer.resources import resource_path
from designer.ui.kit.theme import current_theme

KINDS: Final = "kinds"
ACTIONS: Final = "actions"
GENERIC_KIND: Final = "object"

_KIND_NAMES: Final[dict[str, str]] = {
    "ingresscontroller": "ingress-controller",
    "ingressclass": "ingress-controller",
    "gatewayclass": "ingress-controller",
    "externalclient": "client",
    "externalhost": "host",
    "addressrange": "internet",
    "clusternetworkpolicy": "clusterpolicy",
    "adminnetworkpolicy": "clusterpolicy",
    "baselineadminnetworkpolicy": "clusterpolicy",
    "globalnetworkpolicy": "clusterpolicy",
    "ciliumclusterwidenetworkpolicy": "clusterpolicy",
    "ciliumnetworkpolicy": "networkpolicy",
    "replicaset": "deployment",
    "grpcroute": "httproute",
    "tcproute": "httproute",
    "tlsroute": "httproute",
    "udproute": "httproute",
    "listenerset": "gateway",
    "xlistenerset": "gateway",
    "endpointslice": "service",
    "endpoints": "service",
}


@lru_cache(maxsize=256)
def _svg_text(folder: str, name: str) -> str:
    return resource_path("icons", folder, f"{name}.svg").read_text(encoding="utf-8")


def has_icon(name: str, folder: str = ACTIONS) -> bool:
    """True when a drawing of that name is bundled."""
    return resource_path("icons", folder, f"{name}.svg").is_file()


@lru_cache(maxsize=512)
def _renderer(folder: str, name: str, color: str) -> QSvgRenderer:
    """A renderer of the drawing in one colour: `currentColor` is replaced, a bare path gets the colour as its fill."""
    text = _svg_text(folder, name).replace("currentColor", color)
    if color not in text:
        text = re.sub(r"<svg ", f'<svg fill="{color}" ', text, count=1)
    return QSvgRenderer(QByteArray(text.encode()))


def paint_icon(painter: QPainter, rect: QRectF, name: str, color: str, folder: str = ACTIONS) -> None:
    """Nothing; draws an icon as vectors, centred and square in `rect`, in a hex colour. For canvas and exports."""
    side = min(rect.width(), rect.height())
    square = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    _renderer(folder, name, color).render(painter, square)


def icon_pixmap(name: str, size: int, color: str, ratio: float = 1.0, folder: str = ACTIONS) -> QPixmap:
    """The icon in a hex colour, `size` logical pixels square, drawn sharp for a device pixel ratio; cached."""
    key = f"kit-icon:{folder}/{name}/{color}/{size}/{ratio:.3f}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    pixels = max(1, round(size * ratio))
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(folder, name, color).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


# Qt owns a clone, but the binding does not know it: without a reference here the clone would be freed under Qt.
_clones: list[QIconEngine] = []


class _TintedEngine(QIconEngine):
    """Draws one SVG in the colour that a token has at the moment of painting."""

    def __init__(self, folder: str, name: str, token: str) -> None:
        super().__init__()
        self._folder, self._name, self._token = folder, name, token

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        theme = current_theme()
        if mode is QIcon.Mode.Disabled:
            return theme.disabled
        if state is QIcon.State.On and self._token == "text":
            return theme.accent_text
        return theme.value(self._token)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        ratio = painter.device().devicePixelRatioF()
        pixmap = icon_pixmap(self._name, side, self._color(mode, state), ratio, self._folder)
        center = QRectF(rect).center()
        painter.drawPixmap(QPointF(center.x() - side / 2, center.y() - side / 2), pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        # The size is in logical pixels (since Qt 6.8); Qt reads the ratio off the result.
        side = min(size.width(), size.height())
        if side <= 0:
            return QPixmap()  # a button that is squeezed to nothing asks for this
        square = icon_pixmap(self._name, side, self._color(mode, state), scale, self._folder)
        if size.width() == size.height():
            return QPixmap(square)
        wide = QPixmap(size * scale)
        wide.setDevicePixelRatio(scale)
        wide.fill(Qt.GlobalColor.transparent)
        painter = QPainter(wide)
        painter.drawPixmap(QPointF((size.width() - side) / 2, (size.height() - side) / 2), square)
        painter.end()
        return wide

    def clone(self) -> QIconEngine:
        copy = _TintedEngine(self._folder, self._name, self._token)
        _clones.append(copy)
        return copy

    def key(self) -> str:
        return "kit-tinted"

    def iconName(self) -> str:
        return self._name

    def isNull(self) -> bool:
        return False


@lru_cache(maxsize=512)
def _made(folder: str, name: str, token: str) -> QIcon:
    if not has_icon(name, folder):
        raise KeyError(f"no icon called {name!r} in {folder}")
    return QIcon(_TintedEngine(folder, name, token))


def icon(name: str, color_token: str = "text") -> QIcon:
    """The action icon of that name (a file in `resources/icons/actions`), tinted with a theme token; cached.

    A checked button shows a `text` icon in the accent, a disabled one in the disabled colour. KeyError for a name
    that is not bundled, or (when painted) for an unknown token.
    """
    return _made(ACTIONS, name, color_token)


def kind_icon_name(kind: str) -> str:
    """The drawing for a Kubernetes kind or one of our own objects, in any spelling; `object` for an unknown kind."""
    plain = re.sub(r"[^a-z0-9]", "", kind.lower())
    if plain in _KIND_NAMES:
        return _KIND_NAMES[plain]
    return plain if has_icon(plain, KINDS) else GENERIC_KIND


def kind_icon(kind: str, color_token: str = "accent_text") -> QIcon:
    """The icon of a kind (`Pod`, `NetworkPolicy`, `ingress-controller`), a generic one for a kind we do not draw."""
    return _made(KINDS, kind_icon_name(kind), color_token)
