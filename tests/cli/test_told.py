"""What the commands say on standard error beside an answer, because the answer hangs on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.__main__ import main

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c}]}\n---\n"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec:\n  podSelector: {}\n"
MISSPELT = f"{POLICY}  ingress:\n  - form: []\n"
REFUSED = f"{POLICY}  ingress:\n  - ports: [{{protocol: tcp}}]\n"
KEPT = (
    "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: g}\nspec:\n  selector: all()\n"
    "  ingress:\n  - {action: Deny, destination: {ports: [80]}}\n"
)
CILIUM = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config, namespace: kube-system}\n"
OPTION = f'{CILIUM}data: {{enable-wireguard: "true"}}\n'
KINDNET = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: kindnet, namespace: kube-system}\n"
TRACE = ("--from", "web", "--to", "10.0.0.1:80")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [(MISSPELT, "NP-93", "a.yaml:12"), (KINDNET, "READ-11", "a.yaml:6"), (OPTION, "READ-15", "a.yaml:9")],
)
@pytest.mark.parametrize("command", [("connectivity",), ("trace", *TRACE)])
def test_what_an_answer_hangs_on_is_said_beside_it(
    command: tuple[str, ...], text: str, code: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(POD + text)
    assert main([command[0], str(tmp_path), *command[1:]]) == 0
    told = capsys.readouterr()
    assert told.out and code in told.err and place in told.err


@pytest.mark.parametrize(("text", "place"), [(REFUSED, "a.yaml:12"), (KEPT, "a.yaml:12")])
def test_what_the_api_server_refuses_is_said_beside_the_trace(
    text: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A policy that does not exist denies nothing: the answer alone would hide that it was meant to."""
    (tmp_path / "a.yaml").write_text(POD + text)
    assert main(["trace", str(tmp_path), *TRACE]) == 0
    told = capsys.readouterr().err
    assert "NP-90" in told and place in told
