"""Whom the party at a hop sees: the owners of the packet's addresses, who it really was, and what comes after it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.trace.hops import Header, Hop, Path
from designer.model import ExternalClient, ExternalHost
from designer.present.words import object_text, share_text, short_name


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One thing seen: its name, its address, who that is, more about it, the object that it is ("" for none)."""

    name: str
    address: str = ""
    main: str = ""
    rest: str = ""
    oid: str = ""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has an address: words, and the object id ("" for none)."""

    words: str
    oid: str = ""


NOBODY = Owner("nobody in the project has it")


def owners_on(state: ClusterState, path: Path) -> dict[str, Owner]:
    """The owners of all addresses that the packets of a way carry, those without any left out."""
    wanted = {
        address
        for hop in path.hops
        for header in (hop.before, hop.after)
        if header is not None
        for address in (header.src, header.dst)
    }
    found: dict[str, Owner] = {}
    for address, owner in _addresses(state):
        if address in wanted:
            found.setdefault(address, owner)
    for address in sorted(wanted - found.keys()):
        if (outsider := _outside(state, address)) is not None:
            found[address] = outsider
    return found


def _addresses(state: ClusterState) -> Iterable[tuple[str, Owner]]:
    """Every address with its owner, the Node before its hostNetwork Pods."""
    control = state.control
    for node in control.nodes.values():
        roles = ((node.addresses, ""), (node.tunnel_ips, ", its tunnel device"), (node.bridge_ips, ", its Pod bridge"))
        for addresses, role in roles:
            yield from ((address, Owner(f"Node {node.name}{role}", node.id)) for address in addresses)
    for service in control.services.values():
        name = object_text(service.id)
        for address in service.cluster_ips:
            yield address, Owner(f"{name}, its ClusterIP", service.id)
        for entry in service.load_balancer:
            if entry.ip:
                yield entry.ip, Owner(f"{name}, its load balancer", service.id)
        for address in service.external_ips:
            yield address, Owner(f"{name}, its external IP", service.id)
    for pod in control.pods.values():
        yield from ((address, Owner(object_text(pod.id), pod.id)) for address in pod.ips)


def _outside(state: ClusterState, address: str) -> Owner | None:
    """The client or host outside that has an address, by itself or in a range."""
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return None
    if number.is_loopback:
        return Owner("the Node itself (loopback)")
    project = state.project
    outsiders: list[tuple[str, ExternalClient | ExternalHost]] = [*project.slice(ExternalClient).items()]
    outsiders += project.slice(ExternalHost).items()
    for oid, obj in outsiders:
        if any(_holds(text, number) for text in obj.spec.addresses):
            return Owner(short_name(oid), oid)
    return None


def _holds(text: str, number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return number in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def seen_rows(path: Path, index: int, owners: Mapping[str, Owner]) -> tuple[SeenRow, ...]:
    """Whom hop `index` (from 0) of a way sees, sender and receiver; what later packets and connections do.

    Where an address is a translated one, it is told which one it was and which hop translated it. () without a packet.
    """
    hop = path.hops[index]
    header = hop.after or hop.before
    if header is None:
        return ()
    rows = [_party(path, index, header, "src", owners), _party(path, index, header, "dst", owners)]
    if _translates(hop) and hop.direction == "request" and hop.kind != "conntrack":
        rows.append(SeenRow("Later packets of this connection", rest="Connection tracking translates them alike."))
        if path.labels:
            # The reason of the hop tells what session affinity does to the client's own.
            whose = "Those of other clients are" if "sessionAffinity" in hop.reason else "They are"
            words = f"{whose} decided anew; this way gets {share_text(path.share)} of them."
            rows.append(SeenRow("Other connections", rest=words))
    return tuple(rows)


def _party(path: Path, index: int, header: Header, end: str, owners: Mapping[str, Owner]) -> SeenRow:
    address = getattr(header, end)
    owner = owners.get(address, NOBODY)
    rest = ""
    first, at = _translated(path, index, end)
    if first != address and at >= 0:
        was = owners.get(first, NOBODY)
        verb = "Really" if end == "src" else "Asked for"
        rest = f"{verb} {first}, {was.words}: hop {at + 1} translated it."
    return SeenRow("Sender here" if end == "src" else "Receiver", address, owner.words, rest, owner.oid)


def _translated(path: Path, index: int, end: str) -> tuple[str, int]:
    """The address that the packet was sent with, and the last hop up to `index` that wrote another one, or -1."""
    direction, first, at = path.hops[index].direction, "", -1
    for place, hop in enumerate(path.hops[: index + 1]):
        if hop.direction != direction:
            continue
        before, after = hop.before, hop.after
        for header in (before, after):
            if header is not None and not first:
                first = getattr(header, end)
        if before is not None and after is not None and getattr(before, end) != getattr(after, end):
            at = place
    return first, at


def _translates(hop: Hop) -> bool:
    before, after = hop.before, hop.after
    if before is None or after is None:
        return False
    return (before.src, before.sport, before.dst, before.dport) != (after.src, after.sport, after.dst, after.dport)
