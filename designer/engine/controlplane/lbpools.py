"""Load balancer addresses: the lowest free one of the first suitable pool, with MetalLB as the model.

domain/ipam.md, "LoadBalancer address pools". A pool is taken by annotation, else in the order of the settings; a
Service with a `loadBalancerClass` waits for the controller of that class and gets nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from designer.engine.controlplane.addresses import address_text, canonical, family_of, parse_address, parse_range
from designer.engine.controlplane.state import Family
from designer.model import LoadBalancerSettings, Service

POOL_ANNOTATIONS = ("metallb.io/address-pool", "metallb.universe.tf/address-pool")
ADDRESS_ANNOTATIONS = ("metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs")


def given_addresses(service: Service) -> tuple[str, ...]:
    """The addresses that the manifest's status says the Service has."""
    return tuple(canonical(entry.ip) for entry in service.status.loadBalancer.ingress if entry.ip)


def asked_addresses(service: Service) -> tuple[str, ...]:
    """The addresses that the Service asks for by field or annotation."""
    if service.spec.loadBalancerIP:
        return (canonical(service.spec.loadBalancerIP),)
    text = _annotation(service, ADDRESS_ANNOTATIONS)
    return tuple(canonical(part) for part in text.split(",") if part.strip()) if text else ()


def _annotation(service: Service, names: Iterable[str]) -> str:
    return next((found for name in names if (found := service.metadata.annotations.get(name))), "")


class LoadBalancerPools:
    """The pools with what is in use."""

    def __init__(self, settings: LoadBalancerSettings) -> None:
        self._pools = [
            (pool.name, [r for text in pool.addresses if (r := parse_range(text)) is not None])
            for pool in settings.pools
        ]
        self._used: set[tuple[Family, int]] = set()

    def mark(self, ip: str) -> None:
        """Mark an address as used."""
        found = parse_address(ip)
        if found is not None:
            self._used.add(found)

    def holds(self, ip: str) -> bool:
        """Whether an address lies in one of the pools."""
        found = parse_address(ip)
        return found is not None and any(
            f == found[0] and low <= found[1] <= high for _, ranges in self._pools for f, low, high in ranges
        )

    def serves(self, service: Service) -> bool:
        """Whether this controller looks at the Service at all."""
        return bool(self._pools) and not service.spec.loadBalancerClass

    def unserved(self, service: Service) -> str:
        """Why this controller does not look at the Service."""
        if service.spec.loadBalancerClass:
            return f"no controller for loadBalancerClass {service.spec.loadBalancerClass} is known"
        return "no load balancer controller hands out addresses: the cluster settings have no pool"

    def take(self, service: Service, families: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
        """Addresses for `service`, one a family, and why there are none ("" when there are)."""
        who = f'Failed to allocate IP for "{service.namespace}/{service.name}"'
        asked = asked_addresses(service)
        if asked:
            for ip in asked:
                if not self.holds(ip):
                    return (), f'{who}: ["{ip}"] is not allowed in config'
                if parse_address(ip) in self._used:
                    return (), f'{who}: can\'t change sharing key, address "{ip}" is already in use'
            for ip in asked:
                self.mark(ip)
            return asked, ""
        wanted = _annotation(service, POOL_ANNOTATIONS)
        pools = [(name, ranges) for name, ranges in self._pools if not wanted or name == wanted]
        if wanted and not pools:
            return (), f'{who}: unknown pool "{wanted}"'
        for _, ranges in pools:
            found = [self._lowest(ranges, 6 if name == "IPv6" else 4) for name in families]
            if all(found):
                ips = tuple(ip for ip in found if ip)
                for ip in ips:
                    self.mark(ip)
                return ips, ""
        return (), f"{who}: no available IPs" + (f' in pool "{wanted}"' if wanted else "")

    def _lowest(self, ranges: list[tuple[Family, int, int]], family: Family) -> str | None:
        for found, low, high in ranges:
            if found != family:
                continue
            for number in range(low, min(high, low + len(self._used)) + 1):
                if (family, number) not in self._used:
                    return address_text(family, number)
        return None


def in_family(ips: Iterable[str], families: tuple[str, ...]) -> bool:
    """Whether `ips` are of exactly these families."""
    return sorted(f"IPv{family_of(ip)}" for ip in ips) == sorted(families)
