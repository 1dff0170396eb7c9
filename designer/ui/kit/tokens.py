"""Every colour and measure of the three themes, as frozen values.

Where a hex differs from the visual direction, the given one failed its contrast: light `muted` was #66717F (4.4:1 on
a node header, 4.0:1 on a selected object); on the dark accent white words reach 2.4:1, so words there are dark;
`accent_text` is the accent where it is read rather than seen (a selected tab, a link).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zlib import crc32

from PySide6.QtGui import QColor

from designer.ui.kit import verdict_names as v

GRID: Final = 8
OBJECT_GAP: Final = 24
PANEL_PADDING: Final = 16
RADIUS: Final = 6
OBJECT_RADIUS: Final = 8
NODE_RADIUS: Final = 10
CONTROL_HEIGHT: Final = 28
ROW_HEIGHT: Final = 22
TINT_BAR: Final = 4

SURFACES: Final = ("bg", "panel", "canvas", "node", "node_header", "chip", "field", "hover", "selection")
"""The tokens that words may stand on."""


@lru_cache(maxsize=512)
def color_of(value: str, alpha: int = 255) -> QColor:
    """The QColor of a hex value, shared between callers: copy it before changing it."""
    color = QColor(value)
    color.setAlpha(alpha)
    return color


@dataclass(frozen=True, slots=True)
class Theme:
    """One complete look. Colours are `#RRGGBB`; `color()` gives them as QColor."""

    name: str
    dark: bool
    bg: str
    panel: str
    canvas: str
    line: str
    line_strong: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    accent_text: str
    on_accent: str
    selection: str
    node: str
    node_header: str
    chip: str
    field: str
    hover: str
    error: str
    warning: str
    error_fill: str
    warning_fill: str
    info_fill: str
    disabled: str
    verdicts: Mapping[str, str]
    tints: tuple[str, ...]

    def value(self, token: str) -> str:
        """The hex value of a token name, of `verdict:<name>`, or of `tint:<0..7>`; KeyError for an unknown name."""
        kind, _, rest = token.partition(":")
        if kind == "verdict":
            return self.verdicts[v.known(rest)]
        if kind == "tint":
            return self.tints[int(rest) % len(self.tints)]
        if token in COLOR_TOKENS:
            return str(getattr(self, token))
        raise KeyError(token)

    def color(self, token: str, alpha: int = 255) -> QColor:
        """The QColor of a token (see `value`), with alpha 0..255; shared, so copy before changing it."""
        return color_of(self.value(token), alpha)

    def verdict_color(self, verdict: str) -> QColor:
        """The QColor of a verdict; an unknown word is shown as `cannot-tell`."""
        return color_of(self.verdicts[v.known(verdict)])

    def tint(self, index: int) -> QColor:
        """The QColor of namespace tint `index`, counted round the palette of eight."""
        return color_of(self.tints[index % len(self.tints)])


COLOR_TOKENS: Final = tuple(name for name in Theme.__slots__ if name not in ("name", "dark", "verdicts", "tints"))


def tint_index(namespace: str) -> int:
    """The place 0..7 of a namespace in the palette when nothing assigned one: the same on every machine and run."""
    return crc32(namespace.encode()) % 8


def tint_indexes(namespaces: tuple[str, ...]) -> dict[str, int]:
    """Each namespace's place in the palette, in the given order, so that the first eight are all different."""
    return {name: place % 8 for place, name in enumerate(dict.fromkeys(namespaces))}


def _verdicts(delivered: str, denied: str, turned: str, lost: str, unnamed: str, unknown: str) -> Mapping[str, str]:
    return MappingProxyType(
        {
            v.DELIVERED: delivered,
            v.DENIED: denied,
            v.REJECTED: turned,
            v.DROPPED: lost,
            v.NO_ROUTE: lost,
            v.NAME_NOT_FOUND: unnamed,
            v.CONNECTION_REFUSED: turned,
            v.NO_MATCHING_ROUTE: unnamed,
            v.CANNOT_TELL: unknown,
        }
    )


LIGHT: Final = Theme(
    name="light",
    dark=False,
    bg="#F6F7F9",
    panel="#FFFFFF",
    canvas="#FBFCFD",
    line="#D9DEE5",
    line_strong="#B4BDC9",
    text="#1B2430",
    muted="#5A6573",
    accent="#2F6FED",
    accent_hover="#225FD8",
    accent_text="#1D5BD0",
    on_accent="#FFFFFF",
    selection="#DCE8FF",
    node="#FFFFFF",
    node_header="#EEF1F5",
    chip="#F3F5F8",
    field="#F6F7F9",
    hover="#EAEEF3",
    error="#B42318",
    warning="#8F4307",
    error_fill="#FEF0EE",
    warning_fill="#FFF6E5",
    info_fill="#EDF3FF",
    disabled="#98A2B0",
    verdicts=_verdicts("#00795A", "#C2410C", "#A21CAF", "#475569", "#1D4ED8", "#B45309"),
    tints=("#6685F2", "#9152B7", "#138572", "#B6791B", "#A9194C", "#4A681C", "#2F467B", "#8291A8"),
)

DARK: Final = Theme(
    name="dark",
    dark=True,
    bg="#15191F",
    panel="#1B2027",
    canvas="#12161B",
    line="#323A45",
    line_strong="#4A5564",
    text="#E6EAF0",
    muted="#97A3B2",
    accent="#7AA7FF",
    accent_hover="#98BBFF",
    accent_text="#7AA7FF",
    on_accent="#0F1A30",
    selection="#22365E",
    node="#1F252D",
    node_header="#28303A",
    chip="#262D36",
    field="#15191F",
    hover="#272E38",
    error="#FF9B91",
    warning="#FBBF24",
    error_fill="#3A2022",
    warning_fill="#362B17",
    info_fill="#1D2A45",
    disabled="#66717F",
    verdicts=_verdicts("#34D399", "#FB923C", "#E879F9", "#94A3B8", "#93C5FD", "#FBBF24"),
    tints=("#5A91FF", "#9C62C1", "#00947A", "#D6A038", "#F584A7", "#AAC56E", "#B5D3F5", "#6A779A"),
)

HIGH_CONTRAST: Final = Theme(
    name="high-contrast",
    dark=True,
    bg="#000000",
    panel="#000000",
    canvas="#000000",
    line="#9BA7B6",
    line_strong="#FFFFFF",
    text="#FFFFFF",
    muted="#D5DCE6",
    accent="#8FB8FF",
    accent_hover="#B9D3FF",
    accent_text="#A9C8FF",
    on_accent="#000000",
    selection="#12305F",
    node="#000000",
    node_header="#1A1F26",
    chip="#101418",
    field="#000000",
    hover="#20262E",
    error="#FFB4AB",
    warning="#FFD166",
    error_fill="#2A0E0C",
    warning_fill="#2A2008",
    info_fill="#0C1B36",
    disabled="#9BA7B6",
    verdicts=_verdicts("#4ADE9F", "#FFB27A", "#F4B0FC", "#C3CEDC", "#A5D0FF", "#FFCE4A"),
    tints=DARK.tints,
)

THEMES: Final[Mapping[str, Theme]] = MappingProxyType({t.name: t for t in (LIGHT, DARK, HIGH_CONTRAST)})
