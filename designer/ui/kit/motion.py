"""How long things move: one switch that turns every animation off for people who ask for reduced motion."""

from __future__ import annotations

HOP_MS = 600
STOP_MS = 250
VIEW_MS = 200

_reduced = False
_desktop = False


def set_reduced_motion(reduced: bool) -> None:
    """Nothing; remembers the choice for every later call of `duration`."""
    global _reduced
    _reduced = reduced


def set_asked_by_desktop(asked: bool) -> None:
    """Nothing; remembers that the desktop asks for reduced motion, whatever the person chose here."""
    global _desktop
    _desktop = asked


def asked_by_desktop() -> bool:
    """True when the desktop asks for reduced motion."""
    return _desktop


def reduced_motion() -> bool:
    """True when the person asked for reduced motion, here or on the desktop."""
    return _reduced or _desktop


def duration(milliseconds: int) -> int:
    """The time an animation may take in milliseconds: as given, or 0 when motion is reduced."""
    return 0 if reduced_motion() else max(0, milliseconds)
