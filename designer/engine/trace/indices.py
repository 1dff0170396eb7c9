"""Indices over a compiled cluster that traces look things up in, each kept while what it is made from is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from designer.engine.cni.ranges import is_address, network
from designer.engine.controlplane.state import NodeState, PodState, ServiceState
from designer.engine.memo import same
from designer.model import EMPTY_MAP, ExternalClient, ExternalHost, FrozenMap

T = TypeVar("T")

# Pods that have ended have no network any more.
ENDED = ("Succeeded", "Failed")
# Of more Pods that differ than this everything is looked at anew.
MANY = 5000


@dataclass(frozen=True, slots=True, eq=False)
class PodIndices:
    """Pods by address and by Node, in the order of their ids.

    `rivals_by_ip` are second Pods of an address that an input gives twice.
    """

    pods: FrozenMap[str, PodState] = EMPTY_MAP
    by_node: dict[str, list[PodState]] = field(default_factory=dict)
    by_ip: dict[str, PodState] = field(default_factory=dict)
    rivals_by_ip: dict[str, PodState] = field(default_factory=dict)


def pod_indices(pods: FrozenMap[str, PodState], last: PodIndices | None = None) -> PodIndices:
    """The indices of `pods`; `last`, earlier ones, only saves time."""
    if last is not None and last.pods and not last.rivals_by_ip:
        gone, changed = pods.differing(last.pods)
        if len(gone) + len(changed) <= MANY:
            made = _amended(pods, last, gone, changed)
            if made is not None:
                return made
    made = PodIndices(pods)
    for pod in pods.values():
        if pod.node is not None:
            made.by_node.setdefault(pod.node, []).append(pod)
        for ip in _addresses(pod):
            if made.by_ip.setdefault(ip, pod) is not pod:
                made.rivals_by_ip.setdefault(ip, pod)
    return made


def _addresses(pod: PodState) -> Iterable[str]:
    """The addresses that are the Pod's own while it runs."""
    if pod.node is None or pod.phase in ENDED or pod.host_network:
        return ()
    return filter(is_address, pod.ips)


def _amended(
    pods: FrozenMap[str, PodState], last: PodIndices, gone: list[str], changed: list[str]
) -> PodIndices | None:
    """`last` with the Pods that differ; None where two Pods come to have one address."""
    by_node, by_ip = dict(last.by_node), dict(last.by_ip)
    lost = [last.pods[oid] for oid in (*gone, *changed) if oid in last.pods]
    new = [pods[oid] for oid in changed]
    for pod in lost:
        for ip in _addresses(pod):
            del by_ip[ip]
    for pod in new:
        for ip in _addresses(pod):
            if by_ip.setdefault(ip, pod) is not pod:
                return None
    away = {pod.id for pod in lost}
    for node in dict.fromkeys(pod.node for pod in (*lost, *new) if pod.node is not None):
        staying = [pod for pod in by_node.get(node, ()) if pod.id not in away]
        by_node[node] = sorted([*staying, *(pod for pod in new if pod.node == node)], key=lambda pod: pod.id)
    return PodIndices(pods, by_node, by_ip)


@dataclass(frozen=True, slots=True, eq=False)
class ServiceIndices:
    """Services by each of their addresses, in the order of their ids, and the one that has a node port.

    `contested`: two Services have one node port; the first has it.
    """

    services: FrozenMap[str, ServiceState] = EMPTY_MAP
    by_ip: dict[str, list[ServiceState]] = field(default_factory=dict)
    by_node_port: dict[tuple[str, int], ServiceState] = field(default_factory=dict)
    contested: bool = False


def service_indices(services: FrozenMap[str, ServiceState], last: ServiceIndices | None = None) -> ServiceIndices:
    """The indices of `services`; `last`, earlier ones, only saves time."""
    if last is not None and not last.contested:
        gone, changed = services.differing(last.services)
        if len(gone) + len(changed) <= MANY:
            return _services_amended(services, last, gone, changed)
    made = ServiceIndices(services)
    for service in services.values():
        for ip in _service_addresses(service):
            made.by_ip.setdefault(ip, []).append(service)
    contested = _take_node_ports(made.by_node_port, services.values())
    return ServiceIndices(services, made.by_ip, made.by_node_port, contested)


def _service_addresses(service: ServiceState) -> dict[str, None]:
    """All addresses that are the Service's own, each once."""
    balanced = (entry.ip for entry in service.load_balancer if entry.ip)
    return dict.fromkeys((*service.cluster_ips, *service.external_ips, *balanced))


def _take_node_ports(found: dict[tuple[str, int], ServiceState], services: Iterable[ServiceState]) -> bool:
    """Put node ports in; whether two Services have one."""
    contested = False
    for service in services:
        for port in service.ports:
            if port.node_port is not None:
                owner = found.setdefault((port.protocol, port.node_port), service)
                contested = contested or owner is not service
    return contested


def _services_amended(
    services: FrozenMap[str, ServiceState], last: ServiceIndices, gone: list[str], changed: list[str]
) -> ServiceIndices:
    """`last` with the Services that differ."""
    by_ip, by_port = dict(last.by_ip), dict(last.by_node_port)
    for old in [last.services[oid] for oid in (*gone, *changed) if oid in last.services]:
        for ip in _service_addresses(old):
            by_ip[ip] = [other for other in by_ip[ip] if other.id != old.id]
        for port in old.ports:
            by_port.pop((port.protocol, port.node_port or 0), None)
    new = [services[oid] for oid in changed]
    for service in new:
        for ip in _service_addresses(service):
            by_ip[ip] = sorted([*by_ip.get(ip, ()), service], key=lambda one: one.id)
    contested = _take_node_ports(by_port, new)
    if contested:
        return service_indices(services)
    return ServiceIndices(services, by_ip, by_port)


@dataclass(frozen=True, slots=True, eq=False)
class NodeIndices:
    """Nodes by the addresses that the world outside may know, and by those of the Pods' bridges."""

    by_ip: dict[str, NodeState] = field(default_factory=dict)
    by_bridge_ip: dict[str, NodeState] = field(default_factory=dict)


def node_indices(nodes: FrozenMap[str, NodeState]) -> NodeIndices:
    """The indices of `nodes`."""
    made = NodeIndices()
    for node in nodes.values():
        for ip in filter(is_address, (*node.addresses, *node.interface_addresses)):
            made.by_ip.setdefault(ip, node)
        for ip in filter(is_address, node.bridge_ips):
            made.by_bridge_ip.setdefault(ip, node)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class OutsideIndices:
    """What is outside the cluster by its single addresses, and its ranges in order."""

    by_ip: dict[str, ExternalClient | ExternalHost] = field(default_factory=dict)
    ranges: list[tuple[str, ExternalClient | ExternalHost]] = field(default_factory=list)


def outside_indices(things: Iterable[ExternalClient | ExternalHost]) -> OutsideIndices:
    """The indices of what is outside, hosts first."""
    made = OutsideIndices()
    for thing in things:
        for ip in outside_addresses(thing):
            made.by_ip.setdefault(ip, thing)
        made.ranges.extend((text, thing) for text in thing.spec.addresses if "/" in text)
    return made


def outside_addresses(thing: ExternalClient | ExternalHost) -> tuple[str, ...]:
    """The addresses of something outside; the first host of a range stands for it, what is no address is left out."""
    found = []
    for text in thing.spec.addresses:
        where = network(text)
        if where is not None:
            found.append(str(where.network_address + (1 if where.num_addresses > 2 else 0)))
    return tuple(dict.fromkeys(found))


class Shelf:
    """What traces of earlier states of a cluster left, by name, with the objects that it was made from."""

    __slots__ = ("_kept",)

    def __init__(self, kept: dict[Any, Any]) -> None:
        self._kept = kept

    def once(self, name: str, reads: tuple[object, ...], make: Callable[[T | None], T]) -> T:
        """What `make` gives, made anew only when one of `reads` is another object; `make` gets the one before."""
        before: tuple[tuple[object, ...], T] | None = self._kept.get(name)
        if before is not None and same(before[0], reads):
            return before[1]
        made = make(before[1] if before is not None else None)
        self._kept[name] = (reads, made)
        return made
