"""With which address a Node's own packets reach Pods of other Nodes: its own, or that of the plugin's device.

`domain/cni.md` section 6, D: the source is the address of the outgoing interface, so that of the tunnel where packets
are wrapped, that of Weave Net's bridge, and the Node's own where plain routes lead on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.engine.cni.devices import bridge_address, host_device, node_address, same_link, tunnel_address
from designer.engine.cni.profile import CniProfile, Encapsulation
from designer.engine.cni.ranges import contains, network, of_family, prefix_length
from designer.engine.cni.routes import USUAL_LINK
from designer.engine.controlplane.state import Family, NodeState
from designer.model import ClusterSettings, FrozenMap

FAMILIES: tuple[Family, ...] = (4, 6)
# No host has it: it stands for one of which only the family is known.
UNKNOWN: dict[Family, str] = {4: "0.0.0.0", 6: "::"}


@dataclass(frozen=True, slots=True, eq=False)
class NodeSenders:
    """The Nodes of a cluster as senders, asked pair by pair."""

    profile: CniProfile
    settings: ClusterSettings
    nodes: FrozenMap[str, NodeState]
    _carried: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def way(self, node: str, other: str) -> bool | None:
        """Whether they carry the address of the plugin's device; None where that is not known.

        Cilium goes by the identity that comes with a packet, and a plugin that is only assumed may be another one.
        """
        if node == other or node not in self.nodes or other not in self.nodes:
            return None
        if self.profile.flat:
            return True
        wraps = [(family, wrap) for family in FAMILIES if (wrap := self._wrap(family)) is not None]
        if not wraps:
            return None if self._assumes("cni") else False
        if self._assumes("cni") or host_device(self.profile):
            return None
        said = {found for family, wrap in wraps if (found := self._wrapped(node, other, family, wrap)) != "none"}
        if not said:
            return False
        return said == {"yes"} if len(said) == 1 and "unknown" not in said else None

    def carried(self, node: str) -> tuple[str, ...]:
        """The addresses of the device, one a family; the Node's own where packets go unwrapped."""
        known = self._carried.get(node)
        if known is None:
            state = self.nodes.get(node)
            made = [self._address(state, family) for family in FAMILIES] if state is not None else []
            known = self._carried[node] = tuple(text for text in made if text)
        return known

    def link(self, node: str) -> str:
        """The subnets that the Node stands in, and whether it is known."""
        state = self.nodes.get(node)
        if state is None:
            return ""
        found = []
        for family in FAMILIES:
            wrap = self._wrap(family)
            if wrap is not None and wrap.when == "cross-subnet":
                below = wrap.underlay or family
                own = node_address(state, below)
                usual = self.settings.nodeNetwork if below == 4 else self.settings.nodeNetworkV6
                lengths = {prefix_length(usual), *((USUAL_LINK[below],) if self._link_assumed(below) else ())}
                found += [str(network(f"{own}/{length}")) for length in sorted(lengths)]
        return " ".join(found)

    def _wrap(self, family: Family) -> Encapsulation | None:
        """The encapsulation of a family that Pods have."""
        return self.profile.encapsulation(family) if of_family(self.profile.pools, family) else None

    def _wrapped(self, node: str, other: str, family: Family, wrap: Encapsulation) -> str:
        """Whether a family's packets are wrapped: "yes", "no", "unknown", "none" where there are none."""
        below = wrap.underlay or family
        ours, theirs = node_address(self.nodes[node], below), node_address(self.nodes[other], below)
        if ours is None or theirs is None:
            return "none"
        if wrap.when == "always":
            return "yes"
        if not same_link(self.settings, ours, theirs):
            return "yes"
        unsure = self._link_assumed(below) and not contains(f"{ours}/{USUAL_LINK[below]}", theirs)
        return "unknown" if unsure else "no"

    def _address(self, state: NodeState, family: Family) -> str | None:
        own = node_address(state, family)
        if self.profile.flat:
            return (bridge_address(self.profile, state, family) or UNKNOWN[family]) if own else None
        if own is None or self._wrap(family) is None:
            return own
        if host_device(self.profile):
            return next(iter(of_family(state.tunnel_ips, family)), None) or UNKNOWN[family]
        return tunnel_address(self.profile, state, family) or UNKNOWN[family]

    def _assumes(self, setting: str) -> bool:
        return f"setting:{setting}" in self.settings.assumed

    def _link_assumed(self, family: Family) -> bool:
        return self._assumes("nodeNetwork" if family == 4 else "nodeNetworkV6")
