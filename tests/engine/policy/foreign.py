"""Clusters with policies of other kinds than NetworkPolicy, given as manifests would give them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from designer.engine.controlplane.enforcement import CALICO, Enforcement
from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy import compile_policies
from designer.model import ForeignObject, FrozenMap, NetworkPolicy
from tests.engine.policy.cluster import Cluster, cluster

CNP = "policy.networking.k8s.io/v1alpha2"
ANP = "policy.networking.k8s.io/v1alpha1"


def foreign(api: str, kind: str, name: str, spec: Any, namespace: str = "", **data: Any) -> ForeignObject:
    """An object that the import keeps as it is."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **data.pop("metadata", {})}
    oid = f"{api}/{kind}:{namespace}/{name}" if namespace else f"{api}/{kind}:{name}"
    return ForeignObject(oid, {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec, **data})


def tiered(
    *kept: ForeignObject,
    pods: Iterable[PodState],
    policies: Iterable[NetworkPolicy] = (),
    namespaces: Mapping[str, Mapping[str, str]] | None = None,
    enforcement: Enforcement = CALICO,
    nodes: Iterable[NodeState] = (),
) -> Cluster:
    """A cluster with NetworkPolicies and kept policies."""
    base = cluster(*policies, pods=pods, namespaces=namespaces, enforcement=enforcement, nodes=nodes)
    project = replace(base.project, foreign=FrozenMap({one.id: one for one in kept}))
    return Cluster(project, base.control, compile_policies(project, base.control, enforcement))
