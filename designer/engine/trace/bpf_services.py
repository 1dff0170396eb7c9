"""Which frontend of a node's eBPF tables a packet or a connect() hits.

Cilium: `sock4_wildcard_lookup` and `sock4_skip_xlate` of bpf/bpf_sock.c, `lb4_lookup_service` in bpf/bpf_lxc.c.
Calico: felix/bpf-gpl/nat_lookup.h; felix/design/bpf-services.md, "Intra-cluster access to NodePorts".
"""

from __future__ import annotations

from dataclasses import dataclass

from designer.engine.controlplane.state import ServiceState
from designer.engine.kubeproxy.replacement import Frontend, host_port_of
from designer.engine.netfilter import Packet
from designer.engine.trace.doubts import service_doubt
from designer.engine.trace.flight import endpoint
from designer.engine.trace.ground import Ground


@dataclass(frozen=True, slots=True)
class Hit:
    """The frontend that was hit, None for none; `doubt` is a sentence where that is not known."""

    frontend: Frontend | None = None
    doubt: str = ""


def is_loopback(address: str) -> bool:
    """Whether an address is one of the loopback device."""
    return address == "::1" or address.startswith("127.")


def hit_inside(ground: Ground, node: str, packet: Packet, *, socket: bool, host: bool) -> Hit:
    """What a Pod of `node` (`host`: one of its own processes) hits, at connect() (`socket`) or with a packet."""
    direct = _direct(ground, node, packet)
    if direct.doubt or direct.frontend is not None:
        found = direct.frontend
        mitigated = found is not None and found.kind == "ExternalIP" and ground.cni.plugin == "cilium"
        if found is not None and mitigated and not ground.is_local(node, packet.dst):
            return Hit(doubt=_mitigated(found))
        return direct
    service = ground.node_port(packet.protocol, packet.dport)
    if service is not None and _is_node(ground, node, packet.dst, host):
        return _node_port(ground, node, packet, service, socket=socket)
    own = ground.is_local(node, packet.dst) or (host and is_loopback(packet.dst))
    return Hit(_host_port(ground, node, packet) if own else None)


def hit_outside(ground: Ground, node: str, packet: Packet) -> Hit:
    """What a packet hits that comes into `node` over its network card."""
    direct = _direct(ground, node, packet)
    if direct.doubt or direct.frontend is not None:
        return direct
    if not ground.is_local(node, packet.dst):
        return Hit()
    service = ground.node_port(packet.protocol, packet.dport)
    if service is not None and packet.dst in ground.node(node).addresses:
        return Hit(_of_node_port(ground, node, packet, service), service_doubt(ground, node, packet))
    return Hit(_host_port(ground, node, packet))


def where(frontend: Frontend, packet: Packet) -> str:
    """``10.96.0.10:53/UDP (ClusterIP)``."""
    return f"{endpoint(packet.dst, packet.dport)}/{packet.protocol} ({frontend.kind})"


def _direct(ground: Ground, node: str, packet: Packet) -> Hit:
    """The frontend of an address that is a Service's own."""
    services = ground.services_at(packet.dst)
    if not services:
        return Hit()
    for service in services:
        for one in ground.frontends(node, service, packet.family):
            if one.takes(packet.dst, packet.dport, packet.protocol):
                return Hit(one, service_doubt(ground, node, packet))
    has_port = any(p.port == packet.dport and p.protocol == packet.protocol for s in services for p in s.ports)
    return Hit(doubt=service_doubt(ground, node, packet) if has_port else "")


def _is_node(ground: Ground, node: str, address: str, host: bool) -> bool:
    if is_loopback(address):
        return host
    return ground.is_local(node, address) or address in ground.nodes_by_ip


def _node_port(ground: Ground, node: str, packet: Packet, service: ServiceState, *, socket: bool) -> Hit:
    """A node port called from inside: at connect() at any Node, with a packet Cilium knows those of its own node."""
    found = _of_node_port(ground, node, packet, service)
    if found is None:
        return Hit(doubt=service_doubt(ground, node, packet))
    own = ground.node(node)
    other = ground.nodes_by_ip.get(packet.dst)
    calico = ground.cni.plugin == "calico"
    if is_loopback(packet.dst):
        doubt = "Whether Calico's eBPF data plane takes node ports at the loopback address is not known here."
        return Hit(doubt=doubt) if calico else Hit(found)
    if packet.dst not in own.addresses and (other is None or packet.dst not in other.addresses):
        return Hit(doubt=(
            f"Whether {ground.proxy} takes node ports at {packet.dst}, an address by which Kubernetes does not know "
            "the Node, depends on the devices that it uses."
        ))  # fmt: skip
    if packet.dst in own.addresses:
        return Hit(found)
    if not calico:
        return Hit(found if socket else None)
    if found.inside.local:
        return Hit(doubt="What Calico's eBPF data plane makes of another Node's node port with internalTrafficPolicy "
                         "Local differs between its versions.")  # fmt: skip
    return Hit(found)


def _of_node_port(ground: Ground, node: str, packet: Packet, service: ServiceState) -> Frontend | None:
    return next(
        (
            one
            for one in ground.frontends(node, service, packet.family)
            if one.kind == "NodePort" and (one.port, one.protocol) == (packet.dport, packet.protocol)
        ),
        None,
    )


def _host_port(ground: Ground, node: str, packet: Packet) -> Frontend | None:
    return host_port_of(
        ground.settings, ground.pods_on(node), ground.node(node), packet.dst, packet.dport, packet.protocol
    )


def _mitigated(found: Frontend) -> str:
    return (
        f"{found.address} is an external IP of Service {found.name}. From inside the cluster Cilium leaves external "
        "IPs that are no Node's alone (its guard against CVE-2020-8554), so the packet goes out to whoever has the "
        "address; what that is, is not part of the project."
    )
