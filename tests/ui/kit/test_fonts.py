"""The bundled typefaces are the ones really used, with every sign that the program shows."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF, QRawFont

from designer.resources import resource_path
from designer.ui.kit.fonts import FONT_FILES, MONO_FAMILY, UI_FAMILY, load_fonts, mono_font, pixels, ui_font

# What labels, traces and tables write beyond ASCII.
SIGNS = "→←·…—–×✓✗≥≤“”’éüßø"


def test_every_font_file_loads_and_a_second_call_changes_nothing() -> None:
    assert load_fonts() == ()
    assert load_fonts() == ()


def test_each_typeface_comes_with_its_licence() -> None:
    for name in ("Inter-OFL.txt", "JetBrainsMono-OFL.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in resource_path("fonts", name).read_text(encoding="utf-8")
    assert {path.name for path in resource_path("fonts").iterdir() if path.suffix in (".otf", ".ttf")} == set(
        FONT_FILES
    )


@pytest.mark.parametrize("weight", [400, 600])
def test_asked_families_and_weights_are_the_ones_drawn(weight: int) -> None:
    for font, family in ((ui_font(11, weight), UI_FAMILY), (mono_font(11, weight), MONO_FAMILY)):
        info = QFontInfo(font)
        assert info.family() == family
        assert info.weight() == weight
        raw = QRawFont.fromFont(font)
        assert raw.familyName().startswith(family)
        missing = [sign for sign in SIGNS if not raw.supportsCharacter(ord(sign))]
        assert not missing


def test_semibold_is_a_face_of_its_own() -> None:
    words = "frontend-7d4f9"
    assert QFontMetricsF(ui_font(12, 600)).horizontalAdvance(words) > QFontMetricsF(ui_font(12)).horizontalAdvance(
        words
    )


def test_another_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="700"):
        ui_font(12, 700)


@pytest.mark.parametrize(("size", "drawn"), [(18, 18), (12.5, 13), (11, 11), (10.4, 10), (0.2, 1)])
def test_sizes_are_whole_pixels_rounded_to_the_nearest(size: float, drawn: int) -> None:
    assert pixels(size) == drawn
    assert QFontInfo(ui_font(size)).pixelSize() == drawn
    assert QFontInfo(mono_font(size)).pixelSize() == drawn


def test_addresses_align_and_rules_keep_their_characters() -> None:
    mono = QFontMetricsF(mono_font(12))
    assert mono.horizontalAdvance("10.244.1.5") == pytest.approx(mono.horizontalAdvance("iiiiiiiiii"))
    tabular = QFontMetricsF(ui_font(12, tabular=True))
    assert tabular.horizontalAdvance("1111") == pytest.approx(tabular.horizontalAdvance("0000"))
    plain = QFontMetricsF(ui_font(12))
    assert plain.horizontalAdvance("1111") < plain.horizontalAdvance("0000")
