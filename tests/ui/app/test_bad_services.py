"""What a person can get wrong in a Service, told three times with the same meaning: while it is typed in the inspector,
in the report of an import, on the command line. Each has object, field and remedy; an import has file and line, too.

The rules are those of `domain/services.md`, "API server validation", and `domain/ipam.md`, "ClusterIP", "NodePort".
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from designer.__main__ import main
from designer.edits.fields import get_field
from designer.manifests import read_texts
from designer.model import Problem
from designer.ui.app.window import MainWindow

OID = "Service:default/wrong"
CLUSTER = """apiVersion: v1
kind: Node
metadata: {name: node-1}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-1, containers: [{name: c, image: x, ports: [{name: http, containerPort: 8080}]}]}
status: {conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Service
metadata: {name: other}
spec:
  type: NodePort
  clusterIP: 10.96.0.200
  selector: {app: web}
  ports: [{port: 80, targetPort: http, nodePort: 30080}]
---
kind: ClusterConfiguration
apiVersion: kubeadm.k8s.io/v1beta4
networking: {serviceSubnet: 10.96.0.0/16, podSubnet: 10.244.0.0/16}
---
"""
GOOD: dict[str, Any] = {"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}


@dataclass(frozen=True)
class Bad:
    """One mistake: the spec that has it, the line of it, what is typed where, and the words that everybody must say."""

    name: str
    change: dict[str, Any]
    field: str
    row: str
    typed: str
    words: str
    remedy: str
    cell: str = ""
    form: str = ""  # where the form says the remedy in other words

    @property
    def said(self) -> str:
        """The remedy as the form says it."""
        return (self.form or self.remedy).lower()


def ports(**port: Any) -> dict[str, Any]:
    return {"ports": [{"port": 80, "targetPort": 8080} | port]}


TABLE = (
    Bad("port 0", ports(port=0), "spec.ports[0].port", "spec.ports", "0", "1 and 65535", "1 to 65535", "port"),
    Bad("port 70000", ports(port=70000), "spec.ports[0].port", "spec.ports", "70000", "65535", "1 to 65535", "port"),
    Bad("node port taken", ports(nodePort=30080), "spec.ports[0].nodePort", "spec.ports", "30080",
        "already allocated", "Choose a port that no other Service has, not 30080", "nodePort"),
    Bad("node port outside", ports(nodePort=80), "spec.ports[0].nodePort", "spec.ports", "80",
        "range of valid ports is 30000-32767", "Choose a port from 30000 to 32767, or leave it out", "nodePort"),
    Bad("ClusterIP outside", {"clusterIP": "10.97.0.5"}, "spec.clusterIP", "spec.clusterIP", "10.97.0.5",
        "does not match the current range", "Choose an address in 10.96.0.0/16, or leave it out"),
    Bad("ClusterIP taken", {"clusterIP": "10.96.0.200"}, "spec.clusterIP", "spec.clusterIP", "10.96.0.200",
        "already allocated", "Choose another address; 10.96.0.200 belongs to Service default/other"),
    Bad("target port too long", ports(targetPort="a-name-of-16-lett"), "spec.ports[0].targetPort", "spec.ports",
        "a-name-of-16-lett", "at most 15 characters", "the name of a container port", "targetPort",
        "a name of up to 15 lower-case letters"),
    Bad("affinity timeout 0",
        {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 0}}},
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds", "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
        "0", "greater than 0 and less than 86400", "1 to 86400"),
    Bad("source range", {"loadBalancerSourceRanges": ["10.0.0.300/8"]}, "spec.loadBalancerSourceRanges[0]",
        "spec.loadBalancerSourceRanges", "10.0.0.300/8", "valid CIDR", "as CIDRs"),
    Bad("source address", {"loadBalancerSourceRanges": ["10.0.0.1"]}, "spec.loadBalancerSourceRanges[0]",
        "spec.loadBalancerSourceRanges", "10.0.0.1", "valid CIDR", "as CIDRs"),
)  # fmt: skip
# Wrong only together, or where the form lets nobody write it: these are written in the YAML tab.
WHOLE = (
    Bad("two ports without names", {"ports": [{"port": 80}, {"port": 81}]}, "spec.ports[0].name", "", "",
        "Required value", "Give every port a name of its own"),
    Bad("protocol", ports(protocol="TPC"), "spec.ports[0].protocol", "", "", '"SCTP", "TCP", "UDP"',
        "protocol TCP, UDP or SCTP", form="must be TCP, UDP or SCTP"),
)  # fmt: skip


def manifest(change: dict[str, Any]) -> str:
    """The cluster and the wrong Service, each field on a line of its own."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wrong"}, "spec": GOOD | change}
    return CLUSTER + json.dumps(service, indent=1).replace("\t", " ")


def line_of(text: str, bad: Bad) -> int:
    """The line on which a reader finds what is wrong: the field's, or that of the entry which lacks it."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if '"spec"' in line)
    key = bad.field.rsplit(".", 1)[-1].partition("[")[0]
    wanted = next((n for n, line in enumerate(lines) if n > start and f'"{key}"' in line), None)
    if bad.field.endswith("Ranges[0]"):
        wanted = next(n for n, line in enumerate(lines) if n > start and line.strip() == f'"{bad.typed}"')
    if wanted is None:
        wanted = next(n for n, line in enumerate(lines) if n > start and '"port"' in line) - 1
    return wanted + 1


def open_window(make_window: Any, project: Any) -> MainWindow:
    window: MainWindow = make_window()
    window.shell.bridge.new(project, "Open")
    window.make_inspector()
    window.shell.selection.select((OID,))
    QApplication.processEvents()
    return window


def project_of(change: dict[str, Any]) -> Any:
    project = read_texts([("cluster.yaml", manifest(change))]).project
    assert project is not None
    return project


def editor_of(window: MainWindow, bad: Bad) -> tuple[Any, QLineEdit]:
    row = next(form.rows[bad.row] for form in window.make_inspector().forms if bad.row in form.rows)
    editor: Any = row.editor
    if bad.cell:
        editor = next(editor for cell, editor, _ in editor.groups[0].editors if cell.key == bad.cell)
    assert isinstance(editor, QLineEdit)
    return row, editor


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.name)
def test_the_inspector_says_it_while_it_is_typed_and_loses_nothing(make_window: Any, bad: Bad) -> None:
    affinity = {"sessionAffinity": "ClientIP"} if "Affinity" in bad.field else {}
    window = open_window(make_window, project_of(affinity))
    row, editor = editor_of(window, bad)
    before = window.shell.bridge.project
    editor.setFocus()
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, bad.typed)
    said = row.row.error()
    assert bad.said in said.lower()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    # Refused: what was typed stays to be mended, and the Service stays as it was.
    assert editor.text() == bad.typed
    assert row.row.error() == said
    assert editor.property("invalid") == "true" or not bad.cell
    assert window.shell.bridge.project is before
    assert OID in window.shell.bridge.state.control.services
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert row.row.error() == ""


@pytest.mark.parametrize("bad", (*TABLE, *WHOLE), ids=lambda bad: bad.name)
def test_the_yaml_tab_says_it_and_keeps_the_text(make_window: Any, bad: Bad) -> None:
    window = open_window(make_window, project_of({}))
    inspector = window.make_inspector()
    page = inspector.yaml
    inspector.header.views.set_value("yaml")
    before = window.shell.bridge.project
    typed = json.dumps(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "wrong"}, "spec": GOOD | bad.change}
    )
    page.editor.setPlainText(typed)
    page.apply()
    assert page.banner.kind() == "error"
    assert bad.field in page.banner.message()
    assert bad.said in page.banner.message().lower()
    assert page.editor.toPlainText() == typed
    assert window.shell.bridge.project is before


@pytest.mark.parametrize("bad", (*TABLE, *WHOLE), ids=lambda bad: bad.name)
def test_an_import_reports_it_with_its_line_and_the_form_says_it(make_window: Any, tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / "bad.yaml"
    text = manifest(bad.change)
    path.write_text(text, encoding="utf-8")
    window: MainWindow = make_window()
    assert window.files.open_paths([path])
    assert window.files.report_shown is not None
    (found,) = [p for p in window.files.report_shown[1] if p.field == bad.field and p.object == OID]
    check_problem(found, bad, text)
    # In the inspector the same is said beside its field, without a word being typed.
    window.make_inspector()
    window.shell.selection.select((OID,))
    QApplication.processEvents()
    rows = [row for form in window.make_inspector().forms for row in form.rows.values()]
    assert [row.row.error() for row in rows if bad.remedy.lower() in row.row.error().lower()]
    obj = window.shell.bridge.project.get(OID)
    assert obj is not None and get_field(obj, "spec") == GOOD | bad.change


@pytest.mark.parametrize("bad", (*TABLE, *WHOLE), ids=lambda bad: bad.name)
def test_the_command_line_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: Bad) -> None:
    path = tmp_path / "bad.yaml"
    text = manifest(bad.change)
    path.write_text(text, encoding="utf-8")
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    place = f"at bad.yaml:{line_of(text, bad)}"
    assert place in said and f"field {bad.field}" in said
    assert bad.words in said and bad.remedy in said
    assert main(["import", str(path), "-o", str(tmp_path / "out.cnd")]) == 0
    said = capsys.readouterr().err
    assert place in said and bad.words in said and bad.remedy in said


def check_problem(problem: Problem, bad: Bad, text: str) -> None:
    assert problem.severity == "error"
    assert bad.words in problem.title
    assert bad.remedy in problem.fix
    assert (Path(problem.file).name, problem.line) == ("bad.yaml", line_of(text, bad))


def test_a_target_port_name_that_no_pod_has_is_said_in_the_chain_the_problems_and_the_command_line(
    make_window: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The API server takes such a name: it is looked up on each Pod, and a Pod without it gets no traffic."""
    path = tmp_path / "bad.yaml"
    path.write_text(manifest(ports(targetPort="web")), encoding="utf-8")
    window: MainWindow = make_window()
    assert window.files.open_paths([path])
    window.make_inspector()
    window.shell.selection.select((OID,))
    QApplication.processEvents()
    ports_of: Any = next(f.rows["spec.ports"] for f in window.make_inspector().forms if "spec.ports" in f.rows).editor
    last = [view.link for view in ports_of.groups[0].chain.links if view.link.step == "container"]
    assert [(link.main, link.rest) for link in last] == [("✕ no TCP port named web", "1 of 1 Pod · they have http/TCP")]
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "none of its Pods has a TCP port named 'web'" in said
    assert "field spec.ports[0].targetPort" in said and "Its Pods have http/TCP" in said
