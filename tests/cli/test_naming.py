"""The command dns: answers as text and as JSON, and what cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.__main__ import main
from designer.resources import resource_path

SHOP = str(resource_path("samples", "shop.cnd"))
CLOSED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {containers: [{name: coredns, ports: [{containerPort: 53, protocol: UDP}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec: {clusterIP: 10.96.0.10, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}]}
"""


def test_a_name_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dns", SHOP, "--from", "shop/frontend", "api.shop.svc.cluster.local"]) == 0
    out = capsys.readouterr().out
    assert "(8 queries, 6 of them NXDOMAIN)" in out
    assert "nameserver 10.96.0.10" in out
    assert "UDP 53 to 10.96.0.10: answered" in out


@pytest.mark.parametrize(("kind", "name", "answer"), [
    ("SRV", "_http._tcp.api", "0 100 8080 api.shop.svc.cluster.local."),
    ("PTR", "10.96.0.10", "kube-dns.kube-system.svc.cluster.local."),
])  # fmt: skip
def test_a_type_in_json(capsys: pytest.CaptureFixture[str], kind: str, name: str, answer: str) -> None:
    assert main(["dns", SHOP, "--from", "shop/frontend", name, "--type", kind, "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["answers"]) == ("ok", [answer])
    assert {query["type"] for query in found["queries"]} == {kind}
    assert found["resolvConf"]["options"] == ["ndots:5"]


def test_a_policy_that_forgets_dns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "closed.yaml"
    path.write_text(CLOSED, encoding="utf-8")
    assert main(["dns", str(path), "--from", "shop/web", "api", "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["answers"]) == ("name-not-found", [])
    assert found["reason"].startswith("DNS denied by NetworkPolicy shop/closed.")
    assert [(way["protocol"], way["policies"]) for way in found["transport"]] == [
        ("UDP", ["NetworkPolicy shop/closed"]), ("TCP", ["NetworkPolicy shop/closed"])]  # fmt: skip


@pytest.mark.parametrize(("argv", "words"), [
    (("--from", "nobody", "api"), "Nothing in this project is called nobody"),
    (("--from", "shop/frontend", "a b"), "is no name to look up"),
])  # fmt: skip
def test_what_cannot_be_asked(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], words: str) -> None:
    assert main(["dns", SHOP, *argv]) == 2
    assert words in capsys.readouterr().err
