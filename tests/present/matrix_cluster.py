"""A cluster for tests of the matrix: three namespaces, policies of several kinds, read from manifests as files are."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from designer.engine.compile import ClusterState, compile_project
from designer.engine.policy.ports import ALL_PORTS, PortSet
from designer.engine.reach import reach
from designer.manifests import read_texts
from designer.model import CniSettings, Project
from designer.present.matrix_axis import AxisNode
from designer.present.matrix_table import MatrixTable


def deployment(namespace: str, name: str, port: int, replicas: int = 2, team: str = "") -> str:
    labels = f"{{app: {name}{f', team: {team}' if team else ''}}}"
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {labels}}}
    spec: {{containers: [{{name: main, image: main, ports: [{{containerPort: {port}}}]}}]}}
"""


WORKLOADS = (
    deployment("shop", "web", 8080, team="front"),
    deployment("shop", "cart", 7070, team="back"),
    deployment("data", "redis", 6379, team="back"),
    deployment("watch", "prober", 9090, replicas=1),
)
# Only shop/cart may reach redis, and only on its port; nobody but shop reaches shop/cart.
POLICIES = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: redis, namespace: data}
spec:
  podSelector: {matchLabels: {app: redis}}
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
      podSelector: {matchLabels: {app: cart}}
    ports: [{port: 6379}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: cart, namespace: shop}
spec:
  podSelector: {matchLabels: {app: cart}}
  ingress:
  - from: [{podSelector: {}}]
"""


def project_of(*texts: str, plugin: str = "") -> Project:
    found = read_texts([("all.yaml", "---\n".join(texts))])
    project = found.project
    if plugin:
        backend = {"weave": "fastdp", "flannel": "vxlan", "cilium": "ebpf-vxlan", "calico": "vxlan"}[plugin]
        return replace_cni(project, plugin, backend)
    return project


def replace_cni(project: Project, plugin: str, backend: str) -> Project:
    cni = CniSettings.model_validate({"plugin": plugin, "backend": backend})
    return replace(project, cluster=project.cluster.model_copy(update={"cni": cni}))


@lru_cache
def shop_state() -> ClusterState:
    return compile_project(project_of(*WORKLOADS, POLICIES))


def table_of(state: ClusterState, label: str = "", wanted: PortSet = ALL_PORTS) -> MatrixTable:
    return MatrixTable(state, reach(state), label, wanted).count()


def node(table: MatrixTable, name: str) -> AxisNode:
    """The row or column of a workload (``shop/web``), a range, or a group (``group shop``)."""
    if name.startswith("group "):
        place = [group.name for group in table.groups].index(name.removeprefix("group "))
        return AxisNode(name, "group", name, name, place)
    place = [entry.shown for entry in table.entries].index(name)
    return AxisNode(name, "peer", name, name, int(table.group_of[place]), place)
