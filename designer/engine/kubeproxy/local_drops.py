"""The nodes on which a Service with traffic policy Local throws packets away.

`domain/kube-proxy.md` section 3: a node without an endpoint of its own (ready, or terminating and still serving when
none is ready) drops what comes for the Service while other nodes have some; without any endpoint at all every node
rejects, which no policy changes. In ipvs mode such a node sends to the endpoints of all nodes instead (the reference's
README). Where the network plugin does not mask the source then, their replies bypass the node and are lost. Only a
Service that has no traffic by policy Cluster gets an empty virtual server there, which refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from designer.engine.controlplane.state import ControlPlaneState, Family
from designer.engine.kubeproxy.service_ports import ServicePort, categorize, service_ports
from designer.model import ClusterSettings, FrozenMap, replaces_kube_proxy

# Plugins that mask what comes from outside to Pods of other nodes (`domain/cni.md` section 5): replies find back.
MASKING = ("flannel", "weave")
Outcome = Literal["dropped", "rejected", "lost"]
Way = tuple[Literal["external", "internal"], Outcome]


@dataclass(frozen=True, slots=True)
class LocalDrop:
    """Where requests to one port of a Service go nowhere: those from outside, or those to its cluster IP.

    `nodes` stand in their order; `covered` are the nodes that answer. `port` is the Service port, `name` kube-proxy's
    name for it (``ns/name:port``), `protocol` in upper case. `outcome` is "dropped"; in ipvs mode "rejected" for
    internal traffic and "lost" for the replies to external traffic; without kube-proxy "rejected" as a rule.
    """

    service: str
    name: str
    traffic: Literal["external", "internal"]
    port: int
    protocol: str
    family: Family
    nodes: tuple[str, ...]
    covered: tuple[str, ...]
    outcome: Outcome = "dropped"


def local_drops(control: ControlPlaneState, settings: ClusterSettings, service: str = "") -> tuple[LocalDrop, ...]:
    """Every such port of all Services, or of one (an object id), by Service, family and port."""
    if service:
        chosen = control.services.get(service)
        control = replace(control, services=FrozenMap({} if chosen is None else {service: chosen}))
    found: list[LocalDrop] = []
    families: tuple[Family, ...] = (4, 6)
    for family in families:
        for ports in service_ports(control, family, None, settings.kubeProxy.allowServiceExternalIPs).ports:
            for port in ports:
                if port.uses_local:
                    found += _of_port(control, settings, port, family)
    return tuple(sorted(found, key=lambda drop: (drop.service, drop.family, drop.port, drop.protocol, drop.traffic)))


def _of_port(
    control: ControlPlaneState, settings: ClusterSettings, port: ServicePort, family: Family
) -> list[LocalDrop]:
    if not port.usable:
        return []
    answering = {name: bool(categorize(port, name, node.zone).local) for name, node in control.nodes.items()}
    bare = tuple(name for name, answers in answering.items() if not answers)
    covered = tuple(name for name, answers in answering.items() if answers)
    if not bare:
        return []
    ways = (_without_kube_proxy if replaces_kube_proxy(settings) else _of_kube_proxy)(settings, port)
    return [
        LocalDrop(port.service, port.name, way, port.port, port.protocol.upper(), family, bare, covered, outcome)
        for way, outcome in ways
    ]


def _of_kube_proxy(settings: ClusterSettings, port: ServicePort) -> list[Way]:
    mode = settings.kubeProxy.mode
    ways: list[Way] = []
    if port.external_local and port.external and mode != "ipvs":
        ways.append(("external", "dropped"))
    elif port.external_local and port.external and settings.cni.plugin not in MASKING:
        ways.append(("external", "lost"))
    if port.internal_local and mode != "ipvs":
        ways.append(("internal", "dropped"))
    elif port.internal_local and not port.uses_cluster:
        ways.append(("internal", "rejected"))
    return ways


def _without_kube_proxy(settings: ClusterSettings, port: ServicePort) -> list[Way]:
    """eBPF answers "port unreachable", or connect() fails; Cilium drops packets where noBackendResponse says so.

    Calico gives external IPs every endpoint (felix/bpf/proxy/syncer.go, `applyDerived`).
    """
    cni = settings.cni
    outside = bool(port.node_port or port.vips) if cni.plugin == "calico" else port.external
    silent = cni.plugin == "cilium" and cni.noBackendResponse == "drop"
    ways: list[Way] = []
    if port.external_local and outside:
        ways.append(("external", "dropped" if silent else "rejected"))
    if port.internal_local:
        ways.append(("internal", "dropped" if silent and cni.socketLBHostNamespaceOnly else "rejected"))
    return ways
