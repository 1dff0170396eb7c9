"""Every address and node port of the cluster as rows and as CSV. The ranges that they are of: `room_rows`."""

from __future__ import annotations

import csv
import io
import ipaddress
from dataclasses import astuple, dataclass

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
        if service.health_check_node_port:
            place = f"*:{service.health_check_node_port}"
            rows.append(AddressRow(place, name, service.id, "every Node", "NodePort", "health check"))
    return tuple(sorted(rows, key=_address_order))


def _address_order(row: AddressRow) -> tuple[str, int, int, str]:
    try:
        address = ipaddress.ip_address(row.address)
    except ValueError:
        return (row.role, 9, 0, row.address)
    return (row.role, address.version, int(address), row.oid)


def addresses_csv(state: ClusterState) -> str:
    """Every address with its owner, under a line of titles (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("address", "object", "id", "node", "role", "remark"))
    writer.writerows(astuple(row) for row in address_rows(state))
    return text.getvalue()
