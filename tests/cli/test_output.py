"""Where answers go: pipes that close, full disks, closed streams; and that nothing gets a traceback out."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from designer.__main__ import main
from designer.cli import commands
from designer.cli.main import DISPATCH, WINDOWED
from designer.cli.parser import COMMANDS
from designer.resources import resource_path

FIRST_STEPS = str(resource_path("samples", "first-steps.cnd"))
ROOT = Path(commands.__file__).parents[2]


def shell(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`script` run by the shell, with the program as ``$0`` and `words` as its arguments."""
    call = ["bash", "-c", script, f"{sys.executable} -m designer", *words]
    return subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_reader_that_leaves_early_changes_no_exit_status_and_stops_no_work(tmp_path: Path) -> None:
    done = shell('$0 export "$1" -o "$2" | true; exit ${PIPESTATUS[0]}', FIRST_STEPS, str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    whole = shell('$0 export "$1" -o "$2"', FIRST_STEPS, str(tmp_path / "whole"))
    assert len(list((tmp_path / "out").rglob("*.yaml"))) == len(whole.stdout.splitlines()) > 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    ("script", "words"),
    [('$0 check "$1" > /dev/full', "No space left on device"), ('$0 check "$1" >&-', "standard output is closed")],
)
def test_an_answer_that_cannot_be_written_is_said(script: str, words: str) -> None:
    done = shell(script, FIRST_STEPS)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr


def test_the_status_stands_without_standard_error_and_without_input(tmp_path: Path) -> None:
    assert shell('$0 check "$1" 2>&-', FIRST_STEPS).returncode == 0
    done = shell("$0 check - <&-")
    assert done.returncode == 2 and "READ-10" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "not enough memory"), (KeyError("x"), "KeyError"), (RecursionError("too deep"), "too deep")],
)
def test_a_mistake_of_the_program_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    def fails(args: object) -> int:
        raise error

    monkeypatch.setattr(commands, "run_check", fails)
    assert main(["check", "x"]) == 2
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said and said.count("\n") == 1


def test_every_command_of_the_grammar_has_its_function() -> None:
    assert sorted({*DISPATCH, *WINDOWED}) == sorted(COMMANDS)
    for module, name in (*DISPATCH.values(), *WINDOWED.values()):
        assert callable(getattr(importlib.import_module(f"designer.cli.{module}"), name)), (module, name)


def test_to_say_what_a_word_means_imports_no_engine_and_no_window() -> None:
    words = "import sys; from designer.cli.main import run; run(['--version'], None) == 0; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "designer.model" in loaded
    assert not [name for name in loaded if name.startswith(("designer.engine", "designer.ui", "numpy", "PySide6"))]
