"""Node ports and health check node ports: one number for the whole cluster, whatever the protocol.

domain/ipam.md, "NodePort and healthCheckNodePort" (KEP-3668). Ports of one Service that have the same `port` share a
node port (53/TCP and 53/UDP); everything else that meets a used number is rejected.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from designer.edits.servicefamilies import is_headless
from designer.edits.servicerules import needs_health_check
from designer.engine.controlplane.bands import Band
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.refusals import refused
from designer.model import EMPTY_MAP, FrozenMap, Problem, Service, ServicePort, ServiceRecord

WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def port_key(port: ServicePort) -> str:
    """The key of a port in `ServiceRecord.nodePorts`."""
    return f"{port.port}/{port.protocol}"


@dataclass(slots=True)
class PortBooks:
    """What one allocation of node ports counts with: the band, and what each Service has by port key."""

    band: Band
    draws: Draws
    ports: dict[str, dict[str, int]] = field(default_factory=dict)
    health: dict[str, int] = field(default_factory=dict)


def claim_ports(books: PortBooks, service: Service, before: ServiceRecord | None) -> Problem | None:
    """Mark the ports that the manifest gives and that the ledger has; why the API server rejects the Service, if so."""
    claimed: set[int] = set()
    problem = _static_ports(books, service, claimed)
    if problem is not None:
        books.band.used -= claimed
        return problem
    _recorded_ports(books, service, before)
    return None


def release_ports(books: PortBooks, service: Service) -> None:
    """Give back what a Service had claimed: it is rejected for another reason."""
    books.band.used -= {*books.ports.pop(service.id, {}).values(), books.health.pop(service.id, 0)}


def with_ports(books: PortBooks, service: Service, record: ServiceRecord) -> ServiceRecord:
    """The record of a Service with its node ports."""
    mine = books.ports[service.id]
    values = {key: mine[key] for port in service.spec.ports if (key := port_key(port)) in mine}
    health = books.health.get(service.id)
    if not values and not health:
        return record
    ports = FrozenMap(values) if values else EMPTY_MAP
    return record.model_copy(update={"nodePorts": ports, "healthCheckNodePort": health})


def _may_have_ports(service: Service) -> bool:
    return service.spec.type in WITH_NODE_PORTS and not is_headless(service)


def _static_ports(books: PortBooks, service: Service, claimed: set[int]) -> Problem | None:
    """Mark what the manifest gives, noted in `claimed`; the problem when the API server rejects it."""
    band = books.band
    mine: dict[str, int] = {}
    books.ports[service.id] = mine
    if not _may_have_ports(service):
        return None
    of_number: dict[int, int] = {}  # nodePort → Service port: equal Service ports share one
    for index, port in enumerate(service.spec.ports):
        number = port.nodePort
        if not number:
            continue
        path = f"spec.ports[{index}].nodePort"
        low, high = band.first, band.last
        if not band.has(number):
            text = f"provided port is not in the valid range. The range of valid ports is {low}-{high}"
            return refused(service, "SVC-27", path, text, f"Choose a port from {low} to {high}, or leave it out.")
        if number in band.used and of_number.get(number) != port.port:
            text = "provided port is already allocated"
            return refused(service, "SVC-26", path, text, f"Choose a port that no other Service has, not {number}.")
        of_number[number] = port.port
        band.used.add(number)
        claimed.add(number)
        mine[port_key(port)] = number
    return _static_health_check(books, service)


def _static_health_check(books: PortBooks, service: Service) -> Problem | None:
    """Mark the health check node port that the manifest gives; the problem when the API server rejects it."""
    band, number = books.band, service.spec.healthCheckNodePort
    if not needs_health_check(service) or not number:
        return None
    path, start = "spec.healthCheckNodePort", f"failed to allocate requested HealthCheck NodePort {number}"
    if not band.has(number):
        text = f"provided port is not in the valid range. The range of valid ports is {band.first}-{band.last}"
        fix = f"Choose a port from {band.first} to {band.last}, or leave it out."
        return refused(service, "SVC-27", path, f"{start}: {text}", fix)
    if number in band.used:
        text = "provided port is already allocated"
        return refused(service, "SVC-26", path, f"{start}: {text}", "Choose another port.")
    band.used.add(number)
    books.health[service.id] = number
    return None


def _wants_drawn_ports(service: Service) -> bool:
    if not _may_have_ports(service):
        return False
    return service.spec.type == "NodePort" or service.spec.allocateLoadBalancerNodePorts is not False


def _recorded_ports(books: PortBooks, service: Service, before: ServiceRecord | None) -> None:
    """Keep what the ledger has; allocateLoadBalancerNodePorts set to false later removes nothing."""
    if before is None or not _may_have_ports(service):
        return
    mine, band, health = books.ports[service.id], books.band, books.health
    by_port: dict[int, int] = {}
    for port in service.spec.ports:
        key = port_key(port)
        number = before.nodePorts.get(key)
        if key in mine or number is None or not band.has(number):
            continue
        if number not in band.used or by_port.get(port.port) == number:
            band.used.add(number)
            by_port[port.port] = number
            mine[key] = number
    number = before.healthCheckNodePort
    waits = needs_health_check(service) and service.id not in health
    if waits and number and band.has(number) and number not in band.used:
        band.used.add(number)
        health[service.id] = number


def draw_ports(books: PortBooks, service: Service) -> Problem | None:
    """Draw what is missing; where the range is full everything drawn for the Service is given back."""
    mine, band = books.ports[service.id], books.band
    before, drawn = books.draws.count("nodePort"), set[int]()
    wanted = service.spec.ports if _wants_drawn_ports(service) else ()
    path = ""
    for index, port in enumerate(wanted):
        key = port_key(port)
        if key in mine:
            continue
        shared = next((mine[port_key(p)] for p in wanted if p.port == port.port and port_key(p) in mine), None)
        number = shared or _draw(books)
        if number is None:
            path, text = f"spec.ports[{index}].nodePort", "failed to allocate a nodePort: range is full"
            break
        mine[key] = number
        if shared is None:
            drawn.add(number)
    if not path and needs_health_check(service) and service.id not in books.health:
        number = _draw(books)
        if number is None:
            path, text = "spec.healthCheckNodePort", "failed to allocate a HealthCheck NodePort: range is full"
        else:
            books.health[service.id] = number
    if not path:
        return None
    band.used -= drawn
    books.draws.rewind("nodePort", before)
    return refused(service, "SVC-26", path, text, "Widen the node port range.")


def _draw(books: PortBooks) -> int | None:
    return books.band.draw(lambda size: books.draws.below("nodePort", size))
