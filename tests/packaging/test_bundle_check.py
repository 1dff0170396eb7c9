"""The judge of a bundle: notices other pictures, other answers and libraries that are missing."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage

from tests.packaging.scripts import script

check = script("bundle_check")


def picture(path: Path, *, width: int = 10, spot: int = 0) -> Path:
    """A white picture of width × 10 pixels; the first pixel's red is `spot` steps away from white."""
    image = QImage(width, 10, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    image.setPixelColor(0, 0, QColor(255 - spot, 255, 255))
    assert image.save(str(path))
    return path


def test_equal_pictures_are_not_apart(tmp_path: Path) -> None:
    assert check.picture_difference(picture(tmp_path / "a.png"), picture(tmp_path / "b.png")) == 0


def test_one_pixel_counts_by_its_share(tmp_path: Path) -> None:
    # 200 steps in one of 10 × 10 pixels' four bytes: 200 / 400.
    apart = check.picture_difference(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", spot=200))
    assert apart == pytest.approx(0.5)


def test_another_size_is_never_close(tmp_path: Path) -> None:
    assert check.picture_difference(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", width=11)) == float("inf")


def test_every_scenario_of_a_sample_is_asked_as_text_and_json(tmp_path: Path) -> None:
    sample = tmp_path / "sample.cnd"
    scenario = {"source": "Pod:default/web", "destination": "http://shop"}
    sample.write_text(json.dumps({"scenarios": {"a": scenario}}), encoding="utf-8")
    asked = check.commands(sample)
    ends = ["--from", "Pod:default/web", "--to", "http://shop", "--output"]
    assert ["trace", str(sample), *ends, "text"] in asked
    assert ["trace", str(sample), *ends, "json"] in asked


def program(folder: Path, name: str, answer: str) -> Any:
    """A stand-in for the program that answers everything alike."""
    home = folder / name
    home.mkdir()
    path = home / "program"
    path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    path.chmod(0o755)
    return check.Program(path, home)


@pytest.mark.parametrize(
    ("bundle", "same"),
    [
        ("echo fine", True),
        ("echo other", False),
        ("echo fine; exit 1", False),
        ("echo fine; echo Traceback >&2", False),
    ],
)
def test_another_answer_is_noticed(tmp_path: Path, bundle: str, same: bool) -> None:
    sample = tmp_path / "sample.cnd"
    sample.write_text("{}", encoding="utf-8")
    wrong = check.compare_texts(program(tmp_path, "bundle", bundle), program(tmp_path, "source", "echo fine"), sample)
    assert bool(wrong) is not same


def test_nothing_of_the_callers_environment_reaches_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    answer = program(tmp_path, "bundle", "env").run("--version")
    names = {line.split("=")[0] for line in answer.stdout.splitlines()}
    assert names <= {"HOME", "PATH", "LANG", "QT_QPA_PLATFORM", "PWD", "SHLVL", "_", "OLDPWD"}


@pytest.mark.skipif(not shutil.which("objdump"), reason="binutils is not installed")
def test_a_library_that_the_bundle_lacks_is_named(tmp_path: Path) -> None:
    import PySide6

    shutil.copy(Path(PySide6.__file__).parent / "Qt" / "lib" / "libQt6Svg.so.6", tmp_path / "libQt6Svg.so.6")
    missing = check.missing_libraries(tmp_path)
    assert any(text.startswith("libQt6Core.so.6 is needed by libQt6Svg.so.6") for text in missing), sys.platform
    assert not [text for text in missing if text.startswith("libc.so")]
