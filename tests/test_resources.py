"""Resources are found in a checkout, in an installed wheel and in a bundle, and no name leaves their folder."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from designer import resources

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def forget_the_root() -> Iterator[None]:
    resources.resource_root.cache_clear()
    yield
    resources.resource_root.cache_clear()


def test_a_checkout_uses_the_folder_beside_the_package() -> None:
    assert resources.resource_path("system-libraries.txt") == ROOT / "resources" / "system-libraries.txt"
    assert "libegl1" in resources.read_text("system-libraries.txt")


def test_a_bundle_uses_the_folder_it_was_unpacked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "hello.txt").write_text("grüezi", encoding="utf-8")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources.read_text("hello.txt") == "grüezi"


def test_a_wheel_uses_the_folder_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "designer"
    (package / "_resources" / "samples").mkdir(parents=True)
    (package / "_resources" / "samples" / "a.cnd").write_text("{}", encoding="utf-8")
    (package / "__init__.py").touch()
    shutil.copy(resources.__file__, package / "resources.py")
    code = "from designer.resources import resource_path; print(resource_path('samples', 'a.cnd'))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == str(package / "_resources" / "samples" / "a.cnd")


def test_an_installation_without_resources_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(resources, "candidate_roots", lambda: (tmp_path / "nowhere",))
    with pytest.raises(FileNotFoundError, match="lacks its resources folder"):
        resources.resource_root()


def test_a_missing_resource_is_a_missing_file() -> None:
    with pytest.raises(FileNotFoundError):
        resources.read_text("samples", "no such sample.cnd")


@pytest.mark.parametrize("parts", [("..", "pyproject.toml"), ("samples", "..", "..", "x"), ("/etc/hostname",)])
def test_no_name_leaves_the_folder(parts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not the name of a resource"):
        resources.resource_path(*parts)
