"""The plain widgets of the kit under one name; each lives in the module that says what it is for."""

from __future__ import annotations

from designer.ui.kit.buttons import SegmentedControl, push_button, set_button_icon, tool_button
from designer.ui.kit.fields import FieldRow, SearchField, SpinBox, clear_errors
from designer.ui.kit.labels import Card, CopyableLabel, Pill, SectionHeader
from designer.ui.kit.messages import EmptyState, IconLabel, InlineBanner, Toast
from designer.ui.kit.player import PlayerButtons, PlayerSlider
from designer.ui.kit.verdict import VerdictBadge

__all__ = [
    "Card",
    "CopyableLabel",
    "EmptyState",
    "FieldRow",
    "IconLabel",
    "InlineBanner",
    "Pill",
    "PlayerButtons",
    "PlayerSlider",
    "SearchField",
    "SectionHeader",
    "SegmentedControl",
    "SpinBox",
    "Toast",
    "VerdictBadge",
    "clear_errors",
    "push_button",
    "set_button_icon",
    "tool_button",
]
