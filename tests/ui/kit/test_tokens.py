"""The tokens against WCAG 2 contrast and against the common colour vision deficiencies."""

from __future__ import annotations

from itertools import combinations

import pytest

from designer.ui.kit.table import words_token
from designer.ui.kit.tokens import (
    COLOR_TOKENS,
    HIGH_CONTRAST,
    LIGHT,
    SURFACES,
    THEMES,
    Theme,
    tint_index,
    tint_indexes,
)
from designer.ui.kit.verdict_names import VERDICTS, verdict_line, verdict_shape, verdict_words
from tests.ui.kit.colorimetry import DEFICIENCIES, contrast, distance

EACH_THEME = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES.keys())

# Two colours 10 apart are told apart at a glance side by side; bars of 4 px across a canvas need more.
APART = 15.0


def test_the_formulas_give_the_published_values() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0, abs=0.01)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # the well-known grey just below AA
    assert distance("#FFFFFF", "#000000") == pytest.approx(100.0, abs=0.01)
    # A pure red and the green of equal weight for a protanope's missing cone come close together.
    assert distance("#B00000", "#5A5A00", "protanopia") < distance("#B00000", "#5A5A00")


@EACH_THEME
@pytest.mark.parametrize("surface", SURFACES)
def test_words_are_readable_on_every_surface(theme: Theme, surface: str) -> None:
    least = 7.0 if theme is HIGH_CONTRAST else 4.5
    for token in ("text", "muted", "accent_text"):
        assert contrast(theme.value(token), theme.value(surface)) >= least, (token, surface)


@EACH_THEME
def test_messages_are_readable_on_their_fills(theme: Theme) -> None:
    least = 7.0 if theme is HIGH_CONTRAST else 4.5
    for fill in ("error_fill", "warning_fill", "info_fill"):
        for token in ("text", "accent_text"):
            assert contrast(theme.value(token), theme.value(fill)) >= least, (token, fill)
    for token, fill in (("error", "error_fill"), ("warning", "warning_fill")):
        assert contrast(theme.value(token), theme.value(fill)) >= least
        for surface in ("panel", "bg"):
            assert contrast(theme.value(token), theme.value(surface)) >= least


@EACH_THEME
def test_words_on_the_primary_button_are_readable(theme: Theme) -> None:
    least = 7.0 if theme is HIGH_CONTRAST else 4.5
    for fill in ("accent", "accent_hover"):
        assert contrast(theme.on_accent, theme.value(fill)) >= least


@EACH_THEME
@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdicts_stand_out_where_they_are_drawn(theme: Theme, verdict: str) -> None:
    least = 7.0 if theme is HIGH_CONTRAST else 3.0
    for surface in ("panel", "canvas", "node", "chip", "selection"):
        assert contrast(theme.value(f"verdict:{verdict}"), theme.value(surface)) >= least, surface
    # In tables and badges the verdict is read as words.
    assert contrast(theme.value(f"verdict:{verdict}"), theme.panel) >= 4.5


@EACH_THEME
@pytest.mark.parametrize("token", ["text", "muted", "error", "warning", *(f"verdict:{name}" for name in VERDICTS)])
def test_words_of_a_table_are_readable_on_every_row(theme: Theme, token: str) -> None:
    least = 7.0 if theme is HIGH_CONTRAST else 4.5
    for surface, lit in (("panel", False), ("selection", True), ("hover", True)):
        words = words_token(token, lit=lit)
        assert contrast(theme.value(words), theme.value(surface)) >= least, (words, surface)


@EACH_THEME
def test_boxes_to_tick_are_seen(theme: Theme) -> None:
    # WCAG 1.4.11: their border is all that shows where they are.
    for surface in ("panel", "bg", "hover"):
        assert contrast(theme.muted, theme.value(surface)) >= 3.0


@EACH_THEME
def test_focus_can_be_seen(theme: Theme) -> None:
    for surface in SURFACES:
        assert contrast(theme.accent, theme.value(surface)) >= 3.0


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@EACH_THEME
def test_namespace_tints_stay_apart(theme: Theme, deficiency: str) -> None:
    assert len(theme.tints) == 8
    for first, second in combinations(theme.tints, 2):
        assert distance(first, second, deficiency) >= APART, (first, second)


@EACH_THEME
def test_namespace_tints_are_seen_on_a_pod(theme: Theme) -> None:
    for tint in theme.tints:
        for surface in ("chip", "node", "canvas"):
            assert contrast(tint, theme.value(surface)) >= 2.8, (tint, surface)


def test_the_surfaces_and_verdicts_are_those_of_the_visual_direction() -> None:
    assert (LIGHT.bg, LIGHT.panel, LIGHT.canvas, LIGHT.line) == ("#F6F7F9", "#FFFFFF", "#FBFCFD", "#D9DEE5")
    dark = THEMES["dark"]
    assert (dark.bg, dark.panel, dark.canvas, dark.line) == ("#15191F", "#1B2027", "#12161B", "#323A45")
    assert [LIGHT.verdicts[name] for name in ("delivered", "denied", "rejected", "dropped")] == [
        "#00795A",
        "#C2410C",
        "#A21CAF",
        "#475569",
    ]
    assert [dark.verdicts[name] for name in ("name-not-found", "cannot-tell")] == ["#93C5FD", "#FBBF24"]


def test_each_verdict_has_words_a_shape_and_a_line() -> None:
    expected = {
        "delivered": ("check-circle", "solid"),
        "denied": ("cross-octagon", "solid"),
        "rejected": ("arrow-back", "solid"),
        "dropped": ("fading-dots", "dots"),
        "no-route": ("fading-dots", "dots"),
        "name-not-found": ("broken-label", "dots"),
        "connection-refused": ("arrow-back", "solid"),
        "no-matching-route": ("broken-label", "solid"),
        "cannot-tell": ("question-diamond", "dashed"),
    }
    assert {verdict: (verdict_shape(verdict), verdict_line(verdict)) for verdict in VERDICTS} == expected
    assert len({verdict_words(verdict) for verdict in VERDICTS}) == len(VERDICTS)


def test_an_unknown_verdict_looks_like_cannot_tell() -> None:
    assert LIGHT.verdict_color("surprised") == LIGHT.verdict_color("cannot-tell")
    assert verdict_words("surprised") == "cannot tell"


def test_colours_come_by_token_name() -> None:
    assert LIGHT.color("panel").name().upper() == "#FFFFFF"
    assert LIGHT.color("accent", 128).alpha() == 128
    assert LIGHT.value("tint:9") == LIGHT.tints[1]
    assert LIGHT.tint(9).name().upper() == LIGHT.tints[1]
    with pytest.raises(KeyError):
        LIGHT.value("no-such-token")
    for theme in THEMES.values():
        assert all(theme.color(token).isValid() for token in COLOR_TOKENS)


def test_namespaces_get_places_in_the_palette() -> None:
    names = tuple(f"team-{place}" for place in range(9))
    assert list(tint_indexes(names).values()) == [0, 1, 2, 3, 4, 5, 6, 7, 0]
    assert tint_indexes(("a", "a", "b")) == {"a": 0, "b": 1}
    assert {tint_index(name) for name in (f"n{place}" for place in range(200))} == set(range(8))
