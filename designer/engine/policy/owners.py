"""Who has an address of the cluster: a Pod, a Node, or something outside."""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.engine.controlplane.state import NodeState, PodState
from designer.engine.policy.matchers import FINISHED_PHASES, Peer, parse_address
from designer.model import EMPTY_MAP, FrozenMap


@dataclass(frozen=True, slots=True, eq=False)
class AddressOwners:
    """The owners of all addresses of these Pods and Nodes, looked through when an address is first asked for."""

    pods: FrozenMap[str, PodState] = EMPTY_MAP
    nodes: FrozenMap[str, NodeState] = EMPTY_MAP
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

    def _gather(self) -> None:
        for pod in self.pods.values():
            if pod.phase not in FINISHED_PHASES and not pod.host_network:
                self._by_pod.update(dict.fromkeys(pod.ips, pod))
        for node in self.nodes.values():
            held = (*node.addresses, *node.interface_addresses, *node.tunnel_ips, *node.bridge_ips)
            self._by_node.update(dict.fromkeys(held, node.name))
