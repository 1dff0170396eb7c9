"""What the Pods implied when the controller's EndpointSlices of an input were first seen: the ledger's `implied`.

An observed slice may differ from what its Pods imply, and is kept all the same. To know later whether anything that it
rests on was changed, the first allocation notes what was implied then; it is forgotten with the slices. `superseded`
names the slices that hold no longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.engine.controlplane.endpointslices import CONTROLLER, MANAGED_BY_LABEL, SERVICE_LABEL, derive_slices
from designer.engine.controlplane.givenslices import digest
from designer.engine.controlplane.nodestates import node_states
from designer.engine.controlplane.podstates import PodIndex, pod_states, pods_by_namespace, select_pods
from designer.engine.controlplane.serviceallocation import net_families, service_nets
from designer.engine.controlplane.servicestates import service_states
from designer.engine.controlplane.state import ControlPlaneState
from designer.engine.memo import Memo
from designer.model import EMPTY_MAP, EndpointSlice, FrozenMap, Ledger, Project, ServiceCIDR, object_id


def seen_services(slices: FrozenMap[str, EndpointSlice]) -> tuple[str, ...]:
    """The ids of the Services of which the controller's own slices were seen, sorted."""
    found = {
        object_id("Service", obj.namespace, obj.labels[SERVICE_LABEL])
        for obj in slices.values()
        if obj.labels.get(MANAGED_BY_LABEL) == CONTROLLER and obj.labels.get(SERVICE_LABEL)
    }
    return tuple(sorted(found))


def superseded(project: Project, control: ControlPlaneState) -> tuple[str, ...]:
    """The ids of the controller's own EndpointSlices that hold no longer, in the project's order.

    What they rest on was changed since they were seen, so `control` has the slices that the controller writes instead.
    """
    found = []
    for obj in project.of(EndpointSlice):
        service = object_id("Service", obj.namespace, obj.labels.get(SERVICE_LABEL, ""))
        if obj.labels.get(MANAGED_BY_LABEL) != CONTROLLER or service not in control.services:
            continue
        if not any(piece.origin == "observed" for piece in control.slices.get(service, ())):
            found.append(obj.id)
    return tuple(found)


def implied(project: Project, ledger: Ledger, waiting: Mapping[str, str], memo: Memo) -> FrozenMap[str, str]:
    """`Ledger.implied` that fits the slices of `project`, whose Pods and Services have the records of `ledger`."""
    slices = project.slice(EndpointSlice)
    seen = memo.once("seen-services", (slices,), lambda: seen_services(slices))
    old = ledger.implied
    if len(seen) == len(old) and all(oid in old for oid in seen):
        return old
    new = tuple(oid for oid in seen if oid not in old)
    fresh = _digests(replace(project, ledger=ledger), new, waiting) if new else {}
    return FrozenMap({oid: old[oid] if oid in old else fresh[oid] for oid in seen})


def _digests(project: Project, services: tuple[str, ...], waiting: Mapping[str, str]) -> dict[str, str]:
    memo = Memo()
    families = net_families(project.cluster, service_nets(project.cluster, project.slice(ServiceCIDR).values()))
    nodes = node_states(project, memo)
    pods = pods_by_namespace(pod_states(project, nodes, waiting or EMPTY_MAP, memo), memo)
    states = service_states(project, families, waiting, memo)
    found = {}
    for oid in services:
        service = states.get(oid)
        selected = select_pods(service.selector, pods.get(service.namespace, PodIndex(()))) if service else ()
        found[oid] = digest(derive_slices(service, selected, nodes, project.cluster.seed) if service else ())
    return found
