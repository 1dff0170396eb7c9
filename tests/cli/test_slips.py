"""Slips of a person at the command line: each is told with what to do, and nothing is answered or lost meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.__main__ import main
from designer.cli.parser import COMMANDS, STATUS_1, build_parser
from designer.resources import resource_path

FIRST_STEPS = str(resource_path("samples", "first-steps.cnd"))
NOTE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\n"


def test_ctrl_c_while_the_program_loads_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(argv: object, load: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("designer.cli.main.run", interrupted)
    assert main(["check", FIRST_STEPS]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_a_misspelt_command_is_told_from_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chek", "x"]) == 2
    said = capsys.readouterr().err
    assert "chek is no command" in said and "Is check meant?" in said and "--help" in said


def test_a_file_with_a_plain_name_is_no_slip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from designer.cli.main import no_command

    monkeypatch.chdir(tmp_path)
    (tmp_path / "chek").write_text("")
    assert no_command(["chek"]) == ""
    assert no_command(["shop.cnd"]) == "" and no_command(["--help"]) == "" and no_command([]) == ""


@pytest.mark.parametrize("header", ["foo", ": x", "two words: x", ""])
def test_a_header_without_its_form_is_refused(header: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["trace", FIRST_STEPS, "--from", "frontend", "--to", "http://backend", "--header", header])
    answer = capsys.readouterr()
    assert status == 2 and answer.out == "" and "write NAME:VALUE" in answer.err


def test_an_unknown_key_of_a_request_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = tmp_path / "asked.json"
    asked.write_text(json.dumps([{"id": "a", "url": "http://x/", "gatway": "a/b"}, {"id": 2, "url": "http://x/"}]))
    assert main(["route", FIRST_STEPS, "--requests", str(asked)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "request 1 (a): `gatway` is not known and has no say. Write gateway, if that is meant." in said[0]


def test_an_export_does_not_take_away_what_others_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "backend.yaml"
    other.write_text(NOTE)
    assert main(["export", FIRST_STEPS, "-o", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "ConfigMap note in backend.yaml" in said and "--force" in said
    assert [path.name for path in tmp_path.iterdir()] == ["backend.yaml"] and other.read_text() == NOTE
    assert main(["export", FIRST_STEPS, "-o", str(tmp_path), "--force"]) == 0
    assert "kind: Service" in other.read_text()
    assert main(["export", FIRST_STEPS, "-o", str(tmp_path)]) == 0  # over its own files


def test_same_verdicts_are_not_sure_with_a_part_unread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", FIRST_STEPS, "-o", str(tmp_path)])
    asked = ["compare", FIRST_STEPS, str(tmp_path), "--expect", "same-verdicts"]
    assert main(asked) == 0
    (tmp_path / "policy.yaml").write_text("apiVersion: v1\nkind: Pod\n  metadata: x\n")
    capsys.readouterr()
    assert main(asked) == 2
    assert "not sure" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_says_its_exit_status(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args([command, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "Exit status: 0 answered" in said
    assert (", 1 " in said.partition("Exit status:")[2]) is (command in STATUS_1)
