"""Where an object is: cluster, Namespace, workload, Pod, each with the id that leads there."""

from __future__ import annotations

from dataclasses import dataclass

from designer.edits.collapse import ZONE, zone_id
from designer.edits.podkeys import owner_of
from designer.engine.compile import ClusterState
from designer.model import KIND_BY_NAME, split_id


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way: the id that it selects ("" for the cluster), and its words."""

    oid: str
    words: str


def crumbs_of(state: ClusterState, oid: str) -> tuple[Crumb, ...]:
    """The way from the cluster to an object, the object itself last; only the cluster for "" and for the outside."""
    cluster = Crumb("", state.project.cluster.name or "cluster")
    if not oid or ":" not in oid:
        return (cluster,)
    pod = state.control.pods.get(oid)
    kind, namespace, name = split_id(oid)
    if pod is not None:
        made = (Crumb(pod.owner, split_id(pod.owner)[2]),) if pod.owner else ()
        return (cluster, _space(pod.namespace), *made, Crumb(oid, pod.name))
    if kind == "Node":
        node = state.control.nodes.get(name)
        zone = (Crumb(zone_id(node.zone), node.zone),) if node is not None and node.zone else ()
        return (cluster, *zone, Crumb(oid, name))
    if kind not in KIND_BY_NAME and kind != ZONE:
        return (cluster,)
    space = (_space(namespace),) if namespace else ()
    return (cluster, *space, Crumb(owner_of(oid), name))


def _space(namespace: str) -> Crumb:
    return Crumb(f"Namespace:{namespace}", namespace)
