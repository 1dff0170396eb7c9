"""A node's Service lookup table as text: one line a frontend and scope, its endpoints with their shares.

A node port stands at the unspecified address, which means every address of the node that takes them.
"""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.controlplane.podports import UNSPECIFIED, host_ports
from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy.replacement.frontends import Frontend, frontends_of, host_port_of
from designer.engine.kubeproxy.replacement.selection import Choice
from designer.model import ClusterSettings, replaces_kube_proxy

HEAD = ("Frontend", "Type", "From", "Service", "Endpoints")


def service_table(
    control: ControlPlaneState, settings: ClusterSettings, node_name: str, family: Family
) -> tuple[Frontend, ...]:
    """Every frontend of a node in one family: those of Services in their order, then hostPorts of its Pods.

    Raises KeyError for no such Node.
    """
    node = control.nodes[node_name]
    found = [one for service in control.services.values()
             for one in frontends_of(control, settings, node, service, family)]  # fmt: skip
    address = next((a for a in node.addresses if (":" in a) == (family == 6)), None)
    pods = control.pods_on(node_name)
    for pod in pods if address is not None else ():
        for port in host_ports(pod):
            at = address if (port.hostIP or "") in UNSPECIFIED else port.hostIP
            one = host_port_of(settings, pods, node, at or "", port.hostPort or 0, port.protocol)
            if one is not None and one not in found:
                found.append(one)
    return tuple(found)


def table_text(control: ControlPlaneState, settings: ClusterSettings, node_name: str, family: Family) -> str:
    """The table as text behind two lines that say why there are no rules."""
    lines = [tuple(HEAD), *_rows(service_table(control, settings, node_name, family), family == 6)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD) - 1)]
    name = replaces_kube_proxy(settings)
    head = (
        f"# {name} answers for Services with eBPF; kube-proxy does not run on {node_name} and writes no rule.\n"
        "# The Service lookup table: address and port, who calls, and the endpoints with the share of each.\n"
    )
    shown = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]).rstrip()
        for line in lines
    )
    return head + "".join(f"{line}\n" for line in shown)


def _rows(found: tuple[Frontend, ...], six: bool) -> Iterator[tuple[str, str, str, str, str]]:
    for one in found:
        host = one.address or ("::" if six else "0.0.0.0")
        where = f"[{host}]:{one.port}/{one.protocol}" if ":" in host else f"{host}:{one.port}/{one.protocol}"
        if one.inside == one.outside:
            yield where, one.kind, "anywhere", one.name, _endpoints(one.inside)
            continue
        yield where, one.kind, "inside", one.name, _endpoints(one.inside)
        if one.outside is not None:
            yield where, one.kind, "outside", one.name, _endpoints(one.outside)


def _endpoints(choice: Choice) -> str:
    if choice.doubt:
        return f"not known: {choice.doubt}"
    if not choice.backends:
        return "none on this Node" if choice.local and choice.elsewhere else "none"
    share = "" if len(choice.backends) == 1 else f" (1/{len(choice.backends)})"
    return ", ".join(f"{backend.text}{share}" for backend in choice.backends)
