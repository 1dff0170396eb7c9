"""Which theme is shown now, and the signal that announces a change."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from designer.ui.kit.tokens import LIGHT, Theme


class _Notifier(QObject):
    """Carries the one signal; a module cannot have signals of its own."""

    changed = Signal(object)


_notifier = _Notifier()
_current: Theme = LIGHT

theme_changed = _notifier.changed
"""Emitted with the new `Theme` after palette and style sheet are in place. Connect bound methods of QObjects."""


def current_theme() -> Theme:
    """The theme that is shown now (light before the first `apply_theme`)."""
    return _current


def remember_theme(theme: Theme) -> None:
    """Nothing; sets what `current_theme` answers. Only `style.apply_theme` calls this, before it restyles."""
    global _current
    _current = theme


def announce_theme() -> None:
    """Nothing; emits `theme_changed`. Only `style.apply_theme` calls this, after it restyled."""
    theme_changed.emit(_current)
