"""control_plane: everything that the controllers have made of a project, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from designer.engine.controlplane.addresses import canonical, parse_address
from designer.engine.controlplane.allocate import allocation
from designer.engine.controlplane.cachefinding import node_cache
from designer.engine.controlplane.corefile import Corefile, read_corefile
from designer.engine.controlplane.endpointslices import derive_slices
from designer.engine.controlplane.givenslices import Slices, choose, given_slices
from designer.engine.controlplane.hints import auto_problem, is_auto
from designer.engine.controlplane.nodestates import node_states
from designer.engine.controlplane.podstates import PodIndex, pod_states, pods_by_namespace, select_pods
from designer.engine.controlplane.serviceallocation import net_families, service_nets
from designer.engine.controlplane.servicestates import service_states
from designer.engine.controlplane.servicevalidation import validate
from designer.engine.controlplane.state import ControlPlaneState, NodeState, PodState, ServiceState
from designer.engine.memo import Memo, keep_map
from designer.model import (
    EMPTY_MAP,
    EMPTY_PROJECT,
    DaemonSet,
    EndpointSlice,
    ForeignObject,
    FrozenMap,
    KubeObject,
    Namespace,
    Node,
    Problem,
    Project,
    Service,
    ServiceCIDR,
)
from designer.model.dnscache import CACHE_NAMES

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
# kubeadm and most others, RKE2.
COREFILES = ("coredns", "rke2-coredns-rke2-coredns")
NO_PODS = PodIndex(())


def control_plane(
    project: Project, memo: Memo | None = None, waiting: Mapping[str, str] | None = None
) -> tuple[ControlPlaneState, tuple[Problem, ...]]:
    """What the control plane has made of `project`, whose ledger is allocated, and what it rejects.

    `memo` keeps unchanged values the same objects from one call to the next. `waiting` is `Allocation.waiting`; without
    it the words for what waits are computed where something does.
    """
    memo = memo or Memo()
    if waiting is None:
        waiting = _waiting(project)
    families = net_families(project.cluster, service_nets(project.cluster, project.slice(ServiceCIDR).values()))
    kept = memo.slot("control")
    node_reads = (project.slice(Node), project.ledger.nodes, project.cluster)
    nodes = keep_map(kept.get("nodes"), memo.once("node-states", node_reads, lambda: node_states(project, memo)))
    pods = pod_states(project, nodes, waiting, memo)
    services = keep_map(kept.get("services"), service_states(project, families, waiting, memo))
    slices, problems = _slices(project, nodes, pods, services, memo)
    slices = keep_map(kept.get("slices"), slices)
    namespaces = memo.once("namespaces", (project.objects,), lambda: _namespaces(project, memo))
    kept.update(nodes=nodes, services=services, slices=slices)
    service_cidrs = memo.once("service-cidrs", (project.slice(ServiceCIDR),), lambda: _service_cidrs(project))
    maps = corefile_maps(project)
    corefile = memo.once("corefile", (maps.own, maps.custom), lambda: _corefile(maps.own, maps.custom))
    daemons = project.slice(DaemonSet)
    texts = _texts(maps.cache)
    reads = (daemons, pods, services, maps.cache, project.cluster)
    cache = memo.once("node-cache", reads, lambda: node_cache(project, pods, services, texts)) if daemons else None
    servers = memo.once("kubelet-dns", (maps.kubelet,), lambda: kubelet_servers(_texts(maps.kubelet)))
    parts = (nodes, pods, services, slices, namespaces, service_cidrs, corefile, cache, servers)
    state = memo.once("control-state", parts, lambda: ControlPlaneState(*parts))
    problems += _rejected(project, memo)
    return state, tuple(sorted(problems, key=lambda p: p.sort_key))


class DnsMaps(NamedTuple):
    """The ConfigMaps about DNS, None where the input lacks one: with the Corefile, with additions to it (AKS, k3s),
    of NodeLocal DNSCache and of kubelet."""

    own: ForeignObject | None
    custom: ForeignObject | None
    cache: ForeignObject | None
    kubelet: ForeignObject | None


def corefile_maps(project: Project) -> DnsMaps:
    """The ConfigMaps that say what names are answered with."""
    kept = project.foreign
    found = (kept.get(f"v1/ConfigMap:kube-system/{name}") for name in COREFILES)
    own = next((one for one in found if one is not None), None)
    caches = (kept.get(f"v1/ConfigMap:kube-system/{name}") for name in CACHE_NAMES)
    return DnsMaps(
        own,
        kept.get("v1/ConfigMap:kube-system/coredns-custom"),
        next((one for one in caches if one is not None), None),
        kept.get("v1/ConfigMap:kube-system/kubelet-config"),
    )


def kubelet_servers(texts: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses of ``clusterDNS`` in a KubeletConfiguration as YAML: a list of one entry a line, or in brackets.

    kubeadm keeps it under the key ``kubelet`` of ConfigMap kube-system/kubelet-config.
    """
    lines = iter(texts.get("kubelet", "").splitlines())
    found: list[str] = []
    for line in lines:
        if line.startswith("clusterDNS:"):
            found += line.partition(":")[2].strip(" []").replace(",", " ").split()
            for entry in lines:
                if not entry.strip().startswith("-"):
                    break
                found.append(entry.strip().removeprefix("-").strip())
            break
    return tuple(canonical(word.strip("\"'")) for word in found if parse_address(word.strip("\"'")) is not None)


def _corefile(own: ForeignObject | None, custom: ForeignObject | None) -> Corefile | None:
    data = _texts(own)
    return read_corefile(own.id, data, _texts(custom)) if own is not None and "Corefile" in data else None


def _texts(kept: ForeignObject | None) -> dict[str, str]:
    data = kept.data.get("data") if kept is not None else None
    return {str(k): v for k, v in data.items() if isinstance(v, str)} if isinstance(data, Mapping) else {}


def _service_cidrs(project: Project) -> tuple[str, ...]:
    """The ranges of all ServiceCIDR objects, each once."""
    return tuple(sorted({cidr for obj in project.slice(ServiceCIDR).values() for cidr in obj.spec.cidrs}))


def _waiting(project: Project) -> Mapping[str, str]:
    ledger = project.ledger
    services = project.slice(Service)
    pending = any(record.phase == "Pending" for record in ledger.pods.values()) or any(
        service.spec.type == "LoadBalancer"
        and not service.status.loadBalancer.ingress
        and (record := ledger.services.get(oid)) is not None
        and not record.loadBalancerIPs
        for oid, service in services.items()
    )
    return allocation(project).waiting if pending else EMPTY_MAP


def _slices(
    project: Project,
    nodes: FrozenMap[str, NodeState],
    pods: FrozenMap[str, PodState],
    services: FrozenMap[str, ServiceState],
    memo: Memo,
) -> tuple[FrozenMap[str, Slices], list[Problem]]:
    """The slices in force by Service id, sorted, and what is to say about them."""
    indexes = pods_by_namespace(pods, memo)
    given = memo.once("given-slices", (project.slice(EndpointSlice),), lambda: given_slices(project))
    group, chosen = memo.group("slices"), memo.group("chosen-slices")
    seed = project.cluster.seed
    found: dict[str, Slices] = {}
    problems: list[Problem] = []
    for oid, service in services.items():
        index = indexes.get(service.namespace, NO_PODS)
        selected = group.once(("pods", oid), (service.selector, index), select_pods)
        derived = group.once(oid, (service, selected, nodes, seed), derive_slices)
        if is_auto(service) and not given.get(oid):
            problems += group.once(("auto", oid), (service, derived, nodes), auto_problem)
        mine = given.get(oid)
        if mine:
            derived, said = chosen.once(
                oid,
                (service, derived, mine, selected, project.ledger.implied.get(oid, "")),
                _in_force,
            )
            problems += said
        if derived:
            found[oid] = derived
    for oid in given:
        if oid not in found and oid not in services:
            found[oid] = given[oid]
    group.close()
    chosen.close()
    return FrozenMap(dict(sorted(found.items()))), problems


def _in_force(
    service: ServiceState, derived: Slices, given: Slices, selected: tuple[PodState, ...], implied: str
) -> tuple[Slices, tuple[Problem, ...]]:
    """Hand-written slices beside the derived or observed ones of one Service."""
    manual = tuple(s for s in given if s.origin == "manual")
    observed = tuple(s for s in given if s.origin == "observed")
    slices, problems = choose(service, derived, observed, selected, implied)
    return (*slices, *manual), problems


def namespace_names(project: Project, memo: Memo) -> tuple[str, ...]:
    """`Project.namespaces`, where only the kinds that changed are looked through again."""
    return memo.once("namespace-names", (project.objects,), lambda: _namespace_names(project, memo))


def _namespace_names(project: Project, memo: Memo) -> tuple[str, ...]:
    group = memo.group("namespaces-of-kinds")
    names = set(EMPTY_PROJECT.namespaces())
    for kind, found in project.objects.items():
        names.update(group.once(kind, (kind, found), _named))
    group.close()
    return tuple(sorted(names))


def _named(kind: str, found: FrozenMap[str, KubeObject]) -> tuple[str, ...]:
    """The namespaces that the objects of one kind bring into being."""
    return Project(objects=FrozenMap({kind: found})).namespaces()


def _namespaces(project: Project, memo: Memo) -> FrozenMap[str, FrozenMap[str, str]]:
    objects = project.slice(Namespace)
    found = {}
    for name in namespace_names(project, memo):
        obj = objects.get(f"Namespace:{name}")
        labels = obj.labels if obj is not None else EMPTY_MAP
        found[name] = labels if labels.get(NAMESPACE_LABEL) == name else labels.merged({NAMESPACE_LABEL: name})
    return FrozenMap(found)


def _rejected(project: Project, memo: Memo) -> list[Problem]:
    group = memo.group("validated")
    services = project.slice(Service)
    found = [p for oid in sorted(services) for p in group.once(oid, (services[oid], project.cluster), validate)]
    group.close()
    return found
