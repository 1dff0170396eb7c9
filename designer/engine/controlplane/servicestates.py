"""Services as the rest of the engine sees them: defaults filled in as the API server does, addresses from the ledger.

domain/services.md, "API server validation", last paragraph.
"""

from __future__ import annotations

from collections.abc import Mapping

from designer.edits.servicefamilies import is_headless, service_families
from designer.engine.controlplane.addresses import canonical
from designer.engine.controlplane.nodeports import WITH_NODE_PORTS, port_key
from designer.engine.controlplane.state import Family, LoadBalancerAddress, ServicePortState, ServiceState
from designer.engine.memo import Memo
from designer.model import ClusterSettings, FrozenMap, Project, Service, ServicePort, ServiceRecord

DEFAULT_AFFINITY_SECONDS = 10800


def service_states(
    project: Project, families: tuple[Family, ...], waiting: Mapping[str, str], memo: Memo
) -> FrozenMap[str, ServiceState]:
    """Every Service that exists by id, sorted. One without a record was rejected by the API server."""
    group = memo.group("services")
    services, records = project.slice(Service), project.ledger.services
    key = ",".join(map(str, families))
    found = {}
    for oid in sorted(services):
        record = records.get(oid)
        if record is not None:
            inputs = (services[oid], record, project.cluster, key, waiting.get(oid, ""))
            found[oid] = group.once(oid, inputs, lambda s, r, c, _, w: service_state(s, r, c, families, w))
    group.close()
    return FrozenMap(found)


def service_state(
    service: Service, record: ServiceRecord, settings: ClusterSettings, cluster: tuple[Family, ...], waiting: str
) -> ServiceState:
    """One Service from its object and its record."""
    spec = service.spec
    headless = is_headless(service)
    external_name = spec.type == "ExternalName"
    names = () if external_name else service_families(service, cluster).names
    with_ports = spec.type in WITH_NODE_PORTS
    load_balancer = _load_balancer(service, record, settings) if spec.type == "LoadBalancer" else ()
    return ServiceState(
        namespace=service.namespace,
        name=service.name,
        type=spec.type,
        cluster_ips=() if headless or external_name else record.clusterIPs,
        ports=tuple(_port(p, record if with_ports else None) for p in spec.ports),
        headless=headless,
        selector=spec.selector,
        external_ips=() if headless else tuple(canonical(ip) for ip in spec.externalIPs),
        load_balancer=load_balancer,
        source_ranges=tuple(text.strip() for text in spec.loadBalancerSourceRanges),
        internal_policy=spec.internalTrafficPolicy or "Cluster",
        external_policy=spec.externalTrafficPolicy or "Cluster",
        affinity_seconds=_affinity(service),
        health_check_node_port=record.healthCheckNodePort if spec.type == "LoadBalancer" else None,
        external_name=spec.externalName if external_name else None,
        publish_not_ready=spec.publishNotReadyAddresses,
        ip_families=names,
        labels=service.labels,
        annotations=service.metadata.annotations,
        pending=waiting if spec.type == "LoadBalancer" and not load_balancer else "",
        traffic_distribution=spec.trafficDistribution,
    )


def _port(port: ServicePort, record: ServiceRecord | None) -> ServicePortState:
    return ServicePortState(
        name=port.name or "",
        protocol=port.protocol,
        port=port.port,
        target_port=port.targetPort or port.port,
        node_port=None if record is None else record.nodePorts.get(port_key(port)),
        app_protocol=port.appProtocol,
    )


def _load_balancer(
    service: Service, record: ServiceRecord, settings: ClusterSettings
) -> tuple[LoadBalancerAddress, ...]:
    given = service.status.loadBalancer.ingress
    if given:
        return tuple(
            LoadBalancerAddress(canonical(entry.ip) if entry.ip else None, entry.hostname, entry.ipMode or "VIP")
            for entry in given
        )
    return tuple(LoadBalancerAddress(ip, None, settings.loadBalancer.ipMode) for ip in record.loadBalancerIPs)


def _affinity(service: Service) -> int | None:
    spec = service.spec
    if spec.sessionAffinity != "ClientIP":
        return None
    config = spec.sessionAffinityConfig
    seconds = config.clientIP.timeoutSeconds if config and config.clientIP else None
    return DEFAULT_AFFINITY_SECONDS if seconds is None else seconds
