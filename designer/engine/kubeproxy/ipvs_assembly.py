"""What all Services put into one node's IPVS, put together; after an edit only what the edited Services touch anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress, count
from operator import is_not

from designer.engine.controlplane.state import Family
from designer.engine.kubeproxy import ipvs_sets as sets
from designer.engine.kubeproxy.ipvs_service import Gathered, IpvsView
from designer.engine.kubeproxy.service_ports import ServicePort
from designer.engine.netfilter import IpSet, VirtualServer
from designer.engine.netfilter.render import address_and_port

Ports = tuple[ServicePort, ...]
Piece = Callable[[Ports], Gathered]
Key = tuple[str, str, int]

_PROTOCOLS = ("tcp", "udp", "sctp")
# Of more edited Services than this everything is put together anew.
MANY = 100


@dataclass(frozen=True, slots=True)
class Assembly:
    """One node's IPVS in one family, with what it was made from.

    `pieces` are what each Service of `ports` adds, in the same order; `turns` are their places in the order in which
    they are taken: of two that claim one address, port and protocol the last has it. `servers` are sorted as text; `at`
    says where each stands; it is empty where two Services claim one, so that nothing can be said of either alone.
    """

    view: IpvsView
    turns: tuple[int, ...]
    ports: tuple[Ports, ...]
    pieces: tuple[Gathered, ...]
    book: Gathered
    held: dict[str, IpSet]
    servers: tuple[VirtualServer, ...]
    addresses: tuple[str, ...]
    at: dict[Key, int]


def assemble(
    view: IpvsView, turns: tuple[int, ...], ports: tuple[Ports, ...], piece: Piece, last: Assembly | None
) -> Assembly:
    """The assembly of these Services' ports; `last`, an earlier one, only saves time."""
    if last is None or last.view != view:
        return _whole(view, turns, ports, tuple([piece(own) for own in ports]))
    if last.turns is turns and len(last.ports) == len(ports):
        changed = list(compress(count(), map(is_not, ports, last.ports)))
        pieces = list(last.pieces)
        for place in changed:
            pieces[place] = piece(ports[place])
        if last.at and len(changed) <= MANY:
            amended = _amended(last, ports, tuple(pieces), changed)
            if amended is not None:
                return amended
        return _whole(view, turns, ports, tuple(pieces))
    known = {id(own): made for own, made in zip(last.ports, last.pieces, strict=True) if own}
    found = tuple([known.get(id(own)) or piece(own) for own in ports])
    return _whole(view, turns, ports, found)


def _whole(view: IpvsView, turns: tuple[int, ...], ports: tuple[Ports, ...], pieces: tuple[Gathered, ...]) -> Assembly:
    book = Gathered()
    for place in turns:
        book.take(pieces[place])
    held = {}
    for name in sets.SETS:
        made = _set(name, book, view.node.family)
        held[made.name] = made
    servers, at = _sorted_servers(book)
    alone = sum(len(made.servers) for made in pieces) == len(book.servers)
    return Assembly(view, turns, ports, pieces, book, held, servers, tuple(sorted(book.bound)), at if alone else {})


def _amended(
    last: Assembly, ports: tuple[Ports, ...], pieces: tuple[Gathered, ...], changed: Sequence[int]
) -> Assembly | None:
    """`last` with the pieces at the places `changed`; None where one of them claims what another Service has."""
    servers, lost = dict(last.book.servers), [last.pieces[place] for place in changed]
    new = [pieces[place] for place in changed]
    for made in lost:
        for key in made.servers:
            del servers[key]
    for made in new:
        if any(key in servers for key in made.servers):
            return None
        servers.update(made.servers)
    book = Gathered(servers, dict(last.book.members), last.book.bound, last.book.unreachable)
    _amend_bound(book, last, pieces, lost, new)
    held = _amend_sets(book, last, pieces, lost, new)
    if any(made.unreachable for made in (*lost, *new)):
        book.unreachable = [entry for place in last.turns for entry in pieces[place].unreachable]
    addresses = last.addresses if book.bound is last.book.bound else tuple(sorted(book.bound))
    if {key for made in lost for key in made.servers} != {key for made in new for key in made.servers}:
        ordered, at = _sorted_servers(book)
    else:
        standing, at = list(last.servers), last.at
        for made in new:
            for key, server in made.servers.items():
                standing[at[key]] = server
        ordered = tuple(standing)
    return Assembly(last.view, last.turns, ports, pieces, book, held, ordered, addresses, at)


def _amend_bound(
    book: Gathered, last: Assembly, pieces: tuple[Gathered, ...], lost: list[Gathered], new: list[Gathered]
) -> None:
    """The addresses of the dummy device, gathered again where they may differ."""
    if [made.bound for made in lost] != [made.bound for made in new]:
        book.bound = {address: None for place in last.turns for address in pieces[place].bound}


def _amend_sets(
    book: Gathered, last: Assembly, pieces: tuple[Gathered, ...], lost: list[Gathered], new: list[Gathered]
) -> dict[str, IpSet]:
    """The sets, those gathered again that may differ; two Services can have put the same member in."""
    held = dict(last.held)
    for name in sets.SETS:
        if [made.members.get(name) for made in lost] != [made.members.get(name) for made in new]:
            members: dict[str, None] = {}
            for place in last.turns:
                members.update(pieces[place].members.get(name, {}))
            book.members[name] = members
        elif name != sets.BOUND_ADDRESSES or book.bound is last.book.bound:
            continue
        made = _set(name, book, last.view.node.family)
        held[made.name] = made
    return held


def _set(name: str, book: Gathered, family: Family) -> IpSet:
    """One set, its members sorted as text; that of the dummy device's addresses has what is bound."""
    if name == sets.BOUND_ADDRESSES:
        book.members[name] = book.bound
    called = sets.set_name(name, family)
    return IpSet(called, sets.SETS[name].type, tuple(sorted(book.members.get(name, ()))), family)


def _sorted_servers(book: Gathered) -> tuple[tuple[VirtualServer, ...], dict[Key, int]]:
    """The virtual servers sorted as text, and the place of each."""
    servers = sorted(book.servers.items(), key=lambda item: _place(item[1]))
    return tuple([server for _, server in servers]), {key: place for place, (key, _) in enumerate(servers)}


def _place(server: VirtualServer) -> tuple[str, int]:
    return address_and_port(server.address, server.port), _PROTOCOLS.index(server.protocol)
