"""Where a request goes: the address, port and protocol that the sender's first packet carries.

A destination that is an object is aimed at without a name lookup; `naming` does the same for names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from designer.engine.controlplane.state import Family, PodState, ServicePortState, ServiceState
from designer.engine.trace.delivery import containers_of
from designer.engine.trace.entries import eligible, entries_of, no_entry, node_entries, none_ready, not_asked
from designer.engine.trace.flight import Origin, endpoint
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop, Verdict
from designer.engine.trace.indices import ENDED, outside_addresses
from designer.engine.trace.origin import WORKLOADS, address_towards, find_runners, workload_pod
from designer.engine.trace.request import Parsed
from designer.model import ExternalClient, ExternalHost, IngressController

Protocol = Literal["TCP", "UDP", "SCTP"]


@dataclass(frozen=True, slots=True)
class Aim:
    """A packet's destination. `entries` are (node, address) pairs where several nodes would take it, else empty."""

    address: str
    port: int
    protocol: Protocol
    label: str = ""
    entries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Aims:
    """What a destination turned out to be: ways with their exact shares, or a verdict with its reason.

    `hops` are those of finding out (a lookup), `notes` sentences about what was taken for granted. `lost` is the share
    of lookups whose query gets no answer, `lost_why` the reason. `unseen` is the Gateway (``ns/name``) that would get
    the request, where the input says nothing of the way to it.
    """

    ways: tuple[tuple[Fraction, Aim], ...] = ()
    hops: tuple[Hop, ...] = ()
    notes: tuple[str, ...] = ()
    verdict: Verdict = "cannot-tell"
    reason: str = ""
    policies: tuple[str, ...] = ()
    lost: Fraction = Fraction(0)
    lost_why: str = ""
    unseen: str = ""


def one(aim: Aim, *notes: str, hops: tuple[Hop, ...] = ()) -> Aims:
    """A destination with a single way."""
    return Aims(((Fraction(1), aim),), hops, tuple(note for note in notes if note))


def fail(verdict: Verdict, reason: str, hops: tuple[Hop, ...] = ()) -> Aims:
    """A destination that nothing can be sent to."""
    return Aims((), hops, (), verdict, reason)


def aim_at_address(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for an address as typed; a missing port is taken from what has the address, where it has just one."""
    address = parsed.host
    pod = ground.pods_by_ip.get(address)
    services = ground.services_at(address)
    if parsed.port is None and services:
        return aim_at_service_port(ground, services[0], parsed, address)
    if parsed.port is None and pod is not None:
        return aim_at_pod(ground, origin, pod, parsed)
    thing = ground.outside_at(address)
    if parsed.port is None and thing is not None:
        return aim_outside(thing, parsed, address)
    if parsed.port is None:
        return fail("cannot-tell", f"No port is given for {address}. Write {endpoint(address, 80)}, or 53/udp for UDP.")
    return one(Aim(address, parsed.port, parsed.protocol, address))


def aim_at_object(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for an object of the project; no name is looked up."""
    kind, _, rest = parsed.host.partition(":")
    oid = parsed.host if "/" in rest or kind in ("Node", "ExternalHost", "ExternalClient") else f"{kind}:default/{rest}"
    if kind == "Service":
        service = ground.control.services.get(oid)
        return fail("cannot-tell", f"There is no Service {rest}.") if service is None else aim_at_service(
            ground, origin, service, parsed
        )  # fmt: skip
    if kind == "Pod" or kind in WORKLOADS:
        pod, note = (ground.control.pods.get(oid), "") if kind == "Pod" else workload_pod(ground, oid)
        if pod is None:
            return fail("cannot-tell", note or f"There is no {kind} {rest}.")
        found = aim_at_pod(ground, origin, pod, parsed)
        return replace(found, notes=(note, *found.notes)) if note else found
    if kind == "Node":
        return aim_at_node(ground, origin, rest, parsed)
    if kind in ("ExternalHost", "ExternalClient"):
        thing = ground.state.project.get(oid)
        if isinstance(thing, ExternalHost | ExternalClient):
            held = outside_addresses(thing)
            if not held:
                return fail("cannot-tell", f"{thing.name} has no address in this project. Give it one.")
            address = next((a for a in held if address_towards(origin, a)), held[0])
            return aim_outside(thing, parsed, address)
    if kind == "IngressController":
        controller = ground.state.project.get(oid)
        if isinstance(controller, IngressController):
            target = controller.spec.service or controller.spec.workload
            if target:
                plain = parsed.port is None and not parsed.port_name
                wanted = replace(parsed, host=target, port=80) if plain else replace(parsed, host=target)
                found = aim_at_object(ground, origin, wanted)
                return replace(found, notes=(*found.notes, "Port 80, that of HTTP, is taken.")) if plain else found
    return fail("cannot-tell", f"Nothing can be sent to {parsed.host}. Name a Service, a Pod, a Node or an address.")


def aim_at_short(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for ``namespace/name``: the Service of that name, else the workload or Pod."""
    if f"Service:{parsed.host}" in ground.control.services:
        return aim_at_object(ground, origin, replace(parsed, kind="object", host=f"Service:{parsed.host}"))
    oids = find_runners(ground, parsed.host)
    if not oids:
        return fail("cannot-tell", f"There is no Service, workload or Pod {parsed.host}.")
    return aim_at_object(ground, origin, replace(parsed, kind="object", host=oids[0]))


def aim_at_node(ground: Ground, origin: Origin, name: str, parsed: Parsed) -> Aims:
    """The aim for a Node: its first address of the sender's family."""
    node = ground.control.nodes.get(name)
    if node is None:
        return fail("cannot-tell", f"There is no Node {name}.")
    address = next((a for a in node.addresses if address_towards(origin, a)), None)
    if address is None:
        return fail("no-route", f"{name} has no address of a family that {origin.name} has.")
    if parsed.port is None:
        return fail("cannot-tell", f"No port is given for {name}. Write {name}:30080, for example.")
    return one(Aim(address, parsed.port, parsed.protocol, name))


def aim_at_pod(ground: Ground, origin: Origin, pod: PodState, parsed: Parsed) -> Aims:
    """The aim for a Pod's own address; a missing port is its only declared one."""
    who = f"Pod {pod.namespace}/{pod.name}"
    if pod.phase in ENDED:
        return fail("no-route", f"{who} has ended ({pod.phase}) and has no network any more.")
    address = next((a for a in pod.ips if address_towards(origin, a)), None)
    if address is None:
        why = pod.pending or ("its addresses are of another family" if pod.ips else "it has no address yet")
        return fail("no-route", f"{who} cannot be reached: {why}.")
    declared = [p for c in containers_of(pod) for p in c.ports]
    fitting = [p for p in declared if p.protocol == parsed.protocol or not parsed.said_protocol]
    port, protocol, note = parsed.port, parsed.protocol, ""
    if parsed.port_name:
        named = next((p for p in fitting if p.name == parsed.port_name), None)
        if named is None:
            return fail("cannot-tell", f"{who} has no port called {parsed.port_name}.")
        port, protocol = named.containerPort, protocol_of(named.protocol)
    elif port is None and len(fitting) == 1:
        port, protocol = fitting[0].containerPort, protocol_of(fitting[0].protocol)
        kind = "" if len(declared) == 1 else f"{protocol} "
        note = f"Port {port} is the only {kind}one that {who} declares."
    if port is None:
        listed = ", ".join(f"{p.containerPort}/{p.protocol}" for p in declared) or "none"
        return fail("cannot-tell", f"No port is given for {who}. It declares: {listed}.")
    return one(Aim(address, port, protocol, pod.name), note)


def aim_outside(thing: ExternalHost | ExternalClient, parsed: Parsed, address: str) -> Aims:
    """The aim for something outside; a missing port is its only one."""
    if parsed.port is not None:
        return one(Aim(address, parsed.port, parsed.protocol, thing.name))
    if len(thing.spec.ports) == 1:
        number, _, protocol = thing.spec.ports[0].partition("/")
        if number.isdigit():
            return one(Aim(address, int(number), protocol_of(protocol.upper() or "TCP"), thing.name))
    return fail("cannot-tell", f"No port is given for {thing.name}. Write {thing.name}:443, for example.")


def aim_at_service(ground: Ground, origin: Origin, service: ServiceState, parsed: Parsed) -> Aims:
    """The aim for a Service as an object: its ClusterIP from inside, what exposes it from outside."""
    who = f"{service.namespace}/{service.name}"
    if service.external_name:
        return fail(
            "cannot-tell", f"Service {who} is a DNS name for {service.external_name}; ask for its name instead."
        )
    if service.headless:
        return aim_at_endpoints(ground, origin, service, parsed)
    if service.pending and not service.cluster_ips:
        return fail("cannot-tell", f"Service {who} has no address: {service.pending}.")
    if origin.kind == "outside":
        return _from_outside(ground, origin, service, parsed)
    address = next((a for a in service.cluster_ips if address_towards(origin, a)), None)
    if address is None:
        return fail("no-route", f"Service {who} has no ClusterIP of a family that {origin.name} has.")
    return aim_at_service_port(ground, service, parsed, address)


def aim_at_service_port(ground: Ground, service: ServiceState, parsed: Parsed, address: str) -> Aims:
    """The aim for one of the Service's addresses with the port that is meant."""
    port, note, trouble = service_port(service, parsed)
    if trouble:
        return fail("cannot-tell", trouble)
    number = parsed.port if port is None else port.port
    protocol = parsed.protocol if port is None else protocol_of(port.protocol)
    return one(Aim(address, number or 0, protocol, service.name), note)


def service_port(service: ServiceState, parsed: Parsed) -> tuple[ServicePortState | None, str, str]:
    """The Service port that is meant, a note, and what is wrong; no port where the typed number is none of them."""
    who = f"Service {service.namespace}/{service.name}"
    listed = ", ".join(f"{p.port}/{p.protocol}" for p in service.ports) or "none"
    fitting = [p for p in service.ports if p.protocol == parsed.protocol or not parsed.said_protocol]
    if parsed.port_name:
        named = next((p for p in fitting if p.name == parsed.port_name), None)
        kind = f"{parsed.protocol} " if parsed.said_protocol else ""
        trouble = "" if named else f"{who} has no {kind}port called {parsed.port_name}. Its ports: {listed}."
        return named, "", trouble
    if parsed.port is not None:
        same = [p for p in service.ports if p.port == parsed.port]
        found = next((p for p in same if p.protocol == parsed.protocol), None)
        if found is None and len(same) == 1 and not parsed.said_protocol:
            return same[0], f"Port {parsed.port} of {who} is {same[0].protocol}; no protocol was given.", ""
        return found, "", ""
    if len(fitting) == 1:
        only, kind = fitting[0], "" if len(service.ports) == 1 else f"{parsed.protocol} "
        return only, f"Port {only.port}/{only.protocol} is the only {kind}one of {who}.", ""
    if service.ports and not fitting:
        return None, "", f"{who} has no {parsed.protocol} port. Its ports: {listed}."
    return None, "", f"No port is given, and {who} has several: {listed}. Say which."


def aim_at_endpoints(
    ground: Ground, origin: Origin, service: ServiceState, parsed: Parsed, answered: tuple[str, ...] = ()
) -> Aims:
    """The aims for a headless Service: each ready endpoint's own address (or those `answered`), equally likely.

    CoreDNS shuffles the answer (`domain/dns.md` section 2, `loadbalance`) and clients take the first address. The port
    is not translated (`domain/services.md` section 2).
    """
    who = f"{service.namespace}/{service.name}"
    found = sorted(answered) or sorted(
        {
            address
            for part in ground.control.slices.get(service.id, ())
            for end in part.endpoints
            if end.ready
            for address in end.addresses
            if address_towards(origin, address)
        }
    )
    if not found:
        return fail("name-not-found", f"Headless Service {who} has no ready endpoint, so its name has no address.")
    port, note, trouble = service_port(service, parsed)
    if trouble:
        return fail("cannot-tell", trouble)
    number = parsed.port if port is None or parsed.port is not None else port.port
    share = Fraction(1, len(found))
    said = f"Service {who} is headless: the client connects to the Pod's address, and its port is not translated."
    protocol = parsed.protocol if port is None else protocol_of(port.protocol)
    ways = tuple((share, Aim(a, number or 0, protocol, a)) for a in found)
    return Aims(ways, (), tuple(text for text in (note, said) if text))


def _from_outside(ground: Ground, origin: Origin, service: ServiceState, parsed: Parsed) -> Aims:
    """What exposes the Service: its load balancer address, else its nodePort on every node, else an external IP."""
    who = f"{service.namespace}/{service.name}"
    port, note, trouble = service_port(service, parsed)
    if trouble:
        return fail("cannot-tell", trouble)
    number = parsed.port if port is None else port.port
    protocol = parsed.protocol if port is None else protocol_of(port.protocol)
    for entry in service.load_balancer:
        if entry.ip and address_towards(origin, entry.ip):
            said = f"From outside, {who} is reached by its load balancer address {entry.ip}."
            return one(Aim(entry.ip, number or 0, protocol, service.name), note, said)
        if not entry.ip and entry.hostname and port is not None and port.node_port is not None:
            family: Family = 6 if service.ip_families[:1] == ("IPv6",) else 4
            found = entries_of(eligible(ground, service, family), origin)
            client = address_towards(origin, found[0][1]) if found else None
            doubt = not_asked(service, client) if client else ""
            if doubt:
                return fail("cannot-tell", doubt)
            if found:
                said = (
                    f"From outside, {who} is reached by {entry.hostname}, taken to send to node port {port.node_port}."
                )
                return one(Aim(found[0][1], port.node_port, protocol, service.name, found), note, said)
    external = next((a for a in service.external_ips if address_towards(origin, a)), None)
    if external:
        return one(Aim(external, number or 0, protocol, service.name), note)
    if port is not None and port.node_port is not None:
        entries = node_entries(ground, origin)
        if entries:
            said = f"From outside, {who} is reached by node port {port.node_port} of any Node."
            return one(Aim(entries[0][1], port.node_port, protocol, service.name, entries), note, said)
        down = not any(node.ready for node in ground.control.nodes.values())
        verdict = none_ready(ground) if down else "no-route"
        return fail(verdict, f"Service {who} has node port {port.node_port}, but {no_entry(ground, origin)}.")
    if service.type == "LoadBalancer" and not service.load_balancer:
        why = f": {service.pending}" if service.pending else ""
        return fail("no-route", f"Service {who} has no load balancer address yet{why}.")
    return fail("no-route", f"Service {who} is of type {service.type}: nothing outside the cluster leads to it.")


def protocol_of(text: str) -> Protocol:
    """The protocol that a text names; TCP for anything else than UDP and SCTP."""
    return "UDP" if text == "UDP" else "SCTP" if text == "SCTP" else "TCP"
