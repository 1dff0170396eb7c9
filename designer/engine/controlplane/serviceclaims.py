"""What a Service's allocation depends on, so that an edit of anything else leaves all addresses and ports alone."""

from __future__ import annotations

from designer.engine.controlplane.nodeports import WITH_NODE_PORTS
from designer.model import Service

# What of a Service's spec neither asks for an address or port nor bears on which it may have.
CLAIMS_NOTHING = frozenset(
    (
        "selector",
        "ports",
        "sessionAffinity",
        "sessionAffinityConfig",
        "internalTrafficPolicy",
        "publishNotReadyAddresses",
        "trafficDistribution",
    )
)


def claims(service: Service) -> tuple[object, ...]:
    """All of an accepted Service that its allocation depends on: equal claims get equal records."""
    spec = service.spec
    fields = tuple(getattr(spec, name) for name in type(spec).model_fields if name not in CLAIMS_NOTHING)
    numbered = spec.ports if spec.type in WITH_NODE_PORTS else ()
    ports = tuple((port.name, port.protocol, port.port, port.nodePort) for port in numbered)
    return (*fields, bool(spec.selector), ports, service.metadata, service.status)
