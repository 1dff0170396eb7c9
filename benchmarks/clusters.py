"""Clusters of any size for the benchmarks: as projects, and as the texts of manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from designer.model import KIND_BY_NAME, ClusterSettings, KubeObject, Project

NAMESPACES = 20
# Room for 8,000 Nodes of 254 Pod addresses each, and for 65,000 Services.
SETTINGS: dict[str, Any] = {
    "podCIDRs": ["10.0.0.0/11"],
    "serviceCIDRs": ["10.96.0.0/12"],
    "nodeNetwork": "172.16.0.0/16",
    "cni": {"plugin": "calico", "backend": "vxlan"},
}


@dataclass(frozen=True)
class Size:
    """How large a cluster is; `replicas` is of each workload."""

    nodes: int
    workloads: int
    replicas: int
    services: int
    policies: int

    def __str__(self) -> str:
        pods = self.workloads * self.replicas
        return f"{self.nodes:,} Nodes, {pods:,} Pods, {self.services:,} Services, {self.policies:,} policies"


def manifests(size: Size) -> list[dict[str, Any]]:
    """Every object of a cluster of this size, as plain data in the form of the API."""
    found = [_object("Namespace", f"ns{n}", None) for n in range(NAMESPACES)]
    found += [_object("Node", f"node-{n}", None, labels={"zone": f"z{n % 3}"}) for n in range(size.nodes)]
    found += [_object("Deployment", *_named("app", n), spec=_workload(n, size.replicas)) for n in range(size.workloads)]
    found += [_object("Service", *_named("app", n), spec=service_spec(n)) for n in range(size.services)]
    found += [
        _object("NetworkPolicy", *_named("allow", n), spec=policy_spec(n, size.workloads)) for n in range(size.policies)
    ]
    return found


def project(size: Size) -> Project:
    """A project of this size, nothing allocated."""
    settings = ClusterSettings.model_validate(SETTINGS)
    return Project(cluster=settings).with_objects([model(data) for data in manifests(size)])


def model(data: dict[str, Any]) -> KubeObject:
    """The value of one object."""
    return KIND_BY_NAME[data["kind"]].model_validate(data)


def service(number: int, port: int = 80) -> KubeObject:
    """Service `number`, with another port when asked."""
    return model(_object("Service", *_named("app", number), spec=service_spec(number, port)))


def deployment(number: int, replicas: int, tier: str = "back") -> KubeObject:
    """Deployment `number` with so many Pods."""
    return model(_object("Deployment", *_named("app", number), spec=_workload(number, replicas, tier)))


def policy(number: int, workloads: int, port: int = 8080) -> KubeObject:
    """NetworkPolicy `number`, with another port when asked."""
    return model(_object("NetworkPolicy", *_named("allow", number), spec=policy_spec(number, workloads, port)))


def service_spec(number: int, port: int = 80) -> dict[str, Any]:
    """A ClusterIP Service in front of the workload of the same number."""
    ports = [{"name": "http", "port": port, "targetPort": 8080}]
    return {"selector": {"app": f"app-{number}"}, "ports": ports}


def policy_spec(number: int, workloads: int, port: int = 8080) -> dict[str, Any]:
    """One workload, reached from the next one of its namespace and from a label of the namespace."""
    near, tier = (number + NAMESPACES) % max(1, workloads), {"matchLabels": {"tier": "front"}}
    peers = [{"podSelector": {"matchLabels": {"app": f"app-{near}"}}}, {"podSelector": tier}]
    rule = {"from": peers, "ports": [{"protocol": "TCP", "port": port}]}
    subject = {"matchLabels": {"app": f"app-{number}"}}
    return {"podSelector": subject, "policyTypes": ["Ingress"], "ingress": [rule]}


def _workload(number: int, replicas: int, tier: str = "back") -> dict[str, Any]:
    labels = {"app": f"app-{number}", "tier": "front" if number % 10 == 0 else tier}
    container = {"name": "main", "image": "app", "ports": [{"name": "http", "containerPort": 8080}]}
    return {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": f"app-{number}"}},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }


def _named(word: str, number: int) -> tuple[str, str]:
    return f"{word}-{number}", f"ns{number % NAMESPACES}"


def _object(kind: str, name: str, namespace: str | None, **parts: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    if "labels" in parts:
        metadata["labels"] = parts.pop("labels")
    versions = {"Deployment": "apps/v1", "NetworkPolicy": "networking.k8s.io/v1"}
    return {"apiVersion": versions.get(kind, "v1"), "kind": kind, "metadata": metadata, **parts}
