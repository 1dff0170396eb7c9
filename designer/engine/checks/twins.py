"""Addresses that two objects have at once: what the input gives is kept, so a clash in it must be said.

The catalogue of `domain/pitfalls.md` has no row for these; their ids go on after its last ones. Rule:
`domain/ipam.md`, "Rules for a deterministic simulator", 3: check pairwise overlaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from designer.engine.checks.survey import Survey
from designer.engine.controlplane.addresses import Net, parse_net
from designer.model import Problem


def node_ranges(s: Survey) -> Iterator[Problem]:
    """IP-18: two Nodes were given overlapping podCIDRs."""
    found = sorted(
        (
            (net, node.name, text)
            for node in s.control.nodes.values()
            for text in node.pod_cidrs
            if (net := parse_net(text)) is not None
        ),
        key=lambda item: (item[0].family, item[0].first, -item[0].last),
    )
    widest: tuple[Net, str, str] | None = None
    for net, name, text in found:
        if widest is not None and widest[0].family == net.family and net.first <= widest[0].last:
            if widest[1] != name:
                title = f"Nodes {widest[1]} and {name} have overlapping podCIDRs ({widest[2]}, {text})"
                why = "Both Nodes hand out the same addresses; packets for one reach the other."
                fix = f"Give Node {name} a range of its own; a podCIDR cannot be changed, so make the Node anew."
                yield s.problem("IP-18", "error", f"Node:{name}", "spec.podCIDR", title, why, fix)
            if net.last <= widest[0].last:
                continue
        widest = (net, name, text)


def same_addresses(s: Survey) -> Iterator[Problem]:
    """IP-19: two Nodes, or two Pods with addresses of their own, have the same address."""
    nodes = ((address, node.id, "Nodes") for node in s.control.nodes.values() for address in node.addresses)
    pods = ((a, pod.id, "Pods") for pod in s.pods if not pod.host_network for a in pod.ips)
    yield from _twins(s, nodes)
    yield from _twins(s, pods)


def _twins(s: Survey, held: Iterable[tuple[str, str, str]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for address, oid, noun in held:
        owner = first.setdefault(address, oid)
        if owner != oid:
            names = f"{owner.partition(':')[2]} and {oid.partition(':')[2]}"
            title = f"{noun} {names} have the same address {address}"
            why = "Only one of them gets the packets, and which one is not decided."
            yield s.problem("IP-19", "error", oid, "status", title, why, "Give each an address of its own.")
