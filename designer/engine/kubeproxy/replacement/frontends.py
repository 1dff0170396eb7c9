"""The frontends of a Service in a node's eBPF tables: address and port, and what callers from each side are led to.

Traffic policies: from inside the cluster internalTrafficPolicy holds at every frontend, from outside
externalTrafficPolicy (cilium/cilium Documentation/network/kubernetes/kubeproxy-free.rst, "Internal Traffic Policy", and
`shouldUseLocalBackends`; projectcalico/calico felix/bpf-gpl/nat_lookup.h). Calico writes external IPs without either
(syncer.go `applyDerived`). Source ranges: Cilium checks those from outside at load balancer addresses, Calico everybody
at load balancer addresses and external IPs (`writeLBSrcRangeSvcNATKeys`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from designer.engine.controlplane.podports import UNSPECIFIED, host_ports
from designer.engine.controlplane.state import ControlPlaneState, Family, NodeState, PodState, ServiceState
from designer.engine.kubeproxy.replacement.selection import Choice, choose
from designer.engine.kubeproxy.service_ports import Endpoint, ServicePort, canonical_address, of_family, service_ports
from designer.model import ClusterSettings, ContainerPort, FrozenMap, replaces_kube_proxy

FrontendKind = Literal["ClusterIP", "ExternalIP", "LoadBalancer", "NodePort", "HostPort"]
LOOPBACKS = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Frontend:
    """An address and port that lead to endpoints. `service` is the object id of the Service, of the Pod for a hostPort.

    `address` is "" for every address of the node that takes node ports. `protocol` is in upper case. `outside` is None
    where nothing from outside the cluster is taken. `ranges_inside` says that callers inside are checked for
    `source_ranges` too. `affinity_seconds` is None without session affinity.
    """

    service: str
    name: str
    kind: FrontendKind
    address: str
    port: int
    protocol: str
    inside: Choice
    outside: Choice | None
    source_ranges: tuple[str, ...] = ()
    ranges_inside: bool = False
    affinity_seconds: int | None = None

    def takes(self, address: str, port: int, protocol: str) -> bool:
        """Whether it is the frontend of an address that is not merely the node's."""
        return (self.address, self.port, self.protocol) == (address, port, protocol)


def frontends_of(
    control: ControlPlaneState, settings: ClusterSettings, node: NodeState, service: ServiceState, family: Family
) -> tuple[Frontend, ...]:
    """A Service's frontends on a node in one family, by port: ClusterIP, external IPs, load balancer IPs, node port.

    A Service that kube-proxy would leave alone (headless, labelled for another proxy) has none either. Where kube-proxy
    runs beside Cilium, only ClusterIPs are looked up in eBPF.
    """
    own = control.slices.get(service.id, ())
    alone = replace(control, services=FrozenMap({service.id: service}), slices=FrozenMap({service.id: own}))
    found = service_ports(alone, family).ports
    every = [_of_port(settings, node, service, port) for ports in found for port in ports]
    whole = bool(replaces_kube_proxy(settings))
    return tuple(one for parts in every for one in parts if whole or one.kind == "ClusterIP")


def _of_port(
    settings: ClusterSettings, node: NodeState, service: ServiceState, port: ServicePort
) -> Iterator[Frontend]:
    inside = choose(settings, node, service, port, port.internal_local)
    outside = choose(settings, node, service, port, port.external_local)
    plain = Frontend(
        service.id, port.name, "ClusterIP", port.cluster_ip, port.port, port.protocol.upper(), inside, None,
        affinity_seconds=port.affinity_seconds,
    )  # fmt: skip
    yield plain
    calico = settings.cni.plugin == "calico"
    for address in port.external_ips:
        one = replace(plain, kind="ExternalIP", address=address, outside=outside)
        if calico:
            every = choose(settings, node, service, port, False)
            one = replace(one, inside=every, outside=every, source_ranges=port.source_ranges, ranges_inside=True)
        yield one
    for address in port.vips:
        yield replace(
            plain, kind="LoadBalancer", address=address, outside=outside, source_ranges=port.source_ranges,
            ranges_inside=calico,
        )  # fmt: skip
    if port.node_port:
        yield replace(plain, kind="NodePort", address="", port=port.node_port, outside=outside)


def host_port_of(
    settings: ClusterSettings, pods: Iterable[PodState], node: NodeState, address: str, port: int, protocol: str
) -> Frontend | None:
    """Cilium's frontend for a hostPort at an address of `node`, whose Pods are `pods`; None where it has none.

    It passes over those within the node port range and those bound to the loopback address
    (kubeproxy-free.rst, "Container HostPort Support" and "Limitations").
    """
    if settings.cni.plugin != "cilium" or not settings.cni.kubeProxyReplacement:
        return None
    low, high = settings.nodePortRange
    if low <= port <= high:
        return None
    for pod in pods:
        if pod.phase in ("Succeeded", "Failed"):
            continue
        for found in host_ports(pod):
            if (found.hostPort, found.protocol) == (port, protocol) and _bound(found, node, address):
                return _of_host_port(pod, found, address)
    return None


def _bound(port: ContainerPort, node: NodeState, address: str) -> bool:
    """Whether a hostPort stands at this address of the node: its hostIP, else every address and the loopback."""
    own = canonical_address(port.hostIP or "")
    if (port.hostIP or "") in UNSPECIFIED:
        return address in (*node.addresses, *LOOPBACKS)
    return own == address and own not in LOOPBACKS


def _of_host_port(pod: PodState, port: ContainerPort, address: str) -> Frontend | None:
    family: Family = 6 if ":" in address else 4
    ip = next((a for a in pod.ips if of_family(a, family)), None)
    if ip is None:
        return None
    text = f"[{ip}]:{port.containerPort}" if family == 6 else f"{ip}:{port.containerPort}"
    only = Choice((Endpoint(text, ip, port.containerPort, True, True, False, pod.node),))
    name = f"{pod.namespace}/{pod.name}"
    return Frontend(pod.id, name, "HostPort", address, port.hostPort or 0, port.protocol, only, only)
