"""The world around the nodes: how packets from outside come in, and what becomes of those that go out.

Entries: `domain/cni.md` section 6, E, F and J; `domain/services.md` section 5. Which node a load balancer picks is its
own affair: every node that may take the packet is followed, and where they do not end alike, the verdict is
"cannot tell" with what each would do.
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.cni import NODE_DEVICE
from designer.engine.cni.ranges import is_address
from designer.engine.controlplane.state import LoadBalancerAddress, PodState, ServicePortState, ServiceState
from designer.engine.netfilter import Packet
from designer.engine.trace.aim import Aim
from designer.engine.trace.bpf_path import arrive
from designer.engine.trace.entries import SILENT, answering_arp, eligible, none_ready, not_asked
from designer.engine.trace.flight import Beyond, Flight, Origin, Responder, Then, evidence, hop
from designer.engine.trace.ground import OUTSIDE, Ground, family_of
from designer.engine.trace.hooks import enter
from designer.engine.trace.hops import Hop, Trace
from designer.engine.trace.origin import address_towards
from designer.engine.trace.proxies import gateway_at

# So many entry nodes are followed one by one; beyond that the text says how many were.
MAX_ENTRIES = 12


def come_in(
    ground: Ground, origin: Origin, aim: Aim, sport: int, then: Then, beyond: Beyond, hops: tuple[Hop, ...] = ()
) -> Trace:
    """The trace of one connection from outside the cluster to `aim`, after `hops`."""
    if not is_address(aim.address):
        return Trace(hops, "cannot-tell", f"{aim.address} is no IP address, so nothing can be sent to it.")
    source = address_towards(origin, aim.address)
    if source is None:
        return Trace(hops, "no-route", f"{origin.name} has no IPv{family_of(aim.address)} address.")
    packet = Packet(family_of(aim.address), source, aim.address, aim.protocol, sport, aim.port)
    flight = Flight(packet, packet, origin, then, beyond, hops=hops)
    flight = flight.plus(
        hop(flight, "send", origin.name, origin.id, f"{origin.name} sends", f"It calls {aim.address} from outside.")
    )
    if aim.entries:
        return _any_of(ground, flight, aim.entries, "Nothing says which Node the client calls")
    node = ground.nodes_by_ip.get(aim.address)
    if node is not None:
        return _into(ground, flight, node.name)
    return _by_address(ground, flight)


def _by_address(ground: Ground, flight: Flight) -> Trace:
    """No node has the address: a Service's, a Pod's, or nothing of this cluster."""
    address = flight.packet.dst
    # Of several Services that share the address the one that has the port is called.
    for service in sorted(ground.services_at(address), key=lambda one: _port(one, flight.packet) is None):
        entry = next((e for e in service.load_balancer if e.ip == address), None)
        if entry is not None:
            return _load_balancer(ground, flight, service, entry)
        if address in service.external_ips:
            nodes = tuple((n.name, address) for n in ground.control.nodes.values() if n.ready)
            return _any_of(ground, flight, nodes, "The network outside decides which Node external IPs are routed to")
        return _cluster_ip(ground, flight, service)
    pod = ground.pods_by_ip.get(address)
    gateway = gateway_at(ground, address)
    if gateway is not None:
        return flight.then(ground, flight, Responder(gateway.owner.id, gateway.owner.shown, unseen=True))
    if pod is None:
        return flight.end("cannot-tell", f"{address} is no address of this cluster, so nothing is known about it.")
    who = f"{address} is Pod {pod.namespace}/{pod.name}{_exposed_by(ground, pod)}"
    if ground.cni.encapsulation(flight.packet.family) is not None:
        return flight.end(
            "no-route",
            f"{who}, which {ground.cni.title} reaches through its tunnels between nodes: outside routers know no way.",
        )
    return flight.end("cannot-tell", f"{who}. Whether routers outside know the Pod ranges is not part of the project.")


def _cluster_ip(ground: Ground, flight: Flight, service: ServiceState) -> Trace:
    """A ClusterIP from outside: no router knows it, unless somebody announces the Service range or wrote a route."""
    where = (
        f"{flight.packet.dst} is the ClusterIP of Service {service.namespace}/{service.name}: it lives in the nodes' "
    )
    if ground.cni.encapsulation(flight.packet.family) is not None:
        return flight.end("no-route", f"{where}rules only, and nothing outside the cluster has a route to it.")
    return flight.end(
        "cannot-tell",
        f"{where}rules only. Nothing outside has a route to it unless routers were told one, as Calico's "
        "serviceClusterIPs tells them by BGP; what routers outside know is not part of the project.",
    )


def _exposed_by(ground: Ground, pod: PodState) -> str:
    """Which Service leads from outside to the Pod, as a part of a sentence; "" where none does."""
    for service in ground.control.services.values():
        ends = (end for part in ground.control.slices.get(service.id, ()) for end in part.endpoints)
        if service.type in ("NodePort", "LoadBalancer") and any(end.pod == pod.id for end in ends):
            return f" (from outside ask for Service {service.namespace}/{service.name})"
    return ""


def _load_balancer(ground: Ground, flight: Flight, service: ServiceState, entry: LoadBalancerAddress) -> Trace:
    """Through a load balancer: VIP (the packet reaches a node as it is), or Proxy (a new connection to a nodePort)."""
    who = f"{service.namespace}/{service.name}"
    port = _port(service, flight.packet)
    if port is None:
        return _no_port(ground, flight, service, entry)
    nodes = eligible(ground, service, flight.packet.family)
    if not nodes:
        return _nobody(ground, flight, service)
    if entry.ip_mode != "Proxy":
        choice = f"The load balancer of {who} picks the Node"
        lenient = answering_arp(ground, service, flight.packet.family)
        if lenient:
            choice = f"Without strictARP every Node may answer ARP for {flight.packet.dst} (BGP would choose itself)"
        targets = tuple((node.name, flight.packet.dst) for node in lenient or nodes)
        return _any_of(ground, flight, targets, choice, service)
    return through_proxy(ground, flight, service, port)


def _nobody(ground: Ground, flight: Flight, service: ServiceState) -> Trace:
    """No Node of the project takes the traffic; others may, where endpoints name Nodes that an input lacks."""
    who = f"{service.namespace}/{service.name}"
    ends = [end for part in ground.control.slices.get(service.id, ()) for end in part.endpoints]
    absent = sorted({end.node for end in ends if end.node and end.node not in ground.control.nodes})
    if absent:
        named = ", ".join(absent[:3]) + (f" and {len(absent) - 3} more" if len(absent) > 3 else "")
        said = f"Endpoints of {who} are on {named}, which the project does not have: whether a Node there takes the "
        return flight.end("cannot-tell", f"{said}traffic is not known. Open the Nodes as well.")
    silent = eligible(ground, service, flight.packet.family, ready=False)
    if silent:
        said = f"Of the Nodes that may take traffic for {who} none is Ready, and {SILENT}."
        return flight.end("cannot-tell", said)
    return flight.end("no-route", f"No Node may take traffic for {who}: {_why_none(service)}.")


def _no_port(ground: Ground, flight: Flight, service: ServiceState, entry: LoadBalancerAddress) -> Trace:
    """A port that the Service has not: what forwards ports drops it, what announces the address brings it in."""
    who = f"{service.namespace}/{service.name}"
    said = f"{flight.packet.dport}/{flight.packet.protocol} is no port of Service {who}"
    nodes = eligible(ground, service, flight.packet.family)
    if entry.ip_mode != "Proxy" and nodes:
        brought = _into(ground, flight, nodes[0].name)
        if any(path.verdict == "rejected" for path in brought.paths()):
            return flight.end(
                "cannot-tell",
                f"{said}. A load balancer that forwards its ports only drops it: time-out. One that draws all packets "
                f"for the address to a Node, as MetalLB does, brings it to {nodes[0].name}, whose rules refuse it at "
                "once. Which one it is, is not part of the project.",
            )
    return flight.end("dropped", f"{said}, so its load balancer does not forward it: time-out.")


def through_proxy(ground: Ground, flight: Flight, service: ServiceState, port: ServicePortState) -> Trace:
    """The trace through a proxying load balancer, which opens its own connection to a nodePort (KEP-1860)."""
    who = f"{service.namespace}/{service.name}"
    outer = flight
    source = flight.packet.dst
    sender = Origin("outside", service.id, f"load balancer of {who}", (source,))
    targets = [(n.name, a) for n in eligible(ground, service, flight.packet.family)
               if (a := next((x for x in n.addresses if family_of(x) == flight.packet.family), None))]  # fmt: skip
    if port.node_port is None:
        said = f"{who} has no node ports; how its load balancer reaches it is its own affair."
        return flight.end("cannot-tell", said)
    doubt = not_asked(service, flight.packet.src)
    if doubt:
        return flight.end("cannot-tell", doubt)
    if not targets:
        return _nobody(ground, flight, service)

    def then(where: Ground, inner: Flight, responder: Responder) -> Trace:
        # The client's connection ends at the load balancer, which answers when its own connection is answered.
        done = replace(outer, hops=inner.hops)
        return done.then(where, done, Responder(service.id, f"The load balancer of {who}, through {responder.name},"))

    said = f"The load balancer ends the client's connection and opens its own to node port {port.node_port}."
    flight = flight.plus(_balancer_hop(flight, service, said))
    packet = Packet(flight.packet.family, source, targets[0][1], flight.packet.protocol, flight.packet.sport,
                    port.node_port)  # fmt: skip
    inner = replace(flight, packet=packet, first=packet, origin=sender, then=then, legs=(), ttl=64)
    return _any_of(ground, inner, tuple(targets), f"The load balancer of {who} picks the Node")


def _why_none(service: ServiceState) -> str:
    if service.external_policy == "Local":
        return "externalTrafficPolicy is Local, and no ready Node has a ready endpoint"
    return "all are kept from load balancers by their labels, or there is none"


def _port(service: ServiceState, packet: Packet) -> ServicePortState | None:
    return next((p for p in service.ports if p.port == packet.dport and p.protocol == packet.protocol), None)


def _any_of(
    ground: Ground,
    flight: Flight,
    targets: tuple[tuple[str, str], ...],
    choice: str,
    service: ServiceState | None = None,
) -> Trace:
    """One of several nodes takes the packet: all are followed; the first is shown when all end alike."""
    if not targets:
        said = f"No Node is Ready, and {SILENT}." if ground.control.nodes else "There is no Node to take the packet."
        return flight.end(none_ready(ground), said)
    tried = _sample(ground, flight.packet, targets)
    ends = {name: _verdicts(_into(ground, replace(flight, packet=_to(flight.packet, address)), name))
            for name, address in tried}  # fmt: skip
    name, address = tried[0]
    rows = tuple((f"Through {node}", found) for node, found in ends.items())
    alike = len(set(ends.values())) == 1
    if len(targets) == 1:
        said = f"{name} is the only Node that may take it."
    elif alike:
        which = f"all {len(targets)}" if len(tried) == len(targets) else f"{len(tried)} followed of the {len(targets)}"
        said = f"{choice}; {which} that may take it end alike ({ends[name]}). Shown is {name}."
    else:
        told = "; ".join(f"through {node}: {found}" for node, found in ends.items())
        said = f"{choice}, and they do not end alike: {told}."
    stop = _balancer_hop(flight, service, said, rows, f"Node:{name}" if alike else "")
    flight = flight.plus(stop)
    if not alike:
        return flight.end("cannot-tell", said)
    return _into(ground, replace(flight, packet=_to(flight.packet, address)), name)


def _sample(ground: Ground, packet: Packet, targets: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The entries that are followed: all, or of many some with an endpoint of the Service and some without."""
    if len(targets) <= MAX_ENTRIES:
        return targets
    called = ground.services_at(packet.dst)
    service = called[0] if called else ground.node_port(packet.protocol, packet.dport)
    slices = ground.control.slices.get(service.id, ()) if service is not None else ()
    local = {end.node for part in slices for end in part.endpoints}
    having = [target for target in targets if target[0] in local][: MAX_ENTRIES // 2]
    lacking = [target for target in targets if target[0] not in local][: MAX_ENTRIES - len(having)]
    chosen = {name for name, _ in (*having, *lacking)}
    return tuple(target for target in targets if target[0] in chosen)


def _verdicts(trace: Trace) -> str:
    """The verdicts of all paths with their shares, as a text that is equal for equal outcomes."""
    paths = trace.paths()
    found = sorted({path.verdict for path in paths})
    if len(found) == 1:
        return found[0]
    shares = {
        verdict: sum((p.share for p in paths if p.verdict == verdict), start=paths[0].share * 0) for verdict in found
    }
    return ", ".join(f"{verdict} {share.numerator} of {share.denominator}" for verdict, share in shares.items())


def _to(packet: Packet, address: str) -> Packet:
    return replace(packet, dst=address)


def _balancer_hop(
    flight: Flight,
    service: ServiceState | None,
    said: str,
    rows: tuple[tuple[str, str], ...] = (),
    toward: str = "",
) -> Hop:
    who = f"Load balancer of {service.namespace}/{service.name}" if service else "Into the cluster"
    decided = evidence(f"{service.namespace}/{service.name}", service.id, "status.loadBalancer") if service else ()
    at = service.id if service else flight.origin.id or OUTSIDE
    return hop(flight, "loadbalancer", who, at, who, said, toward=toward, decided_by=decided, details=rows)


def _into(ground: Ground, flight: Flight, node: str) -> Trace:
    """Over the wire from outside into one node."""
    said = f"The network brings the packet to {node}."
    wire = hop(flight, "wire", f"{flight.origin.name} → {node}", flight.origin.id, f"To {node}", said, node=node,
               toward=f"Node:{node}")  # fmt: skip
    come = enter if ground.cni.datapath is None else arrive
    return come(ground, flight.plus(wire), node, NODE_DEVICE)
