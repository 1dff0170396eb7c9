"""What this machine has and lacks: Python, packages, system libraries of the window, display, rule tools."""

from __future__ import annotations

import ctypes.util
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from dataclasses import dataclass

from designer import __version__

PACKAGES = ("PySide6_Essentials", "pydantic", "numpy", "orjson", "PyYAML", "ruamel.yaml", "networkx", "pyqtgraph")

# Shared library → Debian package that holds it; the same list as in packaging/setup.sh.
LIBRARIES: dict[str, str] = {
    "EGL": "libegl1",
    "GL": "libgl1",
    "xkbcommon": "libxkbcommon0",
    "fontconfig": "libfontconfig1",
    "glib-2.0": "libglib2.0-0",
    "dbus-1": "libdbus-1-3",
    "xkbcommon-x11": "libxkbcommon-x11-0",
    "xcb-cursor": "libxcb-cursor0",
    "xcb-icccm": "libxcb-icccm4",
    "xcb-keysyms": "libxcb-keysyms1",
    "xcb-shape": "libxcb-shape0",
    "xcb-image": "libxcb-image0",
    "xcb-render-util": "libxcb-render-util0",
    "xcb-xkb": "libxcb-xkb1",
    "X11-xcb": "libx11-xcb1",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `needed` says whether the window fails without it."""

    good: bool
    text: str
    needed: bool = True


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, elsewhere when X11 or Wayland is announced.

    A platform plugin chosen by the user (``QT_QPA_PLATFORM``) counts as one, too.
    """
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _packages() -> list[Finding]:
    found = []
    for name in PACKAGES:
        try:
            found.append(Finding(True, f"{name} {importlib.metadata.version(name)}"))
        except importlib.metadata.PackageNotFoundError:
            bundled = getattr(sys, "_MEIPASS", None) is not None
            found.append(Finding(bundled, f"{name}: {'part of the bundle' if bundled else 'missing; run make setup'}"))
    return found


def _libraries() -> list[Finding]:
    if sys.platform != "linux":
        return []
    missing = [package for library, package in LIBRARIES.items() if ctypes.util.find_library(library) is None]
    if not missing:
        return [Finding(True, "system libraries of the window: all there")]
    return [Finding(False, f"system libraries missing. Install them: sudo apt-get install {' '.join(missing)}")]


def _display() -> Finding:
    if has_display():
        return Finding(True, "display: there")
    return Finding(False, "display: none; the window cannot open, every other command works", needed=False)


def _tools() -> list[Finding]:
    return [
        Finding(shutil.which(tool) is not None, f"{tool}: {shutil.which(tool) or 'not installed (optional)'}", needed=False)
        for tool in ("kubectl", "iptables-restore", "nft")
    ]


def doctor_report() -> tuple[str, bool]:
    """The report as text, and whether everything that the window needs is there."""
    python_good = sys.version_info >= (3, 11)
    findings = [
        Finding(True, f"cluster-designer {__version__} on {platform.system()} {platform.machine()}"),
        Finding(python_good, f"Python {platform.python_version()}" + ("" if python_good else "; 3.11 or newer is needed")),
        *_packages(),
        *_libraries(),
        _display(),
        *_tools(),
    ]
    lines = [f"{'✓' if f.good else ('✕' if f.needed else '–')} {f.text}" for f in findings]
    healthy = all(finding.good for finding in findings if finding.needed)
    lines.append("Ready." if healthy else "Something is missing; see the lines marked ✕.")
    return "\n".join(lines), healthy
