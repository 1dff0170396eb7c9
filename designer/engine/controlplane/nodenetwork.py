"""Addresses and podCIDRs of Nodes.

A Node without InternalIP gets one of the node network: host number 11 for the first, and upward (so .11 of
192.168.10.0/24 and ::b of its IPv6 network), as in the reference manifests. podCIDRs are handed out by nodeipam's
next-fit ring (domain/ipam.md, "Node podCIDR").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from designer.engine.controlplane.addresses import (
    BITS,
    Net,
    address_text,
    canonical,
    family_of,
    net_text,
    parse_address,
    parse_net,
    parse_nets,
)
from designer.engine.controlplane.state import Family
from designer.model import ClusterSettings, Node, Problem

FIRST_HOST = 11
# The IPv6 node mask may be at most 16 bits longer than the cluster mask (cidr_set.go).
MAX_V6_DIFFERENCE = 16


def cluster_families(settings: ClusterSettings) -> tuple[Family, ...]:
    """The families that Nodes need: those of the Pod and Service ranges, in their order."""
    found: list[Family] = []
    for net in parse_nets((*settings.podCIDRs, *settings.serviceCIDRs)):
        if net.family not in found:
            found.append(net.family)
    return tuple(found) or (4,)


def given_addresses(node: Node) -> tuple[str, ...]:
    """The InternalIPs of a Node's status, as given."""
    return tuple(canonical(a.address) for a in node.status.addresses if a.type == "InternalIP")


class NodeAddresses:
    """Hands out node addresses, lowest free host number first, starting at 11."""

    def __init__(self, settings: ClusterSettings, used: Iterable[str]) -> None:
        self._nets = {net.family: net for net in parse_nets((settings.nodeNetworkV6, settings.nodeNetwork))}
        self._used = {found for text in used if (found := parse_address(text)) is not None}
        self._next = dict.fromkeys(self._nets, FIRST_HOST)

    def take(self, family: Family) -> str | None:
        """The next free address of `family`; None when the network is full or there is none."""
        net = self._nets.get(family)
        if net is None:
            return None
        last = net.size - (2 if family == 4 and net.prefix < 31 else 1)
        for host in (*range(self._next[family], min(last, self._next[family] + 70000) + 1), *range(2, FIRST_HOST)):
            if host <= last and (family, net.first + host) not in self._used:
                self._used.add((family, net.first + host))
                if host >= FIRST_HOST:
                    self._next[family] = host + 1
                return address_text(family, net.first + host)
        return None


@dataclass(slots=True)
class CidrRing:
    """nodeipam's CidrSet for one cluster CIDR: blocks in use and the next-fit position."""

    cluster: Net
    mask: int
    pointer: int
    used: set[int] = field(default_factory=set)

    @property
    def blocks(self) -> int:
        """How many blocks the cluster CIDR has; 0 when the mask does not fit."""
        difference = self.mask - self.cluster.prefix
        if difference < 0 or (self.cluster.family == 6 and difference > MAX_V6_DIFFERENCE):
            return 0
        return 1 << difference

    def mark(self, net: Net) -> bool:
        """Mark every block that `net` overlaps as used; False when `net` lies outside the cluster CIDR."""
        if not self.cluster.overlaps(net):
            return False
        shift = BITS[self.cluster.family] - self.mask
        low = max(net.first, self.cluster.first) - self.cluster.first
        high = min(net.last, self.cluster.last) - self.cluster.first
        self.used.update(range(low >> shift, min(high >> shift, self.blocks - 1) + 1))
        return True

    def take(self) -> str | None:
        """The next free block, searched from the position after the last one and around; None when there is none."""
        total = self.blocks
        for step in range(total):
            index = (self.pointer + step) % total
            if index not in self.used:
                self.used.add(index)
                self.pointer = (index + 1) % total
                shift = BITS[self.cluster.family] - self.mask
                return net_text(self.cluster.family, self.cluster.first + (index << shift), self.mask)
        return None


def given_cidrs(node: Node) -> tuple[str, ...]:
    """The podCIDRs of a Node's spec, canonical."""
    texts = node.spec.podCIDRs or ((node.spec.podCIDR,) if node.spec.podCIDR else ())
    return tuple(net.text for net in parse_nets(texts))


def rings(settings: ClusterSettings, pointers: dict[str, int]) -> dict[Family, CidrRing]:
    """One ring per family, blocks that overlap the Service range marked as used (capacity shrinks without an error)."""
    found: dict[Family, CidrRing] = {}
    for net in parse_nets(settings.podCIDRs):
        if net.family in found:
            continue
        mask = settings.nodeCIDRMaskV4 if net.family == 4 else settings.nodeCIDRMaskV6
        ring = CidrRing(net, mask, pointers.get(net.text, 0))
        if ring.blocks:
            for services in parse_nets(settings.serviceCIDRs):
                ring.mark(services)
        found[net.family] = ring
    return found


def give_cidrs(
    order: list[tuple[Node, tuple[str, ...]]], ring_of: dict[Family, CidrRing]
) -> tuple[dict[str, tuple[str, ...]], tuple[Problem, ...]]:
    """The podCIDRs of every Node by name, from Nodes in the order of their creation with what the ledger has for each.

    What a manifest gives wins; what the ledger has stays as long as it lies in a cluster CIDR; the rest is drawn.
    """
    result: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for node, recorded in order:
        given = given_cidrs(node)
        for text in given:
            net = parse_net(text)
            ring = ring_of.get(family_of(text))
            if net is not None and ring is not None and not ring.mark(net):
                problems.append(_outside(node, text, ring))
        if given:
            result[node.name] = given
            continue
        kept = []
        for text in recorded:
            net = parse_net(text)
            ring = ring_of.get(family_of(text))
            if net is not None and ring is not None and ring.mark(net):
                kept.append(text)
        result[node.name] = tuple(kept)
    for node, _ in order:
        if not given_cidrs(node):
            cidrs, missing = _complete(result[node.name], ring_of)
            result[node.name] = cidrs
            problems += [_exhausted(node, ring) for ring in missing]
    return result, tuple(problems)


def _complete(have: tuple[str, ...], ring_of: dict[Family, CidrRing]) -> tuple[tuple[str, ...], list[CidrRing]]:
    """podCIDRs of one Node with the missing families drawn, in the order of the cluster CIDRs; rings that had none."""
    by_family = {family_of(text): text for text in have}
    wanted = [(family, ring) for family, ring in ring_of.items() if family not in by_family]
    missing = [ring for _, ring in wanted if len(ring.used) >= ring.blocks]
    if not missing:  # nodeipam gives all families or none
        for family, ring in wanted:
            by_family[family] = ring.take() or ""
    cidrs = tuple(by_family[family] for family in ring_of if family in by_family)
    return (have if cidrs == have else cidrs), missing


def _exhausted(node: Node, ring: CidrRing) -> Problem:
    return Problem(
        "IP-05",
        "error",
        f"Node {node.name}: CIDRNotAvailable, it gets no podCIDR from {ring.cluster.text}",
        object=node.id,
        field="spec.podCIDRs",
        why="CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range: "
        f"{ring.cluster.text} has {ring.blocks} blocks of /{ring.mask}, some may overlap the Service range.",
        fix="Widen the Pod CIDR of the cluster or make the node mask longer.",
    )


def _outside(node: Node, text: str, ring: CidrRing) -> Problem:
    return Problem(
        "IP-05",
        "error",
        f"Node {node.name}: cidr {text} is out the range of cluster cidr {ring.cluster.text}",
        object=node.id,
        field="spec.podCIDRs",
        why="kube-controller-manager exits at start-up when a Node's podCIDR lies outside the cluster CIDR.",
        fix="Give the Node a podCIDR inside the cluster CIDR, or correct the cluster CIDR.",
    )
