"""The finder's rows: `domain/kube-proxy.md` section 3, on three Nodes with one Pod, counted by hand."""

import pytest

from designer.edits.fields import set_field
from designer.edits.settings import set_cluster
from designer.engine.compile import ClusterState, compile_project
from designer.manifests import read_texts
from designer.model import Project
from designer.present.local_drop_rows import local_drop_rows, local_drop_summary

NODES = "".join(f"apiVersion: v1\nkind: Node\nmetadata: {{name: n{n}}}\n---\n" for n in (1, 2, 3))
REST = """apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: n2, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
"""
WEB = "Service:default/web"


def project() -> Project:
    found = read_texts([("a.yaml", NODES + REST)]).project
    assert found is not None
    return found


def state_with(**changes: str) -> ClusterState:
    changed = project()
    for field, value in changes.items():
        changed = set_field(changed, WEB, f"spec.{field}", value).project
    return compile_project(changed)


def test_every_node_without_endpoint_is_a_row() -> None:
    state = state_with(externalTrafficPolicy="Local")
    rows = local_drop_rows(state)
    assert [(row.service, row.node, row.port, row.traffic, row.happens) for row in rows] == [
        (WEB, "Node:n1", "80/TCP", "from outside", "dropped"),
        (WEB, "Node:n3", "80/TCP", "from outside", "dropped"),
    ]
    assert {row.answering for row in rows} == {"n2"}
    assert local_drop_summary(state, rows).startswith("1 Service does not answer on 2 Nodes:")


@pytest.mark.parametrize(
    ("mode", "happens"),
    # ipvs sends external requests to other Nodes, and Calico does not mask their source: the replies are lost.
    [("iptables", "dropped"), ("nftables", "dropped"), ("ipvs", "reply lost")],
)
def test_what_happens_is_the_modes_own(mode: str, happens: str) -> None:
    changed = set_field(project(), WEB, "spec.externalTrafficPolicy", "Local").project
    state = compile_project(set_cluster(changed, "kubeProxy.mode", mode).project)
    assert [row.happens for row in local_drop_rows(state)] == [happens, happens]


def test_no_row_is_explained() -> None:
    state = state_with()
    assert local_drop_rows(state) == ()
    assert "every Node sends to every endpoint" in local_drop_summary(state, ())
    away = state_with(externalTrafficPolicy="Local", selector={"app": "nobody"})  # type: ignore[arg-type]
    assert local_drop_rows(away) == ()
    assert "Local (web)" in local_drop_summary(away, ())
