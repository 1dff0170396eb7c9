"""The import contracts of pyproject.toml hold, cover every package, and bite when somebody breaks them."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import PACKAGE, ROOT

LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says about the package in a folder, its cache switched off."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(ROOT / "pyproject.toml"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def contracts() -> list[dict[str, Any]]:
    """The contracts as pyproject.toml writes them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["tool"]["importlinter"]["contracts"])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the package that a test may spoil."""
    shutil.copytree(PACKAGE, tmp_path / "designer", ignore=shutil.ignore_patterns("__pycache__", "*.md", "_resources"))
    return tmp_path


def test_contracts_hold() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " 0 broken" in answer.stdout


VIOLATIONS = (
    ("designer/engine/__init__.py", "import designer.ui", "Packages know only what lies below them"),
    ("designer/engine/__init__.py", "import designer.storage", "Packages know only what lies below them"),
    ("designer/model/__init__.py", "def f():\n    import designer.engine", "Packages know only what lies below them"),
    ("designer/present/__init__.py", "import designer.session", "Packages know only what lies below them"),
    ("designer/cli/__init__.py", "import designer.ui", "Packages know only what lies below them"),
    ("designer/lab/__init__.py", "import designer.session", "Packages know only what lies below them"),
    ("designer/present/__init__.py", "import designer.lab", "Packages know only what lies below them"),
    ("designer/lab/worker/__init__.py", "import designer.model", "The lab's worker stands alone"),
    ("designer/lab/worker/__init__.py", "import orjson", "The lab's worker stands alone"),
    ("designer/session/__init__.py", "from PySide6.QtCore import QObject", "Qt is only in the window"),
    ("designer/cli/__init__.py", "def f():\n    import pyqtgraph", "Qt is only in the window"),
    ("designer/engine/netfilter/__init__.py", "import designer.engine.kubeproxy", "Inside the engine"),
    ("designer/engine/policy/__init__.py", "import designer.engine.cni", "Inside the engine"),
    ("designer/engine/compile.py", "import designer.engine.trace", "Inside the engine"),
    ("designer/engine/reach/__init__.py", "import designer.engine.repair", "Inside the engine"),
    ("designer/ui/kit/__init__.py", "import designer.ui.app", "Inside the window"),
    ("designer/ui/canvas/__init__.py", "import designer.ui.panels", "Inside the window"),
)


def complete(copy: Path) -> None:
    """Adds to a copy the layers that the contracts name and that are not built yet, so that each can be violated."""
    for contract in contracts():
        for container in contract.get("containers", []):
            for name in re.findall(r"\((\w+)\)", " ".join(contract["layers"])):
                package = copy / container.replace(".", "/") / name
                package.mkdir(exist_ok=True)
                (package / "__init__.py").touch()


@pytest.mark.parametrize(
    ("path", "line", "contract"), VIOLATIONS, ids=[f"{p}: {t.split()[-1]}" for p, t, _ in VIOLATIONS]
)
def test_a_violation_is_caught(copy: Path, path: str, line: str, contract: str) -> None:
    complete(copy)
    target = copy / path
    target.write_text(target.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    answer = lint_imports(copy)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert any(text.startswith(contract) and text.rstrip().endswith("BROKEN") for text in answer.stdout.splitlines()), (
        answer.stdout
    )


def test_a_new_package_must_find_its_layer(copy: Path) -> None:
    (copy / "designer/shed").mkdir()
    (copy / "designer/shed/__init__.py").write_text('"""A package that no layer names."""\n', encoding="utf-8")
    answer = lint_imports(copy)
    assert answer.returncode == 1, "a package that no contract names would go unguarded"
    assert "designer.shed" in answer.stdout


def test_no_layer_is_optional_that_exists() -> None:
    found = []
    for contract in contracts():
        for container in contract.get("containers", []):
            folder = ROOT / container.replace(".", "/")
            optional = re.findall(r"\((\w+)\)", " ".join(contract["layers"]))
            found += [
                f"{container}.{n}"
                for n in optional
                if (folder / n / "__init__.py").is_file() or (folder / f"{n}.py").is_file()
            ]
    assert not found, f"these exist now: take their parentheses away in pyproject.toml: {found}"


def test_every_package_but_the_window_is_guarded_from_qt() -> None:
    packages = {f"designer.{p.parent.name}" for p in PACKAGE.glob("*/__init__.py")} | {"designer.resources"}
    (guarded,) = [set(c["source_modules"]) for c in contracts() if c["id"] == "qt"]
    assert guarded == packages - {"designer.ui"}
