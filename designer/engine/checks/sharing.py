"""Where Services get in each other's way, in that of a Node's ports, or spread their load unevenly.

`domain/pitfalls.md`, "Services and endpoints".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from designer.engine.checks.survey import Survey, count, short
from designer.engine.controlplane.hints import SAME_ZONE, is_auto
from designer.engine.controlplane.podports import host_ports
from designer.engine.controlplane.state import PodState, ServiceState
from designer.model import Problem

# What two Services may have different for the same Pods: the words for it, and where it stands.
FIELDS: tuple[tuple[str, str], ...] = (
    ("sessionAffinity", "affinity_seconds"),
    ("internalTrafficPolicy", "internal_policy"),
    ("trafficDistribution", "traffic_distribution"),
)
UNEVEN = 2.0
# Labels that controllers write; they change with every template.
BY_CONTROLLERS = ("controller-revision-hash", "pod-template-generation", "pod-template-hash")


def same_pods(s: Survey) -> Iterator[Problem]:
    """SVC-06: two Services lead to the same Pods in different ways."""
    known: dict[tuple[str, ...], ServiceState] = {}
    for service, pods in s.services:
        if service.headless:
            continue
        first = known.setdefault(tuple(sorted(pod.key for pod in pods)), service)
        other = [name for name, field in FIELDS if getattr(first, field) != getattr(service, field)]
        if first is not service and other:
            title = f"{short(service.id)} and {short(first.id)} lead to the same Pods with different {', '.join(other)}"
            why = "Which Pod a client gets depends on the name that it calls."
            fix = f"Make both alike, or remove one: {', '.join(f'spec.{name}' for name in other)}."
            yield s.problem("SVC-06", "info", service.id, f"spec.{other[0]}", title, why, fix)


def several_programs(s: Survey) -> Iterator[Problem]:
    """SVC-05: a selector that takes Pods of workloads which run different programs.

    Workloads that share an image by name (two versions, a canary) are meant to stand behind one Service.
    """
    for service, pods in s.services:
        programs: dict[str, frozenset[str]] = {}
        for pod in pods:
            if pod.owner and pod.owner not in programs:
                programs[pod.owner] = frozenset(_program(c.image) for c in pod.spec.containers if c.image)
        named = {owner: images for owner, images in programs.items() if images}
        first = next(iter(named), "")
        other = next((owner for owner in named if named[owner].isdisjoint(named[first])), "")
        if other:
            title = f"{short(service.id)}: its selector takes Pods of {short(first)} and of {short(other)}"
            why = "They run different images, and each request goes to one of them by chance."
            fix = f"Add a label to the selector that only one of them has: {_telling(pods, first, other)}."
            yield s.problem("SVC-05", "warning", service.id, "spec.selector", title, why, fix)


def _program(image: str) -> str:
    """The repository of an image, without registry host, tag and digest."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _telling(pods: Sequence[PodState], first: str, other: str) -> str:
    """A label of the Pods of `first` that those of `other` do not have, in words."""
    mine, theirs = (next(pod.labels for pod in pods if pod.owner == owner) for owner in (first, other))
    own = (
        (key, value) for key, value in sorted(mine.items()) if key not in BY_CONTROLLERS and theirs.get(key) != value
    )
    found = next((f"{key}: {value}" for key, value in own), "")
    return found or "there is none yet"


def node_port_taken(s: Survey) -> Iterator[Problem]:
    """SVC-28: a node port that a Pod has as hostPort, or that a hostNetwork Pod listens on."""
    if not any(port.node_port for service in s.control.services.values() for port in service.ports):
        return
    held: dict[tuple[str, int], str] = {}
    seen: set[int] = set()  # Pods of one template have the very same containers
    for pod in s.pods:
        if pod.node is None or id(pod.spec.containers) in seen:
            continue
        seen.add(id(pod.spec.containers))
        if pod.host_network:
            ports = [(p.protocol, p.containerPort) for c in pod.spec.containers for p in c.ports]
        else:
            ports = [(p.protocol, p.hostPort) for p in host_ports(pod) if p.hostPort]
        for key in ports:
            held.setdefault(key, pod.id)
    for oid, service in s.control.services.items():
        for index, port in enumerate(service.ports):
            pod_id = held.get((port.protocol, port.node_port or 0))
            if pod_id is not None:
                title = f"{short(oid)}: NodePort {port.node_port}/{port.protocol} is also a port of the Node for "
                title += short(pod_id)
                why = "Both wait for the same packets on that Node; whose rules stand first gets them."
                fix = "Give the Service another node port, or the Pod another port of the Node."
                yield s.problem("SVC-28", "warning", oid, f"spec.ports[{index}].nodePort", title, why, fix)


def one_client(s: Survey) -> Iterator[Problem]:
    """SVC-17: session affinity where a load balancer opens the connections, so that all clients may look like one."""
    for oid, service in s.control.services.items():
        own = [entry for entry in service.load_balancer if entry.ip_mode == "Proxy" or not entry.ip]
        if service.affinity_seconds is not None and own:
            title = f"{short(oid)}: session affinity may take all clients for one"
            why = "Its load balancer opens connections of its own: kube-proxy sees its address, not the client's."
            fix = "Set affinity at the load balancer, and sessionAffinity to None here."
            yield s.problem("SVC-17", "warning", oid, "spec.sessionAffinity", title, why, fix)


def busy_zone(s: Survey) -> Iterator[Problem]:
    """SVC-15: traffic that stays in its zone falls on few Pods in one zone and on many in another."""
    near = [(one, pods) for one, pods in s.services if one.traffic_distribution in SAME_ZONE and not is_auto(one)]
    zone_of = {name: node.zone for name, node in s.control.nodes.items() if node.zone}
    everywhere = Counter(zone_of[pod.node] for pod in s.pods if pod.node in zone_of) if near else Counter()
    for service, pods in near:
        serving = Counter(
            zone_of[pod.node] for pod in pods if pod.ready and not pod.terminating and pod.node in zone_of
        )
        load = {zone: (everywhere[zone] - serving[zone]) / number for zone, number in sorted(serving.items())}
        if len(load) < 2:
            continue
        most, least = max(load, key=lambda zone: load[zone]), min(load, key=lambda zone: load[zone])
        if load[most] > UNEVEN * max(load[least], 1.0):
            title = f"{short(service.id)}: with {service.traffic_distribution}, "
            title += (
                f"{count(serving[most], 'Pod')} in zone {most} may serve {everywhere[most] - serving[most]} others, "
            )
            title += f"{serving[least]} in zone {least} only {everywhere[least] - serving[least]}"
            why = "Traffic stays in its zone while the zone has a ready endpoint; nothing checks the balance."
            fix = f"Run more of its Pods in zone {most}, or remove trafficDistribution."
            yield s.problem("SVC-15", "warning", service.id, "spec.trafficDistribution", title, why, fix)
