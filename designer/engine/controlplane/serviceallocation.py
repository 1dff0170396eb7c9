"""Services of the ledger: ClusterIPs, node ports, health check node ports and load balancer addresses.

What a manifest gives wins and is marked as used before anything is drawn; what the ledger has stays as long as it lies
in the ranges. A Service that the API server would reject has no record: it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from designer.edits.servicefamilies import (
    Families,
    given_cluster_ips,
    is_headless,
    is_observed,
    service_families,
)
from designer.edits.servicerules import version_of
from designer.engine.controlplane.addresses import (
    Net,
    address_text,
    canonical,
    family_of,
    parse_address,
    parse_nets,
)
from designer.engine.controlplane.bands import Band, cluster_ip_band, node_port_band
from designer.engine.controlplane.draws import Draws
from designer.engine.controlplane.lbpools import LoadBalancerPools, asked_addresses, given_addresses, in_family
from designer.engine.controlplane.nodeports import PortBooks, claim_ports, draw_ports, release_ports, with_ports
from designer.engine.controlplane.refusals import refused
from designer.engine.controlplane.state import Family
from designer.model import (
    ClusterSettings,
    FrozenMap,
    Problem,
    Service,
    ServiceCIDR,
    ServiceRecord,
)

KUBERNETES = "Service:default/kubernetes"
KUBE_DNS = "Service:kube-system/kube-dns"
NOTHING = ServiceRecord()


def service_nets(settings: ClusterSettings, extra: Iterable[ServiceCIDR]) -> tuple[Net, ...]:
    """The ranges that ClusterIPs come from: the API server's flag, then ServiceCIDR objects by name."""
    texts = [*settings.serviceCIDRs]
    for obj in sorted(extra, key=lambda o: o.name):
        texts += obj.spec.cidrs
    found: dict[str, Net] = {net.text: net for net in parse_nets(texts)}
    return tuple(found.values())


def net_families(settings: ClusterSettings, nets: tuple[Net, ...]) -> tuple[Family, ...]:
    """The families of the Service ranges, primary first."""
    return tuple(dict.fromkeys(net.family for net in nets))


@dataclass(slots=True)
class ServiceBooks:
    """Everything that one allocation of Services counts with."""

    settings: ClusterSettings
    nets: tuple[Net, ...]
    draws: Draws
    ip_bands: dict[str, Band] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    families: dict[str, Families] = field(default_factory=dict)

    def bands(self, family: Family) -> list[Band]:
        """The ClusterIP bands of one family."""
        return [self.ip_bands[net.text] for net in self.nets if net.family == family]


@dataclass(frozen=True, slots=True)
class ServiceAllocation:
    """Records by Service id, why others are rejected, and what load balancer controllers say of those that wait."""

    records: FrozenMap[str, ServiceRecord]
    problems: tuple[Problem, ...]
    waiting: dict[str, str]


def allocate_services(
    services: FrozenMap[str, Service],
    old: FrozenMap[str, ServiceRecord],
    settings: ClusterSettings,
    nets: tuple[Net, ...],
    draws: Draws,
    accepted: Callable[[Service], bool],
) -> ServiceAllocation:
    """The records of all Services by id; `old` itself when nothing differs. `accepted` says what passes validation."""
    low, high = settings.nodePortRange
    books = ServiceBooks(settings, nets, draws, {n.text: cluster_ip_band(n) for n in nets})
    cluster = net_families(settings, nets)
    alive = _in_order(services, old)
    records: dict[str, ServiceRecord] = {}
    for service in alive:
        books.families[service.id] = service_families(service, cluster)
    alive = [s for s in alive if accepted(s) and not _refuse_families(books, s)]
    ports = PortBooks(node_port_band(low, high), draws)
    alive = _claim(books, ports, alive, old, records)
    alive = [service for service in alive if _complete(books, ports, service, records)]
    waiting = _load_balancers(books, alive, old, records)
    result = {}
    for oid in sorted(s.id for s in alive):
        before = old.get(oid)
        result[oid] = before if before is not None and before == records[oid] else records[oid]
    if len(result) == len(old) and all(old.get(oid) is record for oid, record in result.items()):
        return ServiceAllocation(old, tuple(books.problems), waiting)
    return ServiceAllocation(FrozenMap(result), tuple(books.problems), waiting)


def refused_claim(
    service: Service, others: Mapping[str, ServiceRecord], settings: ClusterSettings, nets: tuple[Net, ...]
) -> Problem | None:
    """Why the API server refuses the ClusterIP or a node port that a manifest gives, None when it takes them.

    `others` are the records of all other Services: what they hold is taken, given or drawn.
    """
    books = ServiceBooks(settings, nets, Draws(0, {}), {n.text: cluster_ip_band(n) for n in nets})
    books.families[service.id] = service_families(service, net_families(settings, nets))
    ports = PortBooks(node_port_band(*settings.nodePortRange), books.draws)
    for record in others.values():
        ports.band.used.update(record.nodePorts.values(), (record.healthCheckNodePort or 0,))
    problem = claim_ports(ports, service, None)
    if problem is not None or not _has_cluster_ip(service) or not given_cluster_ips(service):
        return problem
    taken = {ip: oid for oid, record in others.items() for ip in record.clusterIPs}
    return _take_static(books, service, _static_ips(books, service), taken)


def _in_order(services: FrozenMap[str, Service], old: FrozenMap[str, ServiceRecord]) -> list[Service]:
    """Services in the order of their creation: recorded ones, then by creation time, then by id."""

    def when(service: Service) -> tuple[bool, str, str]:
        return service.id not in old, service.metadata.creationTimestamp or "~", service.id

    return sorted(services.values(), key=when)


def _refuse_families(books: ServiceBooks, service: Service) -> bool:
    families = books.families[service.id]
    if not families.refusal or service.spec.type == "ExternalName":
        return False
    code = "IP-14" if "dual-stack" in families.refusal else "SVC-V12"
    path = "spec.ipFamilyPolicy" if code == "IP-14" else "spec.ipFamilies"
    fix = "Ask for families that the Service ranges of the cluster have, or give the cluster a range of that family."
    books.problems.append(refused(service, code, path, families.refusal, fix))
    return True


def _has_cluster_ip(service: Service) -> bool:
    return service.spec.type != "ExternalName" and not is_headless(service)


def _claim(
    books: ServiceBooks,
    ports: PortBooks,
    alive: list[Service],
    old: FrozenMap[str, ServiceRecord],
    records: dict[str, ServiceRecord],
) -> list[Service]:
    """Mark what manifests give and the ledger has, before anything is drawn. Returns the Services not rejected."""
    kept: list[Service] = []
    taken: dict[str, str] = {}
    for service in alive:
        records[service.id] = NOTHING
        before = old.get(service.id)
        problem = claim_ports(ports, service, before)
        if problem is None and _has_cluster_ip(service):
            problem = _claim_ips(books, service, before, taken, records)
            if problem is not None:
                release_ports(ports, service)
        if problem is not None:
            books.problems.append(problem)
        else:
            kept.append(service)
    return kept


def _claim_ips(
    books: ServiceBooks,
    service: Service,
    before: ServiceRecord | None,
    taken: dict[str, str],
    records: dict[str, ServiceRecord],
) -> Problem | None:
    given = _static_ips(books, service)
    if given:
        if before is not None and set(given) <= set(before.clusterIPs):
            given = before.clusterIPs[:2]
        problem = _take_static(books, service, given, taken)
        if problem is None:
            _set_ips(records, service, given)
        return problem
    if before is not None:
        families = books.families[service.id].names
        stay = tuple(ip for ip in before.clusterIPs if f"IPv{family_of(ip)}" in families)
        stay = tuple(ip for ip in stay if ip not in taken and _mark(books, ip))
        for ip in stay:
            taken[ip] = service.id
        _set_ips(records, service, stay)
    return None


def _complete(books: ServiceBooks, ports: PortBooks, service: Service, records: dict[str, ServiceRecord]) -> bool:
    """Draw what a Service still lacks; False when a range is full: it is rejected, and what was drawn is given back."""
    claimed, count = records[service.id].clusterIPs, books.draws.count("clusterIP")
    if _has_cluster_ip(service) and not _draw_ips(books, service, records):
        return False
    problem = draw_ports(ports, service)
    if problem is not None:
        for ip in set(records[service.id].clusterIPs) - set(claimed):
            found = parse_address(ip)
            for band in books.bands(found[0]) if found else ():
                band.used.discard(found[1] if found else 0)
        books.draws.rewind("clusterIP", count)
        books.problems.append(problem)
        return False
    records[service.id] = with_ports(ports, service, records[service.id])
    return True


def _set_ips(records: dict[str, ServiceRecord], service: Service, ips: tuple[str, ...]) -> None:
    records[service.id] = records[service.id].model_copy(update={"clusterIPs": ips})


def _static_ips(books: ServiceBooks, service: Service) -> tuple[str, ...]:
    """What the manifest gives, or what a Service of a well-known name always has."""
    given = tuple(canonical(ip) for ip in given_cluster_ips(service))
    if given or not _has_cluster_ip(service):
        return given
    number = {KUBERNETES: 1, KUBE_DNS: 10}.get(service.id)
    if number is None:
        return ()
    return tuple(
        address_text(net.family, net.first + number)
        for name in books.families[service.id].names
        for net in books.nets
        if f"IPv{net.family}" == name and net.first + number <= net.last and net is _first(books.nets, net.family)
    )


def _first(nets: tuple[Net, ...], family: Family) -> Net | None:
    return next((net for net in nets if net.family == family), None)


def _mark(books: ServiceBooks, ip: str) -> bool:
    """Mark a ClusterIP as used in its ranges; whether it lies in one."""
    found = parse_address(ip)
    inside = [band for band in books.bands(found[0]) if band.has(found[1])] if found else []
    for band in inside:
        band.used.add(found[1] if found else 0)
    return bool(inside)


def _take_static(books: ServiceBooks, service: Service, ips: tuple[str, ...], taken: dict[str, str]) -> Problem | None:
    for ip in ips:
        if ip in taken:
            owner = taken[ip].partition(":")[2]
            text = f"failed to allocate IP {ip}: provided IP is already allocated"
            fix = f"Choose another address; {ip} belongs to Service {owner}."
            return refused(service, "SVC-V22", "spec.clusterIP", text, fix)
    for ip in ips:
        if not _mark(books, ip):
            if not is_observed(service):
                return refused(service, "IP-10", "spec.clusterIP", _outside_text(books, ip), _outside_fix(books))
            books.problems.append(_unknown_range(service, ip))
        taken[ip] = service.id
    return None


def _unknown_range(service: Service, ip: str) -> Problem:
    return Problem(
        "IP-10",
        "warning",
        f"Service {service.namespace}/{service.name}: its ClusterIP {ip} lies outside the Service ranges",
        object=service.id,
        field="spec.clusterIP",
        why="The cluster that the Service comes from has another range than the settings here.",
        fix="Set the cluster's Service ranges (--service-cluster-ip-range, ServiceCIDR objects).",
    )


def _outside_text(books: ServiceBooks, ip: str) -> str:
    if version_of(books.settings) >= (1, 33):
        return f"failed to allocate IP {ip}: the provided network does not match the current range"
    valid = ", ".join(net.text for net in books.nets if net.family == family_of(ip))
    text = f"failed to allocate IP {ip}: the provided IP ({ip}) is not in the valid range."
    return f"{text} The range of valid IPs is {valid}"


def _outside_fix(books: ServiceBooks) -> str:
    return f"Choose an address in {', '.join(net.text for net in books.nets) or 'a Service range'}, or leave it out."


def _draw_ips(books: ServiceBooks, service: Service, records: dict[str, ServiceRecord]) -> bool:
    """Draw the ClusterIPs of the families that have none; False when a range is full (the Service is rejected)."""
    families = books.families[service.id].names
    have = {f"IPv{family_of(ip)}": ip for ip in records[service.id].clusterIPs}
    if len(have) == len(families):
        return True
    drawn: list[tuple[Band, int]] = []
    before = books.draws.count("clusterIP")
    for name in families:
        family: Family = 6 if name == "IPv6" else 4
        if name in have:
            continue
        for net in books.nets:
            if net.family != family:
                continue
            band = books.ip_bands[net.text]
            number = band.draw(lambda n: books.draws.below("clusterIP", n))
            if number is not None:
                drawn.append((band, number))
                have[name] = address_text(family, number)
                break
        else:
            for band, number in drawn:
                band.used.discard(number)
            books.draws.rewind("clusterIP", before)
            named = f' for Service "{service.name}"' if version_of(books.settings) >= (1, 36) else ""
            text = f"failed to allocate a serviceIP{named}: range is full"
            fix = "Add a ServiceCIDR or use a larger Service range."
            books.problems.append(refused(service, "IP-11", "spec.clusterIPs", text, fix))
            return False
    _set_ips(records, service, tuple(have[name] for name in families))
    return True


def _load_balancers(
    books: ServiceBooks,
    alive: list[Service],
    old: FrozenMap[str, ServiceRecord],
    records: dict[str, ServiceRecord],
) -> dict[str, str]:
    """Addresses of Services of type LoadBalancer; why those that get none stay pending."""
    pools = LoadBalancerPools(books.settings.loadBalancer)
    texts: dict[str, str] = {}
    waiting = []
    for service in alive:
        if service.spec.type != "LoadBalancer":
            continue
        before = old.get(service.id)
        asked = asked_addresses(service)
        ips = given_addresses(service)
        if not ips and before is not None and not service.status.loadBalancer.ingress and pools.serves(service):
            stay = before.loadBalancerIPs
            families = books.families[service.id].names
            if stay and all(map(pools.holds, stay)) and (stay == asked if asked else in_family(stay, families)):
                ips = stay
        if ips:
            for ip in ips:
                pools.mark(ip)
            records[service.id] = records[service.id].model_copy(update={"loadBalancerIPs": ips})
        elif pools.serves(service) and not service.status.loadBalancer.ingress:
            waiting.append(service)
        elif not service.status.loadBalancer.ingress:
            texts[service.id] = pools.unserved(service)
    for service in waiting:
        ips, failure = pools.take(service, books.families[service.id].names)
        if failure:
            texts[service.id] = failure
        else:
            records[service.id] = records[service.id].model_copy(update={"loadBalancerIPs": ips})
    return texts
