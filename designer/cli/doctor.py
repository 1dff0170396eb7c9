"""What this machine has and lacks: Python, packages, system libraries of the window, display, rule tools."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
from argparse import Namespace
from dataclasses import dataclass

from designer import __version__
from designer.cli.output import ANSWERED, FAILED, say
from designer.resources import read_text

PACKAGES = ("PySide6_Essentials", "pydantic", "numpy", "orjson", "PyYAML", "ruamel.yaml", "networkx", "pyqtgraph")

# A bundle carries every library but these, which belong to the machine's graphics driver.
NOT_BUNDLED = ("libEGL.so.1", "libGL.so.1")
# Platform plugins of Qt that show nothing.
INVISIBLE_PLATFORMS = ("offscreen", "minimal")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `needed` says whether the window fails without it."""

    good: bool
    text: str
    needed: bool = True


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, elsewhere when X11 or Wayland is announced.

    A platform plugin chosen by the user (``QT_QPA_PLATFORM``) decides, where there is one.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if chosen:
        return chosen not in INVISIBLE_PLATFORMS
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def in_bundle() -> bool:
    """Whether this is the PyInstaller bundle."""
    return getattr(sys, "_MEIPASS", None) is not None


def needed_libraries() -> dict[str, str]:
    """Shared library → Debian package, from the list that the set-up reads, too."""
    rows = (line.split() for line in read_text("system-libraries.txt").splitlines() if line and line[0] != "#")
    return {library: package for library, package in rows if not in_bundle() or library in NOT_BUNDLED}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _packages() -> list[Finding]:
    found = []
    for name in PACKAGES:
        try:
            found.append(Finding(True, f"{name} {importlib.metadata.version(name)}"))
        except importlib.metadata.PackageNotFoundError:
            remark = "part of the bundle" if in_bundle() else "missing; run make setup"
            found.append(Finding(in_bundle(), f"{name}: {remark}"))
    return found


def _libraries() -> list[Finding]:
    if sys.platform != "linux":
        return []
    missing = [package for library, package in needed_libraries().items() if not _loads(library)]
    if not missing:
        return [Finding(True, "system libraries of the window: all there")]
    return [Finding(False, f"system libraries missing. Install them: sudo apt-get install {' '.join(missing)}")]


def _display() -> Finding:
    if has_display():
        return Finding(True, "display: there")
    return Finding(False, "display: none; the window cannot open, every other command works", needed=False)


def _tools() -> list[Finding]:
    tools = {tool: shutil.which(tool) for tool in ("kubectl", "iptables-restore", "nft")}
    return [
        Finding(found is not None, f"{tool}: {found or 'not installed (optional)'}", needed=False)
        for tool, found in tools.items()
    ]


def _lab() -> Finding:
    """Whether the command lab works here."""
    from designer.lab import capabilities  # late: the window asks this module for the display alone
    from designer.lab.client import LabError, Worker
    from designer.lab.run import NEEDED

    try:
        capabilities.check_system()
        with Worker() as worker:
            able = capabilities.capabilities(worker)
    except LabError as error:
        return Finding(False, f"kernel lab: {error} {error.remedy}".rstrip(), needed=False)
    lacking = [one for one in able.found if one.missing and one.name in NEEDED]
    if lacking:
        told = " ".join(f"{one.text}: {one.missing}. {one.remedy}" for one in lacking)
        return Finding(False, f"kernel lab: {told}", needed=False)
    return Finding(True, "kernel lab: this machine can build clusters of network namespaces", needed=False)


def run_doctor(args: Namespace) -> int:
    """Say what this machine has and lacks; status 1 when the window cannot work here."""
    text, healthy = doctor_report()
    say(text)
    return ANSWERED if healthy else FAILED


def doctor_report() -> tuple[str, bool]:
    """The report as text, and whether everything that the window needs is there."""
    python_good = sys.version_info >= (3, 11)
    remark = "" if python_good else "; 3.11 or newer is needed"
    findings = [
        Finding(True, f"cluster-designer {__version__} on {platform.system()} {platform.machine()}"),
        Finding(python_good, f"Python {platform.python_version()}{remark}"),
        *_packages(),
        *_libraries(),
        _display(),
        *_tools(),
        _lab(),
    ]
    lines = [f"{'✓' if f.good else ('✕' if f.needed else '–')} {f.text}" for f in findings]
    healthy = all(finding.good for finding in findings if finding.needed)
    lines.append("Ready." if healthy else "Something is missing; see the lines marked ✕.")
    return "\n".join(lines), healthy
