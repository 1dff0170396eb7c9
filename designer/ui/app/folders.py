"""Where the program keeps what is its own: settings, journals for recovery, crash logs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths

FOLDER = "cluster-network-designer"


def _writable(location: QStandardPaths.StandardLocation) -> Path:
    return Path(QStandardPaths.writableLocation(location)) / FOLDER


def settings_file() -> Path:
    """The INI file of the person's choices."""
    return _writable(QStandardPaths.StandardLocation.GenericConfigLocation) / "settings.ini"


def journal_folder() -> Path:
    """The folder of the recovery journals, one file for each open window."""
    return _writable(QStandardPaths.StandardLocation.GenericStateLocation) / "journal"


def crash_folder() -> Path:
    """The folder of crash logs."""
    return _writable(QStandardPaths.StandardLocation.GenericStateLocation) / "crashes"
