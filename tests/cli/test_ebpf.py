"""Manifests with a plugin's own configuration in them: `trace`, `tables`, `compare` and `check` without kube-proxy."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from designer.__main__ import main
from designer.engine.trace import HOP_KINDS
from designer.resources import read_text

CILIUM = """
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {kube-proxy-replacement: "%s", routing-mode: tunnel, tunnel-protocol: geneve}
"""
CALICO = """
apiVersion: projectcalico.org/v3
kind: FelixConfiguration
metadata: {name: default}
spec: {bpfEnabled: %s}
"""
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop}
spec: {containers: [{name: c, image: i}]}
"""


def folder(path: Path, *texts: str) -> str:
    for number, text in enumerate((WEB, *texts)):
        (path / f"{number}.yaml").write_text(text)
    return str(path)


@pytest.mark.parametrize("plugin", [CILIUM % "true", CALICO % "true"])
def test_a_trace_looks_the_service_up(plugin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ("trace", folder(tmp_path, plugin), "--from", "Pod:shop/client", "--to", "http://web")
    assert main((*argv, "--expect", "delivered")) == 0
    text = capsys.readouterr().out
    assert "no packet ever carries" in text
    assert "KUBE-" not in text
    assert main((*argv, "--output", "json")) == 0
    value = json.loads(capsys.readouterr().out)
    jsonschema.validate(value, json.loads(read_text("schemas", "trace.schema.json")))
    assert {hop["kind"] for path in value["paths"] for hop in path["hops"]} >= {"lookup", "ebpf"}
    assert sum(path["probability"] for path in value["paths"]) == pytest.approx(1.0)


def test_the_schema_knows_every_kind_of_hop() -> None:
    path = json.loads(read_text("schemas", "trace.schema.json"))["properties"]["paths"]["items"]
    hop = path["properties"]["hops"]["items"]
    assert set(hop["properties"]["kind"]["enum"]) == set(HOP_KINDS)


@pytest.mark.parametrize("plugin", [CILIUM % "true", CALICO % "true"])
def test_tables_are_the_lookup_table(plugin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = folder(tmp_path, plugin)
    for mode in ((), ("--mode", "nftables")):
        assert main(("tables", where, "--node", "node-1", *mode)) == 0
        text = capsys.readouterr().out
        assert "kube-proxy does not run on node-1" in text
        assert "0.0.0.0:30080/TCP" in text


@pytest.mark.parametrize("plugin", [CILIUM % "false", CALICO % "false"])
def test_with_kube_proxy_there_are_its_rules(plugin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("tables", folder(tmp_path, plugin), "--node", "node-1")) == 0
    assert "KUBE-SERVICES" in capsys.readouterr().out


@pytest.mark.parametrize("plugin", [CILIUM % "true", CALICO % "true"])
def test_a_comparison_tells_that_kube_proxy_would_run_again(
    plugin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("compare", folder(tmp_path, plugin), "--cni", "flannel.vxlan")) == 0
    assert "answers for Services\n    + iptables" in capsys.readouterr().out


def test_a_sound_cluster_has_no_problem_with_cilium_s_own_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(("check", folder(tmp_path, CILIUM % "true")))
    assert "IP-02" not in capsys.readouterr().out
