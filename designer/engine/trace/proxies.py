"""The Pods, Services and addresses of Gateways: which Gateway answers where a connection arrives, and on which port.

A Pod is a Gateway's where its labels say so, where it stands behind a Service whose labels say so, or behind one that
has the Gateway's address (`l7.gateway.dataplanes`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.engine.cni.ranges import is_address
from designer.engine.controlplane.state import PodState, ServiceState
from designer.engine.l7.gateway.dataplanes import addresses_of, owners
from designer.engine.l7.gateway.gateways import GatewayState
from designer.engine.trace.ground import Ground

WELL_KNOWN_PORTS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class ProxyIndex:
    """Gateways (``ns/name``) by Service id, by Pod behind such a Service and by address; Services by Gateway."""

    by_service: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_pod: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_address: dict[str, tuple[str, ...]] = field(default_factory=dict)
    services: dict[str, tuple[str, ...]] = field(default_factory=dict)
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)


EMPTY = ProxyIndex()


def proxy_index(ground: Ground) -> ProxyIndex:
    """What belongs to Gateways, made once for a state."""
    if not ground.state.gateways.gateways:
        return EMPTY
    control = ground.control
    reads = (ground.state.gateways.gateways, control.services, control.slices, ground.state.project.foreign)
    return ground.shelf.once("proxies", reads, lambda _: _made(ground))


def _made(ground: Ground) -> ProxyIndex:
    gateways, foreign = ground.state.gateways.gateways, ground.state.project.foreign
    made = ProxyIndex()
    for key, gateway in gateways.items():
        held = addresses_of(gateway, foreign[gateway.owner.id])
        made.addresses[key] = held
        for address in held:
            made.by_address[address] = (*made.by_address.get(address, ()), key)
    for service in ground.control.services.values():
        keys = dict.fromkeys(owners(service.labels, service.namespace, gateways))
        shown = (*(e.ip or e.hostname for e in service.load_balancer), *service.external_ips, *service.cluster_ips)
        names = (f"{service.name}.{service.namespace}.svc.{ground.settings.dnsDomain}",)
        keys.update({key: None for text in (*shown, *names) if text for key in made.by_address.get(text, ())})
        if not keys:
            continue
        made.by_service[service.id] = tuple(keys)
        for key in keys:
            made.services[key] = (*made.services.get(key, ()), service.id)
        for part in ground.control.slices.get(service.id, ()):
            for end in part.endpoints:
                if end.pod is not None:
                    made.by_pod[end.pod] = tuple(dict.fromkeys((*made.by_pod.get(end.pod, ()), *keys)))
    return made


def gateways_of_pod(ground: Ground, pod: PodState) -> tuple[str, ...]:
    """The Gateways that a Pod may serve."""
    gateways = ground.state.gateways.gateways
    if not gateways:
        return ()
    own = owners(pod.labels, pod.namespace, gateways)
    return tuple(dict.fromkeys((*own, *proxy_index(ground).by_pod.get(pod.id, ()))))


def listener_port(ground: Ground, key: str, pod: PodState, called: int, arrived: int, protocol: str) -> int | None:
    """The port of the Gateway's listener that a connection to port `arrived` of a proxy Pod belongs to.

    Its Services lead from the listeners' ports to those of the Pod. `called` is the port that the client called: it
    decides where several lead to one. None where the Pod's port is that of no listener: another program of the Pod.
    """
    gateway = ground.state.gateways.gateways[key]
    ports = {listener.port for listener in gateway.every_listener}
    found = _service_ports(ground, key, pod, arrived, protocol) & ports
    if len(found) == 1:
        return next(iter(found))
    if found:
        return called if called in found else None
    if gateway.profile.shift:
        shifted = arrived - gateway.profile.shift
        if 0 < shifted < WELL_KNOWN_PORTS and shifted in ports:
            return shifted
    return arrived if arrived in ports else None


def _service_ports(ground: Ground, key: str, pod: PodState, arrived: int, protocol: str) -> set[int]:
    found: set[int] = set()
    for oid in proxy_index(ground).services.get(key, ()):
        service = ground.control.services[oid]
        for part in ground.control.slices.get(oid, ()):
            if not any(end.pod == pod.id for end in part.endpoints):
                continue
            names = {p.name for p in part.ports if p.port == arrived and p.protocol == protocol}
            found.update(p.port for p in service.ports if p.name in names and p.protocol == protocol)
    return found


def serves(ground: Ground, pod: PodState, protocol: str, port: int) -> bool:
    """Whether a port of a Pod is that of a listener which carries traffic: the proxy listens, declared or not."""
    for key in gateways_of_pod(ground, pod):
        number = listener_port(ground, key, pod, port, port, protocol)
        responder = ground.state.gateways.responders.get(key)
        if number is None or responder is None or not responder.gateway.carries:
            continue
        if any(x.port == number and (x.protocol == "UDP") == (protocol == "UDP") for x in responder.listeners):
            return True
    return False


def gateway_at(ground: Ground, address: str) -> GatewayState | None:
    """The Gateway that has an address which nothing else of the cluster has, None for none.

    Of several with one address the first: they share what is not in the input.
    """
    found = proxy_index(ground).by_address.get(address, ())
    known = ground.services_at(address) or address in ground.pods_by_ip or address in ground.nodes_by_ip
    return ground.state.gateways.gateways[found[0]] if found and not known else None


def address_list(ground: Ground, key: str) -> tuple[str, ...]:
    """The IP addresses of a Gateway."""
    return tuple(filter(is_address, proxy_index(ground).addresses.get(key, ())))


def services_of(ground: Ground, key: str) -> tuple[ServiceState, ...]:
    """The Services that lead to a Gateway's proxies."""
    return tuple(ground.control.services[oid] for oid in proxy_index(ground).services.get(key, ()))
