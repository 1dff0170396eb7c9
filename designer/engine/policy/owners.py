"""Who has an address of the cluster: a Pod, a Node, or something outside; and which addresses a Node may send from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy.matchers import FINISHED_PHASES, BlockMatch, Peer, parse_address
from designer.model import EMPTY_MAP, FrozenMap


@dataclass(frozen=True, slots=True, eq=False)
class AddressOwners:
    """The owners of all addresses of these Pods and Nodes, looked through when an address is first asked for."""

    pods: FrozenMap[str, PodState] = EMPTY_MAP
    nodes: FrozenMap[str, NodeState] = EMPTY_MAP
    _by_pod: dict[str, PodState] = field(default_factory=dict, repr=False)
    _by_node: dict[str, str] = field(default_factory=dict, repr=False)
    _apart: dict[BlockMatch, bool] = field(default_factory=dict, repr=False)

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

    def tells_nodes_apart(self, blocks: Iterable[BlockMatch]) -> bool:
        """Whether a block holds one address from which some Node may send to a Pod elsewhere, and another it does not.

        A Node's packets carry its own address or, over a tunnel or bridge of the plugin, that of the device
        (`domain/cni.md`, the source that a Pod sees).
        """
        return any(self._parts(block) for block in blocks)

    def _parts(self, block: BlockMatch) -> bool:
        known = self._apart.get(block)
        if known is None:
            known = self._apart[block] = any(_is_parted(block, node) for node in self.nodes.values())
        return known

    def _gather(self) -> None:
        for pod in self.pods.values():
            if pod.phase not in FINISHED_PHASES and not pod.host_network:
                self._by_pod.update(dict.fromkeys(pod.ips, pod))
        for node in self.nodes.values():
            held = (*node.addresses, *node.interface_addresses, *node.tunnel_ips, *node.bridge_ips)
            self._by_node.update(dict.fromkeys(held, node.name))


def _is_parted(block: BlockMatch, node: NodeState) -> bool:
    texts = (*node.addresses, *node.tunnel_ips, *node.bridge_ips)
    held = [a for a in map(parse_address, texts) if a is not None and a.version == block.network.version]
    return len({block.covers(address) for address in held}) > 1
