"""The two bundled typefaces (Inter for words, JetBrains Mono for data) and the few sizes that the program uses."""

from __future__ import annotations

from functools import lru_cache
from math import floor

from PySide6.QtGui import QFont, QFontDatabase

from designer.resources import resource_path

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"

REGULAR = 400
SEMIBOLD = 600

TITLE = 18.0
BODY = 12.5
SMALL = 11.0
TINY = 10.0
MINIMUM_ON_SCREEN = 9.0
"""Text that would be smaller than this on the screen is left out, at any zoom."""

FONT_FILES = (
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-SemiBold.ttf",
)


@lru_cache(maxsize=1)
def _load() -> tuple[str, ...]:
    missing = []
    for name in FONT_FILES:
        if QFontDatabase.addApplicationFont(str(resource_path("fonts", name))) < 0:
            missing.append(name)
    return tuple(missing)


def load_fonts() -> tuple[str, ...]:
    """The bundled font files that could not be loaded (empty when all is well); loads each file only once.

    Needs a QGuiApplication. With a file missing Qt falls back to a system face, so the program stays readable.
    """
    return _load()


def pixels(size: float) -> int:
    """The whole pixels that a size is drawn with: Qt holds no fractions, so 12.5 becomes 13."""
    return max(1, floor(size + 0.5))


def _sized(family: str, size: float, weight: int) -> QFont:
    if weight not in (REGULAR, SEMIBOLD):
        raise ValueError(f"weight {weight} is not bundled: use {REGULAR} or {SEMIBOLD}")
    load_fonts()
    font = QFont(family)
    # Pixels, not points: the same picture on a screen, in an SVG and in a PDF, whatever their resolution says.
    font.setPixelSize(pixels(size))
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def ui_font(size: float = BODY, weight: int = REGULAR, *, tabular: bool = False) -> QFont:
    """A font for words, `size` in logical pixels, `weight` 400 or 600; `tabular` gives figures of equal width.

    `size` is rounded to whole pixels (12.5 to 13). Raises ValueError for a weight that is not bundled.
    """
    font = _sized(UI_FAMILY, size, weight)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def mono_font(size: float = BODY, weight: int = REGULAR) -> QFont:
    """A font for addresses, rules and packets, `size` in logical pixels, `weight` 400 or 600.

    Ligatures are off: a rule has to show the very characters that the node would hold (`--dport`, `!=`).
    """
    font = _sized(MONO_FAMILY, size, weight)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    for feature in ("calt", "liga"):
        font.setFeature(QFont.Tag(feature), 0)
    return font
