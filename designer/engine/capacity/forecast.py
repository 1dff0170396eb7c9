"""The whole forecast: what runs out first, counted in objects that still fit; every Node's room; rolling updates."""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.capacity.limits import Limit, node_limits, pod_limits, pool_limits, port_limits, service_limits
from designer.engine.capacity.noderoom import NodeRoom, node_rooms, scheduler_of
from designer.engine.capacity.rollouts import Rollout, rollouts
from designer.engine.capacity.supply import supply
from designer.engine.compile import ClusterState


@dataclass(frozen=True, slots=True)
class Forecast:
    """`limits` are in the order of what is left, those that nothing fails at behind others with as much left.

    CPU, memory and other resources are not counted; nor is what the input does not show.
    """

    limits: tuple[Limit, ...]
    nodes: tuple[NodeRoom, ...]
    rollouts: tuple[Rollout, ...]

    @property
    def first(self) -> Limit | None:
        """The range that is full first, counted in objects; only such at whose end something fails."""
        return next((limit for limit in self.limits if not limit.soft), None)

    @property
    def surge(self) -> int:
        """How many Pods more there may be when everything is updated at the same time."""
        return sum(rollout.surge for rollout in self.rollouts)

    @property
    def room(self) -> int:
        """How many more Pods without tolerations and selectors come to run, at most."""
        return min((limit.left for limit in self.limits if limit.thing == "Pod" and not limit.where), default=0)


def forecast(state: ClusterState) -> Forecast:
    """How many more objects fit into each range of the cluster (domain/ipam.md 11, rule 4)."""
    scheduler, left = scheduler_of(state), supply(state)
    rooms = node_rooms(state, scheduler, left)
    limits = [
        *node_limits(state, left),
        *pod_limits(state, rooms, left),
        *service_limits(state),
        *port_limits(state),
        *pool_limits(state),
    ]
    limits.sort(key=lambda limit: (limit.left, limit.soft))
    return Forecast(tuple(limits), rooms, rollouts(state, rooms, scheduler, left))
