"""Services of type ExternalName: a name in DNS and nothing more. `domain/pitfalls.md`, "Services and endpoints"."""

from __future__ import annotations

from collections.abc import Iterator

from designer.engine.checks.survey import Survey, short
from designer.engine.controlplane.addresses import parse_address
from designer.engine.controlplane.state import ServiceState
from designer.model import Problem

HTTPS = 443


def _aliases(s: Survey) -> Iterator[tuple[ServiceState, str]]:
    """Services of type ExternalName with the name that they stand for, without a dot at its end."""
    for service in s.control.services.values():
        if service.external_name:
            yield service, service.external_name.removesuffix(".").lower()


def address_as_name(s: Survey) -> Iterator[Problem]:
    """SVC-09: an IP address in externalName, which DNS takes for a name."""
    for service, name in _aliases(s):
        if parse_address(name) is not None:
            title = f"{short(service.id)}: externalName {name} is taken for a name, and no server has it"
            why = "externalName is a DNS name. CoreDNS gives no record for one that is an address."
            fix = "Write a Service without selector instead, and an EndpointSlice with the address."
            yield s.problem("SVC-09", "error", service.id, "spec.externalName", title, why, fix)


def names_of_clients(s: Survey) -> Iterator[Problem]:
    """SVC-10: an alias of an HTTPS server, which sees the cluster's name in Host and SNI."""
    for service, name in _aliases(s):
        if any(port.port == HTTPS for port in service.ports):
            title = f"{short(service.id)}: {name} is called by the Service's name"
            why = "The Host header and the TLS server name keep what the client typed; the server knows neither."
            fix = f"Let clients call {name} itself, or a proxy that writes Host and server name anew."
            yield s.problem("SVC-10", "info", service.id, "spec.externalName", title, why, fix)


def circle(s: Survey) -> Iterator[Problem]:
    """SVC-34: aliases that lead back to themselves."""
    domain = s.project.cluster.dnsDomain
    target = {f"{a.name}.{a.namespace}.svc.{domain}": (a, name) for a, name in _aliases(s)}
    for start, (service, name) in target.items():
        way = [start]
        while name in target and name not in way:
            way.append(name)
            name = target[name][1]
        if name == start:
            title = f"{short(service.id)}: its externalName leads back to itself"
            why = f"DNS goes round in a circle and answers nothing: {' → '.join((*way, start))}."
            fix = "Let one of these names stand for something outside."
            yield s.problem("SVC-34", "error", service.id, "spec.externalName", title, why, fix)
