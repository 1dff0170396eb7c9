"""What the program remembers of a person's choices: one declared table, kept in an INI file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from designer.ui.app.folders import settings_file


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that is remembered: its key in the file, what holds until somebody chooses, and the allowed values."""

    key: str
    default: Any
    choices: tuple[Any, ...] = ()


MOST_RECENT: Final = 10

SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("view/theme", "system", ("system", "light", "dark", "high-contrast")),
    Setting("view/reducedMotion", False, (True, False)),
    Setting("view/scale", 100, (100, 125, 150, 175, 200)),
    Setting("view/minimap", True, (True, False)),
    Setting("trace/speed", 1.0, (0.25, 0.5, 1.0, 2.0, 4.0)),
    Setting("trace/loop", False, (True, False)),
    Setting("files/recent", ()),
    Setting("files/folder", ""),
    Setting("window/palette", "left", ("left", "right")),
    Setting("window/inspector", "right", ("right", "left")),
    Setting("window/bottom", "below", ("below", "above", "right")),
    Setting("window/tabs", ()),
    Setting("window/geometry", QByteArray()),
    Setting("window/columns", QByteArray()),
    Setting("window/rows", QByteArray()),
    Setting("window/middle", QByteArray()),
    Setting("window/docks", QByteArray()),
    Setting("window/welcomed", False, (True, False)),
    Setting("tour/step", 0, (0, 1, 2, 3)),
)

_BY_KEY: Final = {setting.key: setting for setting in SETTINGS}


class Settings(QObject):
    """Reads and writes the table; `changed` carries a key and its new value.

    A value in the file that is no choice of its setting counts as never chosen: old and damaged files do no harm.
    """

    changed = Signal(str, object)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(str(path or settings_file()), QSettings.Format.IniFormat, self)

    def get(self, key: str) -> Any:
        """The value of a setting; KeyError for one that the table does not declare."""
        setting = _BY_KEY[key]
        stored = self._store.value(key)
        if stored is None:
            return setting.default
        value = _read(setting, stored)
        return setting.default if setting.choices and value not in setting.choices else value

    def set(self, key: str, value: Any) -> None:
        """Nothing; remembers a value and says so when it is another than before."""
        setting = _BY_KEY[key]
        if value == self.get(key):
            return
        self._store.setValue(key, list(value) if isinstance(setting.default, tuple) else value)
        self.changed.emit(key, value)

    def save(self) -> None:
        """Nothing; sees everything to the disk."""
        self._store.sync()

    def remember_file(self, path: Path) -> None:
        """Nothing; puts a file at the head of the recent ones."""
        recent = [str(path), *(name for name in self.get("files/recent") if name != str(path))]
        self.set("files/recent", tuple(recent[:MOST_RECENT]))
        self.set("files/folder", str(path.parent))

    def forget_file(self, path: Path) -> None:
        """Nothing; takes a file that is gone off the recent ones."""
        self.set("files/recent", tuple(name for name in self.get("files/recent") if name != str(path)))


def _read(setting: Setting, stored: Any) -> Any:
    """A value as INI gives it (text, list of texts, bytes) in the type of the setting's default."""
    default = setting.default
    try:
        if isinstance(default, bool):
            return stored if isinstance(stored, bool) else {"true": True, "false": False}[str(stored).lower()]
        if isinstance(default, int | float):
            return type(default)(stored)
    except (KeyError, TypeError, ValueError):
        return default
    if isinstance(default, tuple):
        return tuple(str(item) for item in stored) if isinstance(stored, list | tuple) else (str(stored),)
    if isinstance(default, QByteArray):
        return stored if isinstance(stored, QByteArray) else default
    return str(stored)
