"""The commands trace and scenarios in all their forms."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.edits.scenarios import expect_of_scenario
from designer.resources import read_text, resource_path
from designer.storage import open_file, save_file
from tests.present.pcapng_reader import read
from tests.present.test_trace_exports import Page, read_mermaid

SHOP = str(resource_path("samples", "shop.cnd"))
TRACE = ("trace", SHOP, "--from", "shop/frontend", "--to", "db:5432")
ROOT = Path(__file__).resolve().parents[2]


def test_every_form_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "json", "csv", "html", "mermaid", "pcapng"):
        out = tmp_path / f"answer.{form}"
        assert main((*TRACE, "--output", form, "-o", str(out))) == 0
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err == f"Wrote {out}.\n"
    assert "denied by policy" in (tmp_path / "answer.text").read_text("utf-8")
    assert json.loads((tmp_path / "answer.json").read_bytes())["verdict"] == "denied"
    assert len(list(csv.reader(io.StringIO((tmp_path / "answer.csv").read_text("utf-8"))))) == 8
    assert "denied by policy" in "".join(Page((tmp_path / "answer.html").read_text("utf-8")).words)
    assert read_mermaid((tmp_path / "answer.mermaid").read_text("utf-8"))
    assert len(read((tmp_path / "answer.pcapng").read_bytes())[1]) == 2


@pytest.mark.parametrize("form", ["html", "mermaid", "csv"])
def test_texts_go_to_standard_output(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*TRACE, "--output", form)) == 0
    assert "10.244.249.195:5432" in capsys.readouterr().out


def test_a_capture_goes_through_a_pipe_as_it_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "designer", *TRACE, "--output", "pcapng"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0 and done.stderr == b""
    assert len(read(done.stdout)[1]) == 2


def test_a_capture_is_not_thrown_at_a_terminal() -> None:
    reader, terminal = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "designer", *TRACE, "--output", "pcapng"],
        cwd=ROOT, stdout=terminal, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(reader)
    assert done.returncode == 2
    assert b"give -o FILE.pcapng" in done.stderr


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*TRACE, "--output", "html", "-o", str(tmp_path / "no" / "x.html"))) == 2
    assert "could not be written" in capsys.readouterr().err


def test_the_expectation_counts_in_every_form(tmp_path: Path) -> None:
    out = str(tmp_path / "x.html")
    assert main((*TRACE, "--output", "html", "-o", out, "--expect", "delivered")) == 1
    assert main((*TRACE, "--output", "html", "-o", out, "--expect", "denied")) == 0


def test_scenarios_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("scenarios", SHOP)) == 0
    assert capsys.readouterr().out.endswith("6 of 6 saved requests as expected.\n")


def test_one_that_fails_gives_status_1_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = open_file(SHOP).project
    assert project is not None
    name = "4. The web tier must not reach the data"
    path = tmp_path / "shop.cnd"
    save_file(path, expect_of_scenario(project, name, "delivered").project)
    assert main(("scenarios", str(path))) == 1
    out = capsys.readouterr().out
    assert f"✕ {name}: ✕ denied by policy\n" in out
    assert "    expected ✓ delivered\n    Denied: shop/frontend" in out
    assert out.endswith("5 of 6 saved requests as expected, 1 not as expected.\n")


def test_the_json_follows_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("scenarios", SHOP, "--output", "json")) == 0
    value = json.loads(capsys.readouterr().out)
    jsonschema.validate(value, json.loads(read_text("schemas", "scenarios.schema.json")))
    assert value["good"] is True and len(value["scenarios"]) == 6


def test_a_project_without_saved_requests_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "utf-8")
    assert main(("scenarios", str(tmp_path / "a.yaml"))) == 2
    assert "no saved requests" in capsys.readouterr().err
