"""Whether the desktop asks for less motion: its answer, asked for when the window comes and never waited for.

Linux: the settings portal (xdg-desktop-portal, ``org.freedesktop.portal.Settings``) with `reduced-motion` of
``org.freedesktop.appearance`` and `enable-animations` of GNOME. Elsewhere, and without a portal: what Qt knows of the
desktop's effects, as the time that its styles give an animation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QStyle

from designer.ui.kit import motion

# Namespace, key, and the answer that asks for less motion.
ASKED: Final = (
    ("org.freedesktop.appearance", "reduced-motion", 1),
    ("org.gnome.desktop.interface", "enable-animations", False),
)
_PORTAL: Final = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Settings",
)


def bare(value: Any) -> Any:
    """A value without the variants that D-Bus has put round it."""
    while hasattr(value, "variant"):
        value = value.variant()
    return value


def asks_for_less(namespace: str, key: str, answer: Any) -> bool:
    """Whether an answer of the desktop asks for less motion; an unknown setting or type does not."""
    return any(
        (namespace, key) == (known, name) and type(bare(answer)) is type(wanted) and bare(answer) == wanted
        for known, name, wanted in ASKED
    )


def effects_are_off(app: QApplication) -> bool:
    """Whether the styles of this desktop give animations no time."""
    return app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0


class DesktopMotion(QObject):
    """Asks the desktop once; `changed` is called when motion is reduced because of it."""

    def __init__(self, app: QApplication, changed: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._changed = changed
        self._calls: list[QObject] = []
        if effects_are_off(app):
            self.reduce()
        else:
            self._ask()

    def reduce(self) -> None:
        """Nothing; reduces motion as the desktop asks."""
        motion.set_asked_by_desktop(True)
        self._changed()

    def _ask(self) -> None:
        try:
            from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher
        except ImportError:  # a platform without D-Bus
            return
        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        for namespace, key, _wanted in ASKED:
            call = QDBusMessage.createMethodCall(*_PORTAL, "Read")
            call.setArguments([namespace, key])
            watcher = QDBusPendingCallWatcher(bus.asyncCall(call), self)
            watcher.finished.connect(lambda done, asked=(namespace, key): self._on_answer(asked, done))
            self._calls.append(watcher)

    def _on_answer(self, asked: tuple[str, str], done: Any) -> None:
        answer = done.reply().arguments() if not done.isError() else []
        if answer and asks_for_less(*asked, answer[0]):
            self.reduce()
