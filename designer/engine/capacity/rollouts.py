"""What rolling updates need: the Pods that a workload may have beyond its count while it is updated, and their room.

Authority: the Kubernetes documentation of Deployments ("Max Surge", "Max Unavailable") and of DaemonSets
(updateStrategy); percentages of maxSurge are rounded up, of maxUnavailable down for Deployments and up for DaemonSets
(pkg/controller/deployment/util, pkg/controller/daemon/util). Both zero counts as maxUnavailable 1. Pods that are still
terminating are not counted by the controller and hold their addresses beside these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from designer.engine.capacity.counted import placed_pods
from designer.engine.capacity.noderoom import NodeRoom
from designer.engine.capacity.supply import Supply
from designer.engine.compile import ClusterState
from designer.engine.controlplane.scheduler import HostPort, Scheduler, host_ports, ports_clash
from designer.engine.controlplane.workloadpods import owner_in
from designer.model import DaemonSet, Deployment, KubeObject, PodSpec

DEFAULT_SHARE = "25%"
_PERCENT = re.compile(r"(\d+)%")


@dataclass(frozen=True, slots=True)
class Rollout:
    """One workload that is updated in place: how many Pods more it may start at once, and how many find room now.

    `pods` is how many it wants, `unavailable` how many of these may be missing meanwhile. `room` is counted over the
    Nodes that take such a Pod, as if nothing else were started there.
    """

    oid: str
    pods: int
    surge: int
    unavailable: int
    room: int

    @property
    def stuck(self) -> bool:
        """Whether the update cannot begin: no new Pod finds room, and no old one may go first."""
        return self.pods > 0 and self.room == 0 and self.surge > 0 and self.unavailable == 0

    @property
    def slower(self) -> bool:
        """Whether not all the Pods that may be started beside the old ones find room."""
        return self.room < self.surge


def rollouts(
    state: ClusterState, rooms: tuple[NodeRoom, ...], scheduler: Scheduler, left: Supply
) -> tuple[Rollout, ...]:
    """Every Deployment and DaemonSet with a rolling update that starts Pods beside the old ones, in order of ids."""
    by_name = {room.name: room for room in rooms}
    taken = _ports_in_use(state)
    found = []
    for deployment in state.project.of(Deployment):
        share = _shares(_strategy(deployment, "strategy"), DEFAULT_SHARE, DEFAULT_SHARE)
        wanted = 1 if deployment.spec.replicas is None else deployment.spec.replicas
        if share is None or owner_in(state.project, deployment) is not None:
            continue
        surge, unavailable = _scaled(share[0], wanted, up=True), _scaled(share[1], wanted, up=False)
        if surge is None or unavailable is None:
            continue
        unavailable = unavailable if surge or unavailable else 1
        spec = deployment.spec.template.spec
        places = _places(spec, Deployment.KIND, by_name, scheduler, taken)
        found.append(Rollout(deployment.id, wanted, surge, unavailable, _room(spec, places, left)))
    for daemons in state.project.of(DaemonSet):
        share = _shares(_strategy(daemons, "updateStrategy"), 0, 1)
        spec = daemons.spec.template.spec
        nodes = [name for name in scheduler.eligible(spec, DaemonSet.KIND) if name in by_name]
        surge = None if share is None else _scaled(share[0], len(nodes), up=True)
        unavailable = None if share is None else _scaled(share[1], len(nodes), up=True)
        if not surge or unavailable is None:
            continue
        # The new Pod comes to the very Node of the old one: one place on each.
        places = {name: min(1, by_name[name].places) for name in nodes}
        found.append(Rollout(daemons.id, len(nodes), surge, unavailable, _room(spec, places, left)))
    return tuple(found)


def _strategy(workload: KubeObject, field: str) -> Mapping[str, object]:
    spec = getattr(workload, "spec", None)
    found = (getattr(spec, "model_extra", None) or {}).get(field)
    return found if isinstance(found, Mapping) else {}


def _shares(strategy: Mapping[str, object], surge: object, unavailable: object) -> tuple[object, object] | None:
    """maxSurge and maxUnavailable as given or by default; None where the update is not a rolling one."""
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return None
    rolling = strategy.get("rollingUpdate")
    rolling = rolling if isinstance(rolling, Mapping) else {}
    given = [rolling.get(name) for name in ("maxSurge", "maxUnavailable")]
    return (surge if given[0] is None else given[0], unavailable if given[1] is None else given[1])


def _scaled(value: object, whole: int, *, up: bool) -> int | None:
    """A number, or a percentage of `whole`, as a number; None where it is neither (the API server refuses it)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    product = int(match[1]) * whole
    return -(-product // 100) if up else product // 100


def _ports_in_use(state: ClusterState) -> Mapping[str, tuple[HostPort, ...]]:
    found: dict[str, tuple[HostPort, ...]] = {}
    for pod in placed_pods(state):
        ports = host_ports(pod.spec)
        if ports and pod.node is not None:
            found[pod.node] = (*found.get(pod.node, ()), *ports)
    return found


def _places(
    spec: PodSpec,
    kind: str,
    rooms: Mapping[str, NodeRoom],
    scheduler: Scheduler,
    taken: Mapping[str, tuple[HostPort, ...]],
) -> dict[str, int]:
    """How many more such Pods each Node admits: with host ports one at most, and none where these are taken."""
    ports = host_ports(spec)
    found = {}
    for name in scheduler.eligible(spec, kind):
        room = rooms.get(name)
        if room is None:
            continue
        if ports:
            found[name] = 0 if ports_clash(ports, taken.get(name, ())) else min(1, room.places)
        else:
            found[name] = room.places
    return found


def _room(spec: PodSpec, places: Mapping[str, int], left: Supply) -> int:
    return sum(places.values()) if spec.hostNetwork else left.over(places)
