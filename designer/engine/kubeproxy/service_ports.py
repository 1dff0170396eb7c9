"""What kube-proxy knows of every Service port: its addresses, policies and endpoints, before any rule is written.

`service_ports` reads the control plane for one IP family; `categorize` says which endpoints one node uses
(`domain/services.md` section "Which endpoints a node uses"). All modes of kube-proxy begin here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import compress, count
from operator import is_, is_not

from designer.engine.controlplane.state import (
    ControlPlaneState,
    EndpointSliceState,
    Family,
    LoadBalancerAddress,
    ServicePortState,
    ServiceState,
)

# Objects with one of these labels are another proxy's business, or nobody's.
from designer.model import EMPTY_MAP, FrozenMap

PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
HEADLESS_LABEL = "service.kubernetes.io/headless"
_EVERYTHING = ("0.0.0.0/0", "::/0")
_PROTOCOLS = ("TCP", "UDP", "SCTP")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a Service port; `text` is ``ip:port`` (IPv6 in brackets), by which endpoints are sorted."""

    text: str
    ip: str
    port: int
    ready: bool
    serving: bool
    terminating: bool
    node: str | None
    zones: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    @property
    def fallback(self) -> bool:
        """Whether it may stand in when no endpoint is ready (KEP-1669)."""
        return self.serving and self.terminating


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a Service in one family.

    `name` is ``ns/name:port`` (``ns/name`` for a port without a name), `protocol` in lower case. Addresses are of the
    family only. `source_ranges` are empty when everything is allowed. `node_port` and `health_check_port` are 0 where
    there is none. `slices` are the EndpointSlices that count for it; `endpoints` are read from them when asked for.
    `count` is the number of endpoints, `usable` whether any of them may get traffic.
    """

    service: str
    name: str
    port_name: str
    protocol: str
    cluster_ip: str
    port: int
    node_port: int = 0
    external_ips: tuple[str, ...] = ()
    vips: tuple[str, ...] = ()
    source_ranges: tuple[str, ...] = ()
    affinity_seconds: int | None = None
    health_check_port: int = 0
    external_local: bool = False
    internal_local: bool = False
    slices: tuple[EndpointSliceState, ...] = ()
    count: int = 0
    usable: bool = False
    _endpoints: tuple[Endpoint, ...] | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All its endpoints, ready or not, on any node, sorted by their text."""
        made = self._endpoints
        if made is None:
            made = _endpoints(self)
            object.__setattr__(self, "_endpoints", made)  # a memo: it changes nothing that anybody can see
        return made

    @property
    def external(self) -> bool:
        """Whether anything but the cluster IP leads to it."""
        return self.node_port != 0 or bool(self.vips) or bool(self.external_ips)

    @property
    def uses_cluster(self) -> bool:
        """Whether some traffic goes by policy Cluster (with external policy Local, that of Pods and of the node)."""
        return not self.internal_local or self.external

    @property
    def uses_local(self) -> bool:
        """Whether some traffic goes by policy Local."""
        return self.internal_local or (self.external_local and self.external)


@dataclass(frozen=True, slots=True)
class Categories:
    """The endpoints that one node uses: by policy Cluster, by policy Local, all of them, and whether any exist at all.

    `reachable` is the union of the two, by text. `exists` may be True with nothing reachable from this node.
    """

    cluster: tuple[Endpoint, ...]
    local: tuple[Endpoint, ...]
    reachable: tuple[Endpoint, ...]
    exists: bool


@dataclass(frozen=True, slots=True)
class PortMap:
    """The Service ports of one family: for each Service of `ids`, in order, the tuple of its ports.

    `services` and `slices` are what they were read from, `external_ips` whether external IPs count. A Service that
    kube-proxy does not serve has no ports. `endpoints` is how many all ports have together, used or not.
    """

    ids: tuple[str, ...]
    services: tuple[ServiceState, ...]
    slices: tuple[tuple[EndpointSliceState, ...], ...]
    ports: tuple[tuple[ServicePort, ...], ...]
    external_ips: bool = True
    endpoints: int = 0
    slice_map: FrozenMap[str, tuple[EndpointSliceState, ...]] = EMPTY_MAP


def _count(ports: tuple[ServicePort, ...]) -> int:
    return sum([port.count for port in ports])


@lru_cache(maxsize=1 << 14)
def canonical_address(text: str) -> str | None:
    """The address as kube-proxy writes it; leading zeros count for nothing. None when it is no address.

    An IPv4 address that is written as IPv6 (``::ffff:192.0.2.1``) is one of IPv4, as for Go's net package, which takes
    no zone (``fe80::1%eth0``).
    """
    if "%" in text:
        return None
    try:
        address = ip_address(_without_zeros(text))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=1 << 12)
def canonical_cidr(text: str) -> str | None:
    """The CIDR as kube-proxy writes it, host bits cut off; None when it is none: Go takes no netmask for a length."""
    address, _, length = text.strip().partition("/")
    try:
        return str(ip_network(f"{_without_zeros(address)}/{length}", strict=False)) if length.isdecimal() else None
    except ValueError:
        return None


def _without_zeros(text: str) -> str:
    if ":" in text or "." not in text:
        return text
    return ".".join(part.lstrip("0") or part[-1:] for part in text.split("."))


def of_family(text: str, family: Family) -> bool:
    """Whether an address or CIDR is of the family."""
    return (":" in text) == (family == 6)


def _addresses(texts: Iterable[str], family: Family) -> tuple[str, ...]:
    known = (canonical_address(text) for text in texts)
    return tuple(address for address in known if address is not None and of_family(address, family))


def cidrs_of(texts: Iterable[str], family: Family) -> tuple[str, ...]:
    """The valid CIDRs of one family, canonical, in their order."""
    known = (canonical_cidr(text) for text in texts)
    return tuple(cidr for cidr in known if cidr is not None and of_family(cidr, family))


def _vips(entries: tuple[LoadBalancerAddress, ...], family: Family) -> tuple[str, ...]:
    """Addresses that nodes take for their own (KEP-1860): those with ipMode VIP."""
    return _addresses((entry.ip for entry in entries if entry.ip and entry.ip_mode == "VIP"), family)


def _seen(labels: Mapping[str, str]) -> bool:
    return PROXY_NAME_LABEL not in labels and HEADLESS_LABEL not in labels


def service_ports(
    control: ControlPlaneState, family: Family, before: PortMap | None = None, external_ips: bool = True
) -> PortMap:
    """All Service ports that kube-proxy serves in a family, in the order of the Services and of their ports.

    Left out: headless and ExternalName Services, those without a cluster IP of the family, and those that carry one of
    the labels that tell kube-proxy to keep away. `before` is any earlier answer for the family: Services whose values
    did not change keep their very ports. Without `external_ips` (feature gate AllowServiceExternalIPs, KEP-5707) those
    of Services are passed over.
    """
    ids = tuple(control.services.keys())
    services = tuple(control.services.values())
    if before is not None and before.slice_map is control.slices and ids == before.ids:
        slices = before.slices
    else:
        slices_of = dict(control.slices.items())
        slices = tuple([slices_of.get(oid, ()) for oid in ids])
    if before is None or before.external_ips != external_ips:
        before = PortMap((), (), (), (), external_ips)
    if ids == before.ids:
        return _edited(before, services, slices, control, family)
    ports = []
    known = {oid: place for place, oid in enumerate(before.ids)}
    for oid, service, own in zip(ids, services, slices, strict=True):
        at = known.get(oid)
        same = at is not None and before.services[at] == service and before.slices[at] == own
        ports.append(before.ports[at] if same and at is not None else _ports_of(service, own, family, external_ips))
    return PortMap(ids, services, slices, tuple(ports), external_ips, sum(map(_count, ports)), control.slices)


def _edited(
    before: PortMap,
    services: tuple[ServiceState, ...],
    slices: tuple[tuple[EndpointSliceState, ...], ...],
    control: ControlPlaneState,
    family: Family,
) -> PortMap:
    """The ports of the same Services as before, those that changed made anew."""
    places = dict.fromkeys(compress(count(), map(is_not, services, before.services)))
    if slices is not before.slices:
        places |= dict.fromkeys(compress(count(), map(is_not, slices, before.slices)))
    ports, endpoints = list(before.ports), before.endpoints
    for place in places:
        if services[place] != before.services[place] or slices[place] != before.slices[place]:
            ports[place] = _ports_of(services[place], slices[place], family, before.external_ips)
            endpoints += _count(ports[place]) - _count(before.ports[place])
    same = all(map(is_, ports, before.ports))
    kept = before.ports if same else tuple(ports)
    return PortMap(before.ids, services, slices, kept, before.external_ips, endpoints, control.slices)


def _ports_of(
    service: ServiceState, slices: tuple[EndpointSliceState, ...], family: Family, external_ips: bool
) -> tuple[ServicePort, ...]:
    if service.headless or service.type == "ExternalName" or (service.labels and not _seen(service.labels)):
        return ()
    cluster_ip = next((a for a in service.cluster_ips if of_family(a, family)), None)
    if cluster_ip is None:
        return ()
    address_type = "IPv4" if family == 4 else "IPv6"
    counted = tuple([s for s in slices if s.address_type == address_type and (not s.labels or _seen(s.labels))])
    if len(counted) == len(slices):
        counted = slices
    balanced = service.type == "LoadBalancer"
    exposed = balanced or service.type == "NodePort" or bool(service.external_ips)
    external_local = exposed and service.external_policy == "Local"
    ranges = cidrs_of(service.source_ranges, family) if service.source_ranges else ()
    title = f"{service.namespace}/{service.name}"
    found = []
    for port in service.ports:
        if port.protocol not in _PROTOCOLS:
            continue
        count, usable = _summary(counted, port)
        found.append(
            ServicePort(
                service.id,
                f"{title}:{port.name}" if port.name else title,
                port.name,
                port.protocol.lower(),
                cluster_ip,
                port.port,
                port.node_port or 0,
                _addresses(service.external_ips, family) if external_ips and service.external_ips else (),
                _vips(service.load_balancer, family) if service.load_balancer else (),
                () if any(cidr in _EVERYTHING for cidr in ranges) else ranges,
                service.affinity_seconds,
                (service.health_check_node_port or 0) if balanced and external_local else 0,
                external_local,
                service.internal_policy == "Local",
                counted,
                count,
                usable,
            )
        )
    return tuple(found)


def _targets(piece: EndpointSliceState, name: str, protocol: str) -> list[int]:
    """The numbers of the ports of a slice that belong to a Service port; "all ports" (no number) is none."""
    return [t.port for t in piece.ports if t.port and t.name == name and t.protocol == protocol]


def _summary(slices: tuple[EndpointSliceState, ...], port: ServicePortState) -> tuple[int, bool]:
    """How many endpoints a Service port has; whether one is ready, or terminating and serving."""
    usable: dict[tuple[str, int], bool] = {}
    for piece in slices:
        for number in _targets(piece, port.name, port.protocol):
            six = piece.address_type == "IPv6"
            for endpoint in piece.endpoints:
                if endpoint.addresses and (":" in endpoint.addresses[0]) == six:
                    key = (endpoint.addresses[0], number)
                    if not endpoint.terminating or key not in usable:
                        usable[key] = endpoint.ready or (endpoint.serving and endpoint.terminating)
    return len(usable), True in usable.values()


def _endpoints(port: ServicePort) -> tuple[Endpoint, ...]:
    """The endpoints of a Service port from all its slices, each address and port once, sorted as text.

    Of one that is given several times the last that is not terminating counts, else the first: the address of a Pod
    that still terminates may belong to another Pod already (`addEndpoints` of pkg/proxy/endpointslicecache.go).
    """
    found: dict[str, Endpoint] = {}
    for endpoint in _listed(port):
        if not endpoint.terminating or endpoint.text not in found:
            found[endpoint.text] = endpoint
    return tuple([found[text] for text in sorted(found)])


def _listed(port: ServicePort) -> Iterator[Endpoint]:
    """The endpoints of a Service port as its slices list them."""
    for piece in port.slices:
        six = piece.address_type == "IPv6"
        for number in _targets(piece, port.port_name, port.protocol.upper()):
            for endpoint in piece.endpoints:
                if not endpoint.addresses or (":" in endpoint.addresses[0]) != six:
                    continue
                ip = endpoint.addresses[0]
                yield Endpoint(
                    f"[{ip}]:{number}" if six else f"{ip}:{number}",
                    ip,
                    number,
                    endpoint.ready,
                    endpoint.serving,
                    endpoint.terminating,
                    endpoint.node,
                    endpoint.for_zones,
                    endpoint.for_nodes,
                )


def categorize(port: ServicePort, node: str, zone: str | None) -> Categories:
    """The endpoints that a node uses for a Service port.

    Policy Cluster: ready endpoints that the hints leave; without any ready one, those that are terminating and still
    serve. Policy Local: the same among the node's own endpoints, hints not asked. A list is empty where the Service
    never uses that policy.
    """
    endpoints = port.endpoints
    ready = tuple([e for e in endpoints if e.ready])
    usable = ready or tuple([e for e in endpoints if e.fallback])
    cluster: tuple[Endpoint, ...] = ()
    if port.uses_cluster:
        cluster = _hinted(ready, node, zone) if ready else usable
    if not port.uses_local:
        return Categories(cluster, (), cluster, bool(cluster))
    here = tuple([e for e in endpoints if e.node == node])
    local = tuple([e for e in here if e.ready]) or tuple([e for e in here if e.fallback])
    if cluster and not set(local) <= set(cluster):
        reachable = tuple(sorted({*cluster, *local}, key=lambda e: e.text))
    else:
        reachable = cluster or local
    return Categories(cluster, local, reachable, bool(usable))


def _hinted(ready: tuple[Endpoint, ...], node: str, zone: str | None) -> tuple[Endpoint, ...]:
    """The ready endpoints that hints leave for a node (KEP-2433, KEP-3015).

    Hints count only when every ready endpoint has one of the kind and one of them names this node or its zone. Node
    hints go before zone hints.
    """
    if all(e.nodes for e in ready):
        mine = tuple([e for e in ready if node in e.nodes])
        if mine:
            return mine
    if zone is not None and all(e.zones for e in ready):
        mine = tuple([e for e in ready if zone in e.zones])
        if mine:
            return mine
    return ready
