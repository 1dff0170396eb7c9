"""Where a connection has arrived: at a Gateway's proxy, at an Ingress controller, or at a plain program."""

from __future__ import annotations

from designer.engine.trace.aim import Aim
from designer.engine.trace.calling import Call
from designer.engine.trace.flight import Flight, Responder
from designer.engine.trace.gateway import answer_gateway
from designer.engine.trace.gateway_hop import decision_hop
from designer.engine.trace.ground import Ground
from designer.engine.trace.hops import Hop, Trace
from designer.engine.trace.ingress import answer_http, controller_of
from designer.engine.trace.proxies import gateways_of_pod, listener_port, proxy_index
from designer.engine.trace.relaying import sentence
from designer.engine.trace.reply import finish


def answer_call(call: Call, ground: Ground, flight: Flight, responder: Responder) -> Trace:
    """What follows when the connection that carries `call` has reached `responder`."""
    if responder.unseen:
        return answer_gateway(call, ground, flight, responder, responder.name.partition(" ")[2], call.port)
    arrived = _gateways(call, ground, flight, responder)
    controller = controller_of(ground, responder) if call.http else None
    if controller is not None and arrived:
        routes = ground.state.routes.route(
            controller.id, call.host, call.path, call.tls, dict(call.headers), flight.packet.src, call.method
        )
        taken = [one for one in arrived if _takes(call, ground, *one)]
        if taken and routes.kind != "default-404":
            names = " and ".join([controller.name, *(f"Gateway {key}" for key, _ in taken)])
            return flight.end("cannot-tell", f"{names} share {responder.name} and both have a rule for the request.")
        arrived = taken
    if len(arrived) > 1:
        names = " and ".join(f"Gateway {key}" for key, _ in arrived)
        said = f"{names} share {responder.name} and have listeners for this port; whose rules hold is not defined."
        return flight.end("cannot-tell", said)
    if arrived:
        return answer_gateway(call, ground, flight, responder, *arrived[0])
    return answer_http(call, ground, flight, responder) if call.http else finish(ground, flight, responder)


def _takes(call: Call, ground: Ground, key: str, port: int) -> bool:
    """Whether a rule of the Gateway takes the request."""
    answer = ground.state.gateways.answer(key, call.asked(port))
    return bool(answer.route) or answer.undecided


def _gateways(call: Call, ground: Ground, flight: Flight, responder: Responder) -> list[tuple[str, int]]:
    """The Gateways that the responder may be a proxy of, with the port of the listener that was reached.

    Of several those that have the called address are meant, and of these the ones with a route for the request.
    """
    pod = responder.pod
    if pod is None:
        return []
    packet, found = flight.packet, []
    for key in gateways_of_pod(ground, pod):
        port = listener_port(ground, key, pod, call.port, packet.dport, packet.protocol)
        if port is not None:
            found.append((key, port))
    index = proxy_index(ground)
    if len(found) > 1:
        found = [one for one in found if call.address in index.addresses.get(one[0], ())] or found
    if len(found) > 1:
        found = [one for one in found if _takes(call, ground, *one)] or found
    return found


def in_nodes(call: Call, ground: Ground, aim: Aim, hops: tuple[Hop, ...]) -> Trace | None:
    """The trace of a call of a Gateway whose proxies are in the Nodes themselves, None for every other call."""
    index = proxy_index(ground)
    services = list(ground.services_at(aim.address))
    by_port = ground.node_port(aim.protocol, aim.port)
    if not services and by_port is not None:
        services = [by_port]
    for service in services:
        for key in index.by_service.get(service.id, ()):
            gateway = ground.state.gateways.gateways[key]
            if not gateway.profile.in_nodes:
                continue
            ports = (p.port for p in service.ports if aim.port in (p.port, p.node_port) and p.protocol == aim.protocol)
            port = next(ports, aim.port)
            hop, reason = decided(call, ground, key, port)
            said = (
                f"{gateway.profile.title} hands the packets of {service.namespace}/{service.name} to its proxy in the "
                "Node that they reach, which is no Pod, and calls backends with an identity of its own: the way "
                f"through it is not followed. What Gateway {key} decides: {reason}"
            )
            return Trace((*hops, hop), "cannot-tell", said)
    return None


def decided(call: Call, ground: Ground, key: str, port: int) -> tuple[Hop, str]:
    """The stop at a Gateway where nothing is known of the packet that reaches it, and its reason as a sentence."""
    owner = ground.state.gateways.gateways[key].owner
    answer = ground.state.gateways.answer(key, call.asked(port))
    responder = Responder(owner.id, owner.shown, unseen=True)
    return decision_hop(ground, call, answer, key, responder, None), sentence(answer.reason)
