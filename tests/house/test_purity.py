"""What a package may touch: Qt only in the window, nothing of the outside world in the engine."""

import ast

import pytest

from tests.house.source import Source, imported_modules, is_below, sources

QT = ("PySide6", "shiboken6", "pyqtgraph", "PyQt5", "PyQt6", "qtpy")

# The outside world by its modules: files, processes, networks, clocks, chance, the machine's own settings.
OUTSIDE_WORLD = (
    "asyncio", "concurrent", "ctypes", "glob", "http", "io", "locale", "logging", "mmap", "multiprocessing", "os",
    "pathlib", "pickle", "platform", "queue", "random", "secrets", "select", "shutil", "signal", "socket", "sqlite3",
    "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "numpy.random", "designer.resources",
)  # fmt: skip
# Modules that are fine but for a part that reads a clock: the call is looked for instead of the import.
CLOCK_CALLS = {"now", "utcnow", "today"}
OUTSIDE_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval"}

PURE = ("designer.model", "designer.edits", "designer.engine")


def impurities(source: Source) -> list[str]:
    """Every import and call of one file that reaches the outside world, one text each."""
    found = []
    for line, name in imported_modules(source.tree):
        if any(is_below(name, outside) for outside in OUTSIDE_WORLD):
            found.append(f"{source.path}:{line}: imports {name}")
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in OUTSIDE_CALLS:
            found.append(f"{source.path}:{node.lineno}: calls {called.id}()")
        elif isinstance(called, ast.Attribute):
            owner = called.value
            if called.attr in CLOCK_CALLS and isinstance(owner, ast.Name) and owner.id in {"datetime", "date"}:
                found.append(f"{source.path}:{node.lineno}: reads the clock")
            if called.attr == "default_rng":
                found.append(f"{source.path}:{node.lineno}: makes its own randomness")
    return found


def qt_imports(source: Source) -> list[str]:
    """Every import of Qt in one file, one text each."""
    return [
        f"{source.path}:{line}: imports {name}"
        for line, name in imported_modules(source.tree)
        if any(is_below(name, qt) for qt in QT)
    ]


def parse(text: str) -> Source:
    return Source("designer/engine/example.py", text)


def test_qt_is_only_in_the_window() -> None:
    found = [text for s in sources() if not is_below(s.module, "designer.ui") for text in qt_imports(s)]
    assert not found, "\n".join(found)


def test_the_engine_and_what_it_stands_on_do_not_touch_the_outside_world() -> None:
    found = [text for s in sources() if any(is_below(s.module, name) for name in PURE) for text in impurities(s)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from pathlib import Path",
        "def f():\n    import random",
        "import time as t",
        "from numpy import random",
        "from designer import resources",
        "import datetime\nx = datetime.now()",
        "x = open('file')",
        "import numpy as np\nx = np.random.default_rng()",
    ],
)
def test_an_impure_engine_is_caught(text: str) -> None:
    assert impurities(parse(text))


@pytest.mark.parametrize("text", ["import ipaddress", "from dataclasses import dataclass", "import hashlib, struct"])
def test_pure_modules_are_welcome(text: str) -> None:
    assert not impurities(parse(text))


@pytest.mark.parametrize("text", ["from PySide6.QtCore import QObject", "def f():\n    import pyqtgraph"])
def test_qt_is_caught(text: str) -> None:
    assert qt_imports(parse(text))
