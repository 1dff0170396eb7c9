"""The answer of the command dns has the form that its schema words."""

import json

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text, resource_path

SHOP = str(resource_path("samples", "shop.cnd"))


@pytest.mark.parametrize(
    "asked",
    [
        ["api"], ["db.data", "--type", "SRV"], ["10.96.0.10", "--type", "PTR"], ["nobody.example.com"], ["192.0.2.1"],
        ["api", "--type", "CNAME"],
    ],
)  # fmt: skip
def test_answers_have_the_form_of_their_schema(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dns", SHOP, "--from", "frontend", *asked, "--output", "json"]) == 0
    jsonschema.validate(json.loads(capsys.readouterr().out), json.loads(read_text("schemas", "dns.schema.json")))
