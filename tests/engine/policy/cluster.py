"""A small cluster in words: Pods, policies from YAML, and the two checks of a connection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from designer.engine.controlplane.enforcement import CALICO, Enforcement
from designer.engine.controlplane.state import ControlPlaneState, NodeState, PodState
from designer.engine.policy import Peer, PolicySet, PolicyVerdict, compile_policies
from designer.model import EMPTY_PROJECT, FrozenMap, Namespace, NetworkPolicy, PodSpec, Project


def without_nulls(value: Any) -> Any:
    """A null means absent, as everywhere in Kubernetes' API; the importer removes it before validation."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


def policy(text: str, name: str = "p", namespace: str = "a") -> NetworkPolicy:
    """A policy of namespace `a` from the YAML of its spec."""
    data = {"metadata": {"name": name, "namespace": namespace}, "spec": without_nulls(yaml.safe_load(text))}
    return NetworkPolicy.model_validate(data)


def pod(
    name: str,
    labels: Mapping[str, str] | None = None,
    ip: str = "",
    node: str = "n1",
    spec: Mapping[str, Any] | None = None,
    phase: str = "Running",
    owner: str | None = None,
) -> PodState:
    """A Pod from ``namespace/name``."""
    namespace, _, short = name.partition("/")
    return PodState(
        f"Pod:{name}",
        namespace,
        short,
        node,
        (ip,) if ip else (),
        FrozenMap(dict(labels or {})),
        PodSpec.model_validate(spec or {}),
        owner=owner,
        phase=phase,
    )


def ports(*entries: tuple[str, int, str]) -> dict[str, Any]:
    """A Pod spec with one container that has these (name, number, protocol) ports."""
    found = [{"name": n, "containerPort": number, "protocol": p} for n, number, p in entries]
    return {"containers": [{"name": "main", "ports": found}]}


@dataclass(frozen=True)
class Cluster:
    """Policies with Pods: what a connection may do."""

    project: Project
    control: ControlPlaneState
    policies: PolicySet

    def ingress(
        self, target: PodState, peer: Peer | PodState | str, port: int = 80, protocol: str = "TCP"
    ) -> PolicyVerdict:
        return self.policies.check("ingress", target, as_peer(peer), protocol, port)

    def egress(
        self, source: PodState, peer: Peer | PodState | str, port: int = 80, protocol: str = "TCP"
    ) -> PolicyVerdict:
        return self.policies.check("egress", source, as_peer(peer), protocol, port)


def as_peer(peer: Peer | PodState | str) -> Peer:
    if isinstance(peer, Peer):
        return peer
    return Peer.of_address(peer) if isinstance(peer, str) else Peer.of_pod(peer)


def cluster(
    *policies: NetworkPolicy,
    pods: Iterable[PodState] = (),
    namespaces: Mapping[str, Mapping[str, str]] | None = None,
    enforcement: Enforcement = CALICO,
    nodes: Iterable[NodeState] = (),
) -> Cluster:
    """A cluster with these policies; `namespaces` gives labels of namespaces that have a manifest."""
    labels = namespaces or {}
    project = EMPTY_PROJECT.with_objects(
        [
            *policies,
            *(Namespace.model_validate({"metadata": {"name": n, "labels": dict(v)}}) for n, v in labels.items()),
        ]
    )
    control = ControlPlaneState(
        nodes=FrozenMap({n.name: n for n in nodes}),
        pods=FrozenMap({p.id: p for p in sorted(pods, key=lambda p: p.id)}),
        namespaces=FrozenMap({n: FrozenMap(dict(v)) for n, v in labels.items()}),
    )
    return Cluster(project, control, compile_policies(project, control, enforcement))
