"""The command compare: one cluster with other settings, or two inputs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.resources import read_text, resource_path

SHOP = str(resource_path("samples", "shop.cnd"))
POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec: {{containers: [{{name: c, image: i, ports: [{{containerPort: 80}}]}}]}}
---
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
"""
DENY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed}
spec: {podSelector: {matchLabels: {app: web}}}
"""


def test_flannel_delivers_what_calico_denies(capsys: pytest.CaptureFixture[str]) -> None:
    """`domain/cni.md`: Flannel stores policies and enforces none."""
    assert main(["compare", SHOP, "--cni", "flannel", "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, json.loads(read_text("schemas", "compare.schema.json")))
    verdicts = {each["subject"]: (each["before"], each["after"]) for each in found["differences"]
                if each["aspect"] == "verdict"}  # fmt: skip
    assert verdicts["shop/frontend → db:5432"] == ("denied", "delivered")


def test_an_expectation_of_the_same_verdicts_fails_or_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", SHOP, "--cni", "flannel", "--expect", "same-verdicts"]) == 1
    assert main(["compare", SHOP, "--mode", "nftables", "--expect", "same-verdicts"]) == 0
    assert "kube-proxy" in capsys.readouterr().out


def test_two_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy without rules isolates its Pods: nothing comes in any more."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    pods = POD.format(name="web") + POD.format(name="client") + SERVICE
    old.write_text(pods, encoding="utf-8")
    new.write_text(pods + DENY, encoding="utf-8")
    assert main(["compare", str(old), str(new), "--expect", "same-verdicts"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("  default/client → web.default:80: verdict")
    assert lines[at + 1 : at + 3] == ["    - ✓ delivered", "    + ✕ denied by policy"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((SHOP,), "nothing to compare"),
        ((SHOP, "--cni", "calico"), "nothing to compare"),
        ((SHOP, "--cni", "frannel"), "There is no network plugin frannel"),
        (("-", "-"), "once only"),
        ((SHOP, "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_cannot_be_compared_is_said(argv: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *argv]) == 2
    assert words in capsys.readouterr().err


def test_a_sender_that_is_gone_is_no_other_verdict(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(POD.format(name="web") + POD.format(name="client") + SERVICE, encoding="utf-8")
    new.write_text(POD.format(name="web") + POD.format(name="other") + SERVICE, encoding="utf-8")
    assert main(["compare", str(old), str(new), "--expect", "same-verdicts"]) == 0
