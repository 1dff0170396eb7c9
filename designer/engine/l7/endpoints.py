"""How many endpoints of a Service take requests that come straight from a Gateway or an Ingress controller."""

from __future__ import annotations

from designer.engine.controlplane.state import ControlPlaneState


def ready_endpoints(control: ControlPlaneState, service: str, port: int | None) -> int:
    """The ready endpoints of a Service port (``ns/name`` and its number; None for any port).

    A Pod with an address in both families is one endpoint: the family that has more counts.
    """
    found = control.services.get(f"Service:{service}")
    if found is None:
        return 0
    names = {p.name for p in found.ports if port is None or p.port == port}
    by_type: dict[str, set[tuple[str, ...]]] = {}
    for part in control.slices.get(found.id, ()):
        if any(p.name in names for p in part.ports):
            ready = by_type.setdefault(part.address_type, set())
            ready.update(endpoint.addresses for endpoint in part.endpoints if endpoint.ready)
    return max((len(addresses) for addresses in by_type.values()), default=0)
