"""What Service ports put into IPVS on one node, as kube-proxy v1.36.2 does: virtual servers, set members, addresses.

`domain/kube-proxy.md` section "ipvs mode".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, cast

from designer.engine.kubeproxy import ipvs_sets as sets
from designer.engine.kubeproxy.node_view import NodeView
from designer.engine.kubeproxy.service_ports import Categories, Endpoint, ServicePort, categorize
from designer.engine.netfilter import RealServer, VirtualServer
from designer.engine.netfilter.packet import in_network

# The scheduler whose flag kube-proxy sets, so that connections of one client spread over its ports.
_PORT_HASHING: dict[str, tuple[str, ...]] = {"mh": ("mh-port",)}
_WHOLE_ADDRESS = {4: "/32", 6: "/128"}


@dataclass(frozen=True, slots=True)
class IpvsView:
    """What one node's kube-proxy goes by in ipvs mode.

    `held` are the addresses of the node's own interfaces, `node_port_addresses` those of them that take node ports.
    """

    node: NodeView
    scheduler: str
    held: tuple[str, ...]
    node_port_addresses: tuple[str, ...]


@dataclass(slots=True)
class Gathered:
    """What has been put together so far: a book that `gather` writes into.

    `members`: set → its members. `bound`: addresses of the dummy device. `unreachable`: (address, protocol, port) of
    load balancers whose source ranges leave the node itself out, as often as they are named. Of two Services that
    claim one address, port and protocol the last one has the virtual server.
    """

    servers: dict[tuple[str, str, int], VirtualServer] = field(default_factory=dict)
    members: dict[str, dict[str, None]] = field(default_factory=dict)
    bound: dict[str, None] = field(default_factory=dict)
    unreachable: list[tuple[str, str, int]] = field(default_factory=list)

    def add(self, name: str, members: Iterable[str]) -> None:
        """Puts members into a set."""
        self.members.setdefault(name, {}).update(dict.fromkeys(members))

    def take(self, other: Gathered) -> None:
        """Puts in what another book holds, as if it had been written after this one."""
        self.servers.update(other.servers)
        self.bound.update(other.bound)
        for name, members in other.members.items():
            if members:
                self.members.setdefault(name, {}).update(members)
        if other.unreachable:
            self.unreachable += other.unreachable


def gather(book: Gathered, port: ServicePort, view: IpvsView) -> None:
    """Writes into the book what one Service port needs on the node."""
    used = categorize(port, view.node.node, view.node.zone)
    # All endpoints of the node, whatever their state: they loop back while connections to them last.
    here = [e for e in port.endpoints if e.node == view.node.node]
    book.add(sets.LOOP_BACK, [f"{e.ip},{port.protocol}:{e.port},{e.ip}" for e in here])
    book.add(sets.CLUSTER_IP, [_element(port.cluster_ip, port, port.port)])
    _serve(book, port, view, port.cluster_ip, port.port, _chosen(used, port.internal_local))
    book.bound[port.cluster_ip] = None
    outer = _chosen(used, port.external_local)
    for address in port.external_ips:
        name = sets.EXTERNAL_IP_LOCAL if port.external_local else sets.EXTERNAL_IP
        book.add(name, [_element(address, port, port.port)])
        _serve(book, port, view, address, port.port, outer)
    for address in port.vips:
        _balance(book, port, view, address)
        _serve(book, port, view, address, port.port, outer)
    _bind(book, (*port.external_ips, *port.vips), view)
    if port.node_port:
        _open_node_port(book, port, view, outer)
    if port.health_check_port and (view.node_port_addresses or not port.node_port):
        # A node port without any address to stand on ends kube-proxy's work on the Service port before this point.
        book.add(sets.HEALTH_CHECK_PORT, [str(port.health_check_port)])


def _chosen(used: Categories, local: bool) -> tuple[Endpoint, ...]:
    """The endpoints of a virtual server: by policy Local the node's own, and all where the node has none."""
    return (used.local or used.cluster) if local else used.cluster


def _element(address: str, port: ServicePort, number: int) -> str:
    return f"{address},{port.protocol}:{number}"


def _serve(
    book: Gathered, port: ServicePort, view: IpvsView, address: str, number: int, endpoints: tuple[Endpoint, ...]
) -> None:
    protocol = cast(Literal["tcp", "udp", "sctp"], port.protocol)
    book.servers[(address, protocol, number)] = VirtualServer(
        protocol,
        address,
        number,
        view.scheduler,
        _PORT_HASHING.get(view.scheduler, ()),
        port.affinity_seconds,
        tuple([RealServer(e.ip, e.port) for e in endpoints]),
    )


def _bind(book: Gathered, addresses: Iterable[str], view: IpvsView) -> None:
    """The dummy device takes the addresses that none of the node's other interfaces has."""
    for address in addresses:
        if address not in view.held:
            book.bound[address] = None


def _balance(book: Gathered, port: ServicePort, view: IpvsView, address: str) -> None:
    """The sets for one address of a load balancer.

    With source ranges, a node that they contain may use the address with that very address as source: it is on the
    node, so the kernel picks it. Any other node's own traffic to it is dropped.
    """
    element = _element(address, port, port.port)
    book.add(sets.BALANCER, [element])
    if port.external_local:
        book.add(sets.BALANCER_LOCAL, [element])
    if not port.source_ranges:
        return
    book.add(sets.BALANCER_FIREWALL, [element])
    whole = _WHOLE_ADDRESS[view.node.family]
    book.add(sets.BALANCER_SOURCE_CIDR, [f"{element},{cidr.removesuffix(whole)}" for cidr in port.source_ranges])
    node_ip = view.node.node_ip
    if node_ip is not None and any(in_network(node_ip, cidr) for cidr in port.source_ranges):
        book.add(sets.BALANCER_SOURCE_IP, [f"{element},{address}"])
    else:
        book.unreachable.append((address, port.protocol, port.port))


def _open_node_port(book: Gathered, port: ServicePort, view: IpvsView, endpoints: tuple[Endpoint, ...]) -> None:
    """The node port on each address that takes node ports; nothing where none does."""
    addresses = view.node_port_addresses
    if not addresses:
        return
    everyone, local = sets.NODE_PORT_SETS[port.protocol]
    by_address = sets.SETS[everyone].type != "bitmap:port"
    members = [_element(a, port, port.node_port) for a in addresses] if by_address else [str(port.node_port)]
    book.add(everyone, members)
    if port.external_local:
        book.add(local, members)
    for address in addresses:
        _serve(book, port, view, address, port.node_port, endpoints)
