"""What CoreDNS' kubernetes plugin publishes of a Service: its items, from which A, AAAA and SRV answers are made.

An item is one port at one address (plugin/kubernetes, findServices): of a ClusterIP Service each port at each
ClusterIP, of a headless Service (and below an endpoint's own name) each port of each ready endpoint. A Service without
ports has items all the same, with port None: they have addresses and no SRV record.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from designer.engine.controlplane.state import ControlPlaneState, EndpointState, ServiceState

MAX_LABEL = 63


@dataclass(frozen=True, slots=True)
class ZoneOptions:
    """Options of the kubernetes plugin (plugin/kubernetes README). `pods` is disabled, insecure or verified.

    `namespaces` are those that are exposed, () for all; `empty_service` says that Services without ready endpoint
    have records; `endpoints` that endpoints have; `pod_names` that endpoints are called after their Pods. With
    `terminating`, endpoints count that still serve while they end; with `ptr_hostname_only`, endpoints without hostname
    have no reverse record.
    """

    pods: str = "insecure"
    namespaces: tuple[str, ...] = ()
    empty_service: bool = True
    endpoints: bool = True
    pod_names: bool = False
    terminating: bool = False
    ptr_hostname_only: bool = False


# kubeadm's Corefile (cmd/kubeadm/app/phases/addons/dns/manifests.go).
KUBEADM = ZoneOptions()


@dataclass(frozen=True, slots=True)
class Item:
    """One port of a Service at one address; `target` is the first label of an endpoint's own name, "" for a VIP."""

    address: str
    port: int | None
    target: str = ""


def dashed(ip: str) -> str:
    """An address as one label: ``10-244-1-7``, ``2001-db8--1``; a trailing ``-`` gets a 0."""
    text = ip.replace(".", "-").replace(":", "-")
    return f"{text}0" if text.endswith("-") else text


def endpoint_label(endpoint: EndpointState, address: str, pod_names: bool = False) -> str:
    """The first label of an endpoint's own name: its hostname, else with `pod_names` its Pod's, else its address."""
    pod = endpoint.pod.rpartition("/")[2] if pod_names and endpoint.pod else ""
    # A Pod's name that is too long for a label is left out (object/endpoint.go, EndpointSliceToEndpoints).
    return endpoint.hostname or (pod if len(pod) <= MAX_LABEL else "") or dashed(address)


def is_published(endpoint: EndpointState, options: ZoneOptions) -> bool:
    """Whether CoreDNS has the endpoint: where it is ready (object/endpoint.go, endpointslicePublish)."""
    return endpoint.serving if options.terminating else endpoint.ready


def published_endpoints(
    control: ControlPlaneState, service: ServiceState, options: ZoneOptions
) -> tuple[tuple[EndpointState, str], ...]:
    """(endpoint, address) of every endpoint that CoreDNS has."""
    return tuple(
        (endpoint, address)
        for part in control.slices.get(service.id, ())
        if part.address_type in {"IPv4", "IPv6"}
        for endpoint in part.endpoints
        if is_published(endpoint, options)
        for address in endpoint.addresses
    )


def items_of(
    control: ControlPlaneState,
    service: ServiceState,
    endpoint: str = "",
    port: str = "",
    protocol: str = "",
    options: ZoneOptions = KUBEADM,
) -> tuple[Item, ...]:
    """What is published below the labels before the Service's name; `port` and `protocol` "" mean each.

    With `endpoint` the endpoints of that name answer, whatever the Service's type (plugin/kubernetes, findServices).
    """

    def wanted(name: str, transport: str) -> bool:
        return port in ("", name.lower()) and protocol in ("", transport.lower())

    if not service.headless and not endpoint:
        listed: list[tuple[str, str, int | None]] = [(p.name, p.protocol, p.port) for p in service.ports]
        listed = listed or [("", "", None)]
        return tuple(Item(ip, number) for name, kind, number in listed if wanted(name, kind)
                     for ip in service.cluster_ips)  # fmt: skip
    found: list[Item] = []
    for part in control.slices.get(service.id, ()):
        if part.address_type not in {"IPv4", "IPv6"}:
            continue
        open_ports = [(p.name, p.protocol, p.port) for p in part.ports] or [("", "", None)]
        for end in (e for e in part.endpoints if is_published(e, options)):
            for address in end.addresses:
                label = endpoint_label(end, address, options.pod_names)
                if endpoint in ("", label.lower()):
                    found += [Item(address, number, label) for name, kind, number in open_ports if wanted(name, kind)]
    return tuple(found)


def srv_values(items: tuple[Item, ...], own: str) -> tuple[str, ...]:
    """The SRV records of `items`, ``priority weight port target``; `own` is the Service's absolute name.

    The weight is 100 divided by the number of items, at least 1; equal records are then sent once, so that the two
    addresses of a dual-stack Service leave one record of weight 50 (plugin/backend_lookup.go, SRV).
    """
    if not items:
        return ()
    weight = max(math.floor(100 / len(items)), 1)
    return tuple(
        dict.fromkeys(
            f"0 {weight} {item.port} {f'{item.target}.' if item.target else ''}{own}."
            for item in items
            if item.port is not None
        )
    )
