"""Names that the world outside resolves: those of external hosts, and hosts of Ingresses and Gateways.

Which address public DNS holds for such a host is nothing that a cluster decides. Where exactly one controller or
Gateway serves the host, the trace takes the address that leads there and says so; with several it cannot tell, unless
one address leads to all of them, or only one of them has an address that a name could be given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from designer.engine.controlplane.state import ServiceState
from designer.engine.l7.matching import normal_host
from designer.engine.trace.aim import Aim, Aims, aim_at_node, aim_at_object, aim_outside, fail, one
from designer.engine.trace.entrances import Entrance, aim_at_gateway, entrances, exposure, is_closed
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop
from designer.engine.trace.indices import outside_addresses
from designer.engine.trace.origin import address_towards
from designer.engine.trace.request import Parsed
from designer.model import ExternalClient, ExternalHost, Ingress, IngressController


def aim_public(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for a name that a client outside the cluster looks up."""
    name = normal_host(parsed.host)
    thing = named(ground, name)
    held = outside_addresses(thing) if thing is not None else ()
    if thing is not None and held:
        address = next((a for a in held if address_towards(origin, a)), held[0])
        found = aim_outside(thing, parsed, address)
        return replace(found, hops=(lookup_hop(origin, name, f"{name} is {address}, as {thing.name} says."),))
    if name in ground.control.nodes:
        found = aim_at_node(ground, origin, name, parsed)
        return replace(found, notes=(f"{name} is read as the Node's address; it is not looked up.", *found.notes))
    found_in = entrances(ground, name)
    if found_in:
        return _aim_at_entrances(ground, origin, found_in, name, parsed)
    meant = _service_called(ground, name)
    if meant is not None:
        found = aim_at_object(ground, origin, replace(parsed, kind="object", host=meant.id))
        who = f"Service {meant.namespace}/{meant.name}"
        balancer = any(normal_host(entry.hostname or "") == name for entry in meant.load_balancer)
        note = f"{name} is the load balancer of {who}." if balancer else f"{name} is no public name; {who} is meant."
        return replace(found, notes=(note, *found.notes))
    suffix = f".{ground.settings.dnsDomain}"
    if name.endswith(suffix):
        reason = f"{name} is a name of the cluster's own DNS, which clients outside do not ask."
        return fail("name-not-found", reason, (lookup_hop(origin, name, reason, "name not found"),))
    return fail(
        "cannot-tell",
        f"Public DNS is not part of the project: no external host has the name {name}, and no Ingress or Gateway "
        "serves it. Give an address, or add an external host with this name.",
    )


def _aim_at_entrances(ground: Ground, origin: Origin, every: tuple[Entrance, ...], name: str, parsed: Parsed) -> Aims:
    """The aim for a host that all of these serve."""
    open_ones = tuple(one for one in every if not is_closed(ground, one)) or every
    aims = [
        _aim_at_gateway_host(ground, origin, one, name, parsed)
        if one.controller is None
        else aim_at_controller(ground, origin, one.controller, name, parsed)
        for one in open_ones
    ]
    first = aims[0]
    if len(every) == 1:
        return first
    names = " and ".join(one.name for one in every)
    if len(aims) == 1:
        note = f"{names} both serve {name}; of them only {open_ones[0].name} can be reached from outside."
        return replace(first, notes=(note, *first.notes))
    ends = [tuple((way.address, way.port, way.entries) for _, way in aim.ways) for aim in aims]
    if first.ways and all(end == ends[0] for end in ends):
        return replace(first, notes=(f"{names} both serve {name}, at one address.", *first.notes))
    shown = [f"{end[0][0]} leads to {one.name}" for one, end in zip(open_ones, ends, strict=True) if end]
    how = f" Ask for the address that is meant, with a header Host: {name} ({'; '.join(shown)})." if shown else ""
    return fail("cannot-tell", f"{names} both serve {name}; to which of them public DNS leads, no object says.{how}")


def _aim_at_gateway_host(ground: Ground, origin: Origin, entrance: Entrance, name: str, parsed: Parsed) -> Aims:
    """The aim for a host that a Gateway serves, public DNS being taken to lead to it."""
    found = aim_at_gateway(ground, origin, entrance.gateway, parsed)
    if not found.ways:
        hop = lookup_hop(origin, name, f"{name} is served by {entrance.name}. {found.reason}", "", entrance.id)
        return replace(found, hops=(hop, *found.hops))
    said = f"Taken for granted: public DNS leads {name} to {entrance.name}. {' '.join(found.notes)}"
    return replace(found, hops=(lookup_hop(origin, name, said, "", entrance.id), *found.hops), notes=())


def _service_called(ground: Ground, name: str) -> ServiceState | None:
    """The Service that a client outside means by its load balancer's host name, ``name`` or ``name.namespace``.

    A bare name has to be that of a single Service, or of one in namespace default.
    """
    first, dot, namespace = name.partition(".")
    services = ground.control.services
    balanced = (s for s in services.values() if any(normal_host(e.hostname or "") == name for e in s.load_balancer))
    by_hostname = next(balanced, None)
    if by_hostname is not None:
        return by_hostname
    if dot:
        return services.get(f"Service:{namespace}/{first}")
    found = [service for service in services.values() if service.name == name]
    return found[0] if len(found) == 1 else services.get(f"Service:default/{name}")


def named(ground: Ground, name: str) -> ExternalHost | ExternalClient | None:
    """The external host or client with this DNS name, None when none has it."""
    things: list[ExternalHost | ExternalClient] = [*ground.state.project.of(ExternalHost)]
    things += ground.state.project.of(ExternalClient)
    return next((t for t in things if name in (normal_host(n) for n in t.spec.names)), None)


def aim_at_controller(ground: Ground, origin: Origin, controller: IngressController, name: str, parsed: Parsed) -> Aims:
    """The aim for a host that this controller serves: the address by which it is reached from outside."""
    entries, how, trouble = exposure(ground, origin, controller, parsed)
    if not entries:
        return fail("cannot-tell", trouble)
    port = parsed.port or (443 if parsed.tls else 80)
    address = entries[0][1]
    many = len(entries) > 1
    shown = f"{address}{' and others' if many else ''}"
    said = f"Taken for granted: public DNS answers {name} with {shown}, {how}."
    hop = lookup_hop(origin, name, said, "", controller.id)
    aim = Aim(address, port, parsed.protocol, controller.name, entries if many else ())
    return one(aim, hops=(hop,))


def aim_at_ingress(ground: Ground, origin: Origin, parsed: Parsed) -> Aims:
    """The aim for an Ingress as an object: the address of its controller, whatever its host is called."""
    oid = parsed.host if "/" in parsed.host else f"Ingress:default/{parsed.host.partition(':')[2]}"
    ingress = ground.state.project.find(Ingress, oid)
    if ingress is None:
        return fail("cannot-tell", f"There is no Ingress {oid.partition(':')[2]}.")
    controllers = ground.state.routes.serving(oid)
    if not controllers:
        why = next((u.reason for u in ground.state.routes.unserved if u.ingress == oid), "no controller takes it")
        return fail("no-matching-route", f"Nobody serves Ingress {ingress.namespace}/{ingress.name}: {why}.")
    if len(controllers) > 1:
        return fail("cannot-tell", f"{' and '.join(controllers)} both serve {oid}; which one is meant, no object says.")
    controller = ground.state.project.find(IngressController, controllers[0])
    assert controller is not None, "route tables are made of the project's controllers"
    name = next((rule.host for rule in ingress.spec.rules if rule.host), "")
    if origin.kind == "outside":
        return aim_at_controller(ground, origin, controller, name or "any host", parsed)
    entries, how, trouble = exposure(ground, origin, controller, parsed)
    if not entries:
        return fail("cannot-tell", trouble)
    port = parsed.port or (443 if parsed.tls else 80)
    return one(Aim(entries[0][1], port, "TCP", controller.name), f"Sent to {entries[0][1]}, {how}.")


def as_http(ground: Ground, parsed: Parsed) -> Parsed:
    """An Ingress asked for as an object, as the HTTP request of its first rule."""
    oid = parsed.host if "/" in parsed.host else f"Ingress:default/{parsed.host.partition(':')[2]}"
    ingress = ground.state.project.find(Ingress, oid)
    rules = ingress.spec.rules if ingress is not None else ()
    path = next((p.path for rule in rules if rule.http for p in rule.http.paths if p.path), "/")
    secure = any(item.hosts for item in ingress.spec.tls) if ingress is not None else False
    return replace(parsed, http=True, tls=secure, path=path, host=oid)


def host_of_ingress(ground: Ground, oid: str) -> str:
    """The host of an Ingress' first rule that has one; a name for any host else."""
    ingress = ground.state.project.find(Ingress, oid)
    rules = ingress.spec.rules if ingress is not None else ()
    host = next((rule.host for rule in rules if rule.host), "") or "any.example.com"
    return host.replace("*.", "www.", 1) if host.startswith("*.") else host


def as_gateway(ground: Ground, parsed: Parsed) -> tuple[Parsed, str]:
    """A Gateway asked for as an object: what its listener at the typed port speaks (else its first), and the host."""
    key = parsed.host.partition(":")[2]
    key = key if "/" in key else f"default/{key}"
    parsed = replace(parsed, host=f"Gateway:{key}")
    responder = ground.state.gateways.responders.get(key)
    if responder is None or not responder.listeners:
        return replace(parsed, http=True), "any.example.com"
    asked_udp = parsed.protocol == "UDP" if parsed.said_protocol else None
    fitting = [
        x for x in responder.listeners
        if parsed.port in (None, x.port) and asked_udp in (None, x.protocol == "UDP")
    ]  # fmt: skip
    if not fitting and asked_udp:
        return replace(parsed, port=parsed.port or responder.listeners[0].port), "any.example.com"
    listener = fitting[0] if fitting else responder.listeners[0]
    attached = responder.attached[listener.key]
    names = (listener.hostname, *sorted(attached.index.groups), *sorted(attached.streams))
    host = next((name for name in names if name), "any.example.com").replace("*.", "www.", 1)
    secure = listener.protocol in ("HTTPS", "TLS")
    web = listener.protocol in ("HTTP", "HTTPS")
    transport: Literal["TCP", "UDP"] = "UDP" if listener.protocol == "UDP" else "TCP"
    port = parsed.port or listener.port
    return replace(parsed, http=web, tls=secure, protocol=transport, said_protocol=True, port=port), host


def lookup_hop(origin: Origin, name: str, said: str, outcome: str = "", oid: str = "") -> Hop:
    """The hop of a name looked up outside the cluster."""
    decided = (Evidence(name, oid),) if oid else ()
    return Hop("resolve", "request", f"{origin.name} · name lookup", origin.id, f"Who is {name}?", None, None, said,
               origin.node, "", outcome or "found", decided)  # fmt: skip
