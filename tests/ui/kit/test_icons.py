"""Icons are there, draw something, follow the theme, stay sharp, and unknown kinds still get a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from designer.resources import resource_path
from designer.ui.kit import icons
from designer.ui.kit.style import apply_theme
from designer.ui.kit.tokens import DARK, LIGHT, THEMES, Theme
from tests.ui.kit.pictures import painted, painted_share, solid_colors

KINDS = [
    "node",
    "zone",
    "namespace",
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "service",
    "ingress-controller",
    "ingress",
    "gateway",
    "httproute",
    "networkpolicy",
    "clusterpolicy",
    "client",
    "host",
    "loadbalancer",
    "internet",
    "object",
]
ACTIONS = [
    "undo",
    "redo",
    "play",
    "pause",
    "skip-next",
    "skip-previous",
    "step-forward",
    "step-back",
    "stop",
    "zoom-in",
    "zoom-out",
    "fit",
    "search",
    "add",
    "delete",
    "copy",
    "paste",
    "cut",
    "save",
    "open",
    "new",
    "close",
    "more",
    "settings",
    "warning",
    "error",
    "info",
    "help",
    "check",
    "close-x",
    "expand",
    "collapse",
    "light-mode",
    "dark-mode",
    "refresh",
    "filter",
    "download",
    "route",
    "tables",
    "grid",
    "dns",
]


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_has_a_drawing_of_one_family(name: str) -> None:
    root = ElementTree.parse(resource_path("icons", "kinds", f"{name}.svg")).getroot()
    assert root.attrib["viewBox"] == "0 0 24 24"
    assert root.attrib["stroke-width"] == "1.5"
    image = painted(lambda painter, rect: icons.paint_icon(painter, rect, name, "#1D5BD0", icons.KINDS))
    assert "#1d5bd0" in solid_colors(image)
    assert all(QColor(color).hue() == pytest.approx(QColor("#1d5bd0").hue(), abs=1) for color in solid_colors(image))
    assert 0.08 < painted_share(image) < 0.6
    edge = [image.pixelColor(x, y).alpha() for x in range(48) for y in (0, 47)]
    assert not any(edge), "the drawing touches its edge"


@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_has_a_drawing(name: str) -> None:
    image = painted(lambda painter, rect: icons.paint_icon(painter, rect, name, "#B42318"))
    assert "#b42318" in solid_colors(image)
    assert all(QColor(color).hue() == pytest.approx(QColor("#b42318").hue(), abs=1) for color in solid_colors(image))
    assert painted_share(image) > 0.02


def test_all_bundled_drawings_differ() -> None:
    for folder in (icons.KINDS, icons.ACTIONS):
        texts: dict[str, str] = {}
        for path in sorted(resource_path("icons", folder).glob("*.svg")):
            twin = texts.setdefault(path.read_text(encoding="utf-8"), path.stem)
            assert twin == path.stem or {twin, path.stem} == {"close", "close-x"}


def test_the_licence_of_the_action_icons_is_beside_them() -> None:
    assert "Apache License" in resource_path("icons", "actions", "LICENSE").read_text(encoding="utf-8")


def test_an_icon_follows_the_theme_without_being_set_again(qapp: QApplication, qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icons.icon("undo"))
    assert solid_colors(button.icon().pixmap(48, 48)) == {LIGHT.text.lower()}
    apply_theme(qapp, "dark")
    assert solid_colors(button.icon().pixmap(48, 48)) == {DARK.text.lower()}


def test_a_painted_button_shows_the_tint(qapp: QApplication, qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icons.icon("stop", "verdict:denied"))
    button.setIconSize(QSize(24, 24))
    assert LIGHT.verdicts["denied"].lower() in solid_colors(button.grab())
    apply_theme(qapp, "dark")
    assert DARK.verdicts["denied"].lower() in solid_colors(button.grab())


def test_disabled_and_checked_look_different() -> None:
    image = icons.icon("stop")
    assert solid_colors(image.pixmap(QSize(24, 24), QIcon.Mode.Disabled)) == {LIGHT.disabled.lower()}
    assert solid_colors(image.pixmap(QSize(24, 24), QIcon.Mode.Normal, QIcon.State.On)) == {LIGHT.accent_text.lower()}


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0, 3.0])
def test_icons_are_drawn_at_the_resolution_of_the_screen(ratio: float) -> None:
    pixmap = icons.icon("search").pixmap(QSize(20, 20), ratio)
    assert pixmap.devicePixelRatio() == ratio
    assert pixmap.size() == QSize(round(20 * ratio), round(20 * ratio))
    # Drawn again rather than enlarged: a larger drawing has a smaller share of half-painted edge.
    assert 0.05 < painted_share(pixmap) < 0.6


def test_icons_are_cached_and_survive_being_changed_by_others() -> None:
    first = icons.icon("copy")
    assert icons.icon("copy").cacheKey() == first.cacheKey()
    for _ in range(20):
        changed = QIcon(first)
        changed.addPixmap(QPixmap(4, 4))
        changed.setIsMask(True)
    assert solid_colors(icons.icon("copy").pixmap(32, 32)) == {LIGHT.text.lower()}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Pod", "pod"),
        ("NetworkPolicy", "networkpolicy"),
        ("IngressController", "ingress-controller"),
        ("ingress-controller", "ingress-controller"),
        ("ClusterNetworkPolicy", "clusterpolicy"),
        ("LoadBalancer", "loadbalancer"),
        ("external client", "client"),
        ("ConfigMap", "object"),
        ("SomethingNew", "object"),
        ("../kinds/pod", "object"),
    ],
)
def test_kinds_find_their_drawing(kind: str, name: str) -> None:
    assert icons.kind_icon_name(kind) == name
    assert not icons.kind_icon(kind).pixmap(24, 24).isNull()


def test_a_name_that_is_not_bundled_is_an_error() -> None:
    with pytest.raises(KeyError, match="no-such"):
        icons.icon("no-such")


def test_icons_can_be_painted_as_vectors_into_any_rectangle() -> None:
    image = painted(lambda painter, _rect: icons.paint_icon(painter, QRectF(0, 12, 48, 24), "stop", "#000000"))
    assert image.pixelColor(24, 24).alpha() == 255
    assert image.pixelColor(4, 24).alpha() == 0, "kept square"


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())
def test_pictures_of_the_style_sheet_wear_the_colours_of_their_theme(theme: Theme) -> None:
    tokens = {"check": "on_accent", "dash": "on_accent", "dot": "on_accent", "check-menu": "accent_text"}
    files = sorted(resource_path("icons", "sheet", theme.name).glob("*.svg"))
    assert files
    for path in files:
        stroke = ElementTree.parse(path).getroot().attrib["stroke"]
        assert stroke == theme.value(tokens.get(path.stem, "muted")), path


@pytest.mark.parametrize("size", [QSize(0, 16), QSize(16, 0), QSize(0, 0)])
def test_an_icon_without_room_is_no_picture(size: QSize) -> None:
    """A tool button that is squeezed to nothing asks for this; a painter on such a picture would warn."""
    assert icons.icon("undo").pixmap(size, 1.0).isNull()
