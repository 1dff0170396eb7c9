"""How many more Pods each Node takes: places by maxPods, addresses by what the network plugin can hand out there.

domain/ipam.md 11, rule 4: Pods a Node = min(maxPods, usable addresses). The scheduler counts places and knows nothing
of addresses: a Pod that finds a place and no address stays in ContainerCreating (10).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from designer.engine.capacity.counted import placed_pods
from designer.engine.capacity.supply import Supply
from designer.engine.compile import ClusterState
from designer.engine.controlplane.scheduler import Scheduler
from designer.model import Deployment, Node, PodSpec


@dataclass(frozen=True, slots=True)
class NodeRoom:
    """One Node: how many Pods it may run, how many it runs, how many more have an address if all of them go there.

    `closed` says why Pods without tolerations and selectors do not get there, "" where they do.
    """

    name: str
    limit: int
    running: int
    addresses: int
    closed: str = ""

    @property
    def places(self) -> int:
        """How many more Pods the kubelet admits."""
        return max(0, self.limit - self.running)

    @property
    def left(self) -> int:
        """How many more Pods come to run there."""
        return min(self.places, self.addresses)

    @property
    def strands(self) -> bool:
        """Whether Pods can be bound to the Node that get no address."""
        return self.addresses < self.places


def scheduler_of(state: ClusterState) -> Scheduler:
    """The Nodes as the scheduler filters them."""
    nodes = {node.name: node for node in state.project.of(Node)}
    return Scheduler(nodes, state.project.cluster.maxPods)


def node_rooms(state: ClusterState, scheduler: Scheduler, left: Supply) -> tuple[NodeRoom, ...]:
    """Every Node of the input with its room, in natural order of the names."""
    running = Counter(pod.node for pod in placed_pods(state))
    plain = PodSpec()
    opened = frozenset(scheduler.eligible(plain, Deployment.KIND))
    return tuple(
        NodeRoom(
            name,
            load.limit,
            running[name],
            left.on(name),
            "" if name in opened else load.blocks(plain, ()),
        )
        for name, load in scheduler.loads.items()
    )
