"""Small clusters from YAML-like values, and the slow evaluator's word on each connection of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from designer.engine.compile import ClusterState, compile_project
from designer.engine.controlplane.state import PodState
from designer.model import EMPTY_PROJECT, ClusterSettings, Namespace, NetworkPolicy, Node, Pod, Project, Service
from tests.engine.policy.specification import allowed

# Ports that are asked: those of the strategies, their neighbours, and one that nobody names.
ASKED = (("TCP", 79), ("TCP", 80), ("TCP", 81), ("TCP", 443), ("TCP", 9), ("UDP", 80), ("UDP", 53), ("SCTP", 80))
OUTSIDE = ("203.0.113.1", "203.0.113.70", "8.8.8.8")
# (source, destination, protocol, port): names of Pods as ``ns/name``, or addresses.
Connection = tuple[str, str, str, int]


def pod(name: str, labels: Mapping[str, str], **spec: Any) -> Pod:
    """A Pod from ``namespace/name`` with one container that has port 80 called http."""
    namespace, _, short = name.partition("/")
    ports = [{"name": "http", "containerPort": 80}]
    return Pod.model_validate(
        {
            "metadata": {"name": short, "namespace": namespace, "labels": dict(labels)},
            "spec": {"containers": [{"name": "c", "image": "i", "ports": ports}], "nodeName": "n1", **spec},
        }
    )


def policy(namespace: str, name: str, spec: Mapping[str, Any]) -> NetworkPolicy:
    """A NetworkPolicy from its spec."""
    return NetworkPolicy.model_validate({"metadata": {"name": name, "namespace": namespace}, "spec": dict(spec)})


def service(name: str, selector: Mapping[str, str], port: int, target: int | str) -> Service:
    """A Service from ``namespace/name``."""
    namespace, _, short = name.partition("/")
    spec = {"selector": dict(selector), "ports": [{"port": port, "targetPort": target}]}
    return Service.model_validate({"metadata": {"name": short, "namespace": namespace}, "spec": spec})


def world(
    objects: Iterable[Any], namespaces: Mapping[str, Mapping[str, str]] | None = None, **settings: Any
) -> ClusterState:
    """The compiled cluster of one Node with these objects."""
    made = [
        Node.model_validate({"metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "n1"}}}),
        *(
            Namespace.model_validate({"metadata": {"name": name, "labels": dict(labels)}})
            for name, labels in (namespaces or {}).items()
        ),
        *objects,
    ]
    project = Project(cluster=ClusterSettings.model_validate(settings)) if settings else EMPTY_PROJECT
    return compile_project(project.with_objects(made))


@dataclass(frozen=True)
class Judge:
    """The specification's answers about a project: which of all connections pass."""

    policies: list[NetworkPolicy]
    namespaces: dict[str, dict[str, str]]
    pods: dict[str, PodState]

    @classmethod
    def of(cls, project: Project, state: ClusterState) -> "Judge":
        return cls(
            list(project.of(NetworkPolicy)),
            {one.name: dict(one.metadata.labels) for one in project.of(Namespace)},
            {f"{one.namespace}/{one.name}": one for one in state.control.pods.values()},
        )

    def passes(self, connection: Connection) -> bool:
        source, target, protocol, number = connection
        ends = [self.pods.get(name, name) for name in (source, target)]
        found = []
        for direction, subject, other in (("egress", ends[0], ends[1]), ("ingress", ends[1], ends[0])):
            if isinstance(subject, PodState):
                found.append(allowed(self.policies, self.namespaces, direction, subject, other, protocol, number))
        return all(found)

    def all(self, more: Iterable[tuple[str, int]] = ()) -> dict[Connection, bool]:
        """Every connection between different Pods, and of Pods with addresses outside."""
        names = [*self.pods, *OUTSIDE]
        return {
            connection: self.passes(connection)
            for source in names
            for target in names
            if source != target and (source in self.pods or target in self.pods)
            for protocol, number in (*ASKED, *more)
            for connection in ((source, target, protocol, number),)
        }
