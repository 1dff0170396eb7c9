"""Who calls what in a scope, and what the engine predicts of one first packet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from designer.engine.cni import node_address
from designer.engine.cni.ranges import is_address, network
from designer.engine.compile import ClusterState
from designer.engine.controlplane.state import PodState, ServiceState
from designer.engine.trace import Trace
from designer.engine.trace.aim import Aim, protocol_of
from designer.engine.trace.beyond import leave
from designer.engine.trace.entries import eligible
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground, family_of
from designer.engine.trace.journey import start
from designer.engine.trace.origin import node_origin, pod_origin
from designer.engine.trace.outside import come_in
from designer.engine.trace.reply import finish
from designer.lab.fabric import outsiders
from designer.lab.nodes import built_pods
from designer.lab.plan import LabPlan, node_space, pod_space
from designer.lab.planning import pod_ports
from designer.lab.prediction import Prediction, predict, untestable

SPORT = 41822
# A port that no Service of a usual cluster has, and the ports of a Node's own programs.
NO_PORT, OWN_PORTS = 81, (10250, 10256)


@dataclass(frozen=True, slots=True)
class Aimed:
    """A first packet: from whom, to which address, port and protocol; `entry` is the Node by which it comes in."""

    origin: Origin
    address: str
    port: int
    protocol: str
    entry: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to try. `space` is the namespace that sends, `mark` picks the Node by which it comes in (0: none).

    `entry` is that Node, `scenario` the name of the saved request that it belongs to; "" where there is none. `note` is
    what a confirmation does not show.
    """

    source: str
    destination: str
    protocol: str
    space: str
    address: str
    port: int
    mark: int
    prediction: Prediction
    entry: str = ""
    scenario: str = ""
    note: str = ""

    @property
    def family(self) -> int:
        """4 or 6."""
        return family_of(self.address)


def aimed_at(state: ClusterState, scope: str) -> Iterator[Aimed]:
    """Every first packet of the scope "services", "matrix" or "strays", one after the other."""
    return AIMS[scope](Ground.of(state))


def drawn(state: ClusterState, scope: str, sample: int | None = None) -> tuple[tuple[Aimed, ...], int]:
    """At most `sample` first packets of a scope in their order, each with the same chance, and how many there are."""
    if sample is None:
        every = tuple(aimed_at(state, scope))
        return every, len(every)
    draw, count = Random(state.project.cluster.seed), 0
    kept: list[tuple[int, Aimed]] = []
    for aimed in aimed_at(state, scope):
        count += 1
        place = count - 1 if count <= sample else draw.randrange(count)
        if place < sample:
            kept[place : place + 1] = [(count, aimed)]
    return tuple(aimed for _, aimed in sorted(kept, key=lambda pair: pair[0])), count


def probe_of(ground: Ground, plan: LabPlan, aimed: Aimed) -> Probe:
    """A first packet as a probe with the engine's prediction of it."""
    where = f"[{aimed.address}]:{aimed.port}" if ":" in aimed.address else f"{aimed.address}:{aimed.port}"
    label = f"{aimed.label} ({where})" if aimed.label else where
    label += f" through {aimed.entry}" if aimed.entry else ""
    called = ground.nodes_by_ip.get(aimed.address)
    entry = aimed.entry or (called.name if called is not None and aimed.origin.kind == "outside" else "")
    space, mark = _place(plan, aimed.origin, aimed.address), dict(plan.entries).get(entry, 0)
    known = {name for name, _ in plan.spaces}
    if aimed.protocol == "SCTP" and plan.no_sctp:
        found = untestable(f"SCTP cannot be sent here. {plan.no_sctp}")
    elif not space:
        found = untestable(f"{aimed.origin.name} has no address of that IP family.")
    elif space not in known:
        found = untestable(f"{aimed.origin.name} is not built in the lab.")
    else:
        found = _doubt(ground, aimed) or predict(ground, trace_of(ground, aimed))
    return Probe(aimed.origin.id, label, aimed.protocol, space, aimed.address, aimed.port, mark, found, aimed.entry)


def trace_of(ground: Ground, aimed: Aimed) -> Trace:
    """What the engine makes of one first packet."""
    entries = ((aimed.entry, aimed.address),) if aimed.entry else ()
    aim = Aim(aimed.address, aimed.port, protocol_of(aimed.protocol), aimed.label, entries)
    go = come_in if aimed.origin.kind == "outside" else start
    return go(ground, aimed.origin, aim, SPORT, finish, leave)


def _doubt(ground: Ground, aimed: Aimed) -> Prediction | None:
    """Why the lab has not what the packet meets, None where it has."""
    family = family_of(aimed.address)
    if aimed.entry and node_address(ground.node(aimed.entry), family) is None:
        return untestable(f"{aimed.entry} has no IPv{family} address by which the packet could come in.")
    for service in ground.services_at(aimed.address):
        if any(entry.ip == aimed.address and entry.ip_mode == "Proxy" for entry in service.load_balancer):
            return untestable("A load balancer with its own connections answers, and the lab runs none.")
    return None


def _place(plan: LabPlan, origin: Origin, address: str) -> str:
    """The namespace that sends for an origin."""
    if origin.kind == "node":
        return node_space(origin.node)
    if origin.kind == "pod":
        return pod_space(origin.id)
    spaces = dict(plan.outsiders)
    own = next((a for a in origin.addresses if is_address(a) and family_of(a) == family_of(address)), "")
    return spaces.get(own, "")


def _services(ground: Ground) -> Iterator[Aimed]:
    """Every port of every Service at each of its addresses, from every Node, a Pod of each workload, and outside."""
    inside = [*(node_origin(node) for node in ground.control.nodes.values()), *map(pod_origin, _one_a_workload(ground))]
    outside = _outside(ground)
    for service in ground.control.services.values():
        for port in service.ports:
            who = f"{service.namespace}/{service.name}"
            shared = [*service.cluster_ips, *_public(service)]
            for address in filter(is_address, shared):
                for origin in inside:
                    yield Aimed(origin, address, port.port, port.protocol, "", who)
            for address in filter(is_address, _public(service)):
                for node in eligible(ground, service, family_of(address)):
                    for origin in outside:
                        yield Aimed(origin, address, port.port, port.protocol, node.name, who)
            if port.node_port is not None:
                for address in _node_addresses(ground):
                    for origin in (*inside, *outside):
                        yield Aimed(origin, address, port.node_port, port.protocol, "", who)
                for origin in inside:
                    if origin.kind == "node" and node_address(ground.node(origin.node), 4) is not None:
                        yield Aimed(origin, "127.0.0.1", port.node_port, port.protocol, "", who)
    yield from _host_ports(ground, (*inside, *outside))


def _public(service: ServiceState) -> list[str]:
    """The Service's addresses for the world outside, of which each reaches a Node as it is."""
    balanced = [entry.ip for entry in service.load_balancer if entry.ip]
    return list(dict.fromkeys((*service.external_ips, *balanced)))


def _host_ports(ground: Ground, origins: tuple[Origin, ...]) -> Iterator[Aimed]:
    """Every hostPort at its Node's addresses."""
    for pod in built_pods(ground):
        node = ground.node(pod.node or "")
        for port in pod_ports(pod):
            if port.hostPort:
                for address in filter(is_address, node.addresses):
                    for origin in origins:
                        yield Aimed(origin, address, port.hostPort, port.protocol, "", f"{pod.namespace}/{pod.name}")


def _matrix(ground: Ground) -> Iterator[Aimed]:
    """Every Pod, Node and somebody outside to every port of every Pod, and Pods to what is outside."""
    pods = built_pods(ground)
    senders = [*map(pod_origin, pods), *(node_origin(node) for node in ground.control.nodes.values())]
    hosting = [p for p in ground.control.pods.values() if p.host_network and p.node in ground.control.nodes]
    for origin in (*senders, *_outside(ground)):
        for pod in (*pods, *hosting):
            for port in pod_ports(pod):
                for address in filter(is_address, pod.ips):
                    yield Aimed(origin, address, port.containerPort, port.protocol, "", f"{pod.namespace}/{pod.name}")
    for origin in senders:
        for one in outsiders(ground):
            for protocol, number in one.ports:
                for address in one.addresses:
                    yield Aimed(origin, address, number, protocol, "", one.who)


def _strays(ground: Ground) -> Iterator[Aimed]:
    """What no Service is for: ports that it has not, addresses that nobody has, a Node's own programs."""
    inside = [*(node_origin(node) for node in ground.control.nodes.values()), *map(pod_origin, _one_a_workload(ground))]
    targets: list[tuple[str, int, str, str]] = []
    for service in ground.control.services.values():
        who = f"{service.namespace}/{service.name}"
        for address in filter(is_address, (*service.cluster_ips, *_public(service))):
            targets.append((address, NO_PORT, "TCP", who))
            targets += [(address, p.port, "UDP" if p.protocol == "TCP" else "TCP", who) for p in service.ports]
        if service.health_check_node_port:
            targets += [(address, service.health_check_node_port, "TCP", who) for address in _node_addresses(ground)]
    for cidr in (*ground.settings.serviceCIDRs, *(r for node in ground.control.nodes.values() for r in node.pod_cidrs)):
        where = network(cidr)
        if where is not None:
            targets.append((str(where.network_address + where.num_addresses // 2 + 7), 80, "TCP", "nobody"))
    targets += [(address, port, "TCP", "node") for address in _node_addresses(ground) for port in OWN_PORTS]
    for address, port, protocol, who in dict.fromkeys(targets):
        for origin in (*inside, *(_outside(ground) if address in ground.nodes_by_ip else ())):
            yield Aimed(origin, address, port, protocol, "", who)


def _one_a_workload(ground: Ground) -> list[PodState]:
    """The first built Pod of each workload; Pods that stand for themselves all."""
    found: dict[str, PodState] = {}
    for pod in built_pods(ground):
        found.setdefault(pod.owner or pod.id, pod)
    return list(found.values())


def _outside(ground: Ground) -> list[Origin]:
    return [
        Origin("outside", one.who, one.who.partition(":")[2] or one.who, one.addresses) for one in outsiders(ground)
    ]


def _node_addresses(ground: Ground) -> list[str]:
    families = (4, 6)
    found = [
        address
        for node in ground.control.nodes.values()
        for family in families
        if (address := node_address(node, 6 if family == 6 else 4)) is not None
    ]
    return list(dict.fromkeys(found))


AIMS: dict[str, Callable[[Ground], Iterator[Aimed]]] = {"services": _services, "matrix": _matrix, "strays": _strays}
