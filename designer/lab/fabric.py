"""The network between and around the Nodes: one namespace that switches and routes, and what stands outside.

Everything is on one link. A Node sees those of its own subnet on it and everybody else through the fabric's address
there, as through a router. Somebody outside picks the Node by which a packet comes in with a mark on its socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from designer.engine.cni import NODE_DEVICE, Routing, node_address
from designer.engine.cni.ranges import contains, family_of, is_address
from designer.engine.controlplane.state import Family, NodeState
from designer.engine.trace.delivery import KUBERNETES
from designer.engine.trace.ground import OUTSIDE, Ground
from designer.engine.trace.indices import outside_addresses
from designer.engine.trace.origin import ASSUMED_OUTSIDE
from designer.lab.plan import BITS, EVERYBODY, FABRIC, Draft, node_space
from designer.lab.settings import EVERYWHERE, SWITCH
from designer.model import ExternalClient, ExternalHost

SWITCH_DEVICE = "fabric0"
MTU = 1500
FIRST_TABLE = 1000


@dataclass(frozen=True, slots=True)
class Outsider:
    """Something outside the cluster with a namespace. `who` is its object id, `ports` what it listens on."""

    who: str
    addresses: tuple[str, ...]
    ports: tuple[tuple[str, int], ...] = ()

    @property
    def space(self) -> str:
        """Its namespace."""
        return f"outside {self.who}"


def outsiders(ground: Ground) -> tuple[Outsider, ...]:
    """Clients and hosts of the project, an API server on no Node, and somebody outside; each address once."""
    things: list[ExternalClient | ExternalHost] = [
        *ground.state.project.of(ExternalHost),
        *ground.state.project.of(ExternalClient),
    ]
    wanted = [Outsider(thing.id, outside_addresses(thing) or ASSUMED_OUTSIDE, _ports(thing)) for thing in things]
    for piece in ground.control.slices.get(KUBERNETES, ()):
        for end in piece.endpoints:
            ports = tuple((p.protocol, p.port) for p in piece.ports if p.port is not None)
            wanted.append(Outsider(KUBERNETES, tuple(filter(is_address, end.addresses)), ports))
    wanted.append(Outsider(OUTSIDE, ASSUMED_OUTSIDE))
    taken = {*ground.nodes_by_ip, *ground.pods_by_ip, *ground.services.by_ip}
    found: list[Outsider] = []
    for one in wanted:
        free = tuple(address for address in one.addresses if address not in taken)
        if free and not any(one.space == known.space for known in found):
            taken.update(free)
            found.append(Outsider(one.who, free, one.ports))
    return tuple(found)


def _ports(thing: ExternalClient | ExternalHost) -> tuple[tuple[str, int], ...]:
    pairs = (text.lower().partition("/") for text in thing.spec.ports)
    found = ((protocol.upper() or "TCP", number) for number, _, protocol in pairs)
    return tuple((protocol, int(number)) for protocol, number in found if number.isdigit())


def links_of(ground: Ground, routings: tuple[Routing, ...]) -> dict[Family, tuple[str, ...]]:
    """The Nodes' subnets of each family, as their routing tables have them."""
    found: dict[Family, list[str]] = {}
    for routing in routings:
        for name in ground.control.nodes:
            for route in routing.table(name):
                if route.kind == "link" and route.destination not in found.setdefault(routing.family, []):
                    found[routing.family].append(route.destination)
    return {family: tuple(ranges) for family, ranges in found.items()}


def gateway_of(ground: Ground, link: str, others: tuple[Outsider, ...]) -> str:
    """The fabric's address in a subnet: the highest one that nobody has."""
    taken = {*ground.nodes_by_ip, *ground.services.by_ip, *(a for one in others for a in one.addresses)}
    where = ip_network(link)
    last = int(where.network_address) + min(where.num_addresses, 65536) - 2
    numbers = range(last, int(where.network_address), -1)
    return next((text for n in numbers if (text := str(type(where.network_address)(n))) not in taken), "")


def add_fabric(
    draft: Draft, ground: Ground, links: dict[Family, tuple[str, ...]], others: tuple[Outsider, ...]
) -> None:
    """The fabric with its addresses; each Node's card and everybody outside is a port of it."""
    draft.spaces.append((FABRIC, SWITCH))
    draft.add("bridge", FABRIC, name=SWITCH_DEVICE, mac=draft.mac(FABRIC, SWITCH_DEVICE), mtu=MTU)
    for family, ranges in links.items():
        draft.add("route", FABRIC, destination=EVERYBODY[family], device="")
        for link in ranges:
            gateway = gateway_of(ground, link, others)
            if gateway:
                draft.add("address", FABRIC, device=SWITCH_DEVICE, address=f"{gateway}/{BITS[family]}")
            draft.add("route", FABRIC, destination=link, device=SWITCH_DEVICE)
    for number, node in enumerate(ground.control.nodes.values()):
        _join(draft, node_space(node.name), NODE_DEVICE, f"n{number}")
        for address in (*node.addresses, *node.interface_addresses):
            if is_address(address):
                _reachable(draft, node_space(node.name), NODE_DEVICE, address, links)
    for number, one in enumerate(others):
        draft.spaces.append((one.space, EVERYWHERE))
        _join(draft, one.space, "eth0", f"o{number}")
        for address in one.addresses:
            draft.add("address", one.space, device="eth0", address=f"{address}/{BITS[family_of(address)]}")
            _reachable(draft, one.space, "eth0", address, links)


def _join(draft: Draft, space: str, device: str, port: str) -> None:
    draft.veth(space, device, FABRIC, port, MTU)
    draft.add("port", FABRIC, name=port, bridge=SWITCH_DEVICE, hairpin=False)
    draft.add("forwarding", FABRIC, device=port, mac=draft.mac(space, device))


def _reachable(draft: Draft, space: str, device: str, address: str, links: dict[Family, tuple[str, ...]]) -> None:
    """How the fabric finds an address: by its own way where no subnet holds it, and the link address for good."""
    if not any(contains(link, address) for link in links.get(family_of(address), ())):
        bits = BITS[family_of(address)]
        draft.add("route", FABRIC, destination=f"{address}/{bits}", device=SWITCH_DEVICE)
    draft.add("neighbour", FABRIC, device=SWITCH_DEVICE, address=address, mac=draft.mac(space, device))


def add_neighbours(draft: Draft, ground: Ground, others: tuple[Outsider, ...]) -> None:
    """Who has which address on the link: each Node knows all others, and everybody outside knows the Nodes."""
    nodes = tuple(ground.control.nodes.values())
    machines = [(node_space(node.name), NODE_DEVICE, _addresses(node)) for node in nodes]
    outside = [(one.space, "eth0", one.addresses) for one in others]
    for space, device, _ in (*machines, *outside):
        for other, far, addresses in (*machines, *outside):
            if space != other and (other.startswith("node ") or space.startswith("node ")):
                for address in addresses:
                    draft.add("neighbour", space, device=device, address=address, mac=draft.mac(other, far))


def _addresses(node: NodeState) -> tuple[str, ...]:
    return tuple(filter(is_address, dict.fromkeys((*node.addresses, *node.interface_addresses))))


def add_ways_in(
    draft: Draft, ground: Ground, links: dict[Family, tuple[str, ...]], others: tuple[Outsider, ...]
) -> tuple[tuple[str, int], ...]:
    """The routes of everybody outside: by the fabric, and with a Node's mark by that Node. The marks of the Nodes."""
    marks = tuple((name, number) for number, name in enumerate(ground.control.nodes, 1))
    for one in others:
        for family, ranges in links.items():
            own = next((a for a in one.addresses if family_of(a) == family), "")
            gateway = gateway_of(ground, ranges[0], others)
            if not own or not gateway:
                continue
            draft.add("neighbour", one.space, device="eth0", address=gateway, mac=draft.mac(FABRIC, SWITCH_DEVICE))
            draft.add("route", one.space, destination=EVERYBODY[family], device="eth0", via=gateway, source=own,
                      onlink=True)  # fmt: skip
            for name, mark in marks:
                via = node_address(ground.node(name), family)
                if via is not None:
                    table = FIRST_TABLE + mark
                    draft.add("route", one.space, destination=EVERYBODY[family], device="eth0", via=via,
                              source=own, onlink=True, table=table)  # fmt: skip
                    draft.add("rule", one.space, family=family, table=table, mark=mark)
    return marks
