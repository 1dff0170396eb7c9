"""The command addresses: text, JSON after its schema, CSV of every address; exit statuses."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text, resource_path

EXPOSURE = str(resource_path("samples", "exposure.cnd"))


def test_text_says_what_runs_out_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addresses", EXPOSURE]) == 0
    # 203.0.113.10 to .40 are 31 addresses, two of which Services of the sample have.
    assert "First to run out, counted in objects: 29 more load balancer addresses" in capsys.readouterr().out


def test_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addresses", EXPOSURE, "--output", "json"]) == 0
    value = json.loads(capsys.readouterr().out)
    jsonschema.validate(value, json.loads(read_text("schemas", "addresses.schema.json")))
    (pool,) = [one for one in value["ranges"] if one["for"] == "Load balancers"]
    assert (pool["size"], pool["used"], pool["free"]) == (31, 2, 29)
    assert main(["addresses", EXPOSURE, "--output", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(row["role"] == "Load balancer" for row in rows) == 2


def test_what_cannot_be_read_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["addresses", str(tmp_path / "none.cnd")]) == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "apiVersion: v1\nkind: Node\nmetadata: {name: n}\n---\napiVersion: v1\nkind: [\n", encoding="utf-8"
    )
    assert main(["addresses", str(broken)]) == 2
    assert "more may be used than is counted here" in capsys.readouterr().err
