"""Names that the world outside resolves: those of external hosts, and hosts of Ingresses.

Which address public DNS holds for an Ingress host is nothing that a cluster decides. Where exactly one controller
serves the host, the trace takes the address that leads to that controller and says so; with several it cannot tell.
"""

from __future__ import annotations

from dataclasses import replace

from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.state import PodState, ServiceState
from designer.engine.l7.matching import ANY_HOST, host_rank, normal_host
from designer.engine.trace.aim import Aim, Aims, aim_at_node, aim_at_object, aim_outside, fail, one
from designer.engine.trace.entries import entries_of, node_entries
from designer.engine.trace.flight import Origin
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Evidence, Hop
from designer.engine.trace.indices import ENDED, outside_addresses
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
    controllers = serving(ground, name)
    if len(controllers) > 1:
        names = " and ".join(controller.name for controller in controllers)
        return fail("cannot-tell", f"{names} both serve {name}; to which of them public DNS leads, no object says.")
    if controllers:
        return aim_at_controller(ground, origin, controllers[0], name, parsed)
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
        f"Public DNS is not part of the project: no external host has the name {name}, and no Ingress serves it. "
        "Give an address, or add an external host with this name.",
    )


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


def serving(ground: Ground, name: str) -> tuple[IngressController, ...]:
    """The controllers that serve Ingresses with this very host (or a wildcard for it), by id."""
    found = []
    for oid, routes in ground.state.routes.controllers.items():
        ranks = [host_rank(entry.host, name) for entry in (*routes.entries, *routes.defaults)]
        controller = ground.state.project.find(IngressController, oid)
        if controller is not None and any(rank is not None and rank < ANY_HOST for rank in ranks):
            found.append(controller)
    return tuple(found)


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


def exposure(
    ground: Ground, origin: Origin, controller: IngressController, parsed: Parsed
) -> tuple[tuple[tuple[str, str], ...], str, str]:
    """(Node or "", address) pairs that lead to a controller, how, and why there are none.

    A load balancer address comes first, then the node ports of its Service, then Pods with hostNetwork or hostPort.
    """
    who = controller.name
    service = ground.control.services.get(controller.spec.service or "")
    if service is not None:
        for entry in service.load_balancer:
            if entry.ip and address_towards(origin, entry.ip):
                how = f"the load balancer address of {service.namespace}/{service.name}, which leads to {who}"
                return (("", entry.ip),), how, ""
        if service.type in ("NodePort", "LoadBalancer") and any(p.node_port == parsed.port for p in service.ports):
            how = f"the Nodes' addresses, where port {parsed.port} leads to {who}"
            return node_entries(ground, origin), how, f"No Node is ready to take requests for {who}."
    nodes = [
        pod.node
        for pod in ground.control.pods.values()
        if runs(ground, controller, pod) and pod.phase not in ENDED and (pod.host_network or host_ports(pod))
    ]
    machines = tuple(node for node in ground.control.nodes.values() if node.ready and node.name in nodes)
    held = entries_of(machines, origin)
    if held:
        return held, f"the addresses of the Nodes where {who} runs", ""
    pending = f" ({service.pending})" if service is not None and service.pending else ""
    reason = (
        f"Nothing leads to {who} from outside at port {parsed.port or 80}: it has no load balancer address{pending}"
    )
    if service is not None and any(p.node_port for p in service.ports):
        ports = ", ".join(str(p.node_port) for p in service.ports if p.node_port)
        return (), "", f"{reason}. Its node ports are {ports}: ask for one of them."
    return (), "", f"{reason}, no node port and no hostPort."


def runs(ground: Ground, controller: IngressController, pod: PodState) -> bool:
    """Whether the Pod is one of those that run the controller: of its workload, else behind its Service."""
    if controller.spec.workload:
        return controller.spec.workload in (pod.owner, pod.id)
    slices = ground.control.slices.get(controller.spec.service or "", ())
    return any(end.pod == pod.id for part in slices for end in part.endpoints)


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


def lookup_hop(origin: Origin, name: str, said: str, outcome: str = "", oid: str = "") -> Hop:
    """The hop of a name looked up outside the cluster."""
    decided = (Evidence(name, oid),) if oid else ()
    return Hop("resolve", "request", f"{origin.name} · name lookup", origin.id, f"Who is {name}?", None, None, said,
               origin.node, "", outcome or "found", decided)  # fmt: skip
