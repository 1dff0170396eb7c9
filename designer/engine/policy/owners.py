"""Who has an address of the cluster: a Pod, a Node, or something outside; and which address a Node sends from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy.families import family_bits
from designer.engine.policy.matchers import FINISHED_PHASES, Peer, parse_address
from designer.model import EMPTY_MAP, FrozenMap


class Senders(Protocol):
    """What a network plugin makes of a Node's own packets to Pods of other Nodes (`domain/cni.md` section 6, D)."""

    def way(self, node: str, other: str) -> bool | None:
        """Whether they carry the address of the plugin's device, not the Node's own; None where that is not known."""

    def carried(self, node: str) -> tuple[str, ...]:
        """The addresses of that device, one a family; the Node's own where the plugin has none in the family."""

    def link(self, node: str) -> str:
        """Where the Node stands: the way between two Nodes hangs on nothing else."""


@dataclass(frozen=True, slots=True, eq=False)
class UnknownSenders:
    """Where the plugin is not asked: a Node with a tunnel or a bridge may send from its address, or from its own."""

    nodes: FrozenMap[str, NodeState] = EMPTY_MAP

    def way(self, node: str, other: str) -> bool | None:
        """False for a Node without such a device."""
        known = self.nodes.get(node)
        return None if known is not None and (known.tunnel_ips or known.bridge_ips) else False

    def carried(self, node: str) -> tuple[str, ...]:
        """The first address of each family that one of the devices has."""
        known = self.nodes.get(node)
        if known is None:
            return ()
        held = (*known.tunnel_ips, *known.bridge_ips, *known.addresses)
        return tuple(next(a for a in held if (":" in a) == six) for six in (False, True) if _has(held, six))

    def link(self, node: str) -> str:
        """Nodes differ in nothing else than in having such a device."""
        return str(self.way(node, ""))


def _has(held: Iterable[str], six: bool) -> bool:
    return any((":" in address) == six for address in held)


@dataclass(frozen=True, slots=True, eq=False)
class AddressOwners:
    """The owners of all addresses of these Pods and Nodes, looked through when an address is first asked for."""

    pods: FrozenMap[str, PodState] = EMPTY_MAP
    nodes: FrozenMap[str, NodeState] = EMPTY_MAP
    senders: Senders = field(default_factory=UnknownSenders)
    _by_pod: dict[str, PodState] = field(default_factory=dict, repr=False)
    _by_node: dict[str, str] = field(default_factory=dict, repr=False)

    def peer_at(self, address: str) -> Peer:
        """Who has this address: Nodes before Pods, since hostNetwork Pods share theirs."""
        if not self._by_node and not self._by_pod:
            self._gather()
        parsed = parse_address(address)
        text = address if parsed is None else str(parsed)
        node, pod = self._by_node.get(text), self._by_pod.get(text)
        if node is not None:
            return Peer.of_node(node, text)
        return Peer.of_pod(pod, text) if pod is not None else Peer.of_address(address)

    def arriving(self, peer: Peer, node: str | None) -> tuple[Peer, ...]:
        """As whom a Node, whose address nobody named, is seen on another Node: one peer, two where it is not known."""
        way = self.senders.way(peer.node, node) if node is not None and peer.node in self.nodes else None
        if way is False or not peer.addresses:
            return (peer,)
        other = carried_peer(peer, self.senders)
        if other.addresses == peer.addresses:
            return (peer,)
        return (other,) if way else (peer, other)

    def _gather(self) -> None:
        for pod in self.pods.values():
            if pod.phase not in FINISHED_PHASES and not pod.host_network:
                self._by_pod.update(dict.fromkeys(pod.ips, pod))
        for node in self.nodes.values():
            held = (*node.addresses, *node.interface_addresses, *node.tunnel_ips, *node.bridge_ips)
            self._by_node.update(dict.fromkeys(held, node.name))


def carried_peer(peer: Peer, senders: Senders) -> Peer:
    """The Node with the addresses of the plugin's device, in the families of its own."""
    families = family_bits(peer.addresses)
    kept = tuple(a for a in senders.carried(peer.node) if family_bits((a,)) & families)
    return replace(peer, address=kept[0], others=kept[1:], guessed=False) if kept else peer
