"""Small projects for the tests of the control plane, built from plain data."""

from dataclasses import replace
from typing import Any

from designer.engine.controlplane import allocate, control_plane
from designer.engine.controlplane.state import ControlPlaneState, PodState
from designer.model import (
    EMPTY_PROJECT,
    KIND_BY_NAME,
    ClusterSettings,
    KubeObject,
    Ledger,
    Node,
    PodRecord,
    Problem,
    Project,
)


def settings(**values: Any) -> ClusterSettings:
    return ClusterSettings.model_validate(values)


FLANNEL: dict[str, Any] = {"cni": {"plugin": "flannel", "backend": "vxlan"}}
BGP: dict[str, Any] = {"cni": {"plugin": "calico", "backend": "bgp"}}


def thing(kind: str, name: str, namespace: str | None = None, **data: Any) -> KubeObject:
    metadata = {"name": name, **data.pop("metadata", {})}
    if namespace:
        metadata["namespace"] = namespace
    return KIND_BY_NAME[kind].model_validate({"metadata": metadata, **data})


def nodes(count: int, **data: Any) -> list[KubeObject]:
    return [thing("Node", f"node-{number}", **data) for number in range(1, count + 1)]


def template(labels: dict[str, str] | None = None, ports: list[dict[str, Any]] | None = None, **spec: Any) -> Any:
    containers = [{"name": "app", "image": "app", "ports": ports or []}]
    return {"metadata": {"labels": labels or {}}, "spec": {"containers": containers, **spec}}


def deployment(name: str, replicas: int = 1, ports: list[dict[str, Any]] | None = None, **spec: Any) -> KubeObject:
    return thing(
        "Deployment", name, "default", spec={"replicas": replicas, "template": template({"app": name}, ports, **spec)}
    )


def service(name: str, namespace: str = "default", metadata: dict[str, Any] | None = None, **spec: Any) -> KubeObject:
    spec.setdefault("ports", [{"port": 80}])
    return thing("Service", name, namespace, metadata=metadata or {}, spec=spec)


def pod(name: str, namespace: str = "default", labels: dict[str, str] | None = None, **data: Any) -> KubeObject:
    return thing("Pod", name, namespace, metadata={"labels": labels or {}}, **data)


def project(*objects: KubeObject, **cluster: Any) -> Project:
    return Project(cluster=settings(**cluster)).with_objects(list(objects))


def allocated(start: Project) -> tuple[Project, tuple[Problem, ...]]:
    ledger, problems = allocate(start)
    return replace(start, ledger=ledger), problems


def allocate_anew(start: Project) -> tuple[Ledger, tuple[Problem, ...]]:
    """`allocate` after something else was asked for, so that it cannot just repeat its last answer."""
    allocate(EMPTY_PROJECT)
    return allocate(start)


def state_of(start: Project) -> ControlPlaneState:
    return control_plane(allocated(start)[0])[0]


def with_record(start: Project, key: str, record: PodRecord) -> Project:
    return replace(start, ledger=start.ledger.model_copy(update={"pods": start.ledger.pods.set(key, record)}))


def recreated(start: Project, key: str) -> Project:
    """What `edits.recreate` makes of a record."""
    old = start.ledger.pods[key]
    fresh = PodRecord(name=old.name, node=old.node, sandbox=old.sandbox + 1, previousIps=old.ips)
    return with_record(start, key, fresh)


def pod_ips(start: Project, node: str | None = None) -> list[str]:
    """First addresses of all Pods in the order of the ledger."""
    records = start.ledger.pods.values()
    return [r.ips[0] for r in records if r.ips and (node is None or r.node == node)]


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def pods_of(state: ControlPlaneState, owner: str) -> list[PodState]:
    return [p for p in state.pods.values() if p.owner == owner]


def node_names(start: Project) -> list[str]:
    return sorted(n.name for n in start.of(Node))
