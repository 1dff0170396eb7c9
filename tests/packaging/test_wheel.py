"""The wheel built from the tree: holds the package and the resources, and works where there is no checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import designer

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from build.__main__ import main; main(sys.argv[1:])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of what git would give to somebody else."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    for name in ("designer", "resources"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-c", BUILD, "--wheel", "--no-isolation", "--outdir", str(folder), str(tree)],
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_the_package_its_resources_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for source in (ROOT / "designer").rglob("*.py"):
        assert source.relative_to(ROOT).as_posix() in names
    for resource in (ROOT / "resources").rglob("*"):
        if resource.is_file():
            assert f"designer/_resources/{resource.relative_to(ROOT / 'resources').as_posix()}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]


def test_installed_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """The dependencies are lent by this environment through a .pth file; program and resources come from the wheel."""
    place = tmp_path / "env"
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = place / "lib" / version / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    script = (
        "import sys\n"
        "from importlib.metadata import entry_points\n"
        "sys.argv[0] = 'cluster-designer'\n"
        "(entry,) = entry_points(group='console_scripts', name='cluster-designer')\n"
        "sys.exit(entry.load()())\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": os.defpath, "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    found = run(
        "-c", "import designer.resources as r; print(r.__file__); print(r.resource_path('samples', 'first-steps.cnd'))"
    )
    module, sample = found.stdout.split()
    assert module.startswith(str(site))
    assert sample == str(site / "designer" / "_resources" / "samples" / "first-steps.cnd")
    version_line = run("-c", script, "--version")
    assert version_line.returncode == 0, version_line.stderr
    assert designer.__version__ in version_line.stdout
    checked = run("-c", script, "check", sample)
    assert checked.returncode == 0, checked.stdout + checked.stderr
