"""The answers of the command migrate have the form that their schema words."""

import json
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text

MANIFESTS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/use-regex: "true"}}
spec:
  ingressClassName: nginx
  rules:
  - host: "*.example.com"
    http: {paths: [{path: /a, pathType: ImplementationSpecific, backend: {service: {name: s, port: {number: 80}}}}]}
"""


def test_a_migration_and_a_check_have_the_form_of_the_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = json.loads(read_text("schemas", "migrate.schema.json"))
    old, none = tmp_path / "old.yaml", tmp_path / "none.yaml"
    old.write_text(MANIFESTS)
    none.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    main(["migrate", str(old), "--to", "gateway", "--output", "json"])
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema)
    assert found["losses"]
    assert main(["migrate", "--check", str(old), str(none), "--output", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, schema)
    assert found["verdict"] == "different"
