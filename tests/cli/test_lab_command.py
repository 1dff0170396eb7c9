"""The command lab: answers, exit statuses, and that nothing is asked of a machine that cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from designer.__main__ import main
from designer.cli import kernel
from designer.lab.client import HIDDEN_COMMAND, LabError
from designer.lab.compare import Row
from designer.lab.report import LabReport
from designer.model import Verification
from designer.resources import read_text, resource_path
from designer.storage import fingerprint, open_file, save_file

SHOP = str(resource_path("samples", "shop.cnd"))
ROOT = Path(__file__).resolve().parents[2]


def report(status: str, connections: int = 1) -> LabReport:
    row = Row("Pod:default/a", "web (10.96.0.9:80)", "TCP", status, ("x",), ("1 × y",), 1, "why")  # type: ignore[arg-type]
    return LabReport("iptables", "services", (row,), (), connections, ("✓ bridges",))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What run_lab was asked; its answer is the list's first item, or raised."""
    seen: list[Any] = [report("confirmed")]

    def run_lab(state: Any, scope: str, sample: int | None, mode: str | None, progress: Any) -> LabReport:
        seen.append((scope, sample, mode))
        if isinstance(seen[0], Exception):
            raise seen[0]
        answer: LabReport = seen[0]
        return answer

    monkeypatch.setattr(kernel, "run_lab", run_lab)
    return seen


def test_options_reach_the_lab(asked: list[Any]) -> None:
    assert main(["lab", SHOP, "--scope", "services", "--sample", "7", "--mode", "nftables"]) == 0
    assert main(["lab", SHOP]) == 0
    assert asked[1:] == [("services", 7, "nftables"), ("scenarios", None, None)]


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (report("confirmed"), 0),
        (report("different"), 1),
        (report("not-testable"), 0),
        (report("not-testable", 0), 2),
        (LabError("There is no kernel.", "Get one."), 2),
    ],
)
def test_the_exit_status_says_what_was_found(asked: list[Any], found: Any, status: int) -> None:
    asked[0] = found
    assert main(["lab", SHOP]) == status


def test_what_is_missing_is_said_with_its_remedy(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked[0] = LabError("There is no kernel.", "Get one.")
    main(["lab", SHOP])
    assert capsys.readouterr().err.strip() == "There is no kernel. Get one."


def test_json_follows_its_schema(asked: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    asked[0] = report("different")
    assert main(["lab", SHOP, "--output", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, json.loads(read_text("schemas", "lab.schema.json")))
    assert answer["differs"] is True


@pytest.mark.parametrize("words", [["--sample", "0"], ["--sample", "-3"]])
def test_a_sample_of_nothing_is_refused(asked: list[Any], words: list[str]) -> None:
    assert main(["lab", SHOP, *words]) == 2
    assert len(asked) == 1


def test_a_project_without_saved_requests_says_what_else_to_try(
    asked: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a}]}\n", encoding="utf-8"
    )
    assert main(["lab", str(path)]) == 2
    assert "--scope services" in capsys.readouterr().err


def test_an_unreadable_path_is_said(asked: list[Any]) -> None:
    assert main(["lab", "no-such-file.cnd"]) == 2


def test_the_hidden_command_is_the_worker() -> None:
    """The bundle's own executable is its worker: it says that it is ready, or what this machine refuses."""
    if not sys.platform.startswith("linux"):
        pytest.skip("the lab is for Linux")
    done = subprocess.run(
        [sys.executable, "-m", "designer", HIDDEN_COMMAND],
        input=b"",
        capture_output=True,
        cwd=ROOT,
        timeout=30,
        check=False,
    )
    assert {"ready", "refused"} & set(json.loads(done.stdout.splitlines()[0]))


def test_doctor_says_whether_a_lab_can_be_built(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["doctor"])
    assert [line for line in capsys.readouterr().out.splitlines() if "kernel lab: " in line]
    monkeypatch.setattr("designer.lab.capabilities.check_system", refuse)
    main(["doctor"])
    assert "– kernel lab: There is no kernel. Get one.\n" in capsys.readouterr().out


def refuse() -> None:
    raise LabError("There is no kernel.", "Get one.")


def test_a_picture_has_marks_only_of_a_result_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = open_file(resource_path("samples", "first-steps.cnd")).project
    assert project is not None
    told = []
    for name, tested in (("never", None), ("before", "another cluster"), ("now", fingerprint(project))):
        found = Verification(date="2026-11-23T15:02Z", mode="iptables", scope="services", tested=tested or "")
        save_file(tmp_path / f"{name}.cnd", replace(project, verification=found if tested else None))
        argv = ["render", str(tmp_path / f"{name}.cnd"), "-o", str(tmp_path / f"{name}.png"), "--verified"]
        told.append((main(argv), capsys.readouterr().err))
    assert [status for status, _ in told] == [2, 2, 0]
    assert "keeps no result" in told[0][1] and "was changed since" in told[1][1]
    assert [(tmp_path / f"{name}.png").exists() for name in ("never", "before", "now")] == [False, False, True]
