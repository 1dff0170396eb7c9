"""Ends in the words of a policy: labels that select just their Pods, the peer that means them, and everyone but them.

"Everyone but these" is written with what NetworkPolicy has: peers are OR-ed, so not (a and b) is two peers, not-a and
not-b; a selector matches Pods without the label too under NotIn (apimachinery's labels.Selector).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from designer.edits.policies import NAMESPACE_LABEL, pod_peer, port_entries
from designer.engine.cni.ranges import network
from designer.engine.policy import Peer
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, PortSet
from designer.engine.repair.ends import Directory, End, Target, shown
from designer.model import FrozenMap, labels_match

Data = dict[str, Any]
EVERY_ADDRESS = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Worded:
    """An end as policies name it: `labels` select its Pods, and `others` too (workloads with the same labels).

    `why` says why no labels can mean it, "" where some do. `hosts` are the addresses of the Nodes whose network its
    Pods use, as CIDRs: policies see these in their place.
    """

    end: End
    labels: FrozenMap[str, str]
    others: tuple[str, ...] = ()
    why: str = ""
    hosts: tuple[str, ...] = ()

    def peers(self, own: str) -> list[Data]:
        """The peers that mean it in a policy of namespace `own`."""
        if self.end.pods and not self.hosts:
            return [pod_peer(self.labels, self.end.namespace, own)]
        return [{"ipBlock": {"cidr": cidr}} for cidr in self.hosts or self.end.blocks]

    @property
    def text(self) -> str:
        """In words: ``Pods with app=cart of shop``."""
        if not self.end.pods:
            return self.end.text
        if self.hosts:
            return f"the Node addresses of {self.end.text}"
        labels = ", ".join(f"{key}={value}" for key, value in self.labels.items())
        return f"Pods with {labels} of {self.end.namespace}" if labels else f"all Pods of {self.end.namespace}"


def worded(directory: Directory, end: End, *, by: End | None = None, towards: End | None = None) -> Worded:
    """The end by the first of its sets of labels that selects no other Pods; by its own labels where none does.

    Pods that use their Node's network are worded by its addresses, no selector means them: by those on which it is
    called (`by` somebody), else by those from which it calls (`towards` somebody).
    """
    if not end.pods:
        return Worded(end, FrozenMap())
    if end.host_network:
        return Worded(end, FrozenMap(), hosts=node_blocks(directory, end, None if by is not None else towards))
    neighbours = [
        (oid, pod)
        for oid, found in directory.groups.items()
        for pod in found
        if pod.namespace == end.namespace and not pod.host_network
    ]
    own = {pod.key for pod in end.pods}
    best: Worded | None = None
    for labels in end.labels:
        if not all(labels_match(labels, pod.labels) for pod in end.pods):
            continue
        others = tuple(
            dict.fromkeys(
                shown(oid) for oid, pod in neighbours if pod.key not in own and labels_match(labels, pod.labels)
            )
        )
        if not others:
            return Worded(end, labels)
        if best is None or len(others) < len(best.others):
            best = Worded(end, labels, others)
    assert best is not None, "the labels that all Pods of an end share always fit them"
    if best.labels:
        return best
    why = (
        f"{end.text} has no labels of its own, and policies select Pods by labels: give it one that "
        f"{', '.join(best.others[:3])} {'does' if len(best.others) == 1 else 'do'} not have"
    )
    return Worded(end, best.labels, best.others, why)


def worded_pair(directory: Directory, source: End, target: End) -> tuple[Worded, Worded]:
    """Both ends of a pair in words, each as the other one's policies see it."""
    return worded(directory, source, towards=target), worded(directory, target, by=source)


def node_blocks(directory: Directory, end: End, towards: End | None) -> tuple[str, ...]:
    """Every address on which the Nodes of an end's Pods are called, or from which they send `towards` others' Pods.

    As CIDRs. Over a tunnel or bridge of the plugin that is the device's address (`policy.owners.Senders`), both where
    it is not known which. () where a Pod has a network of its own or stands on no Node yet.
    """
    nodes, owners = directory.state.control.nodes, directory.state.policies.owners
    found: list[str] = []
    for pod in end.pods:
        node = nodes.get(pod.node or "")
        if node is None or not pod.host_network:
            return ()
        others = dict.fromkeys(one.node for one in towards.pods if not one.host_network) if towards is not None else ()
        if not others:
            found += node.addresses
        for other in others:
            same = other == node.name
            seen = () if same else owners.arriving(Peer.of_pod(pod), other)
            found += node.addresses if same else [address for peer in seen for address in peer.addresses]
    return tuple(dict.fromkeys(str(one) for text in found if (one := network(text)) is not None))


def port_words(target: Target, named: bool) -> list[Data]:
    """Entries of ``ports`` for the destination's port: by name where its Pods have different numbers for it."""
    if len(target.numbers) > 1 and target.name and named:
        return [{"protocol": target.protocol, "port": target.name}]
    return port_entries(target.protocol, target.numbers)


def entries_of(ports: PortSet) -> list[Data]:
    """A set of ports as entries of ``ports``: a whole protocol by its name, ranges with endPort."""
    found: list[Data] = []
    for protocol, low, high in ports:
        entry: Data = {"protocol": protocol}
        if (low, high) != (MIN_PORT, MAX_PORT):
            entry["port"] = low
            if high > low:
                entry["endPort"] = high
        found.append(entry)
    return found


def shared(end: Worded) -> tuple[str, ...]:
    """A sentence where other workloads have the labels of an end."""
    if not end.others:
        return ()
    names = ", ".join(end.others[:3])
    verb = "has" if len(end.others) == 1 else "have"
    return (f"{names} {verb} the same labels as {end.end.text}: no policy can tell them apart.",)


def other_peers(end: Worded, own: str, pod_ranges: Iterable[str]) -> list[Data]:
    """Peers that mean everyone but `end`, in a policy of namespace `own`: Pods by selectors, all others by address.

    Ranges of Pods are left out of the blocks, because some engines let a block match a Pod.
    """
    if not end.end.pods:
        return [{"namespaceSelector": {}}, *_outside_but(end.end.blocks)]
    return [
        *pods_but(end, own, {"namespaceSelector": {}}),
        *_outside_but(tuple(one for one in pod_ranges if network(one) is not None)),
    ]


def _outside_but(left_out: tuple[str, ...]) -> list[Data]:
    found: list[Data] = []
    for cidr in EVERY_ADDRESS:
        excepted = _disjoint(one for one in left_out if (":" in one) == (":" in cidr))
        if cidr in excepted:
            continue
        found.append({"ipBlock": {"cidr": cidr, **({"except": excepted} if excepted else {})}})
    return found


def _disjoint(cidrs: Iterable[str]) -> list[str]:
    """Ranges without those that lie in another one."""
    nets = sorted({ip_network(one, strict=False) for one in cidrs}, key=lambda net: (net.prefixlen, int(net[0])))
    kept: list[Any] = []
    for net in nets:
        if not any(net.version == one.version and net.subnet_of(one) for one in kept):
            kept.append(net)
    return [str(net) for net in kept]


def pods_but(end: Worded, own: str, peer: Data) -> list[Data]:
    """The Pods that a peer by selectors means, less those of `end`; [] where none are left."""
    pods = dict(peer.get("podSelector") or {})
    spaces = peer.get("namespaceSelector")
    found: list[Data] = []
    here = end.end.namespace
    if spaces is not None and not _names(spaces, here):
        elsewhere = with_requirement(spaces, NAMESPACE_LABEL, "NotIn", here)
        found.append({"namespaceSelector": elsewhere, **({"podSelector": pods} if pods else {})})
    only = None if here == own else {"matchLabels": {NAMESPACE_LABEL: here}}
    if spaces is not None and spaces.get("matchExpressions"):
        only = {**spaces, "matchLabels": {**spaces.get("matchLabels", {}), NAMESPACE_LABEL: here}}
    elif spaces is not None and any(key != NAMESPACE_LABEL for key in spaces.get("matchLabels", {})):
        only = {"matchLabels": {**spaces["matchLabels"], NAMESPACE_LABEL: here}}
    for key, value in end.labels.items():
        if (pods.get("matchLabels") or {}).get(key) == value:
            continue
        narrowed: Data = {"podSelector": with_requirement(pods, key, "NotIn", value)}
        if only is not None:
            narrowed["namespaceSelector"] = only
        found.append(narrowed)
    return found


def _names(spaces: Data, namespace: str) -> bool:
    """Whether a namespace selector means this namespace alone, by its name."""
    return bool((spaces.get("matchLabels") or {}).get(NAMESPACE_LABEL) == namespace)


def with_requirement(selector: Data, key: str, operator: str, value: str) -> Data:
    """A selector that asks for one thing more; a NotIn of the same key takes the value up."""
    expressions = [dict(one) for one in selector.get("matchExpressions") or ()]
    for one in expressions:
        if one.get("key") == key and one.get("operator") == operator:
            one["values"] = [*one.get("values", ()), value]
            return {**selector, "matchExpressions": expressions}
    expressions.append({"key": key, "operator": operator, "values": [value]})
    return {**selector, "matchExpressions": expressions}


def block_but(peer: Data, end: End) -> list[Data]:
    """A peer by addresses less those of `end`; [] where none are left."""
    block = peer["ipBlock"]
    whole = ip_network(block["cidr"], strict=False)
    cut = [ip_network(one) for one in end.blocks]
    if any(one.version == whole.version and whole.subnet_of(one) for one in cut):  # type: ignore[arg-type]
        return []
    inside = [str(one) for one in cut if one.version == whole.version and one.subnet_of(whole)]  # type: ignore[arg-type]
    return [{"ipBlock": {**block, "except": _disjoint((*block.get("except", ()), *inside))}}]


def ranges_of_pods(pod_ranges: Iterable[str], peer: Data) -> list[str]:
    """The ranges of Pods that a peer by addresses covers whole, which may be left out of it; [] where it cuts one."""
    whole = ip_network(peer["ipBlock"]["cidr"], strict=False)
    family = [one for text in pod_ranges if (one := network(text)) is not None and one.version == whole.version]
    inside = [str(one) for one in family if one.subnet_of(whole)]  # type: ignore[arg-type]
    return inside if len(inside) == len(family) else []
