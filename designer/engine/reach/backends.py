"""What Ingresses, OpenShift Routes and Gateway API routes lead to: workloads, ports, and what policies leave of them.

The controller of an Ingress is often not in the input. Then it counts as a Pod without labels in a namespace of its
own without labels (but for the name that every namespace has); where it is in the input, it is a workload like others.
A Route's ``port.targetPort`` names a port of the endpoints: by name (the Service port's) or by number (the Pod's)
(openshift/api, route/v1 types.go, RoutePort).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from designer.engine.compile import ClusterState
from designer.engine.controlplane.endpointslices import resolve_target
from designer.engine.controlplane.state import PodState, ServicePortState, ServiceState
from designer.engine.policy import Peer, PolicySet, PolicyVerdict
from designer.engine.policy.matrix import Connectivity, MatrixPeer
from designer.engine.policy.ports import MAX_PORT, MIN_PORT, NO_PORTS, PortSet
from designer.engine.reach.gatewayroutes import route_backends
from designer.engine.reach.shadowed import lost_entries
from designer.model import EMPTY_MAP, Ingress, IngressController, PodSpec, Project, Service, labels_match, object_id
from designer.model.networking import IngressBackend

ROUTE_GROUP = "route.openshift.io"
# No namespace can be called so (RFC 1123 labels), so that no selector by name means it.
STRANGER = PodState("", "{ingress-controller}", "{ingress-controller}", None, (), EMPTY_MAP, PodSpec.model_validate({}))


@dataclass(frozen=True, slots=True)
class IngressWay:
    """What Ingresses lead to on one workload: the port sets with the verdict of its policies about each."""

    dst: MatrixPeer
    verdicts: tuple[tuple[PortSet, PolicyVerdict], ...]

    @property
    def allowed(self) -> PortSet:
        """The ports that policies leave open."""
        found = NO_PORTS
        for ports, verdict in self.verdicts:
            if verdict.passes:
                found |= ports
        return found

    @property
    def undecided(self) -> PortSet:
        """The ports of which policies leave open whether they are."""
        found = NO_PORTS
        for ports, verdict in self.verdicts:
            if verdict.passes is None:
                found |= ports
        return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """A Service and which of its ports an Ingress or Route asks for: a name or number, None for every port.

    `by_target` says that a number means the Pod's port; `protocol` is that of the ports.
    """

    source: str
    service: str
    port: str | int | None
    by_target: bool = False
    protocol: str = "TCP"

    def means(self, port: ServicePortState, number: int | None) -> bool:
        """Whether a Service port is asked for; `number` is its target on the Pod."""
        if self.port is None:
            return True
        if isinstance(self.port, str):
            return port.name == self.port or (self.by_target and port.target_port == self.port)
        return (number if self.by_target else port.port) == self.port


def ingress_ways(
    state: ClusterState, policies: PolicySet, matrix: Connectivity
) -> tuple[tuple[IngressWay, ...], tuple[str, ...]]:
    """The ways by destination, and what is left out of them."""
    found: dict[str, dict[tuple[str, int], PodState]] = {}
    peers: dict[str, MatrixPeer] = {}
    pods_in: dict[str, list[tuple[MatrixPeer, PodState]]] = {}
    for peer in matrix.peers:
        for pod in {id(pod): pod for pod in (*peer.pods, *peer.labelled)}.values():
            pods_in.setdefault(pod.namespace, []).append((peer, pod))
    everyone = [pod for here in pods_in.values() for _, pod in here]
    backends, taken = route_backends(state, everyone)
    notes = [*taken, *_refused_ingresses(state)]
    gateways = (Wanted(one.source, one.service, one.port, protocol=one.protocol) for one in backends)
    ingresses, shadowed = _of_ingresses(state)
    notes += shadowed
    for wanted in dict.fromkeys((*ingresses, *_of_routes(state.project), *gateways)):
        service = state.control.services.get(wanted.service)
        if service is None or not service.selector:
            notes.append(f"{wanted.source} leads to {_not_followed(state.project, wanted.service)}: not listed.")
            continue
        for peer, pod in pods_in.get(service.namespace, ()):
            if not labels_match(service.selector, pod.labels):
                continue
            for number, declared in _targets(service, wanted, pod):
                if declared:
                    peers[peer.text] = peer
                    found.setdefault(peer.text, {}).setdefault((wanted.protocol, number), pod)
                else:
                    what = f"port {number}, which no container of {peer.text} declares"
                    notes.append(f"{wanted.source} leads to {what}: not listed.")
    ways = []
    for text in sorted(found):
        pods = peers[text].pods
        verdicts = [(PortSet.of(p, n, n), _best(policies, peers[text], pods, p, n)) for p, n in sorted(found[text])]
        ways.append(IngressWay(peers[text], tuple(verdicts)))
    return tuple(ways), tuple(dict.fromkeys(notes))


def _best(
    policies: PolicySet, peer: MatrixPeer, pods: tuple[PodState, ...], protocol: str, number: int
) -> PolicyVerdict:
    """The verdict on one port, of the first of the peer's Pods that lets it in, or may, else of the first."""
    verdicts = [policies.check("ingress", pod, Peer.of_pod(STRANGER), protocol, number) for pod in pods]
    found = next((verdict for verdict in verdicts if verdict.passes), None)
    return found or next((verdict for verdict in verdicts if verdict.passes is None), verdicts[0])


def _not_followed(project: Project, service: str) -> str:
    """Which Service that leads to no workload, and why."""
    given = project.get(service)
    why = "is not in the input" if given is None else "the API server refuses"
    if isinstance(given, Service) and not given.spec.selector:
        why = "has no selector"
    return f"Service {service.partition(':')[2]}, which {why}"


def _refused_ingresses(state: ClusterState) -> Iterator[str]:
    for one in state.routes.unserved:
        if one.code == "ING-90":
            yield f"Ingress {one.ingress.partition(':')[2]} is refused by the API server: nothing is listed of it."


def _of_ingresses(state: ClusterState) -> tuple[list[Wanted], list[str]]:
    """What Ingresses ask for, and a sentence for each of their entries that no request reaches."""
    refused = {one.ingress for one in state.routes.unserved if one.code == "ING-90"}
    found: list[Wanted] = []
    notes = []
    for ingress in state.project.of(Ingress):
        if ingress.id in refused or _served_from_inside(state, ingress):
            continue
        lost = lost_entries(state.routes, ingress.id)
        for rule, path, backend in _entries(ingress):
            wanted = list(_backend(ingress, backend))
            winner = lost.get((ingress.id, rule, path))
            if winner is None:
                found += wanted
            elif wanted:
                notes.append(f"{wanted[0].source}, {_place(rule, path)}: not listed, {winner} takes all its requests.")
    return found, notes


def _entries(ingress: Ingress) -> Iterator[tuple[int | None, int | None, IngressBackend]]:
    """The backends of an Ingress with the places of their rule and path, the default backend last."""
    for index, rule in enumerate(ingress.spec.rules):
        for number, path in enumerate(rule.http.paths if rule.http else ()):
            yield index, number, path.backend
    if ingress.spec.defaultBackend is not None:
        yield None, None, ingress.spec.defaultBackend


def _place(rule: int | None, path: int | None) -> str:
    return "default backend" if rule is None or path is None else f"rule {rule + 1}, path {path + 1}"


def _backend(ingress: Ingress, backend: IngressBackend) -> Iterator[Wanted]:
    if backend.service is not None:
        port = backend.service.port.name or backend.service.port.number
        source = f"Ingress {ingress.namespace}/{ingress.name}"
        yield Wanted(source, object_id("Service", ingress.namespace, backend.service.name), port)


def _served_from_inside(state: ClusterState, ingress: Ingress) -> bool:
    """Whether a controller that serves it runs in a workload of the input, which has lines of its own."""
    assumed = state.project.cluster.assumed
    for oid in state.routes.serving(ingress.id):
        controller = state.project.get(oid)
        workload = controller.spec.workload if isinstance(controller, IngressController) else None
        if workload and workload not in assumed and state.project.get(workload) is not None:
            return True
    return False


def _of_routes(project: Project) -> Iterator[Wanted]:
    """What the Routes of OpenShift among the kept objects ask for; a target of another kind than Service is none."""
    for oid in sorted(project.foreign):
        data = project.foreign[oid].data
        if data.get("kind") != "Route" or str(data.get("apiVersion")).partition("/")[0] != ROUTE_GROUP:
            continue
        metadata, spec = data.get("metadata"), data.get("spec")
        if not isinstance(metadata, dict) or not isinstance(spec, dict):
            continue
        namespace = str(metadata.get("namespace") or "default")
        port = spec.get("port")
        target = port.get("targetPort") if isinstance(port, dict) else None
        asked = target if isinstance(target, str | int) and target else None
        others = spec.get("alternateBackends")
        for to in (spec.get("to"), *(others if isinstance(others, list) else ())):
            if isinstance(to, dict) and to.get("kind", "Service") in ("", "Service") and to.get("name"):
                service = object_id("Service", namespace, str(to["name"]))
                yield Wanted(f"Route {namespace}/{metadata.get('name')}", service, asked, by_target=True)


def _targets(service: ServiceState, wanted: Wanted, pod: PodState) -> Iterator[tuple[int, bool]]:
    """Ports of a Pod that the wanted ports lead to, and whether a container declares them."""
    sidecars = tuple(c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    ports = [port for container in (*pod.spec.containers, *sidecars) for port in container.ports]
    declared = {port.containerPort for port in ports if port.protocol == wanted.protocol}
    for port in service.ports:
        number = resolve_target(port, pod.spec)
        if port.protocol != wanted.protocol or number is None or not MIN_PORT <= number <= MAX_PORT:
            continue
        if wanted.means(port, number):
            yield number, number in declared
