"""Rules of compiled policies as the matching parts of nft rules: who is meant, and which ports.

What a selector means is asked of the policies' own matchers, for every address that the cluster knows; strangers are
asked for by the address blocks that the matcher looks at, since no answer changes inside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from designer.engine.controlplane.state import PodState
from designer.engine.policy import CompiledRule, Direction
from designer.engine.policy.matchers import FINISHED_PHASES, BlockMatch, Peer, PodMatch, PortMatch, parse_address
from designer.engine.policy.peering import peer_answer
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, PROTOCOLS, named_ports
from designer.engine.policy.tiers import EndMatch, TierPeer, TierRule
from designer.engine.trace.ground import Ground
from designer.lab.plan import EVERYBODY

Network = IPv4Network | IPv6Network
WORDS: dict[int, str] = {4: "ip", 6: "ip6"}
# Stands in a condition for saddr or daddr, whichever is the other end's.
FAR = "FAR"


@dataclass(slots=True)
class Ends:
    """Who can be meant. What a matcher means is found once and kept, by its identity."""

    ground: Ground
    running: list[PodState]
    known: tuple[str, ...]
    _found: dict[int, tuple[TierPeer, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, ground: Ground) -> Ends:
        """The ends of a cluster: the Pods that selectors can mean, and every address of a Pod or a Node."""
        pods = [p for p in ground.control.pods.values() if not p.host_network and p.phase not in FINISHED_PHASES]
        nodes = ground.control.nodes.values()
        held = [a for n in nodes for a in (*n.addresses, *n.interface_addresses, *n.tunnel_ips, *n.bridge_ips)]
        every = dict.fromkeys((*(a for pod in pods for a in pod.ips), *held))
        return cls(ground, pods, tuple(a for a in every if parse_address(a) is not None))

    def matches(self, pod: PodState, direction: Direction, rule: CompiledRule | TierRule) -> Iterable[str]:
        """Every way to fulfil a rule, as the matching part of an nft rule; none where it demands another subject.

        A port name stands for numbers of the Pod that is called: for egress those of each Pod at the other end.
        """
        policies = self.ground.state.policies
        own = rule.own if isinstance(rule, TierRule) else None
        if own is not None and peer_answer(own, Peer.of_pod(pod), policies)[0] is not True:
            return
        far = "daddr" if direction == "egress" else "saddr"
        plain = rule.ports if direction == "ingress" else tuple(port for port in rule.ports if not port.name)
        if plain or not rule.ports:
            for where in self._peers(rule.peers, far):
                for ports in _ports(plain, pod):
                    yield f"{where} {ports}"
        named = tuple(port for port in rule.ports if port.name) if direction == "egress" else ()
        for other in self.running if named else ():
            for address in other.ips:
                peer = Peer.of_pod(other, address)
                if not rule.peers or any(peer_answer(one, peer, policies)[0] is True for one in rule.peers):
                    for ports in _ports(named, other):
                        yield f"{word(address)} {far} {address} {ports}"

    def _peers(self, peers: tuple[TierPeer, ...], far: str) -> Iterable[str]:
        """The other ends that a rule means; one that holds for everybody where it names none."""
        if not peers:
            yield ""
        for peer in peers:
            for condition in self._conditions(peer):
                yield condition.replace(FAR, far)

    def _conditions(self, match: TierPeer) -> tuple[str, ...]:
        kept = self._found.get(id(match))
        if kept is None:
            found = _block(match) if isinstance(match, BlockMatch) else self._asked(match)
            kept = self._found[id(match)] = (match, tuple(found))
        return kept[1]

    def _asked(self, match: PodMatch | EndMatch) -> Iterator[str]:
        """Conditions for the addresses that a matcher means, each asked for."""
        policies = self.ground.state.policies
        for version in WORDS:
            own = [a for a in self.known if _version(a) == version]
            meant = [a for a in own if peer_answer(match, policies.peer_at(a), policies)[0] is True]
            if meant:
                some = meant[0] if len(meant) == 1 else f"{{ {', '.join(meant)} }}"
                yield f"{WORDS[version]} {FAR} {some}"
            for atom, holes in () if isinstance(match, PodMatch) else _atoms(match.blocks, version):
                stranger = _stranger(atom, holes, own)
                if stranger and peer_answer(match, policies.peer_at(stranger), policies)[0] is True:
                    out = [f"{WORDS[version]} {FAR} != {{ {', '.join(not_)} }}" for not_ in (holes, own) if not_]
                    yield " ".join((_inside(ip_network(atom)), *out))


def _block(match: BlockMatch) -> Iterator[str]:
    found = WORDS[match.network.version]
    out = f" {found} {FAR} != {{ {', '.join(map(str, match.excepts))} }}" if match.excepts else ""
    yield _inside(match.network) + out


def _inside(network: Network) -> str:
    """What holds for the addresses of a network."""
    if network.prefixlen == 0:
        return f"meta nfproto ipv{network.version}"
    return f"{WORDS[network.version]} {FAR} {network}"


def _atoms(blocks: tuple[BlockMatch, ...], version: int) -> Iterator[tuple[str, list[str]]]:
    """The address space of a version in pieces between the borders of blocks: each a network without its holes."""
    every = {
        *map(ip_network, EVERYBODY.values()),
        *(one for block in blocks for one in (block.network, *block.excepts)),
    }
    networks = sorted((n for n in every if n.version == version), key=lambda n: (n.prefixlen, n.network_address))
    for network in networks:
        inner = [one for one in networks if one != network and _within(one, network)]
        outermost = [one for one in inner if not any(one != other and _within(one, other) for other in inner)]
        yield str(network), [str(one) for one in outermost]


def _within(inner: Network, outer: Network) -> bool:
    return inner.prefixlen >= outer.prefixlen and inner.network_address in outer


def _stranger(atom: str, holes: list[str], known: list[str]) -> str:
    """An address of a piece that nobody of the cluster has; "" where there is none."""
    where, out = ip_network(atom), [ip_network(hole) for hole in holes]
    taken = {ip_address(one) for one in known}
    for start in (int(where.network_address), *(int(hole.broadcast_address) + 1 for hole in out)):
        for number in range(start, start + len(taken) + 1):
            if number > int(where.broadcast_address):
                break
            address = type(where.network_address)(number)
            if address in taken:
                continue
            if not any(address in hole for hole in out):
                return str(address)
            break
    return ""


def _version(address: str) -> int:
    return 6 if ":" in address else 4


def word(address: str) -> str:
    """``ip`` or ``ip6``."""
    return WORDS[_version(address)]


def _ports(ports: tuple[PortMatch, ...], target: PodState | None) -> list[str]:
    """The ports of a rule as nft matches; one that matches everything where the rule names none."""
    if not ports:
        return [""]
    found = []
    for port in ports:
        protocol = port.protocol.lower()
        if port.protocol not in PROTOCOLS:
            continue  # no probe is of that kind
        if port.name:
            numbers = () if target is None else named_ports(target.spec, port.name, port.protocol)
            found += [f"{protocol} dport {number}" for number in numbers]
        elif (port.low, port.high) == (MIN_PORT, MAX_PORT):
            found.append(f"meta l4proto {protocol}")
        elif port.low <= port.high:
            numbers_ = f"{port.low}-{port.high}" if port.high > port.low else str(port.low)
            found.append(f"{protocol} dport {numbers_}")
    return found
