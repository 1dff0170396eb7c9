"""What a rule of a compiled policy matches: ports, Pods by selectors, address blocks; and the peers asked about.

A matcher answers True, False, or None with a reason where the engine's behaviour is not known.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from designer.engine.controlplane.enforcement import Enforcement
from designer.engine.controlplane.state import PodState
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, PROTOCOLS, PortSet, named_ports
from designer.engine.policy.validate import Network
from designer.model import EMPTY_MAP, FrozenMap, LabelSelector, selector_matches

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# True or False, or None for "cannot tell"; the reason says why not, "" where there is nothing to say.
Answer = tuple[bool | None, str]

NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
FINISHED_PHASES = ("Succeeded", "Failed")
# The Node of a hostNetwork Pod that has none yet: it will be another one, as far as anybody knows.
UNPLACED = "(none yet)"
# What no host has: it stands for an address of which only the family is known.
NOWHERE = ("", "0.0.0.0", "::")
# Where an address is of which nothing is known.
EVERYWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection, as the policy engine sees it there: a Pod, a Node, or an address elsewhere.

    `address` is the address that the packet carries at that point ("" for a Pod: any of its own). `hairpin` says that a
    Pod reached itself through its own Service. `world` says that an engine which goes by identities, not by addresses,
    takes it for somebody outside, whatever `address` is: only a block of every address holds that one. `resident` says
    that a Node is the one on which the asked Pod runs. `others` are further addresses of a Node, where any counts.
    `guessed` says that nobody named the address: the packet may carry that of a tunnel or bridge of the Node.
    """

    pod: PodState | None = None
    node: str = ""
    address: str = ""
    hairpin: bool = False
    world: bool = False
    resident: bool = False
    others: tuple[str, ...] = ()
    guessed: bool = False

    @classmethod
    def of_pod(cls, pod: PodState, address: str = "", hairpin: bool = False) -> Peer:
        """A Pod; one with hostNetwork is a peer of its Node, since its packets carry the Node's address."""
        if pod.host_network:
            addresses = (address,) if address else (*pod.ips, "")
            more = tuple(filter(None, addresses[1:]))
            return cls(node=pod.node or UNPLACED, address=addresses[0], others=more, guessed=not address)
        return cls(pod=pod, address=address, hairpin=hairpin)

    @classmethod
    def of_node(cls, node: str, address: str) -> Peer:
        """A process of a Node, or traffic translated to one of its addresses."""
        return cls(node=node, address=address)

    @classmethod
    def of_address(cls, address: str) -> Peer:
        """Something outside the cluster."""
        return cls(address=address)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that an ipBlock may match."""
        if self.address:
            return (self.address, *self.others)
        return self.pod.ips if self.pod else ()

    @property
    def text(self) -> str:
        """``shop/web-1``, ``node node-1 (10.0.0.1)``, ``203.0.113.7``."""
        if self.pod:
            return f"{self.pod.namespace}/{self.pod.name}"
        if self.world:
            return f"somebody outside (as {self.address})"
        if self.node and self.address not in NOWHERE:
            return f"node {self.node} ({self.address})"
        return f"node {self.node}" if self.node else self.address


@lru_cache(maxsize=65536)
def parse_address(text: str) -> Address | None:
    """The address that a text means, IPv4-mapped IPv6 as IPv4; None when it is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


@dataclass(frozen=True, slots=True)
class PortMatch:
    """One entry of ``ports``: a protocol with all ports, one number, a range, or a name.

    `among` is there where the engine may look the name up on all Pods instead of on the destination: its numbers there.
    """

    protocol: str
    low: int = MIN_PORT
    high: int = MAX_PORT
    name: str = ""
    is_range: bool = False
    among: tuple[int, ...] | None = None

    def answer(self, protocol: str, port: int, target: PodState | None, engine: Enforcement) -> Answer:
        """Whether this entry covers `port` of `protocol` on the destination Pod `target` (None: no Pod is there)."""
        if protocol not in PROTOCOLS:
            return None, f"NetworkPolicy does not define what a rule with ports does to {protocol}"
        if protocol != self.protocol:
            return False, f"{self.text} expected, got {port}/{protocol}"
        if protocol == "SCTP" and not engine.sctp:
            return None, f"it is not known what {engine.engine} does with SCTP rules"
        if self.name:
            return self._named(port, target, engine)
        if self.low <= port <= self.high:
            known = engine.end_port or not self.is_range
            return (True, "") if known else (None, f"{engine.engine} does not know endPort")
        return False, f"{self.text} expected, got {port}/{protocol}"

    @property
    def whole(self) -> PortSet:
        """The numbers that it may stand for."""
        return PortSet.of(self.protocol, self.low, self.high)

    def _named(self, port: int, target: PodState | None, engine: Enforcement) -> Answer:
        if not engine.named_ports:
            return None, f"{engine.engine} refuses policies with named ports"
        numbers = named_ports(target.spec, self.name, self.protocol) if target is not None else ()
        if self.among is not None and (port in numbers) is not (self.among == (port,)):
            shown = ", ".join(map(str, self.among)) or "nowhere"
            return None, (
                f"{engine.engine} looks port name '{self.name}' up on the destination or, in other versions, on all "
                f"Pods (there: {shown}), and passes over the rule where they differ"
            )
        if target is None:
            return False, f"port name '{self.name}' can be looked up on Pods only"
        if not numbers:
            return (
                False,
                f"port name '{self.name}' ({self.protocol}) does not exist on Pod {target.namespace}/{target.name}",
            )
        if port in numbers:
            return True, ""
        shown = ", ".join(map(str, numbers))
        return False, f"port {self.name} ({shown}/{self.protocol}) expected, got {port}/{self.protocol}"

    @property
    def text(self) -> str:
        """``port 8080/TCP``, ``port http/TCP``, ``ports 8000-8080/TCP``, ``all TCP ports``."""
        if self.name:
            return f"port {self.name}/{self.protocol}"
        if (self.low, self.high) == (MIN_PORT, MAX_PORT) and not self.is_range:
            return f"all {self.protocol} ports"
        return f"ports {self.low}-{self.high}/{self.protocol}" if self.is_range else f"port {self.low}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class PodMatch:
    """A peer by selectors. `namespaces` None means the policy's own namespace, `pods` None all Pods."""

    own_namespace: str
    namespaces: LabelSelector | None
    pods: LabelSelector | None

    def selects(self, namespace: str, labels: FrozenMap[str, str], namespace_labels: FrozenMap[str, str]) -> bool:
        """Whether a Pod with these labels, in a namespace with these, is meant."""
        if self.namespaces is None:
            if namespace != self.own_namespace:
                return False
        elif not selector_matches(self.namespaces, namespace_labels):
            return False
        return self.pods is None or selector_matches(self.pods, labels)

    def beyond(self, engine: Enforcement) -> bool:
        """Whether it may mean Nodes and the outside too: it only excludes, and they lack what the engine looks at."""
        spaces = self.namespaces
        if not engine.identities or spaces is None or not selector_keys(spaces):
            return False
        return selector_matches(spaces, EMPTY_MAP) and (self.pods is None or selector_matches(self.pods, EMPTY_MAP))

    @property
    def text(self) -> str:
        """``namespace web AND app=front``."""
        if self.namespaces is None:
            where = f"namespace {self.own_namespace}"
        else:
            where = namespace_text(self.namespaces)
        what = "any Pod" if self.pods is None or selector_text(self.pods) == "" else selector_text(self.pods)
        return f"{where} AND {what}"


@dataclass(frozen=True, slots=True)
class BlockMatch:
    """A peer by addresses: a network minus others."""

    network: Network
    excepts: tuple[Network, ...] = ()

    def covers(self, address: Address) -> bool:
        """Whether the address is in the network and in none of the exceptions."""
        return _inside(address, self.network) and not any(_inside(address, out) for out in self.excepts)

    def spans(self, networks: Iterable[Network]) -> bool | None:
        """Whether it holds every address of those networks that are of its family (True), none (False), or some."""
        said = {self._share(one) for one in networks if one.version == self.network.version}
        return said.pop() if len(said) == 1 else None if said else False

    def holds(self, address: Address, engine: Enforcement) -> bool | None:
        """Whether it holds the address of a Pod or Node; None where that address is made up and may be another one."""
        if address.is_unspecified:
            return self.spans(EVERYWHERE) if address.version == self.network.version else False
        for one in engine.made_up:
            if _inside(address, one.network):
                return self.spans(one.instead)
        return self.covers(address)

    def answer(self, peer: Peer, engine: Enforcement) -> Answer:
        """Whether the block matches this peer under this engine."""
        if peer.world:
            whole = self.network.prefixlen == 0 and not self.excepts
            return whole, "" if whole else f"{engine.engine} knows {peer.text} by no address, so not by {self.text}"
        found = [a for a in map(parse_address, peer.addresses) if a is not None]
        inside = peer.pod is not None or bool(peer.node)
        held = {self.holds(a, engine) if inside else self.covers(a) for a in found}
        if inside and not found:
            held.add(self.spans(engine.pod_ranges if peer.pod else EVERYWHERE))
        if True not in held and None not in held:
            return False, f"{peer.text} is not in {self.text}"
        if not engine.ip_block:
            return None, f"{engine.engine} does not know ipBlock"
        if not inside:
            return True, ""
        what = "Pods" if peer.pod else "Nodes"
        matches = engine.ip_block_matches_pods if peer.pod else engine.ip_block_matches_nodes
        if matches is False:
            return False, f"{engine.engine} never matches {what} by ipBlock"
        if True not in held:
            return None, f"the input does not say which addresses {what} have, and {self.text} may hold {peer.text}'s"
        if matches is None:
            return None, f"whether an ipBlock matches addresses of {what} differs between implementations"
        return True, ""

    def _share(self, network: Network) -> bool | None:
        """The same of one network: what is left of it outside the block, and inside it, counted."""
        if not network.overlaps(self.network):
            return False
        common = network if network.prefixlen >= self.network.prefixlen else self.network
        outs = (_common(common, out) for out in self.excepts)
        left = common.num_addresses - _size(out for out in outs if out is not None)
        return left == network.num_addresses or (None if left else False)

    @property
    def text(self) -> str:
        """``ipBlock 10.0.0.0/8 except 10.1.0.0/16``."""
        outs = ", ".join(map(str, self.excepts))
        return f"ipBlock {self.network}" + (f" except {outs}" if outs else "")


PeerMatch = PodMatch | BlockMatch


def _common(network: Network, other: Network) -> Network | None:
    """What two networks of one family have in common: one of them, or nothing."""
    if network.version != other.version or not network.overlaps(other):
        return None
    return network if network.prefixlen >= other.prefixlen else other


def _size(networks: Iterable[Network]) -> int:
    """How many addresses some networks have together."""
    found = list(networks)
    four = [one for one in found if isinstance(one, ipaddress.IPv4Network)]
    six = [one for one in found if isinstance(one, ipaddress.IPv6Network)]
    merged: list[Network] = [*ipaddress.collapse_addresses(four), *ipaddress.collapse_addresses(six)]
    return sum(one.num_addresses for one in merged)


def _inside(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def selector_keys(selector: LabelSelector) -> tuple[str, ...]:
    """The label keys that a selector looks at."""
    return (*selector.matchLabels, *(one.key for one in selector.matchExpressions))


def selector_text(selector: LabelSelector) -> str:
    """``app=web, tier in (a, b), !old``; "" for the empty selector."""
    parts = [f"{key}={value}" for key, value in selector.matchLabels.items()]
    for item in selector.matchExpressions:
        values = ", ".join(item.values)
        forms = {"In": f"{item.key} in ({values})", "NotIn": f"{item.key} not in ({values})", "Exists": item.key}
        parts.append(forms.get(item.operator, f"!{item.key}"))
    return ", ".join(parts)


def namespace_text(selector: LabelSelector) -> str:
    """``namespace web``, ``namespaces with team=a``, ``any namespace``."""
    text = selector_text(selector)
    if not text:
        return "any namespace"
    name = selector.matchLabels.get(NAMESPACE_NAME_LABEL)
    if name is not None and len(selector.matchLabels) == 1 and not selector.matchExpressions:
        return f"namespace {name}"
    return f"namespaces with {text}"
