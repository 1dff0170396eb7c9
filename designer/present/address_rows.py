"""Every address of the cluster as rows, and each range with what is used and free."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.present.words import object_text


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One address: who has it, on which node, from which range, and a remark."""

    address: str
    object: str
    oid: str
    node: str
    role: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One range: how many addresses it has, how many are used, and by what."""

    range: str
    role: str
    owner: str
    size: int
    used: int

    @property
    def free(self) -> int:
        """Addresses that are left."""
        return max(0, self.size - self.used)

    @property
    def share(self) -> float:
        """Used part of the range, 0 to 1."""
        return self.used / self.size if self.size else 0.0


def address_rows(state: ClusterState) -> tuple[AddressRow, ...]:
    """Every address with its owner, ordered by address within each role."""
    rows: list[AddressRow] = []
    control = state.control
    for node in control.nodes.values():
        rows += [AddressRow(a, f"Node {node.name}", node.id, node.name, "Node") for a in node.addresses]
        rows += [AddressRow(a, f"Node {node.name}", node.id, node.name, "Tunnel device") for a in node.tunnel_ips]
        rows += [AddressRow(a, f"Node {node.name}", node.id, node.name, "Pod bridge") for a in node.bridge_ips]
    for pod in control.pods.values():
        if not pod.host_network:
            was = f"was {', '.join(pod.previous_ips)}" if pod.previous_ips else ""
            rows += [AddressRow(a, object_text(pod.id), pod.id, pod.node or "", "Pod", was) for a in pod.ips]
    for service in control.services.values():
        name = object_text(service.id)
        rows += [AddressRow(a, name, service.id, "", "ClusterIP") for a in service.cluster_ips]
        rows += [AddressRow(a, name, service.id, "", "External IP") for a in service.external_ips]
        rows += [AddressRow(e.ip, name, service.id, "", "Load balancer") for e in service.load_balancer if e.ip]
        rows += [
            AddressRow(f"*:{p.node_port}", name, service.id, "every Node", "NodePort", p.protocol)
            for p in service.ports
            if p.node_port
        ]
    return tuple(sorted(rows, key=_address_order))


def _address_order(row: AddressRow) -> tuple[str, int, int, str]:
    try:
        address = ipaddress.ip_address(row.address)
    except ValueError:
        return (row.role, 9, 0, row.address)
    return (row.role, address.version, int(address), row.oid)


def range_rows(state: ClusterState) -> tuple[RangeRow, ...]:
    """The cluster's ranges: podCIDRs of each Node, Services, load balancer pools."""
    settings = state.project.cluster
    control = state.control
    pods = _Used(a for pod in control.pods.values() if not pod.host_network for a in pod.ips)
    vips = _Used(a for service in control.services.values() for a in service.cluster_ips)
    balanced = _Used(e.ip for s in control.services.values() for e in s.load_balancer if e.ip)
    rows: list[RangeRow] = []
    for cidr in settings.podCIDRs:
        rows.append(_range(cidr, "Pods", "cluster", pods))
    for node in control.nodes.values():
        for cidr in node.blocks or node.pod_cidrs:
            rows.append(_range(cidr, "Pods", node.name, pods))
    for cidr in settings.serviceCIDRs:
        rows.append(_range(cidr, "Services", "cluster", vips))
    for pool in settings.loadBalancer.pools:
        for text in pool.addresses:
            rows.append(_pool_range(text, pool.name, balanced))
    return tuple(rows)


class _Used:
    """Addresses in use, sorted by family, so that each of thousands of ranges is counted in a few steps."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._numbers: dict[int, list[int]] = {4: [], 6: []}
        for text in addresses:
            address = ipaddress.ip_address(text)
            self._numbers[address.version].append(int(address))
        for numbers in self._numbers.values():
            numbers.sort()

    def between(self, version: int, low: int, high: int) -> int:
        """How many lie from `low` to `high`, both included."""
        numbers = self._numbers[version]
        return bisect_right(numbers, high) - bisect_left(numbers, low)


def _range(cidr: str, role: str, owner: str, used: _Used) -> RangeRow:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return RangeRow(cidr, role, owner, 0, 0)
    inside = used.between(network.version, int(network.network_address), int(network.broadcast_address))
    return RangeRow(cidr, role, owner, network.num_addresses, inside)


def _pool_range(text: str, owner: str, used: _Used) -> RangeRow:
    if "-" not in text:
        return _range(text, "Load balancers", owner, used)
    first, _, last = text.partition("-")
    try:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
    except ValueError:
        return RangeRow(text, "Load balancers", owner, 0, 0)
    inside = used.between(low.version, int(low), int(high))
    return RangeRow(text, "Load balancers", owner, int(high) - int(low) + 1, inside)
