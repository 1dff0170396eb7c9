"""Which endpoints of a Service port a node's eBPF tables hold, as each data plane chooses them.

Cilium: cilium/cilium pkg/loadbalancer/writer/writer.go (`DefaultSelectBackends`) and
pkg/loadbalancer/reconciler/bpf_reconciler.go (`updateFrontend`: those that terminate and still serve stand in where
none is active). Calico: projectcalico/calico felix/bpf/proxy/syncer.go and topology.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from designer.engine.controlplane.state import NodeState, ServiceState
from designer.engine.kubeproxy.service_ports import Endpoint, ServicePort
from designer.model import ClusterSettings

# Annotations that ask for topology-aware hints, the older one last.
TOPOLOGY = ("service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints")


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoints among which a request is spread evenly, in order of their texts; none where there is none to use.

    `local` says that only the node's own count, `elsewhere` that other nodes have some then. `doubt` is a sentence
    where the choice is not known, `note` one on what was done or left aside.
    """

    backends: tuple[Endpoint, ...] = ()
    local: bool = False
    elsewhere: bool = False
    doubt: str = ""
    note: str = ""


def choose(settings: ClusterSettings, node: NodeState, service: ServiceState, port: ServicePort, local: bool) -> Choice:
    """What `node` may choose from for a Service port; with `local` from its own endpoints alone."""
    endpoints = port.endpoints
    # An endpoint of which no node is told is nobody's own for Calico, as for kube-proxy (syncer.go: GetIsLocal).
    own = (node.name,) if settings.cni.plugin == "calico" else (node.name, None)
    here = tuple(e for e in endpoints if not local or e.node in own)
    make = CHOOSERS[settings.cni.plugin]
    made = make(settings, node, service, here)
    if not local:
        return made
    others = any(e.ready for e in endpoints if e not in here)
    return Choice(made.backends, True, others, made.doubt, made.note)


def _cilium(
    settings: ClusterSettings, node: NodeState, service: ServiceState, endpoints: tuple[Endpoint, ...]
) -> Choice:
    """Active ones, else those that terminate and serve. Hints count with serviceTopology alone."""
    candidates = tuple(e for e in endpoints if e.ready or e.fallback)
    near, note = candidates, ""
    wish = _wish(service)
    if wish and not settings.cni.serviceTopology:
        note = f"Cilium leaves {wish} aside: serviceTopology is off."
    elif wish == "PreferSameNode":
        near = tuple(e for e in candidates if e.node == node.name) or candidates
    elif wish and node.zone is not None and all(e.zones for e in candidates):
        near = tuple(e for e in candidates if node.zone in e.zones) or candidates
    active = tuple(e for e in near if e.ready)
    if not active and near:
        note = f"{note} No endpoint is ready: those that terminate and still serve stand in.".strip()
    return Choice(active or near, note=note)


def _calico(
    settings: ClusterSettings, node: NodeState, service: ServiceState, endpoints: tuple[Endpoint, ...]
) -> Choice:
    """The ready ones. Each is asked for its own zone hint, where the Service has the topology annotation."""
    ready = tuple(e for e in endpoints if e.ready)
    if not ready and any(e.fallback for e in endpoints):
        words = "No endpoint is ready, and whether Calico's eBPF data plane uses those that terminate and still serve"
        return Choice(doubt=f"{words} differs between its versions.")
    wish, zone = _wish(service), node.zone
    if wish == "topology-mode Auto" and zone is not None:
        return Choice(tuple(e for e in ready if not e.zones or zone in e.zones))
    if wish and any(e.zones or e.nodes for e in ready):
        return Choice(
            ready, doubt=f"Whether Calico's eBPF data plane heeds the hints of {wish} differs between its versions."
        )
    return Choice(ready)


def _wish(service: ServiceState) -> str:
    """What the Service asks of the choice: its trafficDistribution, or ``topology-mode Auto``; "" for nothing."""
    asked = next((service.annotations[name] for name in TOPOLOGY if name in service.annotations), "")
    if asked in ("Auto", "auto"):
        return "topology-mode Auto"
    return service.traffic_distribution or ""


CHOOSERS: dict[str, Callable[[ClusterSettings, NodeState, ServiceState, tuple[Endpoint, ...]], Choice]] = {
    "cilium": _cilium,
    "calico": _calico,
}
