"""A simple kube-scheduler: which Node a Pod goes to, and the scheduler's own words when there is none.

Filters: nodeSelector and required node affinity, taints, cordoned Nodes, hostPorts, the number of Pods. Scoring: fewest
Pods of the same owner, then fewest Pods, then the Node's name. Preferences, resources and spreading by topology are not
followed; a required one that is not followed is reported.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from designer.engine.controlplane.affinity import node_matches
from designer.model import DaemonSet, Node, PodSpec
from designer.model.core import Taint, Toleration

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"

# What the DaemonSet controller adds to its Pods (pkg/controller/daemon/util.AddOrUpdateDaemonPodTolerations).
DAEMON_TOLERATIONS: tuple[Toleration, ...] = (
    Toleration(key=NOT_READY, operator="Exists", effect="NoExecute"),
    Toleration(key=UNREACHABLE, operator="Exists", effect="NoExecute"),
    Toleration(key="node.kubernetes.io/disk-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/memory-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key="node.kubernetes.io/pid-pressure", operator="Exists", effect="NoSchedule"),
    Toleration(key=UNSCHEDULABLE, operator="Exists", effect="NoSchedule"),
)
DAEMON_HOST_NETWORK = Toleration(key="node.kubernetes.io/network-unavailable", operator="Exists", effect="NoSchedule")

HostPort = tuple[str, str, int]  # protocol, hostIP, port


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key by which ``node-2`` comes before ``node-10``."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in re.findall(r"[0-9]+|[^0-9]+", name))


def is_ready(node: Node) -> bool:
    """The Ready condition; True when the input says nothing."""
    return ready_status(node) == "True"


def ready_status(node: Node) -> str:
    """Status of the Ready condition; True when the input says nothing."""
    return next((c.status for c in node.status.conditions if c.type == "Ready"), "True")


def effective_taints(node: Node) -> tuple[Taint, ...]:
    """The Node's taints, and those that the node lifecycle controller adds for a cordoned or not ready Node."""
    taints = list(node.spec.taints)
    present = {(t.key, t.effect) for t in taints}
    added: list[tuple[str, str]] = []
    if node.spec.unschedulable:
        added.append((UNSCHEDULABLE, "NoSchedule"))
    match ready_status(node):
        case "False":
            added += [(NOT_READY, "NoSchedule"), (NOT_READY, "NoExecute")]
        case "Unknown":
            added += [(UNREACHABLE, "NoSchedule"), (UNREACHABLE, "NoExecute")]
    taints += [Taint(key=key, effect=effect) for key, effect in added if (key, effect) not in present]
    return tuple(taints)


def tolerates(tolerations: Iterable[Toleration], taint: Taint) -> bool:
    """Whether one of `tolerations` tolerates `taint` (`Toleration.ToleratesTaint`)."""
    return any(
        (not t.effect or t.effect == taint.effect)
        and (not t.key or t.key == taint.key)
        and (t.operator == "Exists" or (t.key and (t.value or "") == (taint.value or "")))
        for t in tolerations
    )


def tolerations_of(spec: PodSpec, kind: str) -> tuple[Toleration, ...]:
    """The tolerations of a Pod, with those that the DaemonSet controller adds."""
    if kind != DaemonSet.KIND:
        return spec.tolerations
    extra = (DAEMON_HOST_NETWORK,) if spec.hostNetwork else ()
    return (*spec.tolerations, *DAEMON_TOLERATIONS, *extra)


def host_ports(spec: PodSpec) -> tuple[HostPort, ...]:
    """The host ports that a Pod asks for; with hostNetwork every container port is one."""
    found = []
    for container in (*spec.initContainers, *spec.containers):
        if container in spec.initContainers and container.restartPolicy != "Always":
            continue
        for port in container.ports:
            number = port.hostPort or (port.containerPort if spec.hostNetwork else None)
            if number:
                found.append((port.protocol, port.hostIP or "0.0.0.0", number))
    return tuple(found)


def ports_clash(wanted: Iterable[HostPort], taken: Iterable[HostPort]) -> bool:
    """Whether two sets of host ports collide: same protocol and port, and same or any address."""
    used = list(taken)
    return any(
        w[0] == t[0] and w[2] == t[2] and (w[1] == t[1] or "0.0.0.0" in (w[1], t[1])) for w in wanted for t in used
    )


@dataclass(slots=True)
class NodeLoad:
    """A Node as the scheduler sees it while it places Pods."""

    node: Node
    order: int
    limit: int
    taints: tuple[Taint, ...]
    pods: int = 0
    ports: list[HostPort] = field(default_factory=list)

    def blocks(self, spec: PodSpec, tolerations: tuple[Toleration, ...]) -> str:
        """Why this Node cannot take such a Pod whatever runs on it, "" when it can."""
        if self.taints:
            for taint in self.taints:
                if taint.effect in {"NoSchedule", "NoExecute"} and not tolerates(tolerations, taint):
                    if taint.key == UNSCHEDULABLE:
                        return "node(s) were unschedulable"
                    return f"node(s) had untolerated taint {{{taint.key}: {taint.value or ''}}}"
        if not node_matches(spec, self.node.name, self.node.labels):
            return "node(s) didn't match Pod's node affinity/selector"
        return ""

    def full(self, ports: tuple[HostPort, ...]) -> str:
        """Why this Node cannot take another such Pod just now, "" when it can."""
        if self.pods >= self.limit:
            return "Too many pods"
        if ports and ports_clash(ports, self.ports):
            return "node(s) didn't have free ports for the requested pod ports"
        return ""

    def take(self, ports: tuple[HostPort, ...], count: int = 1) -> None:
        """Count one more Pod, or several without host ports."""
        self.pods += count
        if ports:
            self.ports += ports


class Scheduler:
    """The Nodes with what runs on them. Ask `placer` for the Pods of one owner, one owner after the other."""

    def __init__(self, nodes: Mapping[str, Node], max_pods: int) -> None:
        ordered = sorted(nodes.values(), key=lambda n: natural_key(n.name))
        self.loads: dict[str, NodeLoad] = {
            node.name: NodeLoad(node, order, pod_limit(node, max_pods), effective_taints(node))
            for order, node in enumerate(ordered)
        }
        self._eligible: dict[object, tuple[str, ...]] = {}
        self._queues: dict[tuple[str, ...], LoadQueue] = {}

    def count(self, node: str, ports: tuple[HostPort, ...], count: int = 1) -> None:
        """Take note of a Pod with these host ports that runs on `node`, or of several without."""
        load = self.loads.get(node)
        if load is not None:
            load.take(ports, count)

    def eligible(self, spec: PodSpec, kind: str) -> tuple[str, ...]:
        """The Nodes that such a Pod may run on whatever runs there already, in natural order."""
        tolerations = tolerations_of(spec, kind)
        affinity = (spec.model_extra or {}).get("affinity")
        key = (spec.nodeSelector, tolerations, id(affinity) if affinity else 0)
        found = self._eligible.get(key)
        if found is None:
            found = tuple(name for name, load in self.loads.items() if not load.blocks(spec, tolerations))
            self._eligible[key] = found
        return found

    def staying(self, spec: PodSpec, kind: str) -> tuple[str, ...]:
        """The Nodes on which a DaemonSet's Pod that runs there stays: a new NoSchedule taint takes nothing away."""
        tolerations = tolerations_of(spec, kind)
        return tuple(
            name
            for name, load in self.loads.items()
            if node_matches(spec, name, load.node.labels)
            and all(t.effect != "NoExecute" or tolerates(tolerations, t) for t in load.taints)
        )

    def placer(self, spec: PodSpec, kind: str, of_owner: Mapping[str, int]) -> Placer:
        """What places the Pods of one owner, of which `of_owner` already run on each Node."""
        names = self.eligible(spec, kind)
        if names not in self._queues:
            self._queues[names] = LoadQueue(self.loads, names)
        return Placer(self.loads, self._queues[names], host_ports(spec), of_owner)

    def refusal(self, spec: PodSpec, kind: str, only: str | None = None) -> str:
        """The scheduler's words for a Pod that fits nowhere (with `only`, a DaemonSet's Pod bound to one Node)."""
        if not self.loads:
            return "no nodes available to schedule pods"
        tolerations, ports = tolerations_of(spec, kind), host_ports(spec)
        reasons: Counter[str] = Counter()
        for name, load in self.loads.items():
            if only is not None and name != only:
                reasons["node(s) didn't match Pod's node affinity/selector"] += 1
            else:
                reasons[load.blocks(spec, tolerations) or load.full(ports)] += 1
        reasons.pop("", None)
        texts = sorted(f"{count} {reason}" for reason, count in reasons.items())
        return f"0/{len(self.loads)} nodes are available: {', '.join(texts)}."


class LoadQueue:
    """Nodes that the same Pods may run on, the emptiest first; counts only grow, so stale entries are put back."""

    def __init__(self, loads: Mapping[str, NodeLoad], names: tuple[str, ...]) -> None:
        self.names = names
        self._loads = loads
        self._heap = [(loads[name].pods, loads[name].order, name) for name in names]
        self._out: list[str] = []
        heapq.heapify(self._heap)

    def restart(self) -> None:
        """Put back what `next` has given since the last restart."""
        for name in self._out:
            heapq.heappush(self._heap, (self._loads[name].pods, self._loads[name].order, name))
        self._out.clear()

    def next(self) -> str | None:
        """The emptiest Node that was not given since the last restart; None when all were."""
        while self._heap:
            pods, order, name = heapq.heappop(self._heap)
            if self._loads[name].pods == pods:
                self._out.append(name)
                return name
            heapq.heappush(self._heap, (self._loads[name].pods, order, name))
        return None


class Placer:
    """Places Pods of one owner one after the other: fewest of the owner, then fewest Pods, then the Node's name.

    An owner that runs nowhere yet takes Node after Node from the common queue; only then the owner's own counts matter.
    """

    def __init__(
        self,
        loads: Mapping[str, NodeLoad],
        queue: LoadQueue,
        ports: tuple[HostPort, ...],
        of_owner: Mapping[str, int],
    ) -> None:
        self._ports, self._loads, self._queue = ports, loads, queue
        self._owned = dict(of_owner)
        self._fresh = not of_owner
        self._heap: list[tuple[int, int, int, str]] | None = None
        queue.restart()

    def place(self) -> str | None:
        """The Node of the next Pod, counted there at once; None when it fits nowhere."""
        while self._fresh:
            name = self._queue.next()
            if name is None:
                self._fresh = False
            elif not self._loads[name].full(self._ports):
                self._owned[name] = 1
                self._loads[name].take(self._ports)
                return name
        if self._heap is None:
            self._heap = [
                (self._owned.get(name, 0), self._loads[name].pods, self._loads[name].order, name)
                for name in self._queue.names
            ]
            heapq.heapify(self._heap)
        return self._from_heap(self._heap)

    def _from_heap(self, heap: list[tuple[int, int, int, str]]) -> str | None:
        while heap:
            owned, _, order, name = heap[0]
            load = self._loads[name]
            if load.full(self._ports):
                heapq.heappop(heap)
                continue
            load.take(self._ports)
            heapq.heapreplace(heap, (owned + 1, load.pods, order, name))
            return name
        return None


def pod_limit(node: Node, max_pods: int) -> int:
    """How many Pods a Node may run: ``status.allocatable.pods`` or the cluster's setting."""
    given = node.status.allocatable.get("pods", node.status.capacity.get("pods"))
    try:
        return max_pods if given is None else int(given)
    except ValueError:
        return max_pods
